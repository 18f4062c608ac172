<?xml version="1.0" encoding="UTF-8"?>
<!-- Words that the other sheets share: ids, days, codes, truth values. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:func="http://exslt.org/functions" xmlns:x="urn:crosswalk:words"
    extension-element-prefixes="func" exclude-result-prefixes="x">

  <!-- Code words, laid beside the documents: a word of one standard, and what it means. -->
  <xsl:key name="meaning" match="in" use="concat(@set, '|', @side, '|', @word)"/>
  <xsl:key name="said" match="out" use="concat(@set, '|', @side, '|', @meaning)"/>

  <!-- Days of a month; a leap year is a fourth one, save a hundredth that is no four-hundredth. -->
  <xsl:template name="month-length">
    <xsl:param name="year"/>
    <xsl:param name="month"/>
    <xsl:choose>
      <xsl:when test="$month = 4 or $month = 6 or $month = 9 or $month = 11">30</xsl:when>
      <xsl:when test="$month != 2">31</xsl:when>
      <xsl:when test="$year mod 400 = 0 or ($year mod 4 = 0 and $year mod 100 != 0)">29</xsl:when>
      <xsl:otherwise>28</xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- The day after a day; blank stays blank. A zone that is written with it has no say. -->
  <xsl:template name="day-after">
    <xsl:param name="day"/>
    <xsl:variable name="year" select="number(substring($day, 1, 4))"/>
    <xsl:variable name="month" select="number(substring($day, 6, 2))"/>
    <xsl:variable name="date" select="number(substring($day, 9, 2))"/>
    <xsl:variable name="length">
      <xsl:call-template name="month-length">
        <xsl:with-param name="year" select="$year"/>
        <xsl:with-param name="month" select="$month"/>
      </xsl:call-template>
    </xsl:variable>
    <xsl:choose>
      <xsl:when test="string($day) = ''"/>
      <xsl:when test="$date &lt; number($length)">
        <xsl:value-of select="x:iso($year, $month, $date + 1)"/>
      </xsl:when>
      <xsl:when test="$month &lt; 12">
        <xsl:value-of select="x:iso($year, $month + 1, 1)"/>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="x:iso($year + 1, 1, 1)"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <func:function name="x:iso">
    <xsl:param name="year"/>
    <xsl:param name="month"/>
    <xsl:param name="date"/>
    <func:result select="concat(format-number($year, '0000'), '-', format-number($month, '00'),
        '-', format-number($date, '00'))"/>
  </func:function>

  <func:function name="x:day-after">
    <xsl:param name="day"/>
    <xsl:variable name="after">
      <xsl:call-template name="day-after">
        <xsl:with-param name="day" select="string($day)"/>
      </xsl:call-template>
    </xsl:variable>
    <func:result select="string($after)"/>
  </func:function>

  <!-- A calendar day without zone or clock. -->
  <func:function name="x:day">
    <xsl:param name="text"/>
    <func:result select="substring(normalize-space($text), 1, 10)"/>
  </func:function>

  <!-- Month/day/year without leading zeros, as Clever prints it. -->
  <func:function name="x:us-day">
    <xsl:param name="day"/>
    <xsl:choose>
      <xsl:when test="string($day) = ''"><func:result select="''"/></xsl:when>
      <xsl:otherwise>
        <func:result select="concat(number(substring($day, 6, 2)), '/',
            number(substring($day, 9, 2)), '/', substring($day, 1, 4))"/>
      </xsl:otherwise>
    </xsl:choose>
  </func:function>

  <!-- A RefId in lower case with hyphens, whatever its spelling. -->
  <func:function name="x:guid">
    <xsl:param name="text"/>
    <xsl:variable name="bare" select="translate(normalize-space($text), 'ABCDEF-', 'abcdef')"/>
    <xsl:choose>
      <xsl:when test="string-length($bare) = 32">
        <func:result select="concat(substring($bare, 1, 8), '-', substring($bare, 9, 4), '-',
            substring($bare, 13, 4), '-', substring($bare, 17, 4), '-', substring($bare, 21))"/>
      </xsl:when>
      <xsl:otherwise><func:result select="normalize-space($text)"/></xsl:otherwise>
    </xsl:choose>
  </func:function>

  <!-- What a word of SIF means in a code set; blank when the set does not know it. -->
  <func:function name="x:meaning">
    <xsl:param name="set"/>
    <xsl:param name="side"/>
    <xsl:param name="word"/>
    <func:result
        select="string(key('meaning', concat($set, '|', $side, '|', normalize-space($word)))/@meaning)"/>
  </func:function>

  <!-- The word of a target for a meaning; blank when it has none. -->
  <func:function name="x:say">
    <xsl:param name="set"/>
    <xsl:param name="side"/>
    <xsl:param name="meaning"/>
    <func:result select="string(key('said', concat($set, '|', $side, '|', $meaning))/@word)"/>
  </func:function>

  <!-- true, false, or blank when it is not known. -->
  <func:function name="x:flag">
    <xsl:param name="text"/>
    <xsl:variable name="word" select="normalize-space($text)"/>
    <xsl:choose>
      <xsl:when test="$word = 'true' or $word = '1' or $word = 'Yes'">
        <func:result select="'true'"/>
      </xsl:when>
      <xsl:when test="$word = 'false' or $word = '0' or $word = 'No'">
        <func:result select="'false'"/>
      </xsl:when>
      <xsl:otherwise><func:result select="''"/></xsl:otherwise>
    </xsl:choose>
  </func:function>

  <!-- The first of two texts that is not blank. -->
  <func:function name="x:or">
    <xsl:param name="first"/>
    <xsl:param name="second"/>
    <xsl:choose>
      <xsl:when test="string($first) != ''"><func:result select="string($first)"/></xsl:when>
      <xsl:otherwise><func:result select="string($second)"/></xsl:otherwise>
    </xsl:choose>
  </func:function>
</xsl:stylesheet>
