<?xml version="1.0" encoding="UTF-8"?>
<!-- Classic students, contacts and staff with what other objects say of them. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:x="urn:crosswalk:words" exclude-result-prefixes="x">

  <xsl:key name="enrolled" match="StudentSchoolEnrollment"
      use="translate(@StudentPersonalRefId, 'ABCDEF-', 'abcdef')"/>
  <xsl:key name="assigned" match="StaffAssignment"
      use="translate(@StaffPersonalRefId, 'ABCDEF-', 'abcdef')"/>

  <xsl:template match="StudentPersonal">
    <student id="{x:guid(@RefId)}" local="{LocalId}" state="{StateProvinceId}" login=""
        birth="{x:day(Demographics/BirthDate)}" sex="{x:code('sex', Demographics/Gender)}"
        hispanic="{x:flag(Demographics/HispanicLatino)}" country="{Demographics/CountryOfBirth}"
        stateOfBirth="{Demographics/StateOfBirth}" city="{Demographics/PlaceOfBirth}"
        english="{x:code('lep', Demographics/EnglishProficiency/Code)}"
        graduation="{substring(ProjectedGraduationYear, 1, 4)}" gifted="{x:flag(GiftedTalented)}"
        idea="{x:flag(IDEA)}" s504="{x:flag(Section504)}" ell="{x:flag(ELL)}"
        poor="{x:flag(EconomicDisadvantage)}" homeless="{x:flag(Homeless)}"
        immigrant="{x:flag(Immigrant)}"
        military="{x:flag(Demographics/MilitaryConnectedStudent)}">
      <xsl:call-template name="person"/>
      <xsl:for-each select="Demographics/RaceList/Race">
        <race is="{x:code('race', Code)}"/>
      </xsl:for-each>
      <xsl:for-each select="Demographics/LanguageList/Language">
        <language code="{Code}" use="{x:code('languageuse', LanguageType)}"/>
      </xsl:for-each>
      <xsl:for-each select="key('enrolled', translate(@RefId, 'ABCDEF-', 'abcdef'))">
        <!-- The home school first; one that was left after one that was not. -->
        <xsl:sort data-type="number" select="2 * not(@MembershipType = 'Home')
            + boolean(@MembershipType = 'Home' and string(ExitDate) != '')"/>
        <stay id="{x:guid(@RefId)}" school="{x:guid(@SchoolInfoRefId)}"
            membership="{x:code('membership', @MembershipType)}" entry="{x:day(EntryDate)}"
            exit="{x:day(ExitDate)}" in="{x:code('entrytype', EntryType/Code)}"
            out="{x:code('exittype', ExitType/Code)}" grade="{x:code('grade', GradeLevel/Code)}"
            residency="{x:code('residency', ResidencyStatus/Code)}"
            year="{substring(@SchoolYear, 1, 4)}" frame="{@TimeFrame}" graduation=""
            fte="{FTE}" calendar="{Calendar}"
            answers="{x:code('responsibility', ResponsableSchoolList/ResponsableSchool/Type)}"/>
      </xsl:for-each>
    </student>
  </xsl:template>

  <xsl:template match="StaffPersonal">
    <staff id="{x:guid(@RefId)}" local="{LocalId}" state="{StateProvinceId}" login=""
        sex="{x:code('sex', Demographics/Gender)}" title="{Title}">
      <xsl:call-template name="person"/>
      <xsl:for-each select="key('assigned', translate(@RefId, 'ABCDEF-', 'abcdef'))">
        <xsl:sort data-type="number" select="number(not(PrimaryAssignment = 'Yes'))"/>
        <post id="{x:guid(@RefId)}" school="{x:guid(@SchoolInfoRefId)}" lea=""
            job="{x:or(x:code('staffrole', JobFunction/Code), x:code('staffrole',
                JobFunction/OtherCodeList/OtherCode[@Codeset = 'Text']))}"
            primary="{x:flag(PrimaryAssignment)}" start="{x:day(JobStartDate)}"
            end="{x:day(JobEndDate)}" year="{substring(@SchoolYear, 1, 4)}" fte="{JobFTE}">
          <xsl:apply-templates select="GradeLevels/GradeLevel"/>
        </post>
      </xsl:for-each>
    </staff>
  </xsl:template>

  <xsl:template match="StudentContactPersonal">
    <contact id="{x:guid(@RefId)}" login="" local="{PersonInfo/LocalId}"
        sex="{x:code('sex', PersonInfo/Demographics/Gender)}">
      <xsl:for-each select="PersonInfo"><xsl:call-template name="person"/></xsl:for-each>
    </contact>
  </xsl:template>

  <!-- Restrictions have no element here; where an extension tells them they are heeded. -->
  <xsl:template match="StudentContactRelationship">
    <tie contact="{x:guid(@StudentContactPersonalRefId)}"
        student="{x:guid(@StudentPersonalRefId)}" is="{x:code('relationship', Relationship/Code)}"
        custody="{x:flag(ContactFlags/HasCustody)}" told="{x:flag(ContactFlags/AccessToRecords)}"
        restrictions="{SIF_ExtendedElements/SIF_ExtendedElement[@Name = 'ContactRestrictions']}"
        lives="{x:flag(ContactFlags/LivesWith)}"
        emergency="{x:flag(ContactFlags/EmergencyContact)}"
        guardian="{x:flag(ContactFlags/ParentLegalGuardian)}" order="{ContactSequence}"/>
  </xsl:template>

  <!-- Former names are taken along nowhere. -->
  <xsl:template name="person">
    <name given="{Name/FirstName}" family="{Name/LastName}" middle="{Name/MiddleName}"
        prefix="{Name/Prefix}" suffix="{Name/Suffix}"/>
    <preferred given="{Name/PreferredName}" family=""/>
    <xsl:apply-templates select="OtherIdList/OtherId | PhoneNumberList/PhoneNumber
        | EmailList/Email | AddressList/Address"/>
  </xsl:template>

  <xsl:template match="OtherId">
    <other kind="{x:code('idsystem', @Type)}" word="{@Type}" value="{.}"/>
  </xsl:template>

  <xsl:template match="PhoneNumber">
    <phone kind="{x:code('phonetype', @Type)}" number="{Number}" primary=""/>
  </xsl:template>

  <xsl:template match="Email">
    <mail kind="{x:code('emailtype', @Type)}" address="{.}" main="{@Type = 'Primary'}"/>
  </xsl:template>

  <xsl:template match="Address">
    <address kind="{x:code('addresstype', @Type)}" line="{Street/Line1}" room="{Street/Line2}"
        city="{City}" state="{StateProvince}" zip="{PostalCode}"/>
  </xsl:template>
</xsl:stylesheet>
