<?xml version="1.0" encoding="UTF-8"?>
<!-- The record as OneRoster rows: organisations, sessions, courses, users, classes. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:func="http://exslt.org/functions" xmlns:x="urn:crosswalk:words"
    xmlns:m="urn:crosswalk:mint" extension-element-prefixes="func" exclude-result-prefixes="x m">
  <xsl:include href="common.xsl"/>
  <xsl:include href="people.xsl"/>
  <xsl:include href="oneroster_users.xsl"/>
  <xsl:include href="oneroster_classes.xsl"/>
  <xsl:output method="xml"/>

  <xsl:param name="version" select="'1.2'"/>
  <xsl:param name="on"/>
  <!-- Words that begin with ext: and that the receiver declared, parted by blanks. -->
  <xsl:param name="extensions"/>

  <xsl:template match="/record">
    <facts>
      <xsl:apply-templates select="lea[x:last(.)] | school[x:last(.)] | term[x:last(.)]"/>
      <xsl:apply-templates select="course[x:last(.) and x:course(.)]"/>
      <xsl:apply-templates select="student[x:last(.) and x:student(.)]"/>
      <xsl:apply-templates select="contact[x:last(.) and x:contact(.)]"/>
      <xsl:apply-templates select="staff[x:last(.) and x:staff(.)]"/>
      <xsl:apply-templates select="section[x:last(.) and x:section(.)]"/>
    </facts>
  </xsl:template>

  <func:function name="x:course">
    <xsl:param name="course"/>
    <func:result select="boolean(x:or($course/@code, $course/@district) != ''
        and $course/@title != '' and $course/@school != '')"/>
  </func:function>

  <!-- The federal number goes first, then that of the state, then the district's own. -->
  <xsl:template match="lea">
    <row file="orgs">
      <f p="sourcedId" x="XW-001"><xsl:value-of select="@id"/></f>
      <f p="name" x="XW-005"><xsl:value-of select="@name"/></f>
      <f p="type" x="XW-006">district</f>
      <f p="identifier" x="XW-004">
        <xsl:value-of select="x:or(@nces, x:or(@state, @local))"/>
      </f>
      <f p="parentSourcedId" x="XW-007">
        <xsl:if test="@above != @id"><xsl:value-of select="@above"/></xsl:if>
      </f>
      <f p="metadata.stateId" x="XW-003"><xsl:value-of select="@state"/><or/></f>
      <f p="metadata.address1" x="XW-008"><xsl:value-of select="address[1]/@line"/><or/></f>
    </row>
  </xsl:template>

  <!-- The number of the state goes first, then the federal one. -->
  <xsl:template match="school">
    <row file="orgs">
      <f p="sourcedId" x="XW-012"><xsl:value-of select="@id"/></f>
      <f p="name" x="XW-016"><xsl:value-of select="@name"/></f>
      <f p="type" x="XW-018">school</f>
      <f p="identifier" x="XW-014">
        <xsl:value-of select="x:or(@state, x:or(@nces, @local))"/>
      </f>
      <f p="parentSourcedId" x="XW-017"><xsl:value-of select="@lea"/></f>
      <f p="metadata.localId" x="XW-013"><xsl:value-of select="@local"/><or/></f>
      <f p="metadata.grades" x="XW-019">
        <xsl:for-each select="grade[@is != '']">
          <xsl:if test="position() > 1">,</xsl:if>
          <xsl:value-of select="x:say('grade', 'oneroster', @is)"/>
        </xsl:for-each>
        <or/>
      </f>
      <f p="metadata.address1" x="XW-021"><xsl:value-of select="address[1]/@line"/><or/></f>
      <f p="metadata.city" x="XW-022"><xsl:value-of select="address[1]/@city"/><or/></f>
      <f p="metadata.state" x="XW-023"><xsl:value-of select="address[1]/@state"/><or/></f>
      <f p="metadata.postalCode" x="XW-024"><xsl:value-of select="address[1]/@zip"/><or/></f>
      <f p="metadata.phone" x="XW-025"><xsl:value-of select="phone[1]/@number"/><or/></f>
    </row>
  </xsl:template>

  <!-- One that is only for marks is a grading period; one for marks and classes comes twice. -->
  <xsl:template match="term">
    <xsl:variable name="type" select="x:session-type(.)"/>
    <xsl:if test="$type != '' and @start != '' and @end != ''">
      <xsl:call-template name="session">
        <xsl:with-param name="id" select="@id"/>
        <xsl:with-param name="type" select="$type"/>
        <xsl:with-param name="above">
          <xsl:if test="@outer != ''">
            <xsl:value-of select="../term[@school = current()/@school
                and @code = current()/@outer and @year = current()/@year][last()]/@id"/>
          </xsl:if>
        </xsl:with-param>
      </xsl:call-template>
      <xsl:if test="@marking = 'true' and @scheduling = 'true'">
        <xsl:call-template name="session">
          <xsl:with-param name="id" select="m:mint('gradingPeriod', string(@id))"/>
          <xsl:with-param name="type" select="'gradingPeriod'"/>
          <xsl:with-param name="above" select="@id"/>
        </xsl:call-template>
      </xsl:if>
    </xsl:if>
  </xsl:template>

  <func:function name="x:session-type">
    <xsl:param name="term"/>
    <xsl:variable name="word" select="x:say('sessiontype', 'oneroster', $term/@kind)"/>
    <xsl:choose>
      <xsl:when test="$word != '' and $word != 'schoolYear' and $term/@marking = 'true'
          and $term/@scheduling != 'true'">
        <func:result select="'gradingPeriod'"/>
      </xsl:when>
      <xsl:otherwise><func:result select="$word"/></xsl:otherwise>
    </xsl:choose>
  </func:function>

  <xsl:template name="session">
    <xsl:param name="id"/>
    <xsl:param name="type"/>
    <xsl:param name="above"/>
    <row file="academicSessions">
      <f p="sourcedId" x="XW-029"><xsl:value-of select="$id"/><or>*</or></f>
      <f p="title" x="XW-033"><xsl:value-of select="x:or(@title, @code)"/></f>
      <xsl:variable name="x">
        <xsl:choose>
          <xsl:when test="$type = 'schoolYear'">XW-040</xsl:when>
          <xsl:when test="$type = 'gradingPeriod'">XW-037</xsl:when>
          <xsl:otherwise>XW-034</xsl:otherwise>
        </xsl:choose>
      </xsl:variable>
      <f p="type" x="{$x}"><xsl:value-of select="$type"/></f>
      <f p="startDate" x="XW-035"><xsl:value-of select="@start"/></f>
      <f p="endDate" x="XW-036"><xsl:value-of select="x:day-after(@end)"/></f>
      <f p="parentSourcedId" x="XW-039"><xsl:value-of select="$above"/></f>
      <f p="schoolYear" x="XW-031"><xsl:value-of select="@year"/></f>
      <f p="metadata.schoolSourcedId" x="XW-030"><xsl:value-of select="@school"/><or/></f>
      <f p="metadata.termCode" x="XW-032"><xsl:value-of select="@code"/><or/></f>
    </row>
  </xsl:template>

  <xsl:template match="course">
    <row file="courses">
      <f p="sourcedId" x="XW-044"><xsl:value-of select="@id"/></f>
      <f p="schoolYearSourcedId" x="XW-046">
        <xsl:value-of select="../term[@school = current()/@school
            and x:session-type(.) = 'schoolYear'][1]/@id"/>
      </f>
      <f p="title" x="XW-054"><xsl:value-of select="@title"/></f>
      <f p="courseCode" x="XW-047"><xsl:value-of select="x:or(@code, @district)"/></f>
      <f p="grades" x="XW-056"><xsl:value-of select="x:grades(.)"/></f>
      <f p="orgSourcedId" x="XW-045"><xsl:value-of select="@school"/></f>
      <f p="subjects" x="XW-053"><xsl:value-of select="x:item(@subject)"/></f>
      <f p="subjectCodes" x="XW-050"><xsl:value-of select="x:sced(., @subject)"/></f>
      <f p="metadata.districtCourseCode" x="XW-048"><xsl:value-of select="@district"/><or/></f>
      <f p="metadata.stateCourseCode" x="XW-049"><xsl:value-of select="@state"/><or/></f>
    </row>
  </xsl:template>

  <func:function name="x:grades">
    <xsl:param name="course"/>
    <xsl:variable name="list">
      <xsl:for-each select="$course/grade[@is != '']">
        <xsl:if test="position() > 1">,</xsl:if>
        <xsl:value-of select="x:say('grade', 'oneroster', @is)"/>
      </xsl:for-each>
    </xsl:variable>
    <func:result select="string($list)"/>
  </func:function>

  <!-- An item of a list holds no comma. -->
  <func:function name="x:item">
    <xsl:param name="text"/>
    <func:result select="translate($text, ',', ';')"/>
  </func:function>

  <!-- The SCED code in five digits, beside a subject only: both lists are of one length. -->
  <func:function name="x:sced">
    <xsl:param name="course"/>
    <xsl:param name="subject"/>
    <xsl:choose>
      <xsl:when test="string($subject) = ''"><func:result select="''"/></xsl:when>
      <xsl:when test="string-length($course/@sced) = 5">
        <func:result select="string($course/@sced)"/>
      </xsl:when>
      <xsl:otherwise><func:result select="concat($course/@area, $course/@sced)"/></xsl:otherwise>
    </xsl:choose>
  </func:function>
</xsl:stylesheet>
