<?xml version="1.0" encoding="UTF-8"?>
<!-- Sections in Ed-Fi, one per session in which each meets, and who sits and teaches there. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:func="http://exslt.org/functions" xmlns:x="urn:crosswalk:words"
    extension-element-prefixes="func" exclude-result-prefixes="x">

  <func:function name="x:section">
    <xsl:param name="section"/>
    <xsl:variable name="course" select="key('course', $section/@course)[last()]"/>
    <func:result select="boolean($course and x:course($course) and $section/@number != ''
        and x:terms($section))"/>
  </func:function>

  <xsl:template match="section">
    <xsl:variable name="section" select="."/>
    <xsl:for-each select="x:terms(.)">
      <xsl:variable name="term" select="."/>
      <xsl:for-each select="$section">
        <xsl:call-template name="in-session">
          <xsl:with-param name="term" select="$term"/>
        </xsl:call-template>
        <xsl:apply-templates select="key('seat', @id)[x:student(key('student', @student)[last()])]">
          <xsl:with-param name="term" select="$term"/>
        </xsl:apply-templates>
        <xsl:apply-templates select="key('teaching', @id)[x:named(key('staff', @staff)[last()])]">
          <xsl:with-param name="term" select="$term"/>
        </xsl:apply-templates>
      </xsl:for-each>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="in-session">
    <xsl:param name="term"/>
    <xsl:variable name="meetings"
        select="meeting[not(@session) or @session = '' or @session = $term/@code]"/>
    <xsl:variable name="school" select="x:school-number($term/@school)"/>
    <xsl:variable name="room" select="$meetings[@room != ''][1]/@room"/>
    <row file="sections">
      <f p="sectionIdentifier" x="XW-061"><xsl:value-of select="@number"/></f>
      <xsl:call-template name="offer-key">
        <xsl:with-param name="at" select="'courseOfferingReference.'"/>
        <xsl:with-param name="term" select="$term"/>
      </xsl:call-template>
      <f p="sectionName" x="XW-064">
        <xsl:value-of select="x:fit(x:or(@title, key('course', @course)[last()]/@title), 100)"/>
      </f>
      <xsl:for-each select="$meetings[@period != '']">
        <f p="classPeriods.classPeriodReference.classPeriodName" x="XW-067">
          <xsl:value-of select="@period"/>
        </f>
        <f p="classPeriods.classPeriodReference.schoolId" x="XW-067">
          <xsl:value-of select="$school"/>
        </f>
      </xsl:for-each>
      <f p="locationReference.classroomIdentificationCode" x="XW-072">
        <xsl:value-of select="x:fit($room, 60)"/>
      </f>
      <f p="locationReference.schoolId" x="XW-072">
        <xsl:if test="$room != ''"><xsl:value-of select="$school"/></xsl:if>
      </f>
      <f p="locationSchoolReference.schoolId" x="XW-072">
        <xsl:if test="$room != ''"><xsl:value-of select="$school"/><or/></xsl:if>
      </f>
    </row>
  </xsl:template>

  <!-- The key of a section's course in a session; the context is the section. -->
  <xsl:template name="offer-key">
    <xsl:param name="at"/>
    <xsl:param name="term"/>
    <xsl:variable name="course" select="key('course', @course)[last()]"/>
    <f p="{$at}localCourseCode" x="XW-062"><xsl:value-of select="x:course-code($course)"/></f>
    <f p="{$at}schoolId" x="XW-063"><xsl:value-of select="x:school-number($term/@school)"/></f>
    <f p="{$at}schoolYear" x="XW-065"><xsl:value-of select="$term/@year"/></f>
    <f p="{$at}sessionName" x="XW-066"><xsl:value-of select="$term/@code"/></f>
  </xsl:template>

  <xsl:template name="section-key">
    <xsl:param name="term"/>
    <xsl:for-each select="key('section', @section)[last()]">
      <f p="sectionReference.sectionIdentifier" x="XW-153"><xsl:value-of select="@number"/></f>
      <xsl:call-template name="offer-key">
        <xsl:with-param name="at" select="'sectionReference.'"/>
        <xsl:with-param name="term" select="$term"/>
      </xsl:call-template>
    </xsl:for-each>
  </xsl:template>

  <!-- Since when somebody is there is required; where SIF does not say, the session's first day. -->
  <xsl:template name="since">
    <xsl:param name="term"/>
    <xsl:param name="x"/>
    <f p="beginDate" x="{$x}">
      <xsl:value-of select="x:or(@start, $term/@start)"/>
      <xsl:if test="string(@start) = ''"><or>*</or></xsl:if>
    </f>
  </xsl:template>

  <xsl:template match="seat">
    <xsl:param name="term"/>
    <row file="studentSectionAssociations">
      <f p="studentReference.studentUniqueId" x="XW-152">
        <xsl:value-of select="x:unique(key('student', @student)[last()])"/>
      </f>
      <xsl:call-template name="section-key">
        <xsl:with-param name="term" select="$term"/>
      </xsl:call-template>
      <xsl:call-template name="since">
        <xsl:with-param name="term" select="$term"/>
        <xsl:with-param name="x" select="'XW-155'"/>
      </xsl:call-template>
      <f p="endDate" x="XW-156"><xsl:value-of select="@end"/></f>
    </row>
  </xsl:template>

  <xsl:template match="teaching">
    <xsl:param name="term"/>
    <row file="staffSectionAssociations">
      <xsl:variable name="x">
        <xsl:choose>
          <xsl:when test="@main">XW-178</xsl:when>
          <xsl:otherwise>XW-179</xsl:otherwise>
        </xsl:choose>
      </xsl:variable>
      <f p="staffReference.staffUniqueId" x="{$x}">
        <xsl:value-of select="x:unique(key('staff', @staff)[last()])"/>
      </f>
      <xsl:call-template name="section-key">
        <xsl:with-param name="term" select="$term"/>
      </xsl:call-template>
      <f p="classroomPositionDescriptor" x="XW-180">
        <xsl:call-template name="position"/>
      </f>
      <xsl:call-template name="since">
        <xsl:with-param name="term" select="$term"/>
        <xsl:with-param name="x" select="'XW-183'"/>
      </xsl:call-template>
      <f p="endDate" x="XW-184"><xsl:value-of select="@end"/></f>
      <!-- A share of the whole: SIF writes it in hundredths. -->
      <f p="percentageContribution" x="XW-182">
        <xsl:if test="number(@percent) > 0"><xsl:value-of select="@percent div 100"/></xsl:if>
      </f>
    </row>
  </xsl:template>

  <!-- Who is not of record supports one who is; of a main teacher that may be unknown. -->
  <xsl:template name="position">
    <xsl:variable name="meaning">
      <xsl:choose>
        <xsl:when test="x:aide(.)">assistant</xsl:when>
        <xsl:when test="@position = 'substitute'">substitute</xsl:when>
        <xsl:when test="@record = 'true' or (@record = '' and @main)">teacher of record</xsl:when>
        <xsl:otherwise>co-teacher</xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:value-of select="x:say('classroomposition', 'edfi', $meaning)"/>
    <xsl:if test="@record = ''"><or>*</or></xsl:if>
  </xsl:template>
</xsl:stylesheet>
