"""Collections of other data models: their own names, keys and relations, as their schemas say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from reference_hub.codec.schema import Judge
from reference_hub.schemas import STRICT, Registered

AU = "http://www.sifassociation.org/datamodel/au/3.4"
NA3 = "http://www.sifassociation.org/datamodel/na/3.3"
ODD = "http://www.sifassociation.org/datamodel/xx/1.0"
A = "8a2a0c1b-55f3-4b6c-9c0f-0000000000a{}"


def judge(model: str, namespace: str, path: Path) -> Judge:
    return Judge([Registered(model, namespace, STRICT, str(path))])


@pytest.fixture(scope="session")
def australian(standards: Path) -> Judge:
    """The published schema of AU 3.4.8."""
    return judge("au-3.4.8", AU, standards / "schemas/official/au-3.4.8/SIF_Message.xsd")


@pytest.fixture(scope="session")
def american(standards: Path) -> Judge:
    """The published schema of NA 3.3, patched so that it compiles."""
    return judge("na-3.3", NA3, standards / "schemas/patched/na-3.3/Collections.xsd")


def client(another: Any, judge: Judge) -> Any:
    opened = another(judge=judge).client("sis")
    assert opened.open().status_code == 201
    return opened


def sent(client: Any, collection: str, namespace: str, inner: str) -> None:
    body = f'<{collection} xmlns="{namespace}">{inner}</{collection}>'.encode()
    reply = client.send("POST", f"/requests/{collection}", body)
    assert b'statusCode="201"' in reply.content, reply.text
    assert b"error" not in reply.content, reply.text


def ids(reply: Any, collection: str, namespace: str) -> list[str]:
    assert reply.status_code == 200, reply.text
    root = etree.fromstring(reply.content)
    assert root.tag == f"{{{namespace}}}{collection}"
    return [each.get("RefId") or each.get("refId") or "" for each in root]


STUDENTS = "".join(
    f'<StudentPersonal RefId="{A.format(n)}"><LocalId>S{n}</LocalId><PersonInfo><Name Type="LGL">'
    f"<FamilyName>{name}</FamilyName><GivenName>Jo</GivenName></Name></PersonInfo>"
    "</StudentPersonal>"
    for n, name in ((1, "Nguyen"), (2, "Smith"))
)
GROUP = (
    f'<TeachingGroup RefId="{A.format(3)}"><SchoolYear>2026</SchoolYear><LocalId>G1</LocalId>'
    "<ShortName>G1</ShortName><StudentList><TeachingGroupStudent>"
    f"<StudentPersonalRefId>{A.format(2)}</StudentPersonalRefId></TeachingGroupStudent>"
    "</StudentList></TeachingGroup>"
)


@pytest.mark.requirement("INF-URL-001", "INF-FMT-003", "INF-WHR-007", "INF-QBE-001", "INF-SVP-001")
def test_an_australian_collection_is_queried_in_every_way(another: Any, australian: Judge) -> None:
    sis = client(another, australian)
    sent(sis, "StudentPersonals", AU, STUDENTS)
    sent(sis, "TeachingGroups", AU, GROUP)
    door = "/requests/StudentPersonals"
    where = '?where=[(PersonInfo/Name/FamilyName="Smith")and(PersonInfo/Name/@Type="LGL")]'
    asked = '?where=[LocalId!="S9"]&order=[PersonInfo/Name/FamilyName=descending]'
    example = f'<StudentPersonal xmlns="{AU}"><LocalId>S%</LocalId></StudentPersonal>'.encode()
    replies = (
        (sis.send("GET", door + where), [2]),
        (sis.send("GET", door + asked), [2, 1]),
        (sis.send("POST", door, example, methodOverride="GET"), [1, 2]),
        (sis.send("GET", f"/requests/TeachingGroups/{A.format(3)}/StudentPersonals"), [2]),
    )
    for reply, numbers in replies:
        assert ids(reply, "StudentPersonals", AU) == [A.format(n) for n in numbers]


@pytest.mark.requirement("INF-URL-003", "NEG-053")
def test_plurals_are_those_of_the_model(another: Any, australian: Judge) -> None:
    sis = client(another, australian)
    # The model itself writes ScheduledActivitys; nothing else is a service.
    assert sis.send("GET", "/requests/ScheduledActivitys").status_code == 204
    assert sis.send("GET", "/requests/ScheduledActivities").status_code == 404
    assert sis.send("GET", "/requests/studentPersonals").status_code == 404


def test_a_key_that_is_called_after_its_object_is_a_key(another: Any, australian: Judge) -> None:
    sis, name = client(another, australian), "StudentContactRelationship"
    opening = f'<{name} xmlns="{AU}" {name}RefId="{A.format(5)}">'
    inner = (
        f"<StudentPersonalRefId>{A.format(1)}</StudentPersonalRefId>"
        f"<StudentContactPersonalRefId>{A.format(6)}</StudentContactPersonalRefId>"
        "<Relationship><Code>01</Code></Relationship>"
    )
    sent(sis, f"{name}s", AU, f"{opening}{inner}</{name}>")
    path = f"/requests/{name}s/{A.format(5)}"
    change = f"{opening}<ContactSequence>2</ContactSequence></{name}>"
    assert sis.send("PUT", path, change.encode()).status_code == 204
    whole = etree.fromstring(sis.send("GET", path).content)
    assert dict(whole.attrib) == {f"{name}RefId": A.format(5)}
    assert whole.findtext("{*}ContactSequence") == "2"


def test_changes_since_tell_a_deleted_australian_object(another: Any, australian: Judge) -> None:
    sis = client(another, australian)
    sent(sis, "StudentPersonals", AU, STUDENTS)
    marker = sis.send("HEAD", "/requests/StudentPersonals").headers["changesSinceMarker"]
    assert sis.send("DELETE", f"/requests/StudentPersonals/{A.format(1)}").status_code == 204
    reply = sis.send("GET", f"/requests/StudentPersonals?changesSinceMarker={marker}")
    (gone,) = etree.fromstring(reply.content)
    assert (gone.tag, dict(gone.attrib)) == (f"{{{AU}}}StudentPersonal", {"RefId": A.format(1)})


@pytest.mark.requirement("INF-URL-001", "INF-FMT-003")
def test_an_older_american_collection_is_queried(another: Any, american: Judge) -> None:
    sis = client(another, american)
    inner = "".join(
        f'<xLea refId="{A.format(n)}"><localId>{n}</localId><leaName>Lea {n}</leaName></xLea>'
        for n in (1, 2)
    )
    sent(sis, "xLeas", NA3, inner)
    reply = sis.send("GET", '/requests/xLeas?where=[leaName="Lea 2"]')
    assert ids(reply, "xLeas", NA3) == [A.format(2)]


ODD_SCHEMA = f"""
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{ODD}" targetNamespace="{ODD}"
  elementFormDefault="qualified">
  <xs:element name="activity"><xs:complexType><xs:sequence>
    <xs:element name="title" type="xs:string"/></xs:sequence>
    <xs:attribute name="refId" type="xs:token"/></xs:complexType></xs:element>
  <xs:element name="activities"><xs:complexType><xs:sequence>
    <xs:element ref="activity" minOccurs="0" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""


@pytest.mark.requirement("INF-URL-001", "INF-URL-002", "INF-URL-003", "NEG-053")
def test_an_irregular_plural_is_served_as_the_schema_names_it(another: Any, tmp_path: Path) -> None:
    (tmp_path / "odd.xsd").write_text(ODD_SCHEMA, "utf-8")
    sis = client(another, judge("odd", ODD, tmp_path / "odd.xsd"))
    one = f'<activity refId="{A.format(1)}"><title>Chess</title></activity>'
    sent(sis, "activities", ODD, one)
    single = f'<activity xmlns="{ODD}" refId="{A.format(2)}"><title>Go</title></activity>'
    assert sis.send("POST", "/requests/activities/activity", single.encode()).status_code == 201
    reply = sis.send("GET", '/requests/activities?where=[activity/title="Go"]')
    assert ids(reply, "activities", ODD) == [A.format(2)]
    assert sis.send("GET", f"/requests/activities/{A.format(1)}").status_code == 200
    assert sis.send("GET", "/requests/activitys").status_code == 404
