<?xml version="1.0" encoding="UTF-8"?>
<!-- Sections as OneRoster classes, and who sits and teaches in them. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:func="http://exslt.org/functions" xmlns:x="urn:crosswalk:words"
    xmlns:m="urn:crosswalk:mint" extension-element-prefixes="func" exclude-result-prefixes="x m">

  <!-- A class needs its course, a school and a term. -->
  <func:function name="x:section">
    <xsl:param name="section"/>
    <xsl:variable name="course" select="key('course', $section/@course)[last()]"/>
    <func:result select="boolean($course and x:course($course)
        and x:or($section/@school, $course/@school) != '' and x:terms($section))"/>
  </func:function>

  <xsl:template match="section">
    <xsl:variable name="course" select="key('course', @course)[last()]"/>
    <xsl:variable name="subject" select="@subject"/>
    <row file="classes">
      <f p="sourcedId" x="XW-060"><xsl:value-of select="@id"/></f>
      <f p="title" x="XW-064"><xsl:value-of select="x:or(@title, $course/@title)"/></f>
      <f p="grades" x="XW-074"><xsl:value-of select="x:grades($course)"/><or/></f>
      <f p="courseSourcedId" x="XW-062"><xsl:value-of select="@course"/></f>
      <f p="classCode" x="XW-061"><xsl:value-of select="@number"/></f>
      <f p="classType" x="XW-073">scheduled<or>homeroom</or></f>
      <f p="location" x="XW-072">
        <xsl:for-each select="meeting[@room != '' and not(@room = preceding-sibling::meeting/@room)]">
          <xsl:if test="position() > 1">; </xsl:if>
          <xsl:value-of select="@room"/>
        </xsl:for-each>
      </f>
      <f p="schoolSourcedId" x="XW-063"><xsl:value-of select="x:or(@school, $course/@school)"/></f>
      <xsl:for-each select="x:terms(.)">
        <f p="termSourcedIds" x="XW-066"><xsl:value-of select="@id"/></f>
      </xsl:for-each>
      <f p="subjects" x="XW-075"><xsl:value-of select="x:item($subject)"/></f>
      <f p="subjectCodes" x="XW-075"><xsl:value-of select="x:sced($course, $subject)"/></f>
      <xsl:for-each select="meeting[@period != ''
          and not(@period = preceding-sibling::meeting/@period)]">
        <f p="periods" x="XW-067"><xsl:value-of select="x:item(@period)"/></f>
      </xsl:for-each>
      <f p="metadata.schoolYear" x="XW-065"><xsl:value-of select="@year"/><or/></f>
    </row>
    <xsl:apply-templates select="key('seat', @id)[x:student(key('student', @student)[last()])]"/>
    <xsl:apply-templates select="key('teaching', @id)[x:staff(key('staff', @staff)[last()])]"/>
  </xsl:template>

  <xsl:template match="seat">
    <xsl:variable name="section" select="key('section', @section)[last()]"/>
    <xsl:variable name="since" select="x:or(@start, x:first-day($section))"/>
    <row file="enrollments">
      <f p="sourcedId" x="XW-151">
        <xsl:value-of select="x:or(@id, m:mint('enrollment', string(@section), string(@student), $since))"/>
        <xsl:if test="string(@id) = ''"><or>*</or></xsl:if>
      </f>
      <xsl:call-template name="member">
        <xsl:with-param name="section" select="$section"/>
        <xsl:with-param name="user" select="@student"/>
        <xsl:with-param name="x" select="'XW-152'"/>
      </xsl:call-template>
      <f p="role" x="XW-157">student</f>
      <!-- xPress does not say since when: the first day of the term, of notice, or nothing. -->
      <f p="beginDate" x="XW-155">
        <xsl:value-of select="$since"/>
        <xsl:if test="string(@start) = ''"><or>*</or><or/></xsl:if>
      </f>
      <f p="endDate" x="XW-156"><xsl:value-of select="x:day-after(@end)"/></f>
    </row>
  </xsl:template>

  <func:function name="x:first-day">
    <xsl:param name="section"/>
    <xsl:variable name="first">
      <xsl:for-each select="x:terms($section)">
        <xsl:sort select="@start"/>
        <xsl:if test="position() = 1"><xsl:value-of select="@start"/></xsl:if>
      </xsl:for-each>
    </xsl:variable>
    <func:result select="string($first)"/>
  </func:function>

  <xsl:template name="member">
    <xsl:param name="section"/>
    <xsl:param name="user"/>
    <xsl:param name="x"/>
    <xsl:variable name="course" select="key('course', $section/@course)[last()]"/>
    <f p="classSourcedId" x="XW-153"><xsl:value-of select="@section"/></f>
    <f p="schoolSourcedId" x="XW-154">
      <xsl:value-of select="x:or($section/@school, $course/@school)"/>
    </f>
    <f p="userSourcedId" x="{$x}"><xsl:value-of select="$user"/></f>
  </xsl:template>

  <!-- An aide is no teacher: a word of its own where the receiver declared it. -->
  <xsl:template match="teaching">
    <xsl:variable name="aide" select="x:aide(.)"/>
    <xsl:variable name="x">
      <xsl:choose><xsl:when test="@main">XW-178</xsl:when><xsl:otherwise>XW-179</xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <row file="enrollments">
      <f p="sourcedId" x="{$x}">
        <xsl:value-of select="x:or(@id, m:mint('teaching', string(@section), string(@staff)))"/>
        <xsl:if test="string(@id) = ''"><or>*</or></xsl:if>
      </f>
      <xsl:call-template name="member">
        <xsl:with-param name="section" select="key('section', @section)[last()]"/>
        <xsl:with-param name="user" select="@staff"/>
        <xsl:with-param name="x" select="$x"/>
      </xsl:call-template>
      <f p="role" x="XW-181">
        <xsl:choose>
          <xsl:when test="$aide and $version != '1.1' and x:declared('ext:aide')">ext:aide</xsl:when>
          <xsl:otherwise>teacher</xsl:otherwise>
        </xsl:choose>
      </f>
      <f p="primary" x="XW-180"><xsl:call-template name="primary">
        <xsl:with-param name="aide" select="$aide"/>
      </xsl:call-template></f>
      <f p="beginDate" x="XW-183"><xsl:value-of select="@start"/></f>
      <f p="endDate" x="XW-184"><xsl:value-of select="x:day-after(@end)"/></f>
    </row>
  </xsl:template>

  <!-- One primary teacher per class; who is of record is not known of a main teacher, is no false. -->
  <xsl:template name="primary">
    <xsl:param name="aide"/>
    <xsl:variable name="earlier" select="key('teaching', @section)[@record = 'true'][1]"/>
    <xsl:choose>
      <xsl:when test="$aide">false</xsl:when>
      <xsl:when test="@record = 'true'">
        <xsl:value-of select="generate-id($earlier) = generate-id(.)"/>
      </xsl:when>
      <xsl:when test="@record = '' and @main">true<or/><or>false</or></xsl:when>
      <xsl:otherwise>false</xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
