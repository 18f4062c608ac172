<?xml version="1.0" encoding="UTF-8"?>
<!-- Classic objects of Unity 4.x into the record, joined by RefIds in whatever spelling. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:func="http://exslt.org/functions" xmlns:x="urn:crosswalk:words"
    extension-element-prefixes="func" exclude-result-prefixes="x">
  <xsl:include href="common.xsl"/>
  <xsl:include href="unity_people.xsl"/>
  <xsl:output method="xml"/>

  <xsl:key name="room" match="RoomInfo" use="translate(@RefId, 'ABCDEF-', 'abcdef')"/>

  <xsl:key name="assignment" match="StaffSectionAssignment" use="translate(normalize-space(
      concat(SectionInfoRefId, '|', StaffPersonalRefId)), 'ABCDEF-', 'abcdef')"/>

  <xsl:template match="/">
    <record>
      <xsl:apply-templates select="//LEAInfo | //SchoolInfo | //TermInfo | //SchoolCourseInfo
          | //SectionInfo | //StudentPersonal | //StaffPersonal | //StudentContactPersonal
          | //StudentContactRelationship | //StudentSectionEnrollment
          | //StaffSectionAssignment | //CalendarDate"/>
    </record>
  </xsl:template>

  <!-- A code of the traditional list, or a word of xPress that says so. -->
  <func:function name="x:code">
    <xsl:param name="set"/>
    <xsl:param name="word"/>
    <func:result select="x:or(x:meaning($set, 'classic', $word), x:meaning($set, 'xpress', $word))"/>
  </func:function>

  <xsl:template match="LEAInfo">
    <lea id="{x:guid(@RefId)}" local="{LocalId}" state="{StateProvinceId}" nces="{NCESId}"
        name="{LEAName}" above="" kind="{x:code('leacategory', EducationAgencyType/Code)}">
      <xsl:apply-templates select="AddressList/Address | PhoneNumberList/PhoneNumber"/>
    </lea>
  </xsl:template>

  <xsl:template match="SchoolInfo">
    <school id="{x:guid(@RefId)}" local="{LocalId}" state="{StateProvinceId}" nces="{NCESId}"
        name="{SchoolName}" lea="{x:guid(LEAInfoRefId)}" principal="{PrincipalInfo/ContactName}"
        level="{x:code('schoollevel', SchoolType)}" web="{SchoolURL}">
      <xsl:apply-templates select="GradeLevels/GradeLevel"/>
      <xsl:apply-templates select="AddressList/Address | PhoneNumberList/PhoneNumber"/>
    </school>
  </xsl:template>

  <xsl:template match="GradeLevel">
    <grade is="{x:code('grade', Code)}"/>
  </xsl:template>

  <xsl:template match="TermInfo">
    <term id="{x:guid(@RefId)}" school="{x:guid(@SchoolInfoRefId)}"
        year="{substring(@SchoolYear, 1, 4)}" code="{TermCode}" title="{Description}"
        kind="{x:code('sessiontype', TermSpan/Code)}" start="{x:day(StartDate)}"
        end="{x:day(EndDate)}" marking="{x:flag(MarkingTerm)}"
        scheduling="{x:flag(SchedulingTerm)}" outer=""/>
  </xsl:template>

  <xsl:template match="CalendarDate">
    <day school="{x:guid(@SchoolInfoRefId)}" year="{substring(@SchoolYear, 1, 4)}"
        date="{x:day(@Date)}" number="{CalendarDateNumber}"/>
  </xsl:template>

  <xsl:template match="SchoolCourseInfo">
    <course id="{x:guid(@RefId)}" school="{x:guid(@SchoolInfoRefId)}"
        year="{substring(@SchoolYear, 1, 4)}" code="{CourseCode}" district="{DistrictCourseCode}"
        state="{StateCourseCode}" sced="{SCEDCode/CourseDescription}"
        area="{SubjectAreaList/SubjectArea/Code}" title="{CourseTitle}" text="{Description}"
        credits="{CourseCredits}" subject=""/>
  </xsl:template>

  <xsl:template match="SectionInfo">
    <xsl:variable name="id" select="x:guid(@RefId)"/>
    <section id="{$id}" course="{x:guid(@SchoolCourseInfoRefId)}" school="" number="{LocalId}"
        title="{Description}" year="{substring(@SchoolYear, 1, 4)}"
        subject="{SchoolCourseInfoOverride/SubjectArea/Code}">
      <xsl:for-each select="ScheduleInfoList/ScheduleInfo">
        <when term="{x:guid(@TermInfoRefId)}"/>
        <xsl:for-each select="MeetingTimeList/MeetingTime">
          <meeting period="{TimetablePeriod}" room=""/>
        </xsl:for-each>
        <xsl:for-each select="SectionRoomList/RoomInfoRefId">
          <meeting period=""
              room="{key('room', translate(normalize-space(.), 'ABCDEF-', 'abcdef'))/RoomNumber}"/>
        </xsl:for-each>
      </xsl:for-each>
    </section>
    <!-- Teachers of the schedule whom no assignment names. -->
    <xsl:for-each select="ScheduleInfoList/ScheduleInfo/TeacherList/StaffPersonalRefId">
      <xsl:variable name="who" select="x:guid(.)"/>
      <xsl:if test="not(key('assignment', translate(concat($id, '|', $who), '-', '')))">
        <teaching section="{$id}" staff="{$who}" main="yes" record=""/>
      </xsl:if>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="StudentSectionEnrollment">
    <seat id="{x:guid(@RefId)}" section="{x:guid(@SectionInfoRefId)}"
        student="{x:guid(@StudentPersonalRefId)}" start="{x:day(EntryDate)}"
        end="{x:day(ExitDate)}"/>
  </xsl:template>

  <!-- Start and end are points in time: the day that is written counts, in no other zone. -->
  <xsl:template match="StaffSectionAssignment">
    <teaching id="{x:guid(@RefId)}" section="{x:guid(SectionInfoRefId)}"
        staff="{x:guid(StaffPersonalRefId)}" record="{x:flag(TeacherOfRecord)}"
        start="{x:day(AssignmentStartDate)}" end="{x:day(AssignmentEndDate)}"
        percent="{PercentResponsible}">
      <xsl:attribute name="position">
        <xsl:variable name="role"
            select="translate(Roles/Role, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"/>
        <xsl:choose>
          <xsl:when test="contains($role, 'aide') or contains($role, 'para')
              or contains($role, 'assistant')">aide</xsl:when>
          <xsl:when test="contains($role, 'substitute')">substitute</xsl:when>
          <xsl:otherwise>teacher</xsl:otherwise>
        </xsl:choose>
      </xsl:attribute>
      <xsl:if test="x:flag(TeacherOfRecord) != 'false'">
        <xsl:attribute name="main">yes</xsl:attribute>
      </xsl:if>
    </teaching>
  </xsl:template>
</xsl:stylesheet>
