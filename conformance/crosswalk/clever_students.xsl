<?xml version="1.0" encoding="UTF-8"?>
<!-- Students in Clever: a row per school of today and per contact, five contacts at most. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:func="http://exslt.org/functions" xmlns:x="urn:crosswalk:words"
    extension-element-prefixes="func" exclude-result-prefixes="x">

  <!-- Stays that have begun and not ended. -->
  <func:function name="x:current">
    <xsl:param name="who"/>
    <func:result select="x:stays($who)[translate(@entry, '-', '') &lt;= $today
        and x:lasts(., $on) and x:place(@school) != '']"/>
  </func:function>

  <func:function name="x:student">
    <xsl:param name="who"/>
    <func:result select="x:named($who) and boolean(x:current($who))"/>
  </func:function>

  <xsl:template match="student">
    <xsl:variable name="who" select="."/>
    <xsl:variable name="ties" select="key('tie-of-student', @id)[not(x:withheld(.))
        and key('contact', @contact)[last()]/name[@given != '' or @family != '']]"/>
    <xsl:for-each select="x:current(.)">
      <xsl:if test="not(@school = preceding-sibling::stay[translate(@entry, '-', '') &lt;= $today
          and x:lasts(., $on)]/@school)">
        <xsl:variable name="stay" select="."/>
        <xsl:for-each select="$ties">
          <xsl:sort select="not(@order)"/>
          <xsl:sort select="@order" data-type="number"/>
          <xsl:if test="position() &lt;= 5">
            <xsl:call-template name="student">
              <xsl:with-param name="who" select="$who"/>
              <xsl:with-param name="stay" select="$stay"/>
              <xsl:with-param name="tie" select="."/>
            </xsl:call-template>
          </xsl:if>
        </xsl:for-each>
        <xsl:if test="not($ties)">
          <xsl:call-template name="student">
            <xsl:with-param name="who" select="$who"/>
            <xsl:with-param name="stay" select="$stay"/>
          </xsl:call-template>
        </xsl:if>
      </xsl:if>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="student">
    <xsl:param name="who"/>
    <xsl:param name="stay"/>
    <xsl:param name="tie" select="/.."/>
    <row file="students">
      <xsl:variable name="x">
        <xsl:choose>
          <xsl:when test="$stay/preceding-sibling::stay">XW-134</xsl:when>
          <xsl:otherwise>XW-133</xsl:otherwise>
        </xsl:choose>
      </xsl:variable>
      <f p="School_id" x="{$x}"><xsl:value-of select="x:place($stay/@school)"/></f>
      <f p="Grade" x="XW-144"><xsl:value-of select="x:say('grade', 'clever', $stay/@grade)"/></f>
      <f p="Graduation_year" x="XW-117">
        <xsl:value-of select="x:or($stay/@graduation, $who/@graduation)"/>
      </f>
      <xsl:for-each select="$who">
        <xsl:call-template name="identity"/>
        <xsl:call-template name="demographics"/>
        <xsl:call-template name="home"/>
        <xsl:call-template name="programmes"/>
      </xsl:for-each>
      <xsl:for-each select="$tie"><xsl:call-template name="contact"/></xsl:for-each>
    </row>
  </xsl:template>

  <xsl:template name="identity">
    <f p="Student_id" x="XW-078"><xsl:value-of select="@id"/></f>
    <f p="Student_number" x="XW-079"><xsl:value-of select="@local"/></f>
    <f p="State_id" x="XW-080"><xsl:value-of select="@state"/></f>
    <f p="Last_name" x="XW-085"><xsl:value-of select="name/@family"/></f>
    <f p="First_name" x="XW-086"><xsl:value-of select="name/@given"/></f>
    <f p="Middle_name" x="XW-087"><xsl:value-of select="name/@middle"/></f>
    <f p="Preferred_first_name" x="XW-091"><xsl:value-of select="preferred/@given"/><or/></f>
    <f p="Preferred_last_name" x="XW-092"><xsl:value-of select="preferred/@family"/><or/></f>
    <f p="Username" x="XW-083"><xsl:value-of select="@login"/></f>
    <f p="Student_email" x="XW-115">
      <xsl:value-of select="x:mails(.)[1]/@address"/>
      <xsl:for-each select="x:mails(.)[position() > 1]">
        <or><xsl:value-of select="@address"/></or>
      </xsl:for-each>
    </f>
  </xsl:template>

  <!-- Clever keeps one race; of several it says that they are several. -->
  <xsl:template name="demographics">
    <f p="DOB" x="XW-095"><xsl:value-of select="x:us-day(@birth)"/></f>
    <f p="Gender" x="XW-096"><xsl:value-of select="x:say('sex', 'clever', @sex)"/></f>
    <f p="Race" x="XW-097">
      <xsl:choose>
        <xsl:when test="count(x:races(.)) > 1 or race/@is = 'TwoOrMoreRaces'">
          <xsl:value-of select="x:say('race', 'clever', 'TwoOrMoreRaces')"/>
        </xsl:when>
        <xsl:otherwise><xsl:value-of select="x:say('race', 'clever', x:races(.)/@is)"/>
        </xsl:otherwise>
      </xsl:choose>
    </f>
    <f p="Hispanic_Latino" x="XW-099"><xsl:value-of select="x:yn(@hispanic)"/></f>
  </xsl:template>

  <xsl:template name="home">
    <xsl:variable name="spoken" select="language[@use = 'Home'] | language[not(../language[@use = 'Home'])]"/>
    <f p="Home_language" x="XW-106">
      <xsl:value-of select="x:say('language', 'clever',
          x:or(x:meaning('language', 'xpress', $spoken[1]/@code),
               x:meaning('language', 'classic', $spoken[1]/@code)))"/>
      <xsl:for-each select="$spoken[position() > 1]">
        <or><xsl:value-of select="x:say('language', 'clever',
            x:meaning('language', 'xpress', @code))"/></or>
      </xsl:for-each>
      <or/>
    </f>
    <f p="Student_street" x="XW-108"><xsl:value-of select="address[1]/@line"/><or/></f>
    <f p="Student_city" x="XW-109"><xsl:value-of select="address[1]/@city"/><or/></f>
    <f p="Student_state" x="XW-110"><xsl:value-of select="address[1]/@state"/><or/></f>
    <f p="Student_zip" x="XW-111"><xsl:value-of select="address[1]/@zip"/><or/></f>
  </xsl:template>

  <!-- Withheld unless asked for, so each may be missing; unknown is never N. -->
  <xsl:template name="programmes">
    <f p="Ell_status" x="XW-122">
      <xsl:value-of select="x:or(x:yn(@ell), x:say('lep', 'clever', @english))"/><or/>
    </f>
    <f p="IEP_status" x="XW-120"><xsl:value-of select="x:yn(@idea)"/><or/></f>
    <f p="Gifted_status" x="XW-119"><xsl:value-of select="x:yn(@gifted)"/><or/></f>
    <f p="Section_504_status" x="XW-121"><xsl:value-of select="x:yn(@s504)"/><or/></f>
    <f p="Weighted_gpa" x="XW-128"><xsl:value-of select="@gpa"/><or/></f>
  </xsl:template>

  <xsl:template name="contact">
    <xsl:variable name="who" select="key('contact', @contact)[last()]"/>
    <xsl:variable name="phone" select="$who/phone[@number != '']"/>
    <f p="Contact_sis_id" x="XW-185"><xsl:value-of select="@contact"/></f>
    <f p="Contact_name" x="XW-187">
      <xsl:value-of select="normalize-space(concat($who/name/@given, ' ', $who/name/@family))"/>
      <or><xsl:value-of select="concat($who/name/@family, ', ', $who/name/@given)"/></or>
    </f>
    <f p="Contact_relationship" x="XW-194">
      <xsl:value-of select="x:say('relationship', 'clever', @is)"/>
    </f>
    <!-- What Clever calls a guardian or a call in need is a matter of its own list. -->
    <f p="Contact_type" x="XW-195">
      <xsl:choose>
        <xsl:when test="@guardian = 'true'">Parent/Guardian<or>*</or><or/></xsl:when>
        <xsl:when test="@emergency = 'true'">Emergency<or>*</or><or/></xsl:when>
      </xsl:choose>
    </f>
    <f p="Contact_phone" x="XW-189">
      <xsl:value-of select="$phone[1]/@number"/>
      <xsl:for-each select="$phone[position() > 1]"><or><xsl:value-of select="@number"/></or>
      </xsl:for-each>
    </f>
    <f p="Contact_phone_type" x="XW-190">
      <xsl:value-of select="x:say('phonetype', 'clever', $phone[1]/@kind)"/>
      <xsl:for-each select="$phone[position() > 1]">
        <or><xsl:value-of select="x:say('phonetype', 'clever', @kind)"/></or>
      </xsl:for-each>
    </f>
    <f p="Contact_email" x="XW-191">
      <xsl:value-of select="x:mails($who)[1]/@address"/>
      <xsl:for-each select="$who/mail"><or><xsl:value-of select="@address"/></or></xsl:for-each>
    </f>
  </xsl:template>
</xsl:stylesheet>
