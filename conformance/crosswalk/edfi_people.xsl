<?xml version="1.0" encoding="UTF-8"?>
<!-- Students, contacts and staff in Ed-Fi, and what ties them to organisations and each other. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:func="http://exslt.org/functions" xmlns:x="urn:crosswalk:words"
    extension-element-prefixes="func" exclude-result-prefixes="x">

  <!-- Both names and a day of birth are required. -->
  <func:function name="x:student">
    <xsl:param name="who"/>
    <func:result select="boolean(x:named($who) and $who/@birth != ''
        and string-length(x:unique($who)) &lt;= 32)"/>
  </func:function>

  <xsl:template match="student">
    <row file="students">
      <f p="studentUniqueId" x="XW-079"><xsl:value-of select="x:unique(.)"/></f>
      <xsl:call-template name="names">
        <xsl:with-param name="x-given" select="'XW-086'"/>
        <xsl:with-param name="x-family" select="'XW-085'"/>
      </xsl:call-template>
      <xsl:call-template name="preferred"/>
      <f p="birthDate" x="XW-095"><xsl:value-of select="@birth"/></f>
      <f p="birthCity" x="XW-102"><xsl:value-of select="x:fit(@city, 30)"/></f>
      <f p="birthCountryDescriptor" x="XW-100">
        <xsl:if test="@country != ''">
          <xsl:value-of select="concat('uri://ed-fi.org/CountryDescriptor#', @country)"/>
        </xsl:if>
      </f>
      <f p="birthStateAbbreviationDescriptor" x="XW-101">
        <xsl:if test="string(@stateOfBirth) != ''">
          <xsl:value-of
              select="concat('uri://ed-fi.org/StateAbbreviationDescriptor#', @stateOfBirth)"/>
        </xsl:if>
      </f>
    </row>
    <xsl:apply-templates select="x:stays(.)[@entry != '' and @grade != ''
        and x:school-number(@school) != '']"/>
    <xsl:variable name="lea" select="x:number(key('lea', key('school',
        x:stays(.)[1]/@school)[last()]/@lea)[last()])"/>
    <xsl:if test="$lea != ''">
      <xsl:call-template name="known">
        <xsl:with-param name="lea" select="$lea"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <xsl:template match="stay">
    <row file="studentSchoolAssociations">
      <xsl:variable name="x">
        <xsl:choose>
          <xsl:when test="preceding-sibling::stay">XW-134</xsl:when>
          <xsl:otherwise>XW-133</xsl:otherwise>
        </xsl:choose>
      </xsl:variable>
      <f p="studentReference.studentUniqueId"><xsl:value-of select="x:unique(..)"/></f>
      <f p="schoolReference.schoolId" x="{$x}">
        <xsl:value-of select="x:school-number(@school)"/>
      </f>
      <f p="schoolYearTypeReference.schoolYear" x="XW-138"><xsl:value-of select="@year"/></f>
      <f p="entryDate" x="XW-139"><xsl:value-of select="@entry"/></f>
      <f p="entryGradeLevelDescriptor" x="XW-144">
        <xsl:value-of select="x:say('grade', 'edfi', @grade)"/>
      </f>
      <f p="entryTypeDescriptor" x="XW-141">
        <xsl:value-of select="x:say('entrytype', 'edfi', @in)"/>
      </f>
      <f p="exitWithdrawDate" x="XW-140"><xsl:value-of select="@exit"/></f>
      <f p="exitWithdrawTypeDescriptor" x="XW-142">
        <xsl:value-of select="x:say('exittype', 'edfi', @out)"/>
      </f>
      <f p="primarySchool" x="XW-135">
        <xsl:if test="@membership != ''"><xsl:value-of select="@membership = 'Home'"/></xsl:if>
      </f>
      <f p="enrollmentTypeDescriptor" x="XW-135">
        <xsl:value-of select="x:say('membership', 'edfi', @membership)"/>
        <xsl:if test="translate(@entry, '-', '') > translate($on, '-', '')">
          <or><xsl:value-of select="x:say('membership', 'edfi', 'Preregistered')"/></or>
        </xsl:if>
      </f>
      <f p="classOfSchoolYearTypeReference.schoolYear" x="XW-117">
        <xsl:value-of select="x:or(@graduation, ../@graduation)"/>
        <xsl:if test="@graduation = '' and x:past(., $on)"><or/></xsl:if>
      </f>
      <f p="residencyStatusDescriptor" x="XW-103">
        <xsl:value-of select="x:say('residency', 'edfi', @residency)"/>
      </f>
      <f p="fullTimeEquivalency" x="XW-148"><xsl:value-of select="@fte"/></f>
      <f p="calendarReference.calendarCode" x="XW-149"><xsl:value-of select="@calendar"/></f>
    </row>
    <xsl:if test="@answers != ''">
      <row file="studentEducationOrganizationResponsibilityAssociations">
        <f p="studentReference.studentUniqueId" x="XW-136">
          <xsl:value-of select="x:unique(..)"/>
        </f>
        <f p="educationOrganizationReference.educationOrganizationId" x="XW-136">
          <xsl:value-of select="x:school-number(@school)"/>
        </f>
        <f p="responsibilityDescriptor" x="XW-136">
          <xsl:value-of select="x:say('responsibility', 'edfi', @answers)"/>
        </f>
        <f p="beginDate" x="XW-139"><xsl:value-of select="@entry"/></f>
        <f p="endDate" x="XW-140"><xsl:value-of select="@exit"/></f>
      </row>
    </xsl:if>
  </xsl:template>

  <!-- What the district knows of a student. -->
  <xsl:template name="known">
    <xsl:param name="lea"/>
    <row file="studentEducationOrganizationAssociations">
      <f p="studentReference.studentUniqueId" x="XW-150"><xsl:value-of select="x:unique(.)"/></f>
      <f p="educationOrganizationReference.educationOrganizationId" x="XW-150">
        <xsl:value-of select="$lea"/>
      </f>
      <f p="sexDescriptor" x="XW-096"><xsl:value-of select="x:say('sex', 'edfi', @sex)"/></f>
      <f p="hispanicLatinoEthnicity" x="XW-099"><xsl:value-of select="@hispanic"/></f>
      <xsl:for-each select="x:races(.)">
        <f p="races.raceDescriptor" x="XW-097">
          <xsl:value-of select="x:say('race', 'edfi', @is)"/>
        </f>
      </xsl:for-each>
      <f p="limitedEnglishProficiencyDescriptor" x="XW-105">
        <xsl:value-of select="x:say('lep', 'edfi', @english)"/>
      </f>
      <f p="loginId" x="XW-083"><xsl:value-of select="x:fit(@login, 60)"/></f>
      <xsl:call-template name="characteristics"/>
      <xsl:apply-templates select="language"/>
      <xsl:call-template name="student-codes">
        <xsl:with-param name="lea" select="$lea"/>
      </xsl:call-template>
      <xsl:apply-templates select="address" mode="edfi"/>
      <xsl:call-template name="telephones"/>
      <xsl:call-template name="mails">
        <xsl:with-param name="x-kind" select="'XW-116'"/>
      </xsl:call-template>
    </row>
  </xsl:template>

  <!-- Only a yes is written. They are off unless granted, so one may be missing. -->
  <xsl:template name="characteristics">
    <xsl:variable name="at" select="'studentCharacteristics.studentCharacteristicDescriptor'"/>
    <xsl:variable name="uri" select="'uri://ed-fi.org/StudentCharacteristicDescriptor#'"/>
    <xsl:if test="@poor = 'true'">
      <f p="{$at}" x="XW-123"><xsl:value-of select="$uri"/>Economic Disadvantaged<or/></f>
    </xsl:if>
    <xsl:if test="@homeless = 'true'">
      <f p="{$at}" x="XW-124"><xsl:value-of select="$uri"/>Homeless<or/></f>
    </xsl:if>
    <xsl:if test="@immigrant = 'true'">
      <f p="{$at}" x="XW-126"><xsl:value-of select="$uri"/>Immigrant<or/></f>
    </xsl:if>
    <xsl:if test="@military = 'true'">
      <f p="{$at}" x=""><xsl:value-of select="$uri"/>Parent in Military<or/></f>
    </xsl:if>
  </xsl:template>

  <!-- A language with its uses has a place of its own in the list. -->
  <xsl:template match="language">
    <xsl:variable name="code"
        select="x:or(x:meaning('language', 'xpress', @code), x:meaning('language', 'classic', @code))"/>
    <xsl:variable name="uri" select="x:say('language', 'edfi', $code)"/>
    <xsl:variable name="uses" select="../language[@code = current()/@code and @use != '']"/>
    <xsl:if test="$uri != ''">
      <xsl:variable name="at">
        <xsl:text>languages</xsl:text>
        <xsl:if test="$uses">[<xsl:value-of select="x:short($uri)"/>]</xsl:if>
      </xsl:variable>
      <f p="{$at}.languageDescriptor" x="XW-106"><xsl:value-of select="$uri"/></f>
      <f p="{$at}.uses.languageUseDescriptor" x="XW-107">
        <xsl:value-of select="x:say('languageuse', 'edfi', @use)"/>
      </f>
    </xsl:if>
  </xsl:template>

  <!-- Ed-Fi asks who assigned a number: all come by way of the district. Never one of SSN. -->
  <xsl:template name="student-codes">
    <xsl:param name="lea"/>
    <xsl:call-template name="student-code">
      <xsl:with-param name="lea" select="$lea"/>
      <xsl:with-param name="kind" select="'Local'"/>
      <xsl:with-param name="value" select="@local"/>
      <xsl:with-param name="x" select="'XW-079'"/>
    </xsl:call-template>
    <xsl:call-template name="student-code">
      <xsl:with-param name="lea" select="$lea"/>
      <xsl:with-param name="kind" select="'State'"/>
      <xsl:with-param name="value" select="@state"/>
      <xsl:with-param name="x" select="'XW-080'"/>
    </xsl:call-template>
    <xsl:for-each select="other[@kind != 'SSN' and @kind != '']">
      <xsl:variable name="word" select="x:say('idsystem', 'edfi', @kind)"/>
      <xsl:call-template name="student-code">
        <xsl:with-param name="lea" select="$lea"/>
        <xsl:with-param name="kind" select="@kind"/>
        <xsl:with-param name="value" select="@value"/>
        <xsl:with-param name="x" select="'XW-081'"/>
        <xsl:with-param name="first" select="not(preceding-sibling::other[
            x:say('idsystem', 'edfi', @kind) = $word])
            and not($word = x:say('idsystem', 'edfi', 'State') and ../@state != '')"/>
      </xsl:call-template>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="student-code">
    <xsl:param name="lea"/>
    <xsl:param name="kind"/>
    <xsl:param name="value"/>
    <xsl:param name="x"/>
    <xsl:param name="first" select="true()"/>
    <xsl:variable name="word" select="x:short(x:say('idsystem', 'edfi', $kind))"/>
    <xsl:call-template name="code">
      <xsl:with-param name="list" select="'studentIdentificationCodes'"/>
      <xsl:with-param name="system" select="'studentIdentificationSystem'"/>
      <xsl:with-param name="word" select="$word"/>
      <xsl:with-param name="value" select="$value"/>
      <xsl:with-param name="x" select="$x"/>
      <xsl:with-param name="first" select="$first"/>
    </xsl:call-template>
    <xsl:if test="$value != '' and $word != ''">
      <f p="studentIdentificationCodes[{$word}].assigningOrganizationIdentificationCode" x="{$x}">
        <xsl:value-of select="$lea"/>
      </f>
    </xsl:if>
  </xsl:template>

  <xsl:template match="contact">
    <row file="contacts">
      <f p="contactUniqueId" x="XW-186"><xsl:value-of select="x:unique(.)"/></f>
      <xsl:call-template name="names">
        <xsl:with-param name="x-given" select="'XW-188'"/>
        <xsl:with-param name="x-family" select="'XW-187'"/>
        <xsl:with-param name="x-middle" select="''"/>
        <xsl:with-param name="x-prefix" select="''"/>
        <xsl:with-param name="x-suffix" select="''"/>
      </xsl:call-template>
      <xsl:call-template name="preferred">
        <xsl:with-param name="x-given" select="''"/>
        <xsl:with-param name="x-family" select="''"/>
      </xsl:call-template>
      <f p="sexDescriptor"><xsl:value-of select="x:say('sex', 'edfi', @sex)"/></f>
      <f p="loginId"><xsl:value-of select="x:fit(@login, 60)"/></f>
      <xsl:apply-templates select="address" mode="edfi">
        <xsl:with-param name="x" select="'XW-192 XW-192 XW-192 XW-192 XW-192 XW-192'"/>
      </xsl:apply-templates>
      <xsl:call-template name="telephones">
        <xsl:with-param name="x" select="'XW-189'"/>
      </xsl:call-template>
      <xsl:call-template name="mails">
        <xsl:with-param name="x" select="'XW-191'"/>
      </xsl:call-template>
    </row>
  </xsl:template>

  <!-- Whether a tie may be told: both are known, and nothing forbids it. -->
  <func:function name="x:told">
    <xsl:param name="tie"/>
    <func:result select="not(x:withheld($tie)) and x:student(key('student', $tie/@student)[last()])
        and x:named(key('contact', $tie/@contact)[last()])"/>
  </func:function>

  <!-- The relation is kept per child. -->
  <xsl:template match="tie">
    <row file="studentContactAssociations">
      <f p="studentReference.studentUniqueId" x="XW-193">
        <xsl:value-of select="x:unique(key('student', @student)[last()])"/>
      </f>
      <f p="contactReference.contactUniqueId" x="XW-131">
        <xsl:value-of select="x:unique(key('contact', @contact)[last()])"/>
      </f>
      <f p="relationDescriptor" x="XW-194">
        <xsl:value-of select="x:say('relationship', 'edfi', @is)"/>
      </f>
      <f p="contactPriority" x="XW-200"><xsl:value-of select="@order"/></f>
      <f p="primaryContactStatus" x="XW-199"><xsl:value-of select="@primary"/></f>
      <f p="emergencyContactStatus" x="XW-198"><xsl:value-of select="@emergency"/></f>
      <f p="livesWith" x="XW-197"><xsl:value-of select="@lives"/></f>
      <f p="legalGuardian" x="XW-195"><xsl:value-of select="@guardian"/></f>
    </row>
  </xsl:template>

  <xsl:template match="staff">
    <row file="staffs">
      <f p="staffUniqueId" x="XW-161"><xsl:value-of select="x:unique(.)"/></f>
      <xsl:call-template name="names">
        <xsl:with-param name="x-given" select="'XW-164'"/>
        <xsl:with-param name="x-family" select="'XW-163'"/>
        <xsl:with-param name="x-middle" select="'XW-165'"/>
        <xsl:with-param name="x-prefix" select="'XW-166'"/>
        <xsl:with-param name="x-suffix" select="''"/>
      </xsl:call-template>
      <f p="sexDescriptor" x="XW-167"><xsl:value-of select="x:say('sex', 'edfi', @sex)"/></f>
      <f p="loginId" x="XW-169"><xsl:value-of select="x:fit(@login, 60)"/></f>
      <xsl:call-template name="mails">
        <xsl:with-param name="x" select="'XW-168'"/>
      </xsl:call-template>
      <xsl:call-template name="code">
        <xsl:with-param name="system" select="'staffIdentificationSystem'"/>
        <xsl:with-param name="word" select="'State'"/>
        <xsl:with-param name="value" select="@state"/>
        <xsl:with-param name="x" select="'XW-162'"/>
      </xsl:call-template>
    </row>
    <xsl:apply-templates select="post"/>
  </xsl:template>

  <xsl:template match="post">
    <xsl:variable name="place"
        select="x:or(x:school-number(@school), x:number(key('lea', @lea)[last()]))"/>
    <xsl:variable name="kind" select="x:say('staffrole', 'edfi', @job)"/>
    <xsl:if test="$place != '' and $kind != ''">
      <row file="staffEducationOrganizationAssignmentAssociations">
        <xsl:variable name="x">
          <xsl:choose>
            <xsl:when test="preceding-sibling::post">XW-172</xsl:when>
            <xsl:otherwise>XW-171</xsl:otherwise>
          </xsl:choose>
        </xsl:variable>
        <f p="staffReference.staffUniqueId"><xsl:value-of select="x:unique(..)"/></f>
        <f p="educationOrganizationReference.educationOrganizationId" x="{$x}">
          <xsl:value-of select="$place"/>
        </f>
        <f p="staffClassificationDescriptor" x="XW-174"><xsl:value-of select="$kind"/></f>
        <f p="beginDate" x="XW-175">
          <xsl:variable name="year">
            <xsl:for-each select="../../term"><xsl:sort select="@start"/>
              <xsl:if test="position() = 1"><xsl:value-of select="@start"/></xsl:if>
            </xsl:for-each>
          </xsl:variable>
          <xsl:value-of select="x:or(@start, $year)"/>
          <xsl:if test="string(@start) = ''"><or>*</or></xsl:if>
        </f>
        <f p="endDate" x="XW-176"><xsl:value-of select="@end"/></f>
        <f p="orderOfAssignment" x="XW-173">
          <xsl:choose>
            <xsl:when test="@primary = 'true'">1</xsl:when>
            <xsl:otherwise>2<xsl:if test="@primary = ''"><or>*</or><or/></xsl:if></xsl:otherwise>
          </xsl:choose>
        </f>
        <f p="positionTitle" x="XW-170"><xsl:value-of select="../@title"/></f>
        <!-- No row of the crosswalk tells what share of a post somebody holds. -->
        <f p="fullTimeEquivalency"><xsl:value-of select="@fte"/><or/></f>
      </row>
    </xsl:if>
    <xsl:if test="x:school-number(@school) != ''">
      <row file="staffSchoolAssociations">
        <f p="staffReference.staffUniqueId"><xsl:value-of select="x:unique(..)"/></f>
        <f p="schoolReference.schoolId">
          <xsl:value-of select="x:school-number(@school)"/>
        </f>
        <f p="schoolYearTypeReference.schoolYear"><xsl:value-of select="@year"/><or/></f>
        <xsl:for-each select="grade[@is != '']">
          <f p="gradeLevels.gradeLevelDescriptor">
            <xsl:value-of select="x:say('grade', 'edfi', @is)"/><or/>
          </f>
        </xsl:for-each>
      </row>
    </xsl:if>
  </xsl:template>
</xsl:stylesheet>
