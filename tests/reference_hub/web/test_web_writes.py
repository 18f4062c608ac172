"""Create, update and delete through the requests connector, over a socket."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import Engine, event

from fixtures.writers import xpress
from reference_hub.app import create_app
from reference_hub.codec.schema import Judge
from reference_hub.codec.verdict import Judged
from reference_hub.web.writes import ATTEMPTS

INF = "http://www.sifassociation.org/infrastructure/3.3"
NS = f'xmlns="{xpress.NA4}"'
NIL = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'
COLLECTION = "/requests/xStudents"
SINGLE = "/requests/xStudents/xStudent"
Students = Callable[[int], list[etree._Element]]


def many(elements: list[etree._Element]) -> bytes:
    return etree.tostring(xpress.collection("xStudents", elements))


def canonical(content: bytes | etree._Element) -> bytes:
    element = etree.fromstring(content) if isinstance(content, bytes) else content
    return bytes(etree.tostring(element, method="c14n"))


def results(reply: Any) -> list[etree._Element]:
    assert reply.status_code == 200
    return list(etree.fromstring(reply.content).iter("{*}create", "{*}update", "{*}delete"))


def codes(reply: Any) -> list[str]:
    return [each.get("statusCode", "") for each in results(reply)]


def deletes(*refids: str) -> bytes:
    inner = "".join(f'<delete id="{refid}"/>' for refid in refids)
    return f'<deleteRequest xmlns="{INF}"><deletes>{inner}</deletes></deleteRequest>'.encode()


def refid(element: etree._Element) -> str:
    return element.get("refId", "")


@pytest.mark.requirement("INF-CRE-001", "INF-FMT-007", "INF-URL-002")
def test_single_create_is_201_with_the_whole_object(sis: Any, one_student: etree._Element) -> None:
    reply = sis.send("POST", SINGLE, etree.tostring(one_student))
    assert reply.status_code == 201
    assert canonical(reply.content) == canonical(one_student)


@pytest.mark.requirement("INF-CRE-005", "INF-FMT-004")
def test_without_an_id_the_hub_gives_an_upper_case_uuid4(
    sis: Any, one_student: etree._Element
) -> None:
    del one_student.attrib["refId"]
    made = etree.fromstring(sis.send("POST", SINGLE, etree.tostring(one_student)).content)
    given = refid(made)
    assert (given, uuid.UUID(given).version) == (given.upper(), 4)


@pytest.mark.requirement("INF-CRE-004", "INF-CRE-005")
def test_a_suggestion_that_is_no_uuid_is_replaced(sis: Any, one_student: etree._Element) -> None:
    one_student.set("refId", "row-2")
    (result,) = results(sis.send("POST", COLLECTION, many([one_student])))
    assert result.get("advisoryId") == "row-2"
    assert uuid.UUID(result.get("id")).version == 4


@pytest.mark.requirement("INF-CRE-006")
@pytest.mark.parametrize("suggestion", ["row-2", ""])
def test_must_use_advisory_with_no_usable_id_is_404(
    sis: Any, one_student: etree._Element, suggestion: str
) -> None:
    one_student.set("refId", suggestion)
    reply = sis.send("POST", SINGLE, etree.tostring(one_student), mustUseAdvisory="True")
    assert reply.status_code == 404


@pytest.mark.requirement("INF-CRE-007", "INF-FMT-005", "NEG-061")
@pytest.mark.parametrize("spelling", [str.lower, str.upper, lambda text: text.replace("-", "")])
def test_a_second_create_in_any_spelling_is_409(
    sis: Any, one_student: etree._Element, spelling: Callable[[str], str]
) -> None:
    sis.send("POST", SINGLE, etree.tostring(one_student))
    one_student.set("refId", spelling(refid(one_student)))
    assert sis.send("POST", SINGLE, etree.tostring(one_student)).status_code == 409


@pytest.mark.requirement("INF-CRE-007")
def test_of_two_creates_at_once_one_is_201_and_one_409(
    sis: Any, hub: Any, one_student: etree._Element
) -> None:
    body, found = etree.tostring(one_student), []
    other = hub.client("sis")
    other.open(b'<environment xmlns="%s"><instanceId>2</instanceId></environment>' % INF.encode())
    start = threading.Barrier(2)

    def create(client: Any) -> None:
        start.wait()
        found.append(client.send("POST", SINGLE, body).status_code)

    threads = [threading.Thread(target=create, args=(each,)) for each in (sis, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [201, 409]


@pytest.mark.requirement("INF-CRE-002", "INF-BLK-006", "NEG-011")
def test_multi_create_is_200_with_a_valid_response(
    sis: Any, students: Students, infrastructure: etree.XMLSchema
) -> None:
    reply = sis.send("POST", COLLECTION, many(students(3)))
    assert codes(reply) == ["201"] * 3
    infrastructure.assertValid(etree.fromstring(reply.content))


@pytest.mark.requirement("INF-CRE-003", "INF-BLK-002", "INF-BLK-003", "NEG-012", "NEG-013")
def test_a_bad_object_fails_alone(
    sis: Any, students: Students, infrastructure: etree.XMLSchema
) -> None:
    good, bad, twin = students(3)
    etree.SubElement(bad, f"{{{xpress.NA4}}}shoeSize").text = "44"
    twin.set("refId", refid(good).lower())
    reply = sis.send("POST", COLLECTION, many([good, bad, twin]))
    assert codes(reply) == ["201", "400", "409"]
    infrastructure.assertValid(etree.fromstring(reply.content))
    assert sis.send("GET", COLLECTION).headers["navigationCount"] == "1"


@pytest.mark.requirement("INF-CRE-003", "INF-CRE-004", "INF-BLK-007", "NEG-012")
def test_an_item_error_repeats_code_and_advisory_id(sis: Any, one_student: etree._Element) -> None:
    sis.send("POST", SINGLE, etree.tostring(one_student))
    (result,) = results(sis.send("POST", COLLECTION, many([one_student])))
    assert result.findtext("{*}error/{*}code") == "409"
    assert (result.get("advisoryId"), result.get("id")) == (refid(one_student), None)


@pytest.mark.requirement("INF-CRE-008", "INF-ERR-005")
def test_a_refused_object_is_told_the_place_but_no_value(
    sis: Any, one_student: etree._Element
) -> None:
    date = one_student.find(".//{*}birthDate")
    assert date is not None
    date.text = "Canary"
    reply = sis.send("POST", SINGLE, etree.tostring(one_student))
    assert reply.status_code == 400
    assert b"birthDate" in reply.content
    assert b"Canary" not in reply.content


@pytest.mark.requirement("INF-UPD-001", "INF-UPD-003")
def test_partial_update_is_204_and_changes_only_what_was_sent(
    sis: Any, one_student: etree._Element
) -> None:
    sis.send("POST", SINGLE, etree.tostring(one_student))
    path = f"{COLLECTION}/{refid(one_student)}"
    body = f"<xStudent {NS}><name><givenName>New</givenName></name></xStudent>"
    assert sis.send("PUT", path, body.encode()).status_code == 204
    one_student.find("{*}name/{*}givenName").text = "New"
    assert canonical(sis.send("GET", path).content) == canonical(one_student)


def test_nil_clears_an_element(sis: Any, one_student: etree._Element) -> None:
    sis.send("POST", SINGLE, etree.tostring(one_student))
    path = f"{COLLECTION}/{refid(one_student)}"
    sis.send("PUT", path, f"<xStudent {NS}><localId {NIL}/></xStudent>".encode())
    assert etree.fromstring(sis.send("GET", path).content).find("{*}localId") is None


@pytest.mark.requirement("INF-FMT-005", "NEG-061")
def test_an_update_keeps_the_spelling_of_the_id(sis: Any, one_student: etree._Element) -> None:
    sis.send("POST", SINGLE, etree.tostring(one_student))
    lower = refid(one_student).lower()
    body = f'<xStudent {NS} refId="{lower}"><localId>1</localId></xStudent>'.encode()
    assert sis.send("PUT", f"{COLLECTION}/{lower}", body).status_code == 204
    stored = etree.fromstring(sis.send("GET", f"{COLLECTION}/{lower}").content)
    assert refid(stored) == refid(one_student)


@pytest.mark.requirement("INF-UPD-006")
def test_path_and_body_with_different_ids_are_400(sis: Any, students: Students) -> None:
    one, other = students(2)
    sis.send("POST", SINGLE, etree.tostring(one))
    reply = sis.send("PUT", f"{COLLECTION}/{refid(other)}", etree.tostring(one))
    assert reply.status_code == 400


@pytest.mark.requirement("INF-UPD-004")
def test_an_update_of_an_unknown_object_is_404(sis: Any, one_student: etree._Element) -> None:
    path = f"{COLLECTION}/{refid(one_student)}"
    assert sis.send("PUT", path, etree.tostring(one_student)).status_code == 404


def test_an_update_that_breaks_the_schema_is_400(sis: Any, one_student: etree._Element) -> None:
    sis.send("POST", SINGLE, etree.tostring(one_student))
    body = f"<xStudent {NS}><shoeSize>44</shoeSize></xStudent>".encode()
    assert sis.send("PUT", f"{COLLECTION}/{refid(one_student)}", body).status_code == 400


@pytest.mark.requirement("INF-UPD-002", "INF-UPD-004", "INF-UPD-007", "INF-BLK-003")
@pytest.mark.parametrize("headers", [{}, {"methodOverride": "UPDATE"}])
def test_multi_update_answers_per_object(
    sis: Any, students: Students, infrastructure: etree.XMLSchema, headers: dict[str, str]
) -> None:
    known, unknown, nameless = students(3)
    del nameless.attrib["refId"]
    sis.send("POST", SINGLE, etree.tostring(known))
    reply = sis.send("PUT", COLLECTION, many([known, unknown, nameless]), **headers)
    assert codes(reply) == ["200", "404", "400"]
    infrastructure.assertValid(etree.fromstring(reply.content))


@pytest.mark.requirement("INF-DEL-001")
def test_delete_is_204_then_404(sis: Any, one_student: etree._Element) -> None:
    sis.send("POST", SINGLE, etree.tostring(one_student))
    path = f"{COLLECTION}/{refid(one_student)}"
    first, again = (sis.send("DELETE", path) for _ in range(2))
    assert (first.status_code, first.content, again.status_code) == (204, b"", 404)
    assert sis.send("GET", path).status_code == 404


def test_a_deleted_object_can_be_created_again(sis: Any, one_student: etree._Element) -> None:
    body = etree.tostring(one_student)
    sis.send("POST", SINGLE, body)
    sis.send("DELETE", f"{COLLECTION}/{refid(one_student)}")
    assert sis.send("POST", SINGLE, body).status_code == 201


@pytest.mark.requirement("INF-DEL-002", "INF-HDR-004", "INF-BLK-003", "NEG-028")
def test_multi_delete_answers_per_object(
    sis: Any, students: Students, infrastructure: etree.XMLSchema
) -> None:
    known, unknown = students(2)
    sis.send("POST", SINGLE, etree.tostring(known))
    body = deletes(refid(known).lower(), refid(unknown), refid(known))
    reply = sis.send("PUT", COLLECTION, body, methodOverride="DELETE")
    assert codes(reply) == ["204", "404", "404"]
    assert reply.headers["responseAction"] == "DELETE"
    infrastructure.assertValid(etree.fromstring(reply.content))


@pytest.mark.requirement("INF-QBE-002", "INF-HDR-004", "NEG-027", "NEG-030")
def test_query_by_example_creates_nothing(sis: Any, one_student: etree._Element) -> None:
    reply = sis.send("POST", COLLECTION, etree.tostring(one_student), methodOverride="GET")
    assert (reply.status_code, reply.headers["responseAction"]) == (204, "QUERY")
    assert sis.send("GET", COLLECTION).status_code == 204


@pytest.mark.requirement("INF-ACL-003", "INF-AUT-015", "NEG-058")
def test_a_vendor_cannot_write(reader: Any, one_student: etree._Element) -> None:
    body, path = etree.tostring(one_student), f"{COLLECTION}/{refid(one_student)}"
    for verb, where in (("POST", SINGLE), ("POST", COLLECTION), ("PUT", path), ("DELETE", path)):
        assert reader.send(verb, where, body).status_code == 403


@pytest.mark.requirement("INF-FMT-003")
def test_what_was_received_is_given_back_byte_for_byte(sis: Any) -> None:
    inner = (
        f'<a:xStudent xmlns:a="{xpress.NA4}" refId="{uuid.uuid4()}"><a:localId>\u00e9</a:localId>'
    )
    body = f"<?xml version='1.0'?><!-- x -->{inner}<!-- kept --></a:xStudent>".encode()
    assert sis.send("POST", SINGLE, body).content == body.partition(b"-->")[2]


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_a_hundred_creates_take_as_many_statements_as_one(
    hub: Any, sis: Any, students: Students
) -> None:
    one, *rest = students(101)
    with counted(hub.engine) as few:
        sis.send("POST", COLLECTION, many([one]))
    started = time.perf_counter()
    with counted(hub.engine) as more:
        reply = sis.send("POST", COLLECTION, many(rest))
    elapsed = time.perf_counter() - started
    assert codes(reply) == ["201"] * 100
    assert len(more) == len(few) < 10
    assert elapsed < 2, f"{elapsed:.3f} s"


def test_an_update_that_would_leave_the_object_invalid_is_400(
    sis: Any, one_student: etree._Element
) -> None:
    for name in ("enrollment", "otherEnrollments"):
        for found in one_student.findall(f"{{*}}{name}"):
            one_student.remove(found)
    sis.send("POST", SINGLE, etree.tostring(one_student))
    body = f"<xStudent {NS}><enrollment><gradeLevel>05</gradeLevel></enrollment></xStudent>"
    path = f"{COLLECTION}/{refid(one_student)}"
    assert sis.send("PUT", path, body.encode()).status_code == 400


class Rival(Judge):
    """Lets another client be quicker with one more object whenever the last one is judged."""

    def __init__(self, other: Any, sent: list[etree._Element]) -> None:
        super().__init__()
        self.other, self.last, self.left = other, refid(sent[-1]), list(sent)

    def judge(self, element: etree._Element, *, model: str = "", partial: bool = False) -> Judged:
        if refid(element) == self.last and self.left:
            body = etree.tostring(self.left.pop(0))
            assert self.other.send("POST", SINGLE, body).status_code == 201
        return super().judge(element, model=model, partial=partial)


def test_a_create_that_loses_each_time_is_503_to_be_tried_again(
    hub: Any, sis: Any, students: Students
) -> None:
    sent = students(ATTEMPTS)
    app = create_app(hub.settings, hub.engine, judge=Rival(sis, sent))
    headers = sis.signed(sis.user) | {"Content-Type": "application/xml"}
    reply = app.test_client().post(COLLECTION, data=many(sent), headers=headers)
    assert reply.status_code == 503
    assert int(reply.headers["Retry-After"]) > 0
    assert etree.fromstring(reply.data).findtext("{*}code") == "503"
