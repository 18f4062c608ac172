<?xml version="1.0" encoding="UTF-8"?>
<!-- xPress objects of Unity 4.3 and of NA 3.3 into the record; names without name space. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:x="urn:crosswalk:words" xmlns:m="urn:crosswalk:mint" exclude-result-prefixes="x m">
  <xsl:include href="common.xsl"/>
  <xsl:output method="xml"/>

  <xsl:template match="/">
    <record>
      <xsl:apply-templates select="//xLea | //xSchool | //xCalendar | //xCourse | //xRoster
          | //xStudent | //xStaff | //xContact"/>
    </record>
  </xsl:template>

  <xsl:template match="xLea">
    <lea id="{x:guid(@refId)}" local="{localId}" state="{stateProvinceId}" nces="{ncesId}"
        name="{leaName}" above="{x:guid(leaRefId)}" kind="Regular school district">
      <xsl:apply-templates select="address | phoneNumber | otherPhoneNumbers/phoneNumber"/>
    </lea>
  </xsl:template>

  <xsl:template match="xSchool">
    <school id="{x:guid(@refId)}" local="{localId}" state="{stateProvinceId}"
        nces="{otherIds/otherId[normalize-space(type) = 'NCES']/id}" name="{schoolName}"
        lea="{x:or(x:guid(leaRefId), x:guid(lea/@refId))}">
      <xsl:apply-templates select="gradeLevels/gradeLevel | yearGroups/yearGroup"/>
      <xsl:apply-templates select="address | phoneNumber | otherPhoneNumbers/phoneNumber"/>
    </school>
  </xsl:template>

  <xsl:template match="xCalendar">
    <xsl:apply-templates select="sessions/session | sessions/sessionList"/>
  </xsl:template>

  <xsl:template match="session | sessionList">
    <xsl:variable name="own" select="../.."/>
    <term id="{m:mint('session', x:guid($own/@refId), string(sessionCode),
              x:day(startDate))}"
        school="{x:guid($own/schoolRefId)}" year="{substring($own/schoolYear, 1, 4)}"
        code="{sessionCode}" title="{description}" kind="{x:meaning('sessiontype', 'xpress', sessionType)}"
        start="{x:day(startDate)}" end="{x:day(endDate)}" marking="{x:flag(markingTerm)}"
        scheduling="{x:flag(schedulingTerm)}" outer="{linkedSessionCode}"/>
  </xsl:template>

  <xsl:template match="xCourse">
    <course id="{x:guid(@refId)}" school="{x:guid(schoolRefId)}" code="{schoolCourseId}"
        district="{leaCourseId}" area="{scedCourseSubjectAreaCode}" sced="{scedCourseCode}"
        state="{otherIds/otherId[normalize-space(type) = 'State']/id}"
        title="{courseTitle}" text="{description}" subject="{subject}">
      <xsl:apply-templates
          select="applicableEducationLevels/applicableEducationLevel"/>
      <xsl:apply-templates select="otherIds/otherId"/>
    </course>
  </xsl:template>

  <xsl:template match="gradeLevel | yearGroup | applicableEducationLevel">
    <grade is="{x:meaning('grade', 'xpress', .)}"/>
  </xsl:template>

  <xsl:template match="xRoster">
    <xsl:variable name="id" select="x:or(x:guid(sectionRefId), x:guid(@refId))"/>
    <xsl:variable name="school" select="x:guid(schoolRefId)"/>
    <section id="{$id}" course="{x:guid(courseRefId)}" school="{$school}"
        number="{schoolSectionId}" title="{courseTitle}" subject="{subject}"
        year="{substring(schoolYear, 1, 4)}">
      <xsl:for-each select="meetingTimes/meetingTime">
        <meeting period="{timeTablePeriod}" room="{roomNumber}"
            session="{x:or(sessionCode, ../../sessionCode)}"/>
      </xsl:for-each>
      <xsl:if test="not(meetingTimes/meetingTime) and string(sessionCode) != ''">
        <meeting session="{sessionCode}"/>
      </xsl:if>
    </section>
    <xsl:for-each select="students/studentReference[refId]">
      <seat section="{$id}" student="{x:guid(refId)}"/>
    </xsl:for-each>
    <xsl:for-each select="primaryStaff[staffPersonReference/refId]">
      <teaching section="{$id}" staff="{x:guid(staffPersonReference/refId)}" main="yes"
          record="{x:flag(teacherOfRecord)}" percent="{percentResponsible}"/>
    </xsl:for-each>
    <!-- 3.3 has otherStaff around each; the 4.0 schema lets one stand bare. -->
    <xsl:for-each select="otherStaffs/otherStaff[staffPersonReference/refId]
        | otherStaffs[staffPersonReference/refId]">
      <teaching section="{$id}" staff="{x:guid(staffPersonReference/refId)}"
          record="{x:flag(teacherOfRecord)}" percent="{percentResponsible}"/>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="xStudent">
    <student id="{x:guid(@refId)}" local="{localId}" state="{stateProvinceId}" login="{loginId}"
        birth="{x:day(demographics/birthDate)}"
        sex="{x:meaning('sex', 'xpress', demographics/sex)}"
        hispanic="{x:flag(demographics/hispanicLatinoEthnicity)}"
        country="{demographics/countryOfBirth}" gpa="{academicSummary/cumulativeWeightedGpa}">
      <xsl:call-template name="person"/>
      <xsl:for-each select="demographics/races/race/race">
        <race is="{x:meaning('race', 'xpress', .)}"/>
      </xsl:for-each>
      <xsl:for-each select="languages/language | languages[code]">
        <language code="{code}" use="{x:meaning('languageuse', 'xpress', type)}"/>
      </xsl:for-each>
      <xsl:apply-templates select="otherAddresses/name | otherAddresses/address"/>
      <xsl:apply-templates select="enrollment | otherEnrollments/enrollment">
        <!-- The home school first; one that was left after one that was not. -->
        <xsl:sort data-type="number" select="2 * (normalize-space(membershipType) != 'Home'
            or not(membershipType)) + boolean(normalize-space(membershipType) = 'Home' and string(exitDate) != '')"/>
      </xsl:apply-templates>
    </student>
  </xsl:template>

  <xsl:template match="enrollment">
    <stay id="{x:guid(studentSchoolAssociationRefId)}" school="{x:guid(schoolRefId)}"
        membership="{x:meaning('membership', 'xpress', membershipType)}"
        entry="{x:day(entryDate)}" exit="{x:day(exitDate)}"
        out="{x:meaning('exittype', 'xpress', exitOrWithdrawalType)}"
        grade="{x:meaning('grade', 'xpress', gradeLevel)}"
        graduation="{substring(projectedGraduationYear, 1, 4)}"
        answers="{x:meaning('responsibility', 'xpress', responsibleSchoolType)}"/>
  </xsl:template>

  <xsl:template match="xStaff">
    <staff id="{x:guid(@refId)}" local="{localId}" state="{stateProvinceId}" login="{loginId}"
        sex="{x:meaning('sex', 'xpress', sex)}">
      <xsl:call-template name="person"/>
      <xsl:for-each select="primaryAssignment | otherAssignments/staffPersonAssignment">
        <post school="{x:guid(schoolRefId)}" lea="{x:guid(leaRefId)}"
            job="{x:meaning('staffrole', 'xpress', jobFunction)}"
            primary="{self::primaryAssignment and 'true'}"/>
      </xsl:for-each>
    </staff>
  </xsl:template>

  <xsl:template match="xContact">
    <contact id="{x:guid(@refId)}" local="{localId}" login="{loginId}"
        sex="{x:meaning('sex', 'xpress', sex)}">
      <xsl:call-template name="person"/>
    </contact>
    <xsl:variable name="own" select="x:guid(@refId)"/>
    <xsl:for-each select="relationships/relationship[studentRefId]">
      <tie contact="{$own}" student="{x:guid(studentRefId)}"
          is="{x:meaning('relationship', 'xpress', relationshipCode)}"
          custody="{x:flag(custodialIndicator)}" told="{x:flag(communicationsIndicator)}"
          restrictions="{restrictions}" lives="{x:flag(livesWith)}"
          emergency="{x:flag(emergencyContactIndicator)}"
          primary="{x:flag(primaryContactIndicator)}" order="{contactSequence}"/>
    </xsl:for-each>
  </xsl:template>

  <!-- Former names are taken along nowhere: only a preferred one leaves this template. -->
  <xsl:template name="person">
    <name given="{name/givenName}" family="{name/familyName}" middle="{name/middleName}"
        prefix="{name/prefix}" suffix="{name/suffix}"/>
    <preferred
        given="{otherNames/name[normalize-space(type) = 'PreferredGivenName']/givenName}"
        family="{otherNames/name[normalize-space(type) = 'PreferredFamilyName']/familyName}"/>
    <xsl:apply-templates select="otherIds/otherId"/>
    <xsl:apply-templates select="phoneNumber | otherPhoneNumbers/phoneNumber"/>
    <xsl:apply-templates select="email | otherEmails/email"/>
    <xsl:apply-templates select="address"/>
  </xsl:template>

  <xsl:template match="otherId">
    <other kind="{x:meaning('idsystem', 'xpress', type)}" word="{normalize-space(type)}"
        value="{id}"/>
  </xsl:template>

  <xsl:template match="phoneNumber">
    <phone kind="{x:meaning('phonetype', 'xpress', phoneNumberType)}" number="{number}"
        primary="{x:flag(primaryIndicator)}"/>
  </xsl:template>

  <xsl:template match="email">
    <mail kind="{x:meaning('emailtype', 'xpress', emailType)}" address="{emailAddress}"
        main="{boolean(parent::*[not(self::otherEmails)])}"/>
  </xsl:template>

  <xsl:template match="address | otherAddresses/name">
    <address kind="{x:meaning('addresstype', 'xpress', addressType)}" line="{line1}"
        room="{line2}" city="{city}" state="{stateProvince}" zip="{postalCode}"/>
  </xsl:template>
</xsl:stylesheet>
