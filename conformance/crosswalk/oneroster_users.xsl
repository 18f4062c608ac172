<?xml version="1.0" encoding="UTF-8"?>
<!-- Students, contacts and staff as OneRoster users with their roles and demographics. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:func="http://exslt.org/functions" xmlns:x="urn:crosswalk:words"
    xmlns:m="urn:crosswalk:mint" extension-element-prefixes="func" exclude-result-prefixes="x m">

  <!-- Both names and something to sign in with are required; nothing is made up for them. -->
  <func:function name="x:user">
    <xsl:param name="who"/>
    <func:result select="boolean($who/name/@given != '' and $who/name/@family != ''
        and x:login($who) != '')"/>
  </func:function>

  <func:function name="x:student">
    <xsl:param name="who"/>
    <func:result select="boolean(x:user($who) and x:stays($who))"/>
  </func:function>

  <!-- The role that a tie gives; blank when it may not be told or has none. -->
  <func:function name="x:tie">
    <xsl:param name="tie"/>
    <xsl:choose>
      <xsl:when test="not(x:withheld($tie)) and x:student(key('student', $tie/@student)[last()])">
        <func:result select="x:say('relationship', 'oneroster', $tie/@is)"/>
      </xsl:when>
      <xsl:otherwise><func:result select="''"/></xsl:otherwise>
    </xsl:choose>
  </func:function>

  <func:function name="x:contact">
    <xsl:param name="who"/>
    <func:result select="x:user($who)
        and boolean(key('tie-of-contact', $who/@id)[x:tie(.) != ''])"/>
  </func:function>

  <!-- The role of a post; of an administrator SIF does not say which one: at a school its own. -->
  <func:function name="x:job">
    <xsl:param name="post"/>
    <xsl:variable name="word" select="x:say('staffrole', concat('oneroster', $version), $post/@job)"/>
    <xsl:choose>
      <xsl:when test="$post/@school = '' and $post/@lea = ''"><func:result select="''"/></xsl:when>
      <xsl:when test="starts-with($word, 'ext:') and not(x:declared($word))">
        <func:result select="''"/>
      </xsl:when>
      <xsl:when test="not(contains($word, '|'))"><func:result select="$word"/></xsl:when>
      <xsl:when test="$post/@school != ''"><func:result select="'siteAdministrator'"/></xsl:when>
      <xsl:otherwise><func:result select="'districtAdministrator'"/></xsl:otherwise>
    </xsl:choose>
  </func:function>

  <func:function name="x:declared">
    <xsl:param name="word"/>
    <func:result select="contains(concat(' ', $extensions, ' '), concat(' ', $word, ' '))"/>
  </func:function>

  <func:function name="x:staff">
    <xsl:param name="who"/>
    <func:result select="x:user($who) and boolean($who/post[x:job(.) != ''])"/>
  </func:function>

  <xsl:template match="student">
    <xsl:variable name="stays" select="x:stays(.)"/>
    <row file="users">
      <f p="sourcedId" x="XW-078"><xsl:value-of select="@id"/></f>
      <f p="enabledUser" x="XW-129">
        <xsl:value-of select="boolean($stays[x:lasts(., $on)])"/>
        <!-- False only by a rule of the district, says the crosswalk. -->
        <xsl:if test="not($stays[x:lasts(., $on)])"><or>true</or></xsl:if>
      </f>
      <xsl:call-template name="identity"/>
      <f p="grades" x="XW-144">
        <xsl:value-of select="x:grade-list($stays)"/>
        <or><xsl:value-of select="x:grade-list($stays[not(x:past(., $on))])"/></or>
      </f>
      <xsl:for-each select="key('tie-of-student', @id)[x:tie(.) != ''
          and x:user(key('contact', @contact)[last()])]">
        <f p="agentSourcedIds" x="XW-131"><xsl:value-of select="@contact"/></f>
      </xsl:for-each>
      <f p="metadata.graduationYear" x="XW-117">
        <xsl:value-of select="x:or(@graduation, $stays[1]/@graduation)"/><or/>
      </f>
      <xsl:call-template name="places">
        <xsl:with-param name="first" select="$stays[1]/@school"/>
        <xsl:with-param name="all" select="$stays/@school"/>
        <xsl:with-param name="role" select="'student'"/>
        <xsl:with-param name="x" select="'XW-133'"/>
      </xsl:call-template>
    </row>
    <xsl:if test="$version != '1.1'">
      <xsl:for-each select="$stays"><xsl:call-template name="stay"/></xsl:for-each>
    </xsl:if>
    <xsl:call-template name="demographics"/>
  </xsl:template>

  <!-- Grades in the order of the stays, each once. -->
  <func:function name="x:grade-list">
    <xsl:param name="stays"/>
    <xsl:variable name="list">
      <xsl:for-each select="$stays[@grade != '']">
        <xsl:variable name="before" select="preceding-sibling::stay[count(. | $stays) = count($stays)]"/>
        <xsl:if test="not(@grade = $before/@grade)">
          <xsl:if test="position() > 1">,</xsl:if>
          <xsl:value-of select="x:say('grade', 'oneroster', @grade)"/>
        </xsl:if>
      </xsl:for-each>
    </xsl:variable>
    <func:result select="string($list)"/>
  </func:function>

  <!-- A second stay at a school is its secondary role: OneRoster ranks roles inside one place. -->
  <xsl:template name="stay">
    <xsl:variable name="minted" select="m:mint('role', string(../@id), string(@school),
        string(@entry), string(@membership))"/>
    <xsl:variable name="past"><xsl:if test="x:past(., $on)"><or/></xsl:if></xsl:variable>
    <row file="roles">
      <f p="sourcedId" x="XW-132">
        <xsl:value-of select="x:or(@id[not(. = ../preceding-sibling::stay/@id)], $minted)"/>
        <or>*</or><or/>
      </f>
      <xsl:variable name="x">
        <xsl:choose>
          <xsl:when test="preceding-sibling::stay">XW-134</xsl:when>
          <xsl:otherwise>XW-133</xsl:otherwise>
        </xsl:choose>
      </xsl:variable>
      <f p="userSourcedId"><xsl:value-of select="../@id"/><xsl:copy-of select="$past"/></f>
      <f p="orgSourcedId" x="{$x}">
        <xsl:value-of select="@school"/><xsl:copy-of select="$past"/>
      </f>
      <f p="role">student<xsl:copy-of select="$past"/></f>
      <f p="roleType" x="XW-135">
        <xsl:choose>
          <xsl:when test="@school = preceding-sibling::stay/@school">secondary</xsl:when>
          <xsl:otherwise>primary</xsl:otherwise>
        </xsl:choose>
        <xsl:copy-of select="$past"/>
      </f>
      <f p="beginDate" x="XW-139"><xsl:value-of select="@entry"/><xsl:copy-of select="$past"/></f>
      <f p="endDate" x="XW-140">
        <xsl:value-of select="x:day-after(@exit)"/><xsl:copy-of select="$past"/>
      </f>
    </row>
  </xsl:template>

  <!-- 1.1 has the role and the places on the user; 1.2 the first place, the rest in roles. -->
  <xsl:template name="places">
    <xsl:param name="first"/>
    <xsl:param name="all"/>
    <xsl:param name="role"/>
    <xsl:param name="x"/>
    <xsl:choose>
      <xsl:when test="$version = '1.1'">
        <f p="role" x="{$x}"><xsl:value-of select="$role"/></f>
        <xsl:for-each select="$all[. != '']">
          <f p="orgSourcedIds" x="{$x}">
            <xsl:value-of select="."/>
            <xsl:if test="parent::stay and x:past(.., $on)"><or/></xsl:if>
          </f>
        </xsl:for-each>
      </xsl:when>
      <xsl:otherwise>
        <f p="primaryOrgSourcedId" x="{$x}"><xsl:value-of select="$first"/></f>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- The row of the crosswalk by kind of person. -->
  <func:function name="x:row">
    <xsl:param name="who"/>
    <xsl:param name="student"/>
    <xsl:param name="staff"/>
    <xsl:param name="contact"/>
    <xsl:choose>
      <xsl:when test="name($who) = 'staff'"><func:result select="$staff"/></xsl:when>
      <xsl:when test="name($who) = 'contact'"><func:result select="$contact"/></xsl:when>
      <xsl:otherwise><func:result select="$student"/></xsl:otherwise>
    </xsl:choose>
  </func:function>

  <!-- What users have in common. -->
  <xsl:template name="identity">
    <f p="username" x="{x:row(., 'XW-083', 'XW-169', '')}">
      <xsl:value-of select="x:login(.)"/>
      <xsl:if test="@login = ''">
        <xsl:for-each select="mail/@address | @local | @state"><or><xsl:value-of select="."/></or>
        </xsl:for-each>
      </xsl:if>
    </f>
    <f p="givenName" x="{x:row(., 'XW-086', 'XW-164', 'XW-188')}"><xsl:value-of select="name/@given"/></f>
    <f p="familyName" x="{x:row(., 'XW-085', 'XW-163', 'XW-187')}"><xsl:value-of select="name/@family"/></f>
    <f p="middleName" x="{x:row(., 'XW-087', 'XW-165', '')}"><xsl:value-of select="name/@middle"/></f>
    <f p="identifier" x="{x:row(., 'XW-079', 'XW-161', 'XW-186')}">
      <xsl:value-of select="@local"/>
      <xsl:if test="@local != ''"><or><xsl:value-of select="@state"/></or><or/></xsl:if>
    </f>
    <xsl:if test="@local != ''">
      <f p="userIds" x="{x:row(., 'XW-079', 'XW-161', 'XW-186')}"><xsl:value-of select="concat('SIS:', @local)"/></f>
    </xsl:if>
    <xsl:if test="@state != ''">
      <f p="userIds" x="{x:row(., 'XW-080', 'XW-162', '')}"><xsl:value-of select="concat('State:', @state)"/></f>
    </xsl:if>
    <!-- Only kinds with a word of OneRoster leave: never a social security number. -->
    <xsl:for-each select="other[@value != '' and x:say('idsystem', 'oneroster', @kind) != '']">
      <f p="userIds" x="{x:row(.., 'XW-081', '', '')}">
        <xsl:value-of select="concat(x:say('idsystem', 'oneroster', @kind), ':', @value)"/>
      </f>
    </xsl:for-each>
    <f p="email" x="{x:row(., 'XW-115', 'XW-168', 'XW-191')}">
      <xsl:value-of select="x:mails(.)[1]/@address"/>
      <xsl:for-each select="x:mails(.)[position() > 1]">
        <or><xsl:value-of select="@address"/></or>
      </xsl:for-each>
    </f>
    <f p="phone" x="{x:row(., 'XW-113', '', 'XW-189')}">
      <xsl:value-of select="x:phones(.)[1]/@number"/>
      <xsl:for-each select="x:phones(.)[position() > 1]">
        <or><xsl:value-of select="@number"/></or>
      </xsl:for-each>
    </f>
    <xsl:variable name="mobile" select="x:mobiles(.)"/>
    <f p="sms" x="{x:row(., 'XW-114', '', 'XW-189')}">
      <xsl:value-of select="x:or($mobile[@primary = 'true'][1]/@number, $mobile[1]/@number)"/>
      <xsl:for-each select="$mobile"><or><xsl:value-of select="@number"/></or></xsl:for-each>
    </f>
    <xsl:variable name="where"><xsl:if test="$version = '1.1'">metadata.</xsl:if></xsl:variable>
    <xsl:variable name="given" select="string(preferred/@given)"/>
    <xsl:if test="self::student and $version = '1.1'">
      <f p="metadata.preferredFirstName" x="XW-091"><xsl:value-of select="$given"/><or/></f>
      <f p="metadata.preferredLastName" x="XW-092">
        <xsl:value-of select="preferred/@family"/><or/>
      </f>
    </xsl:if>
    <xsl:if test="self::student and $version != '1.1'">
      <f p="preferredGivenName" x="XW-091"><xsl:value-of select="$given"/></f>
      <f p="preferredFamilyName" x="XW-092"><xsl:value-of select="preferred/@family"/></f>
    </xsl:if>
  </xsl:template>

  <!-- A contact is linked from both sides; that of a child who is left out is not told. -->
  <xsl:template match="contact">
    <xsl:variable name="ties" select="key('tie-of-contact', @id)[x:tie(.) != '']"/>
    <xsl:variable name="children" select="key('student', $ties/@student)[x:last(.)]"/>
    <row file="users">
      <f p="sourcedId" x="XW-185"><xsl:value-of select="@id"/></f>
      <f p="enabledUser" x="XW-129">
        <xsl:value-of select="boolean($children/stay[x:lasts(., $on)])"/>
        <xsl:if test="not($children/stay[x:lasts(., $on)])"><or>true</or></xsl:if>
      </f>
      <xsl:call-template name="identity"/>
      <xsl:for-each select="$ties">
        <f p="agentSourcedIds" x="XW-193"><xsl:value-of select="@student"/></f>
      </xsl:for-each>
      <xsl:if test="$version = '1.1'">
        <f p="role" x="XW-194">
          <xsl:value-of select="x:tie($ties[1])"/>
          <xsl:for-each select="$ties"><or><xsl:value-of select="x:tie(.)"/></or></xsl:for-each>
        </f>
        <xsl:for-each select="$children">
          <f p="orgSourcedIds" x="XW-194"><xsl:value-of select="x:stays(.)[1]/@school"/></f>
        </xsl:for-each>
      </xsl:if>
    </row>
    <xsl:if test="$version != '1.1'">
      <xsl:for-each select="$ties"><xsl:call-template name="kin"/></xsl:for-each>
    </xsl:if>
  </xsl:template>

  <!-- One role per kind and school; OneRoster does not say to which child. -->
  <xsl:template name="kin">
    <xsl:variable name="org" select="x:stays(key('student', @student)[last()])[1]/@school"/>
    <xsl:variable name="role" select="x:tie(.)"/>
    <row file="roles">
      <f p="sourcedId">
        <xsl:value-of select="m:mint('role', string(@contact), string($org), $role)"/>
        <or>*</or><or/>
      </f>
      <f p="userSourcedId"><xsl:value-of select="@contact"/></f>
      <f p="orgSourcedId"><xsl:value-of select="$org"/></f>
      <f p="role" x="XW-194"><xsl:value-of select="$role"/></f>
      <f p="roleType">primary<or>secondary</or></f>
    </row>
  </xsl:template>

  <xsl:template match="staff">
    <xsl:variable name="posts" select="post[x:job(.) != '']"/>
    <row file="users">
      <f p="sourcedId" x="XW-160"><xsl:value-of select="@id"/></f>
      <f p="enabledUser" x="XW-129">true</f>
      <xsl:call-template name="identity"/>
      <xsl:call-template name="places">
        <xsl:with-param name="first" select="x:or($posts[1]/@school, $posts[1]/@lea)"/>
        <xsl:with-param name="all" select="$posts/@school | $posts[@school = '']/@lea"/>
        <xsl:with-param name="role" select="x:job($posts[1])"/>
        <xsl:with-param name="x" select="'XW-171'"/>
      </xsl:call-template>
    </row>
    <xsl:if test="$version != '1.1'">
      <xsl:for-each select="$posts"><xsl:call-template name="post"/></xsl:for-each>
    </xsl:if>
  </xsl:template>

  <xsl:template name="post">
    <xsl:variable name="org" select="x:or(@school, @lea)"/>
    <row file="roles">
      <f p="sourcedId">
        <xsl:value-of select="x:or(@id, m:mint('role', string(../@id), string($org), x:job(.)))"/>
        <or>*</or><or/>
      </f>
      <xsl:variable name="x">
        <xsl:choose>
          <xsl:when test="preceding-sibling::post">XW-172</xsl:when>
          <xsl:otherwise>XW-171</xsl:otherwise>
        </xsl:choose>
      </xsl:variable>
      <f p="userSourcedId"><xsl:value-of select="../@id"/></f>
      <f p="orgSourcedId" x="{$x}"><xsl:value-of select="$org"/></f>
      <f p="role" x="XW-174"><xsl:value-of select="x:job(.)"/></f>
      <f p="roleType" x="XW-173">
        <xsl:choose>
          <xsl:when test="preceding-sibling::post[x:job(.) != ''
              and x:or(@school, @lea) = $org]">secondary</xsl:when>
          <xsl:otherwise>primary</xsl:otherwise>
        </xsl:choose>
      </f>
      <f p="beginDate" x="XW-175"><xsl:value-of select="@start"/></f>
      <f p="endDate" x="XW-176"><xsl:value-of select="x:day-after(@end)"/></f>
    </row>
  </xsl:template>

  <xsl:template name="demographics">
    <row file="demographics">
      <f p="sourcedId" x="XW-078">
        <xsl:value-of select="@id"/>
        <!-- Without a fact about the student the row may be left out. -->
        <xsl:if test="not(race) and concat(@birth, @sex, @hispanic, @country, @stateOfBirth, @city) = ''"><or/></xsl:if>
      </f>
      <f p="birthDate" x="XW-095"><xsl:value-of select="@birth"/></f>
      <f p="sex" x="XW-096">
        <xsl:value-of select="x:say('sex', concat('oneroster', $version), @sex)"/>
      </f>
      <xsl:call-template name="races"/>
      <f p="hispanicOrLatinoEthnicity" x="XW-099"><xsl:value-of select="@hispanic"/></f>
      <f p="countryOfBirthCode" x="XW-100"><xsl:value-of select="@country"/></f>
      <f p="stateOfBirthAbbreviation" x="XW-101"><xsl:value-of select="@stateOfBirth"/></f>
      <f p="cityOfBirth" x="XW-102"><xsl:value-of select="@city"/></f>
    </row>
  </xsl:template>

  <!-- false only where the races that are known are all there are; a blank is right as well. -->
  <xsl:template name="races">
    <xsl:variable name="who" select="."/>
    <xsl:variable name="parts" select="x:races(.)"/>
    <xsl:variable name="several" select="race/@is = 'TwoOrMoreRaces'"/>
    <xsl:variable name="whole" select="boolean($parts) and not(race[@is = ''])
        and not($several and count($parts) &lt; 2)"/>
    <xsl:for-each select="key('race-word', 'race')[@meaning != 'TwoOrMoreRaces']">
      <f p="{@word}" x="XW-097">
        <xsl:choose>
          <xsl:when test="@meaning = $parts/@is">true</xsl:when>
          <xsl:when test="$whole">false<or/></xsl:when>
        </xsl:choose>
      </f>
    </xsl:for-each>
    <f p="demographicRaceTwoOrMoreRaces" x="XW-098">
      <xsl:choose>
        <xsl:when test="$several">true</xsl:when>
        <xsl:when test="count($parts) > 1">true<or/></xsl:when>
        <xsl:when test="$whole">false<or/></xsl:when>
      </xsl:choose>
    </f>
  </xsl:template>

  <xsl:key name="race-word" match="out[@side = 'oneroster' and @word != '']" use="@set"/>
</xsl:stylesheet>
