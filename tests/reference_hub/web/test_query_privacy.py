"""A filter is no oracle: whatever a vendor asks is answered from what it is granted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree

from fixtures.writers import xpress
from reference_hub.model.pod import Condition, Terms
from reference_hub.store import pods
from tests.reference_hub.districts import generate

COLLECTION = "/requests/xStudents"
SINCE = "changesSinceMarker"
Students = Callable[[int], list[etree._Element]]
Ask = Callable[..., Any]


@pytest.fixture
def stored(sis: Any, students: Students) -> list[etree._Element]:
    """Five students in the zone."""
    found = students(5)
    sis.send("POST", COLLECTION, etree.tostring(xpress.collection("xStudents", found)))
    return found


@pytest.fixture
def ask(hub: Any, reader: Any, stored: list[etree._Element]) -> Ask:
    """What the vendor sends with the marker of its POD: refId, givenName and localId granted."""
    token = hub.pod(1).token

    def send(query: str = "", body: bytes | None = None, verb: str = "GET", **headers: str) -> Any:
        headers = {"methodOverride": "GET"} | headers if verb == "POST" else headers
        path = f"{COLLECTION}{query}"
        return reader.send(verb, path, body, dataPrivacyMarker=token, **headers)

    return send


def refids(reply: Any) -> list[str]:
    assert reply.status_code in (200, 204), reply.text
    root = etree.fromstring(reply.content) if reply.content else ()
    return [each.get("refId", "") for each in root]


def birth(one: etree._Element) -> str:
    return str(one.findtext(".//{*}birthDate"))


def put(sis: Any, one: etree._Element, inner: str) -> None:
    body = f'<xStudent xmlns="{xpress.NA4}">{inner}</xStudent>'.encode()
    assert sis.send("PUT", f"{COLLECTION}/{one.get('refId')}", body).status_code == 204


def test_a_condition_on_a_granted_field_finds_what_meets_it(ask: Ask, stored: list[Any]) -> None:
    local = stored[2].findtext("{*}localId")
    reply = ask(f'?where=[localId="{local}"]')
    assert refids(reply) == [stored[2].get("refId")]
    assert {etree.QName(each).localname for each in etree.fromstring(reply.content)[0]} == {
        "name",
        "localId",
    }


@pytest.mark.parametrize("operator", ["=", "!=", "<", ">", "<=", ">="])
def test_a_condition_on_a_hidden_field_tells_nothing(
    ask: Ask, stored: list[Any], operator: str
) -> None:
    for value in (birth(stored[0]), "1066-01-01", "3000-01-01"):
        reply = ask(f'?where=[demographics/birthDate{operator}"{value}"]')
        assert (refids(reply), reply.headers["navigationCount"]) == ([], "0")


def test_a_hidden_half_of_a_condition_tells_nothing(ask: Ask, stored: list[Any]) -> None:
    mine, born = stored[0].findtext("{*}localId"), birth(stored[0])
    either = f'[localId="{mine}" or demographics/birthDate="{birth(stored[1])}"]'
    assert refids(ask(f"?where={either}")) == [stored[0].get("refId")]
    assert refids(ask(f'?where=[localId="{mine}" and demographics/birthDate="{born}"]')) == []


def test_the_whole_text_of_a_partly_granted_element_is_its_granted_part(
    ask: Ask, stored: list[Any]
) -> None:
    given = [each.findtext("{*}name/{*}givenName") for each in stored]
    reply = ask(f'?where={quote(f"""[name="{given[0]}"]""")}')
    assert len(refids(reply)) == given.count(given[0])


@pytest.mark.parametrize("way", ["ascending", "descending"])
def test_an_order_by_a_hidden_field_is_the_order_of_creation(
    ask: Ask, stored: list[Any], way: str
) -> None:
    wanted = [each.get("refId") for each in stored]
    assert refids(ask(f"?order=[demographics/birthDate={way}]")) == wanted
    assert [birth(each) for each in stored] not in (
        sorted(map(birth, stored)),
        sorted(map(birth, stored), reverse=True),
    )


@pytest.mark.parametrize(
    "inner",
    [
        "<demographics><birthDate>{}</birthDate></demographics>",
        "<demographics><birthDate>%</birthDate></demographics>",
        "<demographics><sex>%</sex></demographics>",
    ],
)
def test_an_example_with_a_hidden_field_finds_nothing(
    ask: Ask, stored: list[Any], inner: str
) -> None:
    example = f'<xStudent xmlns="{xpress.NA4}">{inner.format(birth(stored[0]))}</xStudent>'
    assert refids(ask(body=example.encode(), verb="POST")) == []


def test_a_vendor_may_ask_by_example_and_the_gate_stands_before_it(
    ask: Ask, reader: Any, stored: list[Any]
) -> None:
    local = stored[1].findtext("{*}localId")
    example = f'<xStudent xmlns="{xpress.NA4}"><localId>{local}</localId></xStudent>'.encode()
    assert refids(ask(body=example, verb="POST")) == [stored[1].get("refId")]
    bare = reader.send("POST", COLLECTION, example, methodOverride="GET")
    assert (bare.status_code, b"403-01" in bare.content) == (403, True)


@pytest.mark.parametrize("query", ["?where=[localId!=%22x%22]", "?order=[localId=ascending]", ""])
def test_every_kind_of_query_needs_the_marker(reader: Any, hub: Any, query: str) -> None:
    hub.pod(1)
    for verb in ("GET", "HEAD"):
        reply = reader.send(verb, f"{COLLECTION}{query}", queryIntention="ALL")
        assert reply.status_code == 403
        assert not {"ETag", SINCE, "navigationId", "navigationCount"} & set(reply.headers)


@pytest.fixture
def district(sis: Any) -> Any:
    """A whole district in the zone."""
    made = generate(11, students=12)
    for name, collection in xpress.documents(made):
        sis.send("POST", f"/requests/{name}", etree.tostring(collection))
    return made


def path_of(hub: Any, reader: Any, granted: tuple[str, ...], path: str) -> Any:
    with hub.engine.begin() as connection:
        pods.expire_all(connection, 1, hub.pod(1, status="Draft").scope)
    token = hub.pod(1, granted=granted).token
    return reader.send("GET", f"/requests/{path}", dataPrivacyMarker=token)


@pytest.mark.parametrize(
    ("granted", "status"),
    [
        (("xStudent/@refId", "xSchool"), 204),
        (("xStudent/@refId", "xStudent/enrollment"), 404),
        (("xStudent/localId", "xStudent/enrollment", "xSchool/schoolName"), 404),
        (("xSchool",), 403),
        (("xStudent/@refId", "xStudent/enrollment", "xSchool"), 200),
    ],
)
def test_a_relation_shows_only_where_both_ends_and_the_link_are_granted(
    hub: Any, reader: Any, district: Any, granted: tuple[str, ...], status: int
) -> None:
    school = district.students[0].enrollment.school_refid
    reply = path_of(hub, reader, granted, f"xSchools/{school}/xStudents")
    assert reply.status_code == status
    assert b"demographics" not in reply.content


def test_a_hidden_link_between_two_others_relates_nothing(
    hub: Any, reader: Any, district: Any
) -> None:
    path = f"xLeas/{district.lea.refid}/xRosters"
    both = ("xLea", "xRoster")
    assert path_of(hub, reader, both, path).status_code == 204
    assert path_of(hub, reader, (*both, "xSchool"), path).status_code == 200


def test_an_invisible_parent_looks_like_one_that_is_not_there(
    hub: Any, reader: Any, district: Any
) -> None:
    granted = ("xStudent/@refId", "xStudent/enrollment")
    known = path_of(hub, reader, granted, f"xSchools/{district.schools[0].refid}/xStudents")
    guess = path_of(hub, reader, granted, f"xSchools/{'0' * 32}/xStudents")
    texts = [etree.fromstring(each.content).findtext("{*}message") for each in (known, guess)]
    assert texts[0] == texts[1]


def since(ask: Ask, marker: str) -> Any:
    return ask(f"?{SINCE}={marker}")


def test_a_change_of_a_hidden_field_is_no_change(ask: Ask, sis: Any, stored: list[Any]) -> None:
    marker = ask(verb="HEAD").headers[SINCE]
    put(sis, stored[0], "<stateProvinceId>123</stateProvinceId>")
    put(sis, stored[1], "<localId>4242</localId>")
    reply = since(ask, marker)
    assert refids(reply) == [stored[1].get("refId")]
    assert b"stateProvinceId" not in reply.content
    assert b">4242<" in reply.content


def test_a_deletion_is_told_by_the_granted_id_only(ask: Ask, sis: Any, stored: list[Any]) -> None:
    marker = ask(verb="HEAD").headers[SINCE]
    put(sis, stored[0], "<localId>9</localId>")
    sis.send("DELETE", f"{COLLECTION}/{stored[0].get('refId')}")
    (gone,) = etree.fromstring(since(ask, marker).content)
    assert (dict(gone.attrib), len(gone)) == ({"refId": stored[0].get("refId")}, 0)


@pytest.mark.parametrize(
    ("granted", "status"),
    [(("xStudent/localId",), 204), (("xStaff",), 403), (("xStudent/@refId",), 200)],
)
def test_deleted_ids_are_told_only_where_ids_of_the_type_are_granted(
    hub: Any, reader: Any, sis: Any, stored: list[Any], granted: tuple[str, ...], status: int
) -> None:
    token = hub.pod(1, granted=granted).token
    head = reader.send("HEAD", COLLECTION, dataPrivacyMarker=token)
    marker = head.headers.get(SINCE, "x")
    sis.send("DELETE", f"{COLLECTION}/{stored[0].get('refId')}")
    path = f"{COLLECTION}?{SINCE}={marker}"
    reply = reader.send("GET", path, dataPrivacyMarker=token)
    assert reply.status_code == status
    assert (stored[0].get("refId").encode() in reply.content) is (status == 200)


def test_a_change_that_was_visible_for_a_moment_is_told(
    ask: Ask, sis: Any, stored: list[Any]
) -> None:
    marker = ask(verb="HEAD").headers[SINCE]
    put(sis, stored[0], "<localId>9</localId>")
    put(sis, stored[0], f"<localId>{stored[0].findtext('{*}localId')}</localId>")
    assert refids(since(ask, marker)) == [stored[0].get("refId")]


def test_a_new_object_that_changed_invisibly_is_new(ask: Ask, sis: Any, students: Any) -> None:
    marker = ask(verb="HEAD").headers[SINCE]
    new = students(6)[5]
    sis.send("POST", f"{COLLECTION}/xStudent", etree.tostring(new))
    put(sis, new, "<stateProvinceId>123</stateProvinceId>")
    assert refids(since(ask, marker)) == [new.get("refId")]


def renewed(hub: Any, *granted: str) -> str:
    with hub.engine.begin() as connection:
        pods.expire_all(connection, 1, hub.pod(1, status="Draft").scope)
    return str(hub.pod(1, granted=granted).token)


def test_another_grant_ends_markers_and_result_sets(
    hub: Any, ask: Ask, reader: Any, stored: list[Any]
) -> None:
    marker = ask(verb="HEAD").headers[SINCE]
    first = ask(queryIntention="ALL", navigationPageSize="2")
    token = renewed(hub, "xStudent/@refId")
    changed = reader.send("GET", f"{COLLECTION}?{SINCE}={marker}", dataPrivacyMarker=token)
    asked = {"navigationId": first.headers["navigationId"], "navigationPageSize": "2"}
    page = reader.send("GET", COLLECTION, dataPrivacyMarker=token, **asked)
    assert (changed.status_code, page.status_code) == (410, 404)


def test_a_new_pod_with_the_same_grant_changes_nothing(
    hub: Any, ask: Ask, reader: Any, stored: list[Any]
) -> None:
    first = ask(queryIntention="ALL", navigationPageSize="2")
    token = renewed(hub, "xStudent/localId", "xStudent/@refId", "xStudent/name/givenName")
    asked = {"navigationId": first.headers["navigationId"], "navigationPage": "2"}
    size = {"navigationPageSize": "2", "dataPrivacyMarker": token}
    reply = reader.send("GET", COLLECTION, **asked, **size)
    assert refids(reply) == [each.get("refId") for each in stored[2:4]]
    old = ask(navigationPageSize="2", **asked)
    assert old.status_code == 410


def test_the_pages_of_a_result_set_are_pruned(ask: Ask, stored: list[Any]) -> None:
    first = ask(queryIntention="ALL", navigationPageSize="5")
    asked = {"navigationId": first.headers["navigationId"], "navigationPageSize": "5"}
    for reply in (first, ask(**asked)):
        assert len(refids(reply)) == 5
        assert b"birthDate" not in reply.content
        assert b"familyName" not in reply.content


def test_a_vendor_is_counted_what_it_can_see(hub: Any, reader: Any, sis: Any) -> None:
    door = "/requests/StudentPersonals"
    name = '<Name Type="04"><LastName>L</LastName><FirstName>F</FirstName></Name>'
    for number, state in enumerate(("", "<StateProvinceId>7</StateProvinceId>", ""), 1):
        inner = f"<LocalId>{number}</LocalId>{state}{name}"
        body = (
            f'<StudentPersonal xmlns="{xpress.NA4}" RefId="{number:032}">{inner}</StudentPersonal>'
        )
        assert sis.send("POST", f"{door}/StudentPersonal", body.encode()).status_code == 201
    filters = (Condition("ROW_FILTER", "StudentPersonal/StateProvinceId", "present"),)
    terms = Terms(granted=("StudentPersonal",), conditions=filters)
    token = hub.pod(1, entries=(terms,)).token
    for query in ("", '?where=[StateProvinceId="7"]'):
        reply = reader.send("GET", door + query, dataPrivacyMarker=token, navigationPageSize="2")
        assert reply.headers["navigationCount"] == "1"
        assert reply.headers["navigationPageSize"] == "1"


def test_the_tag_of_an_object_is_that_of_its_granted_part(
    ask: Ask, sis: Any, stored: list[Any]
) -> None:
    path = f"/{stored[0].get('refId')}"
    before = ask(path).headers["ETag"]
    put(sis, stored[0], "<stateProvinceId>123</stateProvinceId>")
    assert ask(path, ETag=before).status_code == 304
    put(sis, stored[0], "<localId>4242</localId>")
    assert ask(path, ETag=before).status_code == 200


@pytest.mark.requirement("INF-QRY-008")
def test_another_grant_makes_another_tag(hub: Any, ask: Ask, reader: Any, stored: Any) -> None:
    for path in ("", f"/{stored[0].get('refId')}"):
        old = ask(path).headers["ETag"]
        assert ask(path, ETag=old).status_code == 304
        token = renewed(hub, "xStudent/@refId")
        reply = reader.send("GET", f"{COLLECTION}{path}", dataPrivacyMarker=token, ETag=old)
        assert reply.status_code == 200
        ask = _with(reader, renewed(hub, "xStudent/@refId", "xStudent/localId"))


def _with(reader: Any, token: str) -> Ask:
    def send(query: str = "", **headers: str) -> Any:
        return reader.send("GET", f"{COLLECTION}{query}", dataPrivacyMarker=token, **headers)

    return send


def test_a_vendor_and_a_source_have_different_tags(ask: Ask, sis: Any, stored: Any) -> None:
    tag = sis.send("GET", COLLECTION).headers["ETag"]
    assert ask(ETag=tag).status_code == 200
