<?xml version="1.0" encoding="UTF-8"?>
<!-- What several targets ask of the record: who is known, which stay counts, who may be told. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:func="http://exslt.org/functions" xmlns:x="urn:crosswalk:words"
    extension-element-prefixes="func" exclude-result-prefixes="x">

  <xsl:key name="lea" match="lea" use="@id"/>
  <xsl:key name="school" match="school" use="@id"/>
  <xsl:key name="term" match="term" use="@id"/>
  <xsl:key name="course" match="course" use="@id"/>
  <xsl:key name="section" match="section" use="@id"/>
  <xsl:key name="student" match="student" use="@id"/>
  <xsl:key name="staff" match="staff" use="@id"/>
  <xsl:key name="contact" match="contact" use="@id"/>
  <xsl:key name="tie-of-student" match="tie" use="@student"/>
  <xsl:key name="tie-of-contact" match="tie" use="@contact"/>
  <xsl:key name="seat" match="seat" use="@section"/>
  <xsl:key name="teaching" match="teaching" use="@section"/>
  <xsl:key name="any" match="lea | school | term | course | section | student | staff | contact"
      use="concat(name(), @id)"/>

  <!-- Of several deliveries of one thing, in whatever spelling of its RefId, the last one counts. -->
  <func:function name="x:last">
    <xsl:param name="thing"/>
    <func:result
        select="generate-id($thing) = generate-id(key('any', concat(name($thing), $thing/@id))[last()])"/>
  </func:function>

  <!-- The stays of a student, one that is told twice only once. -->
  <func:function name="x:stays">
    <xsl:param name="who"/>
    <func:result select="$who/stay[@school != '' and not(x:told-before(.))]"/>
  </func:function>

  <!-- A stay that is over beside one that is not: a receiver may do without it. -->
  <func:function name="x:past">
    <xsl:param name="stay"/>
    <xsl:param name="on"/>
    <func:result select="not(x:lasts($stay, $on)) and boolean($stay/../stay[x:lasts(., $on)])"/>
  </func:function>

  <func:function name="x:told-before">
    <xsl:param name="stay"/>
    <func:result select="boolean($stay/preceding-sibling::stay[@id = $stay/@id
        and @school = $stay/@school and @entry = $stay/@entry and @exit = $stay/@exit
        and @membership = $stay/@membership and @grade = $stay/@grade])"/>
  </func:function>

  <!-- Whether a stay has not ended on a day. -->
  <func:function name="x:lasts">
    <xsl:param name="stay"/>
    <xsl:param name="on"/>
    <func:result select="$stay/@exit = ''
        or translate($stay/@exit, '-', '') &gt;= translate($on, '-', '')"/>
  </func:function>

  <!-- The e-mail address of the best kind: from the school, of work, of home, any other. -->
  <func:function name="x:mails">
    <xsl:param name="who"/>
    <xsl:variable name="mail" select="$who/mail[@address != '']"/>
    <xsl:choose>
      <xsl:when test="$mail[@kind = 'Organizational']">
        <func:result select="$mail[@kind = 'Organizational']"/>
      </xsl:when>
      <xsl:when test="$mail[@kind = 'Work']"><func:result select="$mail[@kind = 'Work']"/></xsl:when>
      <xsl:when test="$mail[@kind = 'Home']"><func:result select="$mail[@kind = 'Home']"/></xsl:when>
      <xsl:when test="$mail[@kind = 'Other']">
        <func:result select="$mail[@kind = 'Other']"/>
      </xsl:when>
      <xsl:when test="$mail[@main = 'true']"><func:result select="$mail[@main = 'true']"/></xsl:when>
      <xsl:otherwise><func:result select="$mail"/></xsl:otherwise>
    </xsl:choose>
  </func:function>

  <!-- Numbers that take text messages, and of the others the primary ones, else the first. -->
  <func:function name="x:mobiles">
    <xsl:param name="who"/>
    <func:result select="$who/phone[@number != '' and (@kind = 'Mobile' or @kind = 'Text')]"/>
  </func:function>

  <func:function name="x:phones">
    <xsl:param name="who"/>
    <xsl:variable name="other"
        select="$who/phone[@number != '' and not(@kind = 'Mobile' or @kind = 'Text')]"/>
    <xsl:choose>
      <xsl:when test="$other[@primary = 'true']">
        <func:result select="$other[@primary = 'true']"/>
      </xsl:when>
      <xsl:otherwise><func:result select="$other[1]"/></xsl:otherwise>
    </xsl:choose>
  </func:function>

  <!-- The login; without one the e-mail address, without that the local number. -->
  <func:function name="x:login">
    <xsl:param name="who"/>
    <func:result select="x:or($who/@login, x:or(x:mails($who)[1]/@address, $who/@local))"/>
  </func:function>

  <!-- Nobody may learn of a tie without custody, without access to records or with restrictions. -->
  <func:function name="x:withheld">
    <xsl:param name="tie"/>
    <func:result select="$tie/@custody = 'false' or $tie/@told = 'false'
        or normalize-space($tie/@restrictions) != ''"/>
  </func:function>

  <!-- The terms in which a section meets. -->
  <func:function name="x:terms">
    <xsl:param name="section"/>
    <func:result select="$section/../term[x:last(.) and (@id = $section/when/@term
        or (@school = $section/@school and @code = $section/meeting/@session
            and ($section/@year = '' or @year = $section/@year)))]"/>
  </func:function>

  <!-- Races by name, without the word that only says that there are several. -->
  <func:function name="x:races">
    <xsl:param name="who"/>
    <func:result select="$who/race[@is != '' and @is != 'TwoOrMoreRaces'
        and not(@is = preceding-sibling::race/@is)]"/>
  </func:function>

  <!-- Whether all posts of a member of staff are those of an aide. -->
  <func:function name="x:aide">
    <xsl:param name="teaching"/>
    <xsl:variable name="who" select="key('staff', $teaching/@staff)[last()]"/>
    <xsl:choose>
      <xsl:when test="$teaching/@position != ''">
        <func:result select="$teaching/@position = 'aide'"/>
      </xsl:when>
      <xsl:otherwise>
        <func:result select="not($teaching/@main) and boolean($who/post)
            and not($who/post[x:say('staffrole', 'oneroster', @job) != 'aide'])"/>
      </xsl:otherwise>
    </xsl:choose>
  </func:function>
</xsl:stylesheet>
