"""Creating, changing, deleting and reading students at the simulator."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

NA4 = "{http://www.sifassociation.org/datamodel/na/4.x}"
INF = "{http://www.sifassociation.org/infrastructure/3.3}"
NIL = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'


def items(reply: Any) -> list[tuple[str | None, str | None, str | None]]:
    rows = etree.fromstring(reply.content)[0]
    return [(row.get("id"), row.get("advisoryId"), row.get("statusCode")) for row in rows]


def family_name(vendor: Any, refid: str) -> str | None:
    reply = vendor.send("GET", f"xStudents/{refid}")
    return etree.fromstring(reply.content).findtext(f"{NA4}name/{NA4}familyName")


def test_a_create_returns_the_whole_student(vendor: Any, build: Any) -> None:
    refid = build.refid()
    reply = vendor.create(build.student(refid, "<localId>007</localId>"))
    assert reply.status_code == 201
    root = etree.fromstring(reply.content)
    assert (root.tag, root.get("refId"), root.findtext(f"{NA4}localId")) == (
        f"{NA4}xStudent",
        refid,
        "007",
    )


def test_a_student_without_id_gets_one(vendor: Any, build: Any) -> None:
    root = etree.fromstring(vendor.create(build.student(None)).content)
    assert uuid.UUID(root.get("refId")).version == 4


def test_the_same_student_again_is_a_conflict(vendor: Any, build: Any) -> None:
    refid = build.refid()
    vendor.create(build.student(refid))
    assert vendor.create(build.student(refid.lower().replace("-", ""))).status_code == 409


def test_an_advisory_that_is_a_must_has_to_be_there(vendor: Any, build: Any) -> None:
    assert vendor.create(build.student(None), mustUseAdvisory="True").status_code == 404
    reply = vendor.send("POST", "xStudents/xStudent?mustUseAdvisory=true", build.student(None))
    assert reply.status_code == 404


@pytest.mark.parametrize(
    "inner",
    [
        "<unknown/>",
        "<loginId>a</loginId><localId>1</localId>",
        "<demographics><sex>Other</sex></demographics>",
        "<demographics><birthDate>2014-02-30</birthDate></demographics>",
        "<enrollment><leaRefId>x</leaRefId></enrollment>",
        "<enrollment><gradeLevel>9</gradeLevel></enrollment>",
        "<email><emailType>School</emailType><emailAddress>a@b</emailAddress></email>",
        "<phoneNumber><number>1</number><primaryIndicator>yes</primaryIndicator></phoneNumber>",
        f"<otherIds><otherId><id {NIL}/></otherId></otherIds>",
    ],
)
def test_an_invalid_student_is_refused_and_not_stored(vendor: Any, build: Any, inner: str) -> None:
    refid = build.refid()
    assert vendor.create(build.student(refid, inner)).status_code == 400
    assert vendor.send("GET", f"xStudents/{refid}").status_code == 404


def test_the_grammar_agrees_with_the_published_schema(build: Any, standards: Path) -> None:
    from conformance.simulators import students
    from conformance.simulators.problems import Malformed

    schema = etree.XMLSchema(
        etree.parse(standards / "schemas/official/unity-4.3/strict/SIF_Message.xsd")
    )
    for inner in CASES:
        element = etree.fromstring(build.student(build.refid(), inner))
        try:
            students.judge(element)
            verdict = True
        except Malformed:
            verdict = False
        assert verdict == schema.validate(element), inner


_SCHOOL = "<leaRefId>{0}</leaRefId><schoolRefId>{0}</schoolRefId>".format("A" * 32)
CASES = [
    "",
    "<otherNames/>",
    f"<localId {NIL}/>",
    f"<localId {NIL}>1</localId>",
    '<localId note="x"/>',
    "<otherNames><name><type>Alias</type></name><name><familyName/></name></otherNames>",
    "<otherNames><name><type>Nick</type></name></otherNames>",
    "<demographics><races><race><race>Asian</race></race><race/></races></demographics>",
    "<demographics><hispanicLatinoEthnicity>1</hispanicLatinoEthnicity></demographics>",
    "<demographics><birthDate>2014-03-09Z</birthDate></demographics>",
    "<demographics><birthDate>2014-03-09-05:00</birthDate></demographics>",
    "<demographics><birthDate>14-03-09</birthDate></demographics>",
    f"<enrollment>{_SCHOOL}<entryDate>2026-09-01</entryDate><gradeLevel>09</gradeLevel></enrollment>",
    f"<enrollment>{_SCHOOL}<gradeLevel>09</gradeLevel></enrollment>",
    f"<enrollment>{_SCHOOL}<entryDate>2026-09-01</entryDate>text</enrollment>",
    "<academicSummary><cumulativeWeightedGpa>3.</cumulativeWeightedGpa></academicSummary>",
    "<academicSummary><classRank>3.5</classRank></academicSummary>",
    "<languages><type>Home</type><language><code>eng</code></language></languages>",
    "<languages><language/><type>Home</type></languages>",
    "<studentContacts><contactPersonRefId>1</contactPersonRefId></studentContacts>",
    f'<studentContacts><xContact refId="{"b" * 36}"><name/></xContact></studentContacts>',
    "<email><emailAddress/></email>",
    "<email><emailType>Home</emailType></email>",
]


def test_an_update_changes_what_it_names(vendor: Any, build: Any) -> None:
    refid = build.refid()
    vendor.create(build.student(refid, "<localId>007</localId>"))
    partial = f'<xStudent xmlns="{NA4[1:-1]}"><name><familyName>Berg</familyName></name></xStudent>'
    reply = vendor.send("PUT", f"xStudents/{refid.lower()}", partial.encode())
    assert (reply.status_code, reply.content) == (204, b"")
    root = etree.fromstring(vendor.send("GET", f"xStudents/{refid}").content)
    found = [
        root.findtext(f"{NA4}{path}")
        for path in (f"name/{NA4}familyName", f"name/{NA4}givenName", "localId")
    ]
    assert found == ["Berg", "Ada", "007"]


def test_nil_in_an_update_clears(vendor: Any, build: Any) -> None:
    refid = build.refid()
    vendor.create(build.student(refid, "<localId>007</localId>"))
    partial = f'<xStudent xmlns="{NA4[1:-1]}"><localId {NIL}/></xStudent>'
    assert vendor.send("PUT", f"xStudents/{refid}", partial.encode()).status_code == 204
    assert b"localId" not in vendor.send("GET", f"xStudents/{refid}").content


def test_an_update_that_leaves_an_invalid_student_changes_nothing(vendor: Any, build: Any) -> None:
    refid = build.refid()
    vendor.create(build.student(refid))
    body = build.student(None, "<enrollment><gradeLevel>09</gradeLevel></enrollment>", name="Berg")
    assert vendor.send("PUT", f"xStudents/{refid}", body).status_code == 400
    assert family_name(vendor, refid) == "Okafor"


def test_ids_in_path_and_body_must_agree(vendor: Any, build: Any) -> None:
    refid = build.refid()
    vendor.create(build.student(refid))
    reply = vendor.send("PUT", f"xStudents/{refid}", build.student(build.refid()))
    assert reply.status_code == 400


def test_many_creates_succeed_and_fail_on_their_own(vendor: Any, build: Any) -> None:
    one, two, three = build.refid(), build.refid(), build.refid()
    bad = build.student(two, "<unknown/>")
    reply = vendor.send(
        "POST", "xStudents", build.many(build.student(one), bad, build.student(three))
    )
    assert reply.status_code == 200
    assert items(reply) == [(one, one, "201"), (None, two, "400"), (three, three, "201")]


def test_many_updates_succeed_and_fail_on_their_own(vendor: Any, build: Any) -> None:
    one, two = build.refid(), build.refid()
    vendor.create(build.student(one))
    body = build.many(build.student(one, name="Berg"), build.student(two))
    reply = vendor.send("PUT", "xStudents", body, methodOverride="UPDATE")
    assert items(reply) == [(one, None, "200"), (two, None, "404")]
    assert family_name(vendor, one) == "Berg"


def test_many_deletes_succeed_and_fail_on_their_own(vendor: Any, build: Any) -> None:
    one, two = build.refid(), build.refid()
    vendor.create(build.student(one))
    deletes = f'<deletes><delete id="{one}"/><delete id="{two}"/></deletes>'
    body = f'<deleteRequest xmlns="{INF[1:-1]}">{deletes}</deleteRequest>'.encode()
    reply = vendor.send("PUT", "xStudents", body, methodOverride="DELETE")
    assert reply.headers["responseAction"] == "DELETE"
    assert items(reply) == [(one, None, "204"), (two, None, "404")]
    assert vendor.send("GET", f"xStudents/{one}").status_code == 404


def test_answers_for_many_are_valid_by_the_published_schema(
    vendor: Any, build: Any, standards: Path
) -> None:
    schema = etree.XMLSchema(
        etree.parse(standards / "schemas/official/infrastructure-3.3/SIF_Message.xsd")
    )
    bad = build.student(None, "<unknown/>")
    reply = vendor.send("POST", "xStudents", build.many(build.student(build.refid()), bad))
    schema.assertValid(etree.fromstring(reply.content))


def test_a_delete_needs_no_marker_and_is_final(vendor: Any, build: Any) -> None:
    refid = build.refid()
    vendor.create(build.student(refid))
    vendor.marker, marker = None, vendor.marker
    reply = vendor.send("DELETE", f"xStudents/{refid}")
    assert (reply.status_code, reply.content) == (204, b"")
    vendor.marker = marker
    assert vendor.send("GET", f"xStudents/{refid}").status_code == 404


def test_pages_hold_each_student_once(vendor: Any, build: Any) -> None:
    refids = [build.refid() for _ in range(5)]
    vendor.send("POST", "xStudents", build.many(*(build.student(refid) for refid in refids)))
    seen = []
    for page in ("1", "2", "3"):
        reply = vendor.send("GET", f"xStudents?navigationPage={page}", navigationPageSize="2")
        seen += [student.get("refId") for student in etree.fromstring(reply.content)]
    assert seen == refids
    assert (reply.headers["navigationPageSize"], reply.headers["navigationLastPage"]) == ("1", "3")


@pytest.mark.parametrize(
    ("page", "size", "status"),
    [
        ("9", "2", 204),
        ("1", "0", 204),
        ("0", "2", 400),
        ("-1", "2", 400),
        ("abc", "2", 400),
        ("1", "999999", 413),
    ],
)
def test_unusual_pages(vendor: Any, build: Any, page: str, size: str, status: int) -> None:
    vendor.create(build.student(build.refid()))
    reply = vendor.send("GET", "xStudents", navigationPage=page, navigationPageSize=size)
    assert reply.status_code == status


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "xStudents", {}, 204),
        ("GET", "xStudents?where=[x]", {}, 400),
        ("GET", "xStudents?zoneId=demo-district", {}, 400),
        ("GET", "xStudents;zoneId=demo-district;contextId=DEFAULT", {}, 204),
        ("GET", "xStudents;contextId=DEFAULT;zoneId=demo%2Ddistrict", {}, 204),
        ("GET", "xStudents;zoneId=elsewhere", {}, 404),
        ("GET", "xStudents;zoneId=demo-district;zoneId=elsewhere", {}, 400),
        ("GET", "xStudents;zoneId=demo-district/xStudent", {}, 404),
        ("GET", "xstudents", {}, 404),
        ("GET", "xStudents/xStudent", {}, 404),
        ("GET", "xStudents", {"requestType": "DELAYED"}, 400),
        ("GET", "xStudents", {"messageType": "SHOUT"}, 400),
        ("GET", "xStudents", {"Accept": "application/yaml"}, 406),
        ("DELETE", "xStudents", {}, 405),
        ("PATCH", "xStudents", {}, 405),
        ("GET", "xTeachers", {}, 404),
        ("HEAD", "xStudents", {}, 204),
    ],
)
def test_unusual_requests(
    vendor: Any, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    assert vendor.send(method, path, **headers).status_code == status


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"<xStudent", {}, 400),
        (b"", {}, 400),
        (b'<!DOCTYPE x [<!ENTITY e "v">]><xStudent>&e;</xStudent>', {}, 400),
        ("<xStudent>ü</xStudent>".encode("latin-1"), {}, 400),
        (b"<xStudent/>", {}, 400),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"<xStudent/>", {"methodOverride": "GET"}, 400),
    ],
)
def test_unusual_bodies(vendor: Any, body: bytes, headers: dict[str, str], status: int) -> None:
    assert vendor.create(body, **headers).status_code == status


def test_a_charset_and_a_byte_order_mark_do_no_harm(vendor: Any, build: Any) -> None:
    body = b"\xef\xbb\xbf" + build.student(build.refid())
    assert (
        vendor.create(body, **{"Content-Type": "application/xml; charset=UTF-8"}).status_code == 201
    )


def test_answers_carry_the_headers_of_sif(vendor: Any) -> None:
    reply = vendor.send("HEAD", "xStudents", requestId="r-1", generatorId="g")
    assert uuid.UUID(reply.headers["messageId"]).version == 4
    names = ("messageType", "responseAction", "requestId", "generatorId")
    assert [reply.headers[name] for name in names] == ["RESPONSE", "HEAD", "r-1", "g"]
    assert reply.headers["timestamp"].endswith("Z")


def test_refusals_name_no_value(vendor: Any, build: Any) -> None:
    reply = vendor.create(
        build.student(build.refid(), "<loginId>a</loginId><localId>SECRET</localId>", name="SECRET")
    )
    assert reply.status_code == 400
    assert b"SECRET" not in reply.content
