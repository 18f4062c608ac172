"""A vendor that may write: only under its POD, and only the fields that it has RW for."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from fixtures.writers import xpress
from reference_hub.codec.xml import fold
from reference_hub.model.pod import HASH, Condition, Pod, Terms
from reference_hub.model.rights import RIGHTS, Grant
from reference_hub.store import vendors
from tests.reference_hub.web.conftest import SCOPE, SECRET, Client, Hub, Students

COLLECTION = "/requests/xStudents"
MARKER = "dataPrivacyMarker"
NS = "http://www.sifassociation.org/datamodel/na/4.x"
PATHS = ("xStudent/@refId", "xStudent/name", "xStudent/localId")
WRITABLE = ("xStudent/localId",)

pytestmark = pytest.mark.requirement("POD-MIN-006")


@pytest.fixture
def writer(hub: Hub) -> Client:
    """A vendor with every right but to provide."""
    vendor_id = hub.vendor()
    rights = dict.fromkeys(RIGHTS, "APPROVED") | {"PROVIDE": "UNSUPPORTED"}
    grant = Grant(SCOPE.zone_id, SCOPE.context_id, "OBJECT", "*", rights)
    with hub.engine.begin() as connection:
        vendors.add_application(
            connection, "writer", SECRET, SCOPE, vendor_id=vendor_id, grants=[grant]
        )
    client = Client(hub.base, "writer")
    assert client.open().status_code == 201
    return client


def live(hub: Hub, **terms: Any) -> Pod:
    """A POD of that vendor, not used yet."""
    entry = {"granted": PATHS, "writable": WRITABLE} | terms
    return hub.pod(1, entries=(Terms(**entry),))


def partial(refid: str, inner: str) -> bytes:
    return f'<xStudent xmlns="{NS}" refId="{refid}">{inner}</xStudent>'.encode()


def seen(sis: Client, refid: str) -> etree._Element:
    return etree.fromstring(sis.send("GET", f"{COLLECTION}/{refid}").content)


def test_a_field_with_rw_is_written(hub: Hub, sis: Client, writer: Client, three: Any) -> None:
    refid, pod = three[0].get("refId"), live(hub)
    body = partial(refid, "<localId>NEW-1</localId>")
    reply = writer.send("PUT", f"{COLLECTION}/{refid}", body, dataPrivacyMarker=pod.token)
    assert reply.status_code == 204
    assert seen(sis, refid).findtext(f"{{{NS}}}localId") == "NEW-1"


@pytest.mark.parametrize(
    ("inner", "named"),
    [
        ("<name><familyName>Qx</familyName></name>", "xStudent/name/familyName"),
        ("<demographics><birthDate>2010-01-02</birthDate></demographics>", "xStudent/demographics"),
        ("<name><givenName>Qx</givenName></name><localId>N</localId>", "xStudent/name/givenName"),
    ],
    ids=["granted for reading", "not granted", "one of two"],
)
def test_another_field_is_refused_and_nothing_changes(
    hub: Hub, sis: Client, writer: Client, three: Any, inner: str, named: str
) -> None:
    refid, pod = three[0].get("refId"), live(hub)
    before = etree.tostring(seen(sis, refid))
    body = partial(refid, inner)
    reply = writer.send("PUT", f"{COLLECTION}/{refid}", body, dataPrivacyMarker=pod.token)
    assert reply.status_code == 403
    assert named in reply.text
    assert "Qx" not in reply.text
    assert etree.tostring(seen(sis, refid)) == before


def test_the_same_value_again_is_no_change(
    hub: Hub, sis: Client, writer: Client, three: Any
) -> None:
    refid, pod = three[0].get("refId"), live(hub)
    given = three[0].findtext("{*}name/{*}givenName")
    body = partial(refid, f"<name><givenName>{given}</givenName></name><localId>N</localId>")
    reply = writer.send("PUT", f"{COLLECTION}/{refid}", body, dataPrivacyMarker=pod.token)
    assert reply.status_code == 204


@pytest.mark.parametrize(("marker", "status"), [(None, 403), ("guess", 403)])
def test_a_write_needs_the_marker(
    hub: Hub, writer: Client, three: Any, marker: str | None, status: int
) -> None:
    live(hub)
    headers = {} if marker is None else {MARKER: marker}
    body = partial(three[0].get("refId"), "<localId>N</localId>")
    reply = writer.send("PUT", f"{COLLECTION}/{three[0].get('refId')}", body, **headers)
    assert reply.status_code == status
    assert ("403-01" in reply.text) == (marker is None)


def test_of_many_each_is_judged_by_itself(
    hub: Hub, sis: Client, writer: Client, three: Any
) -> None:
    pod, ids = live(hub), [each.get("refId") for each in three]
    parts = (
        partial(ids[0], "<localId>N-1</localId>"),
        partial(ids[1], "<name><givenName>Q</givenName></name>"),
    )
    body = f'<xStudents xmlns="{NS}">'.encode() + b"".join(parts) + b"</xStudents>"
    reply = writer.send("PUT", COLLECTION, body, dataPrivacyMarker=pod.token)
    codes = [each.get("statusCode") for each in etree.fromstring(reply.content).iter("{*}update")]
    assert codes == ["200", "403"]
    assert seen(sis, ids[0]).findtext(f"{{{NS}}}localId") == "N-1"


def test_a_create_with_more_than_rw_is_refused(
    hub: Hub, writer: Client, students: Students
) -> None:
    pod = live(hub)
    body = etree.tostring(students(1)[0])
    reply = writer.send("POST", f"{COLLECTION}/xStudent", body, dataPrivacyMarker=pod.token)
    assert reply.status_code == 403


def test_a_create_within_rw_shows_what_the_grant_shows(
    hub: Hub, sis: Client, writer: Client, students: Students
) -> None:
    pod = live(hub, granted=PATHS, writable=("xStudent",))
    student = students(1)[0]
    body = etree.tostring(student)
    reply = writer.send("POST", f"{COLLECTION}/xStudent", body, dataPrivacyMarker=pod.token)
    assert reply.status_code == 201
    names = {each.tag.rpartition("}")[2] for each in etree.fromstring(reply.content)}
    assert names == {"name", "localId"}
    assert len(seen(sis, student.get("refId", ""))) > len(names)


@pytest.mark.requirement("POD-GATE-010", "POD-GATE-011")
def test_a_delete_needs_no_marker_but_the_right(
    hub: Hub, sis: Client, writer: Client, three: Any
) -> None:
    refid = three[0].get("refId")
    live(hub, writable=("xStudent",), granted=("xStudent",))
    assert writer.send("DELETE", f"{COLLECTION}/{refid}").status_code == 403
    token = live(hub, writable=("xStudent",), granted=("xStudent",)).token
    assert writer.send("GET", COLLECTION, dataPrivacyMarker=token).status_code == 200
    assert writer.send("DELETE", f"{COLLECTION}/{refid}").status_code == 204
    assert sis.send("GET", f"{COLLECTION}/{refid}").status_code == 404


def test_a_vendor_without_rw_deletes_nothing(
    hub: Hub, sis: Client, writer: Client, three: Any
) -> None:
    refid, pod = three[0].get("refId"), live(hub)
    assert writer.send("GET", COLLECTION, dataPrivacyMarker=pod.token).status_code == 200
    assert writer.send("DELETE", f"{COLLECTION}/{refid}").status_code == 403
    assert sis.send("GET", f"{COLLECTION}/{refid}").status_code == 200


@pytest.mark.requirement("POD-MIN-010")
def test_a_pseudonym_leads_back_to_the_student(
    hub: Hub, sis: Client, writer: Client, three: Any
) -> None:
    pod = live(hub, conditions=(Condition(HASH, "xStudent/@refId"),))
    listed = etree.fromstring(writer.send("GET", COLLECTION, dataPrivacyMarker=pod.token).content)
    shown = [each.get("refId", "") for each in listed]
    real = {each.get("refId", "") for each in three}
    assert len(set(shown)) == 3
    assert not {fold(each) for each in shown} & {fold(each) for each in real}
    body = partial(shown[0], "<localId>NEW-1</localId>")
    reply = writer.send("PUT", f"{COLLECTION}/{shown[0]}", body, dataPrivacyMarker=pod.token)
    assert reply.status_code == 204
    found = [seen(sis, each).findtext(f"{{{NS}}}localId") for each in sorted(real)]
    assert found.count("NEW-1") == 1
    one = writer.send("GET", f"{COLLECTION}/{shown[0]}", dataPrivacyMarker=pod.token)
    assert etree.fromstring(one.content).findtext(f"{{{NS}}}localId") == "NEW-1"
    hidden = writer.send("GET", f"{COLLECTION}/{min(real)}", dataPrivacyMarker=pod.token)
    assert hidden.status_code == 404


@pytest.mark.requirement("POD-MIN-005")
def test_what_a_row_filter_hides_cannot_be_written(
    hub: Hub, writer: Client, sis: Client, students: Students
) -> None:
    found = students(6)
    body = etree.tostring(xpress.collection("xStudents", found))
    assert sis.send("POST", COLLECTION, body).status_code == 200
    path = "xStudent/enrollment/gradeLevel"
    grade = found[0].findtext("{*}enrollment/{*}gradeLevel")
    condition = Condition("ROW_FILTER", path, "not-in", grade or "")
    pod = live(hub, conditions=(condition,))
    listed = etree.fromstring(writer.send("GET", COLLECTION, dataPrivacyMarker=pod.token).content)
    assert 0 < len(listed) < 6
    refid = found[0].get("refId", "")
    reply = writer.send(
        "PUT",
        f"{COLLECTION}/{refid}",
        partial(refid, "<localId>N</localId>"),
        **{MARKER: pod.token},
    )
    assert reply.status_code == 404
