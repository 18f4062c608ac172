<?xml version="1.0" encoding="UTF-8"?>
<!-- The record as Ed-Fi Data Standard 5 bodies: organisations, sessions, courses. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:func="http://exslt.org/functions" xmlns:x="urn:crosswalk:words"
    extension-element-prefixes="func" exclude-result-prefixes="x">
  <xsl:include href="common.xsl"/>
  <xsl:include href="people.xsl"/>
  <xsl:include href="edfi_parts.xsl"/>
  <xsl:include href="edfi_people.xsl"/>
  <xsl:include href="edfi_sections.xsl"/>
  <xsl:output method="xml"/>

  <xsl:param name="on"/>
  <xsl:param name="extensions"/>

  <xsl:key name="offer" match="section" use="@course"/>

  <xsl:template match="/record">
    <facts>
      <xsl:apply-templates select="lea[x:last(.) and x:number(.) != '']"/>
      <xsl:apply-templates select="school[x:last(.) and x:number(.) != '' and grade[@is != '']]"/>
      <xsl:apply-templates select="term[x:last(.) and x:school-number(@school) != '' and @code != ''
          and @start != '' and @end != '']"/>
      <xsl:apply-templates select="course[x:last(.) and x:course(.)]"/>
      <xsl:apply-templates select="section[x:last(.) and x:section(.)]"/>
      <xsl:apply-templates select="student[x:last(.) and x:student(.)]"/>
      <xsl:apply-templates select="contact[x:last(.) and x:named(.)
          and key('tie-of-contact', @id)[x:told(.)]]"/>
      <xsl:apply-templates select="staff[x:last(.) and x:named(.)]"/>
      <xsl:apply-templates select="tie[x:told(.)]"/>
    </facts>
  </xsl:template>

  <xsl:template match="lea">
    <row file="localEducationAgencies">
      <f p="localEducationAgencyId" x="XW-003"><xsl:value-of select="x:number(.)"/></f>
      <f p="nameOfInstitution" x="XW-005"><xsl:value-of select="x:fit(@name, 75)"/></f>
      <!-- xPress does not say of what kind a district is, and Ed-Fi wants to know. -->
      <f p="localEducationAgencyCategoryDescriptor" x="XW-006">
        <xsl:value-of select="x:say('leacategory', 'edfi', @kind)"/>
      </f>
      <f p="categories.educationOrganizationCategoryDescriptor" x="XW-006">
        <xsl:value-of select="x:say('orgtype', 'edfi', 'district')"/>
      </f>
      <f p="parentLocalEducationAgencyReference.localEducationAgencyId" x="XW-007">
        <xsl:if test="@above != @id">
          <xsl:value-of select="x:number(key('lea', @above)[last()])"/>
        </xsl:if>
      </f>
      <xsl:call-template name="office">
        <xsl:with-param name="x" select="'XW-008 XW-008 XW-008 XW-008 XW-008 XW-009'"/>
      </xsl:call-template>
      <xsl:call-template name="place-code">
        <xsl:with-param name="word" select="'LEA'"/>
        <xsl:with-param name="value" select="@local"/>
        <xsl:with-param name="x" select="'XW-002'"/>
      </xsl:call-template>
      <xsl:call-template name="place-codes"/>
    </row>
  </xsl:template>

  <xsl:template match="school">
    <row file="schools">
      <f p="schoolId" x="XW-013"><xsl:value-of select="x:number(.)"/></f>
      <f p="nameOfInstitution" x="XW-016"><xsl:value-of select="x:fit(@name, 75)"/></f>
      <f p="localEducationAgencyReference.localEducationAgencyId" x="XW-017">
        <xsl:value-of select="x:number(key('lea', @lea)[last()])"/>
      </f>
      <f p="educationOrganizationCategories.educationOrganizationCategoryDescriptor" x="XW-018">
        <xsl:value-of select="x:say('orgtype', 'edfi', 'school')"/>
      </f>
      <f p="schoolCategories.schoolCategoryDescriptor" x="XW-018">
        <xsl:value-of select="x:say('schoollevel', 'edfi', @level)"/>
      </f>
      <f p="webSite" x="XW-026"><xsl:value-of select="x:fit(@web, 255)"/></f>
      <xsl:for-each select="grade[@is != '']">
        <f p="gradeLevels.gradeLevelDescriptor" x="XW-019">
          <xsl:value-of select="x:say('grade', 'edfi', @is)"/>
        </f>
      </xsl:for-each>
      <xsl:call-template name="office">
        <xsl:with-param name="x" select="'XW-021 XW-022 XW-023 XW-024 XW-021 XW-025'"/>
      </xsl:call-template>
      <xsl:call-template name="place-code">
        <xsl:with-param name="word" select="'School'"/>
        <xsl:with-param name="value" select="@local"/>
        <xsl:with-param name="x" select="'XW-013'"/>
      </xsl:call-template>
      <xsl:call-template name="place-codes"/>
    </row>
  </xsl:template>

  <!-- What telephone a number of an office belongs to is for the host to say. -->
  <xsl:template name="office">
    <xsl:param name="x"/>
    <xsl:apply-templates select="address" mode="edfi"><xsl:with-param name="x" select="$x"/>
    </xsl:apply-templates>
    <xsl:for-each select="phone[x:fit(@number, 24) != '']">
      <f p="institutionTelephones.telephoneNumber" x="{substring($x, 36, 6)}">
        <xsl:value-of select="@number"/>
      </f>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="place-codes">
    <xsl:call-template name="place-code">
      <xsl:with-param name="word" select="'SEA'"/>
      <xsl:with-param name="value" select="@state"/>
      <xsl:with-param name="x" select="x:or(substring('XW-003', 1, 6 * boolean(self::lea)), 'XW-014')"/>
    </xsl:call-template>
    <xsl:call-template name="place-code">
      <xsl:with-param name="word" select="'NCES'"/>
      <xsl:with-param name="value" select="@nces"/>
      <xsl:with-param name="x" select="x:or(substring('XW-004', 1, 6 * boolean(self::lea)), 'XW-015')"/>
    </xsl:call-template>
  </xsl:template>

  <xsl:template name="place-code">
    <xsl:param name="word"/>
    <xsl:param name="value"/>
    <xsl:param name="x"/>
    <xsl:call-template name="code">
      <xsl:with-param name="system" select="'educationOrganizationIdentificationSystem'"/>
      <xsl:with-param name="word" select="$word"/>
      <xsl:with-param name="value" select="$value"/>
      <xsl:with-param name="x" select="$x"/>
    </xsl:call-template>
  </xsl:template>

  <!-- Classes may meet in a session, marks are given for a grading period; a term may be both. -->
  <xsl:template match="term">
    <xsl:if test="@scheduling = 'true' or @marking != 'true'">
      <row file="sessions">
        <f p="sessionName" x="XW-032"><xsl:value-of select="x:fit(@code, 60)"/></f>
        <f p="termDescriptor" x="XW-034">
          <xsl:value-of select="x:say('sessiontype', 'edfi', @kind)"/>
        </f>
        <xsl:call-template name="days"/>
        <xsl:for-each select="../term[@school = current()/@school and @year = current()/@year
            and @marking = 'true' and x:period(.) != '' and x:inside(., current())]">
          <f p="gradingPeriods.gradingPeriodReference.gradingPeriodName" x="XW-039">
            <xsl:value-of select="@code"/>
          </f>
          <f p="gradingPeriods.gradingPeriodReference.gradingPeriodDescriptor" x="XW-039">
            <xsl:value-of select="concat('uri://ed-fi.org/GradingPeriodDescriptor#', x:period(.))"/>
          </f>
          <f p="gradingPeriods.gradingPeriodReference.schoolId" x="XW-039">
            <xsl:value-of select="x:school-number(@school)"/>
          </f>
          <f p="gradingPeriods.gradingPeriodReference.schoolYear" x="XW-039">
            <xsl:value-of select="@year"/>
          </f>
        </xsl:for-each>
      </row>
    </xsl:if>
    <xsl:if test="@marking = 'true' and x:period(.) != ''">
      <row file="gradingPeriods">
        <f p="gradingPeriodName" x="XW-037"><xsl:value-of select="x:fit(@code, 60)"/></f>
        <f p="gradingPeriodDescriptor" x="XW-037">
          <xsl:value-of select="concat('uri://ed-fi.org/GradingPeriodDescriptor#', x:period(.))"/>
        </f>
        <xsl:call-template name="days"/>
      </row>
    </xsl:if>
  </xsl:template>

  <xsl:template name="days">
    <f p="schoolReference.schoolId" x="XW-030"><xsl:value-of select="x:school-number(@school)"/></f>
    <f p="schoolYearTypeReference.schoolYear" x="XW-031"><xsl:value-of select="@year"/></f>
    <f p="beginDate" x="XW-035"><xsl:value-of select="@start"/></f>
    <f p="endDate" x="XW-036"><xsl:value-of select="@end"/></f>
    <xsl:variable name="days" select="../day[@school = current()/@school and @number != ''
        and translate(@date, '-', '') &gt;= translate(current()/@start, '-', '')
        and translate(@date, '-', '') &lt;= translate(current()/@end, '-', '')]"/>
    <f p="totalInstructionalDays" x="XW-041">
      <xsl:if test="$days"><xsl:value-of select="count($days)"/></xsl:if>
    </f>
  </xsl:template>

  <!-- Whether links lead from one term up to another. -->
  <func:function name="x:inside">
    <xsl:param name="term"/>
    <xsl:param name="outer"/>
    <xsl:variable name="above" select="$term/../term[@code = $term/@outer
        and @school = $term/@school and @year = $term/@year][1]"/>
    <xsl:choose>
      <xsl:when test="$term/@outer = ''"><func:result select="false()"/></xsl:when>
      <xsl:when test="$term/@outer = $outer/@code"><func:result select="true()"/></xsl:when>
      <xsl:when test="not($above)"><func:result select="false()"/></xsl:when>
      <xsl:otherwise><func:result select="x:inside($above, $outer)"/></xsl:otherwise>
    </xsl:choose>
  </func:function>

  <!-- A grading period is called by its kind and its place among those of the kind. -->
  <func:function name="x:period">
    <xsl:param name="term"/>
    <xsl:variable name="place" select="1 + count($term/preceding-sibling::term[
        @school = $term/@school and @year = $term/@year and @kind = $term/@kind])"/>
    <xsl:variable name="ordinal" select="normalize-space(substring(
        'First  Second Third  Fourth Fifth  Sixth  ', 7 * $place - 6, 7))"/>
    <xsl:variable name="kind">
      <xsl:choose>
        <xsl:when test="$term/@kind = 'Quarter'">Nine Weeks</xsl:when>
        <xsl:when test="$term/@kind = 'Semester' or $term/@kind = 'Trimester'">
          <xsl:value-of select="$term/@kind"/>
        </xsl:when>
      </xsl:choose>
    </xsl:variable>
    <xsl:choose>
      <xsl:when test="string($kind) = '' or $ordinal = ''"><func:result select="''"/></xsl:when>
      <xsl:otherwise><func:result select="concat($ordinal, ' ', $kind)"/></xsl:otherwise>
    </xsl:choose>
  </func:function>

  <func:function name="x:course-code">
    <xsl:param name="course"/>
    <func:result select="x:fit(x:or($course/@code, translate($course/@id, '-', '')), 60)"/>
  </func:function>

  <!-- A course needs a title, its school and one number at least. -->
  <func:function name="x:course">
    <xsl:param name="course"/>
    <func:result select="boolean(x:fit($course/@title, 60) != ''
        and x:school-number($course/@school) != ''
        and concat($course/@code, $course/@district, $course/@state, x:sced-code($course)) != '')"/>
  </func:function>

  <func:function name="x:sced-code">
    <xsl:param name="course"/>
    <xsl:choose>
      <xsl:when test="string-length($course/@sced) = 5">
        <func:result select="string($course/@sced)"/>
      </xsl:when>
      <xsl:when test="$course/@sced != '' and $course/@area != ''">
        <func:result select="concat($course/@area, $course/@sced)"/>
      </xsl:when>
      <xsl:otherwise><func:result select="''"/></xsl:otherwise>
    </xsl:choose>
  </func:function>

  <xsl:template match="course">
    <row file="courses">
      <f p="courseCode" x="XW-047"><xsl:value-of select="x:course-code(.)"/></f>
      <f p="educationOrganizationReference.educationOrganizationId" x="XW-045">
        <xsl:value-of select="x:school-number(@school)"/>
      </f>
      <f p="courseTitle" x="XW-054"><xsl:value-of select="@title"/></f>
      <f p="courseDescription" x="XW-055"><xsl:value-of select="x:fit(@text, 1024)"/></f>
      <f p="numberOfParts">1</f>
      <f p="academicSubjects.academicSubjectDescriptor" x="XW-053">
        <xsl:value-of select="x:say('subject', 'edfi', @subject)"/>
      </f>
      <xsl:for-each select="grade[@is != '']">
        <f p="offeredGradeLevels.gradeLevelDescriptor" x="XW-056">
          <xsl:value-of select="x:say('grade', 'edfi', @is)"/>
        </f>
      </xsl:for-each>
      <f p="maximumAvailableCredits" x="XW-057"><xsl:value-of select="@credits"/></f>
      <xsl:call-template name="course-number">
        <xsl:with-param name="word" select="'School course code'"/>
        <xsl:with-param name="value" select="@code"/>
        <xsl:with-param name="x" select="'XW-047'"/>
      </xsl:call-template>
      <xsl:call-template name="course-number">
        <xsl:with-param name="word" select="'LEA course code'"/>
        <xsl:with-param name="value" select="@district"/>
        <xsl:with-param name="x" select="'XW-048'"/>
      </xsl:call-template>
      <xsl:call-template name="course-number">
        <xsl:with-param name="word" select="'State course code'"/>
        <xsl:with-param name="value" select="@state"/>
        <xsl:with-param name="x" select="'XW-049'"/>
      </xsl:call-template>
      <xsl:call-template name="course-number">
        <xsl:with-param name="word" select="'SCED course code'"/>
        <xsl:with-param name="value" select="x:sced-code(.)"/>
        <xsl:with-param name="x" select="'XW-050'"/>
      </xsl:call-template>
    </row>
    <xsl:variable name="course" select="."/>
    <xsl:variable name="sections" select="key('offer', @id)[x:last(.)]"/>
    <xsl:for-each select="../term[x:last(.) and x:meets($sections, .)]">
      <xsl:call-template name="offering">
        <xsl:with-param name="course" select="$course"/>
      </xsl:call-template>
    </xsl:for-each>
  </xsl:template>

  <!-- Whether one of some sections meets in a term. -->
  <func:function name="x:meets">
    <xsl:param name="sections"/>
    <xsl:param name="term"/>
    <func:result select="boolean($sections[x:terms(.)/@id = $term/@id])"/>
  </func:function>

  <xsl:template name="course-number">
    <xsl:param name="word"/>
    <xsl:param name="value"/>
    <xsl:param name="x"/>
    <xsl:call-template name="code">
      <xsl:with-param name="system" select="'courseIdentificationSystem'"/>
      <xsl:with-param name="word" select="$word"/>
      <xsl:with-param name="value" select="$value"/>
      <xsl:with-param name="x" select="$x"/>
    </xsl:call-template>
  </xsl:template>

  <xsl:template name="offering">
    <xsl:param name="course"/>
    <row file="courseOfferings">
      <f p="localCourseCode" x="XW-047"><xsl:value-of select="x:course-code($course)"/></f>
      <f p="localCourseTitle" x="XW-054"><xsl:value-of select="$course/@title"/></f>
      <f p="courseReference.courseCode" x="XW-047">
        <xsl:value-of select="x:course-code($course)"/>
      </f>
      <f p="courseReference.educationOrganizationId" x="XW-045">
        <xsl:value-of select="x:school-number($course/@school)"/>
      </f>
      <f p="schoolReference.schoolId" x="XW-045">
        <xsl:value-of select="x:school-number($course/@school)"/>
      </f>
      <f p="sessionReference.schoolId" x="XW-045">
        <xsl:value-of select="x:school-number(@school)"/>
      </f>
      <f p="sessionReference.schoolYear" x="XW-046"><xsl:value-of select="@year"/></f>
      <f p="sessionReference.sessionName" x="XW-066"><xsl:value-of select="@code"/></f>
    </row>
  </xsl:template>
</xsl:stylesheet>
