"""Clients of other data models than Unity: Australia 3.4 and North America 3.3, XML and PESC."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree

from tests.system.flows import au_data
from tests.system.flows.conftest import SECRET, Served
from tests.system.flows.java_framework import JavaConsumer

NA3 = "http://www.sifassociation.org/datamodel/na/3.3"
SCHOOL = "D3E34F41-9D75-101A-8C3D-00AA001A1652"


@pytest.fixture
def hub(australia: Served) -> Served:
    """A hub with both models."""
    return australia


def joined(hub: Served, key: str = "javaApp", **given: Any) -> JavaConsumer:
    """A new instance of the application."""
    consumer = JavaConsumer(hub.url, key, SECRET, **given)
    assert consumer.connect().status == 201
    return consumer


def canonical(text: str | bytes) -> str:
    """For comparing documents."""
    return str(etree.canonicalize(text.decode() if isinstance(text, bytes) else text))


@pytest.mark.requirement("INF-FMT-003", "INF-URL-001")
def test_australian_students_live_in_their_own_namespace(hub: Served) -> None:
    consumer = joined(hub)
    refids = [au_data.new_refid() for _ in range(3)]
    bodies = [au_data.student(refid, f"A-{refid[:4]}") for refid in refids]
    url = consumer.requests("StudentPersonals")
    answer = consumer.send("POST", url, au_data.students(*bodies), mustuseadvisory="true")
    assert answer.body.count(b'statusCode="201"') == 3
    for refid, body in zip(refids, bodies, strict=True):
        one = consumer.send("GET", f"{url}/{refid}")
        assert canonical(one.body) == canonical(body)
    assert consumer.send("GET", url).xml.tag == f"{{{au_data.NAMESPACE}}}StudentPersonals"


def test_what_the_australian_schema_forbids_is_refused_item_by_item(hub: Served) -> None:
    consumer = joined(hub)
    good, bad = (au_data.student(au_data.new_refid(), "B-1") for _ in range(2))
    body = au_data.students(good, bad.replace('Type="LGL"', 'Type="04"'))
    answer = consumer.send("POST", consumer.requests("StudentPersonals"), body)
    codes = sorted(str(one.get("statusCode")) for one in answer.xml.iter("{*}create"))
    assert (answer.status, codes) == (200, ["201", "400"])


def test_an_australian_student_in_another_models_namespace_is_refused(hub: Served) -> None:
    consumer = joined(hub)
    body = au_data.student(au_data.new_refid(), "C-1").replace(au_data.NAMESPACE, NA3)
    answer = consumer.send("POST", consumer.requests("StudentPersonals/StudentPersonal"), body)
    assert answer.status == 400


@pytest.mark.requirement("INF-FMT-014", "INF-FMT-022")
def test_what_came_as_pesc_is_xml_to_another_and_back(hub: Served) -> None:
    writer, reader = joined(hub, notation="pesc"), joined(hub)
    refid = au_data.new_refid()
    student = {
        "RefId": refid,
        "LocalId": "007",
        "OtherIdList": {"OtherId": [{"value": "010", "Type": "Library"}]},
        "PersonInfo": {"Name": {"FamilyName": "Qvex", "GivenName": "Abra", "Type": "LGL"}},
    }
    body = json.dumps({"StudentPersonal": student})
    url = "StudentPersonals/StudentPersonal"
    assert writer.send("POST", writer.requests(url), body, mustuseadvisory="true").status == 201
    seen = reader.send("GET", reader.requests(f"StudentPersonals/{refid}"))
    assert seen.xml.tag == f"{{{au_data.NAMESPACE}}}StudentPersonal"
    assert (seen.text("LocalId"), seen.text("OtherId")) == ("007", "010")
    listed = writer.send("GET", writer.requests("StudentPersonals")).json
    assert student in listed["StudentPersonals"]["StudentPersonal"]


def test_another_australian_object_is_served_by_its_own_list(hub: Served) -> None:
    consumer = joined(hub)
    body = (
        f'<SchoolInfo xmlns="{au_data.NAMESPACE}" RefId="{SCHOOL}"><LocalId>01011234</LocalId>'
        "<SchoolName>Lincoln Secondary College</SchoolName></SchoolInfo>"
    )
    url = consumer.requests("SchoolInfos")
    made = consumer.send("POST", f"{url}/SchoolInfo", body, mustuseadvisory="true")
    assert (made.status, canonical(made.body)) == (201, canonical(body))
    assert consumer.send("GET", f"{url}s").status == 404
    assert [one.get("RefId") for one in consumer.send("GET", url).xml] == [SCHOOL]


def na_student(refid: str, given: str) -> str:
    """An xStudent of North America 3.3."""
    return (
        f'<xStudent xmlns="{NA3}" refId="{refid}"><name><type>LegalName</type><familyName>Qvex'
        f"</familyName><givenName>{given}</givenName></name><localId>N-1</localId></xStudent>"
    )


def test_north_american_3_3_students_live_the_same_life(hub: Served) -> None:
    consumer, refid = joined(hub, "dotnet"), au_data.new_refid()
    url, body = consumer.requests("xStudents"), na_student(refid, "Abra")
    assert consumer.send("POST", f"{url}/xStudent", body, mustuseadvisory="true").status == 201
    assert canonical(consumer.send("GET", f"{url}/{refid}").body) == canonical(body)
    change = f'<xStudent xmlns="{NA3}" refId="{refid}"><localId>N-2</localId></xStudent>'
    assert consumer.send("PUT", f"{url}/{refid}", change).status == 204
    whole = body.replace("N-1", "N-2")
    assert canonical(consumer.send("GET", f"{url}/{refid}").body) == canonical(whole)
    assert consumer.send("DELETE", f"{url}/{refid}").status == 204


def test_the_school_of_a_north_american_student_is_a_path(hub: Served) -> None:
    consumer, refid = joined(hub, "dotnet"), au_data.new_refid()
    school, lea = au_data.new_refid(), f"<leaRefId>{au_data.new_refid()}</leaRefId>"
    enrollment = (
        f"<enrollment>{lea}<schoolRefId>{school}</schoolRefId><entryDate>2026-08-31</entryDate>"
        "</enrollment></xStudent>"
    )
    body = na_student(refid, "Bea").replace("</xStudent>", enrollment)
    place = f'<xSchool xmlns="{NA3}" refId="{school}">{lea}<localId>1</localId></xSchool>'
    for name, document in (("xSchool", place), ("xStudent", body)):
        url = consumer.requests(f"{name}s/{name}")
        assert consumer.send("POST", url, document, mustuseadvisory="true").status == 201
    path = consumer.requests(f"xSchools/{school}/xStudents")
    answer = consumer.send("GET", path, servicetype="SERVICEPATH")
    assert (answer.status, [one.get("refId") for one in answer.xml]) == (200, [refid])
