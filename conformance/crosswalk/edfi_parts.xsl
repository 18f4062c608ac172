<?xml version="1.0" encoding="UTF-8"?>
<!-- Parts that Ed-Fi bodies share: unique ids, names, addresses, numbers, references. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:func="http://exslt.org/functions" xmlns:x="urn:crosswalk:words"
    extension-element-prefixes="func" exclude-result-prefixes="x">

  <!-- The id of a person: the local number, without one the 32 digits of the RefId. -->
  <func:function name="x:unique">
    <xsl:param name="who"/>
    <func:result select="x:or($who/@local, translate($who/@id, '-', ''))"/>
  </func:function>

  <!-- A place has the number that the district gave, else the state's code read as a number. -->
  <func:function name="x:number">
    <xsl:param name="place"/>
    <xsl:variable name="given" select="$place/../organization[@id = $place/@id]/@number"/>
    <xsl:variable name="code" select="normalize-space(x:or($given, $place/@state))"/>
    <xsl:choose>
      <xsl:when test="$code = '' or translate($code, '0123456789', '') != ''">
        <func:result select="''"/>
      </xsl:when>
      <xsl:otherwise><func:result select="format-number(number($code), '0')"/></xsl:otherwise>
    </xsl:choose>
  </func:function>

  <func:function name="x:school-number">
    <xsl:param name="id"/>
    <func:result select="x:number(key('school', $id)[last()])"/>
  </func:function>

  <!-- Text that Ed-Fi takes whole; longer text is not cut but left out. -->
  <func:function name="x:fit">
    <xsl:param name="text"/>
    <xsl:param name="limit"/>
    <func:result select="substring($text, 1, $limit * (string-length($text) &lt;= $limit))"/>
  </func:function>

  <func:function name="x:short">
    <xsl:param name="uri"/>
    <func:result select="substring-after($uri, '#')"/>
  </func:function>

  <!-- Both names, and neither of them too long. -->
  <func:function name="x:named">
    <xsl:param name="who"/>
    <func:result select="boolean(x:fit($who/name/@given, 75) != ''
        and x:fit($who/name/@family, 75) != '')"/>
  </func:function>

  <xsl:template name="names">
    <xsl:param name="x-given"/>
    <xsl:param name="x-family"/>
    <xsl:param name="x-middle" select="'XW-087'"/>
    <xsl:param name="x-prefix" select="'XW-088'"/>
    <xsl:param name="x-suffix" select="'XW-089'"/>
    <f p="firstName" x="{$x-given}"><xsl:value-of select="name/@given"/></f>
    <f p="lastSurname" x="{$x-family}"><xsl:value-of select="name/@family"/></f>
    <f p="middleName" x="{$x-middle}"><xsl:value-of select="x:fit(name/@middle, 75)"/></f>
    <f p="personalTitlePrefix" x="{$x-prefix}"><xsl:value-of select="x:fit(name/@prefix, 30)"/></f>
    <f p="generationCodeSuffix" x="{$x-suffix}">
      <xsl:value-of select="x:fit(name/@suffix, 10)"/>
    </f>
  </xsl:template>

  <xsl:template name="preferred">
    <xsl:param name="x-given" select="'XW-091'"/>
    <xsl:param name="x-family" select="'XW-092'"/>
    <f p="preferredFirstName" x="{$x-given}">
      <xsl:value-of select="x:fit(preferred/@given, 75)"/>
    </f>
    <f p="preferredLastSurname" x="{$x-family}">
      <xsl:value-of select="x:fit(preferred/@family, 75)"/>
    </f>
  </xsl:template>

  <!-- An address counts when it is whole: kind, street, town, state and postal code. -->
  <xsl:template match="address" mode="edfi">
    <xsl:param name="kind" select="x:say('addresstype', 'edfi', @kind)"/>
    <xsl:param name="x" select="'XW-108 XW-109 XW-110 XW-111 XW-112 XW-112'"/>
    <xsl:variable name="street" select="x:fit(@line, 150)"/>
    <xsl:variable name="city" select="x:fit(@city, 30)"/>
    <xsl:variable name="zip" select="x:fit(@zip, 17)"/>
    <xsl:if test="$kind != '' and $street != '' and $city != '' and @state != '' and $zip != ''">
      <xsl:variable name="at" select="concat('addresses[', x:short($kind), '].')"/>
      <f p="{$at}addressTypeDescriptor" x="{substring($x, 29, 6)}">
        <xsl:value-of select="$kind"/>
      </f>
      <f p="{$at}streetNumberName" x="{substring($x, 1, 6)}"><xsl:value-of select="$street"/></f>
      <f p="{$at}apartmentRoomSuiteNumber" x="{substring($x, 1, 6)}">
        <xsl:value-of select="x:fit(@room, 50)"/>
      </f>
      <f p="{$at}city" x="{substring($x, 8, 6)}"><xsl:value-of select="$city"/></f>
      <f p="{$at}stateAbbreviationDescriptor" x="{substring($x, 15, 6)}">
        <xsl:value-of select="concat('uri://ed-fi.org/StateAbbreviationDescriptor#', @state)"/>
      </f>
      <f p="{$at}postalCode" x="{substring($x, 22, 6)}"><xsl:value-of select="$zip"/></f>
    </xsl:if>
  </xsl:template>

  <xsl:template name="telephones">
    <xsl:param name="x" select="'XW-113'"/>
    <xsl:for-each select="phone[x:fit(@number, 24) != ''
        and x:say('phonetype', 'edfi', @kind) != '']">
      <xsl:variable name="kind" select="x:say('phonetype', 'edfi', @kind)"/>
      <xsl:variable name="at" select="concat('telephones[', x:short($kind), '].')"/>
      <f p="{$at}telephoneNumber" x="{$x}"><xsl:value-of select="@number"/></f>
      <f p="{$at}telephoneNumberTypeDescriptor" x="{$x}"><xsl:value-of select="$kind"/></f>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="mails">
    <xsl:param name="x" select="'XW-115'"/>
    <xsl:param name="x-kind" select="$x"/>
    <xsl:for-each select="mail[x:fit(@address, 128) != ''
        and x:say('emailtype', 'edfi', @kind) != '']">
      <xsl:variable name="kind" select="x:say('emailtype', 'edfi', @kind)"/>
      <xsl:variable name="at" select="concat('electronicMails[', x:short($kind), '].')"/>
      <f p="{$at}electronicMailAddress" x="{$x}"><xsl:value-of select="@address"/></f>
      <f p="{$at}electronicMailTypeDescriptor" x="{$x-kind}"><xsl:value-of select="$kind"/></f>
    </xsl:for-each>
  </xsl:template>

  <!-- One number of a system, such as a state's: list, member that names the system, its word. -->
  <xsl:template name="code">
    <xsl:param name="list" select="'identificationCodes'"/>
    <xsl:param name="system"/>
    <xsl:param name="word"/>
    <xsl:param name="value"/>
    <xsl:param name="x"/>
    <xsl:param name="first" select="true()"/>
    <xsl:if test="x:fit($value, 60) != '' and $word != ''">
      <xsl:variable name="at" select="concat($list, '[', $word, '].')"/>
      <f p="{$at}identificationCode" x="{$x}">
        <xsl:value-of select="$value"/><xsl:if test="not($first)"><or/></xsl:if>
      </f>
      <f p="{$at}{$system}Descriptor" x="{$x}">
        <xsl:value-of select="concat('uri://ed-fi.org/', translate(substring($system, 1, 1),
            'ces', 'CES'), substring($system, 2), 'Descriptor#', $word)"/>
      </f>
    </xsl:if>
  </xsl:template>
</xsl:stylesheet>
