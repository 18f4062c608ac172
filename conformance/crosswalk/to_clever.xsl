<?xml version="1.0" encoding="UTF-8"?>
<!-- The record as Clever CSV rows of what is current: schools, teachers, staff, sections. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:func="http://exslt.org/functions" xmlns:x="urn:crosswalk:words"
    extension-element-prefixes="func" exclude-result-prefixes="x">
  <xsl:include href="common.xsl"/>
  <xsl:include href="people.xsl"/>
  <xsl:include href="clever_students.xsl"/>
  <xsl:output method="xml"/>

  <xsl:param name="on"/>
  <xsl:param name="extensions"/>
  <xsl:variable name="today" select="translate($on, '-', '')"/>

  <xsl:template match="/record">
    <facts>
      <xsl:apply-templates select="school[x:last(.) and @local != '' and @name != '']"/>
      <xsl:apply-templates select="student[x:last(.) and x:student(.)]"/>
      <xsl:apply-templates select="staff[x:last(.) and x:named(.)]/post[x:place(@school) != '']"/>
      <xsl:apply-templates select="section[x:last(.) and x:section(.)]"/>
    </facts>
  </xsl:template>

  <func:function name="x:named">
    <xsl:param name="who"/>
    <func:result select="$who/name/@given != '' and $who/name/@family != ''"/>
  </func:function>

  <!-- Clever calls a school by its local number. -->
  <func:function name="x:place">
    <xsl:param name="id"/>
    <func:result select="string(key('school', $id)[last()]/@local)"/>
  </func:function>

  <!-- Y, N, or blank when it is not known. -->
  <func:function name="x:yn">
    <xsl:param name="flag"/>
    <func:result select="x:say('boolean3', 'clever', $flag)"/>
  </func:function>

  <xsl:template match="school">
    <xsl:variable name="grades" select="grade[@is != '']"/>
    <row file="schools">
      <f p="School_id" x="XW-013"><xsl:value-of select="@local"/></f>
      <f p="School_number" x="XW-013"><xsl:value-of select="@local"/></f>
      <f p="School_name" x="XW-016"><xsl:value-of select="@name"/></f>
      <f p="State_id" x="XW-014"><xsl:value-of select="@state"/></f>
      <f p="Low_grade" x="XW-019"><xsl:value-of select="x:end-grade($grades, 1)"/></f>
      <f p="High_grade" x="XW-019"><xsl:value-of select="x:end-grade($grades, -1)"/></f>
      <f p="Principal" x="XW-020"><xsl:value-of select="@principal"/></f>
      <f p="School_address" x="XW-021"><xsl:value-of select="address[1]/@line"/></f>
      <f p="School_city" x="XW-022"><xsl:value-of select="address[1]/@city"/></f>
      <f p="School_state" x="XW-023"><xsl:value-of select="address[1]/@state"/></f>
      <f p="School_zip" x="XW-024"><xsl:value-of select="address[1]/@zip"/></f>
      <f p="School_phone" x="XW-025"><xsl:value-of select="phone[1]/@number"/></f>
    </row>
  </xsl:template>

  <!-- The lowest (1) or highest (-1) of some grades, in the order of the code set. -->
  <func:function name="x:end-grade">
    <xsl:param name="grades"/>
    <xsl:param name="which"/>
    <xsl:variable name="known" select="key('grade-word', 'grade')[@meaning = $grades/@is]"/>
    <func:result select="string($known[position() = 1 + ($which &lt; 0) * (last() - 1)]/@word)"/>
  </func:function>
  <xsl:key name="grade-word" match="out[@side = 'clever']" use="@set"/>

  <!-- A post makes its holder a teacher or other staff of a school; what is no role is neither. -->
  <xsl:template match="post">
    <xsl:variable name="file" select="x:say('staffrole', 'clever', @job)"/>
    <xsl:variable name="mail" select="x:mails(..)[1]/@address"/>
    <xsl:if test="not(@school = preceding-sibling::post[x:say('staffrole', 'clever', @job)
        = $file]/@school)">
      <xsl:if test="$file = 'teachers.csv'">
        <row file="teachers">
          <f p="Teacher_id" x="XW-160"><xsl:value-of select="../@id"/></f>
          <f p="Teacher_number" x="XW-161"><xsl:value-of select="../@local"/></f>
          <f p="State_teacher_id" x="XW-162"><xsl:value-of select="../@state"/></f>
          <f p="Middle_name" x="XW-165"><xsl:value-of select="../name/@middle"/></f>
          <f p="Teacher_email" x="XW-168"><xsl:value-of select="$mail"/></f>
          <xsl:call-template name="employee"/>
        </row>
      </xsl:if>
      <xsl:if test="$file = 'staff.csv' and string($mail) != ''">
        <row file="staff">
          <f p="Staff_id" x="XW-160"><xsl:value-of select="../@id"/></f>
          <f p="Staff_email" x="XW-168"><xsl:value-of select="$mail"/></f>
          <xsl:call-template name="employee"/>
        </row>
      </xsl:if>
    </xsl:if>
  </xsl:template>

  <xsl:template name="employee">
    <f p="School_id" x="XW-171"><xsl:value-of select="x:place(@school)"/></f>
    <f p="Last_name" x="XW-163"><xsl:value-of select="../name/@family"/></f>
    <f p="First_name" x="XW-164"><xsl:value-of select="../name/@given"/></f>
    <f p="Title" x="XW-170"><xsl:value-of select="../@title"/></f>
    <f p="Username" x="XW-169"><xsl:value-of select="../@login"/></f>
  </xsl:template>

  <!-- A section needs a school and a lead teacher. -->
  <func:function name="x:section">
    <xsl:param name="section"/>
    <func:result select="boolean(x:place(x:school-of($section)) != '' and x:lead($section))"/>
  </func:function>

  <func:function name="x:school-of">
    <xsl:param name="section"/>
    <func:result
        select="x:or($section/@school, key('course', $section/@course)[last()]/@school)"/>
  </func:function>

  <!-- Who leads: the teacher of record, else the main one, else the first. -->
  <func:function name="x:lead">
    <xsl:param name="section"/>
    <xsl:variable name="all"
        select="key('teaching', $section/@id)[x:named(key('staff', @staff)[last()])]"/>
    <xsl:choose>
      <xsl:when test="$all[@record = 'true']"><func:result select="$all[@record = 'true'][1]"/>
      </xsl:when>
      <xsl:when test="$all[@main]"><func:result select="$all[@main][1]"/></xsl:when>
      <xsl:otherwise><func:result select="$all[not(x:aide(.))][1]"/></xsl:otherwise>
    </xsl:choose>
  </func:function>

  <xsl:template match="section">
    <xsl:variable name="course" select="key('course', @course)[last()]"/>
    <xsl:variable name="school" select="x:place(x:school-of(.))"/>
    <xsl:variable name="lead" select="x:lead(.)"/>
    <row file="sections">
      <f p="School_id" x="XW-063"><xsl:value-of select="$school"/></f>
      <f p="Section_id" x="XW-060"><xsl:value-of select="@id"/></f>
      <f p="Section_number" x="XW-061"><xsl:value-of select="@number"/></f>
      <f p="Name" x="XW-064"><xsl:value-of select="x:or(@title, $course/@title)"/></f>
      <f p="Course_name" x="XW-054"><xsl:value-of select="$course/@title"/></f>
      <f p="Course_number" x="XW-062"><xsl:value-of select="$course/@code"/></f>
      <f p="Course_description" x="XW-055"><xsl:value-of select="$course/@text"/></f>
      <f p="Grade" x="XW-074">
        <xsl:if test="count($course/grade[@is != '']) = 1">
          <xsl:value-of select="x:say('grade', 'clever', $course/grade/@is)"/><or/>
        </xsl:if>
      </f>
      <!-- Clever has a list of its own, which the receiver maps. -->
      <f p="Subject" x="XW-053">
        <xsl:value-of select="x:or(@subject, $course/@subject)"/><or>*</or><or/>
      </f>
      <xsl:call-template name="time"/>
      <f p="Teacher_id" x="XW-178"><xsl:value-of select="$lead/@staff"/></f>
      <xsl:for-each select="key('teaching', @id)[@staff != $lead/@staff
          and x:named(key('staff', @staff)[last()])][position() &lt; 10]">
        <f p="Teacher_2_id" x="XW-179">
          <xsl:value-of select="@staff"/><xsl:if test="x:aide(.)"><or/></xsl:if>
        </f>
      </xsl:for-each>
    </row>
    <xsl:for-each select="key('seat', @id)[x:seated(.)]">
      <xsl:variable name="ahead" select="translate(@start, '-', '') > $today"/>
      <row file="enrollments">
        <f p="School_id" x="XW-154">
          <xsl:value-of select="$school"/><xsl:if test="$ahead"><or/></xsl:if>
        </f>
        <f p="Section_id" x="XW-153">
          <xsl:value-of select="@section"/><xsl:if test="$ahead"><or/></xsl:if>
        </f>
        <f p="Student_id" x="XW-152">
          <xsl:value-of select="@student"/><xsl:if test="$ahead"><or/></xsl:if>
        </f>
      </row>
    </xsl:for-each>
  </xsl:template>

  <func:function name="x:seated">
    <xsl:param name="seat"/>
    <func:result select="x:student(key('student', $seat/@student)[last()])
        and (string($seat/@end) = '' or translate($seat/@end, '-', '') &gt;= $today)"/>
  </func:function>

  <!-- Of several periods one string, of several terms one row: any of them is right. -->
  <xsl:template name="time">
    <xsl:variable name="periods"
        select="meeting[@period != '' and not(@period = preceding-sibling::meeting/@period)]"/>
    <xsl:variable name="terms" select="x:terms(.)"/>
    <f p="Period" x="XW-067">
      <xsl:value-of select="$periods[1]/@period"/>
      <xsl:if test="count($periods) > 1"><or>*</or></xsl:if>
    </f>
    <f p="Term_name" x="XW-066">
      <xsl:value-of select="$terms[1]/@code"/>
      <or><xsl:value-of select="$terms[1]/@title"/></or>
      <xsl:if test="count($terms) > 1"><or>*</or></xsl:if>
    </f>
    <f p="Term_start" x="XW-035">
      <xsl:value-of select="x:us-day($terms[1]/@start)"/>
      <xsl:if test="count($terms) > 1"><or>*</or></xsl:if>
    </f>
    <f p="Term_end" x="XW-036">
      <xsl:value-of select="x:us-day($terms[1]/@end)"/>
      <xsl:if test="count($terms) > 1"><or>*</or></xsl:if>
    </f>
  </xsl:template>
</xsl:stylesheet>
