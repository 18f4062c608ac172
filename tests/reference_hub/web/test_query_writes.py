"""Limits and overrides of changes: what the right was asked for happens, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from lxml import etree

from fixtures.writers import xpress
from reference_hub.model.rights import Grant
from reference_hub.model.scope import Scope
from reference_hub.settings import Queries
from reference_hub.store import vendors

COLLECTION = "/requests/xStudents"
SINGLE = f"{COLLECTION}/xStudent"
Students = Callable[[int], list[etree._Element]]


@pytest.fixture
def small(another: Any, web_settings: Any) -> Any:
    """A SIS at a hub that takes two objects at once."""
    settings = msgspec.structs.replace(web_settings, queries=Queries(largest_multi=2))
    client = another(settings).client("small")
    client.open()
    return client


def given(hub: Any, key: str, *grants: Grant) -> None:
    """Give an application these rights and no others."""
    with hub.engine.begin() as connection:
        scope = Scope("demo-district")
        vendors.add_application(connection, key, "a-secret", scope, grants=grants)


def many(found: list[etree._Element]) -> bytes:
    return etree.tostring(xpress.collection("xStudents", found))


@pytest.mark.requirement("INF-BLK-005", "INF-TRN-011")
def test_more_objects_than_the_limit_are_413_and_none_is_stored(
    small: Any, students: Students, infrastructure: etree.XMLSchema
) -> None:
    deletes = "".join(f'<delete id="{n}"/>' for n in range(3))
    namespace = "http://www.sifassociation.org/infrastructure/3.3"
    request = f'<deleteRequest xmlns="{namespace}"><deletes>{deletes}</deletes></deleteRequest>'
    for verb, body, headers in (
        ("POST", many(students(3)), {}),
        ("PUT", many(students(3)), {}),
        ("PUT", request.encode(), {"methodOverride": "DELETE"}),
    ):
        reply = small.send(verb, COLLECTION, body, **headers)
        assert reply.status_code == 413
        infrastructure.assertValid(etree.fromstring(reply.content))
    assert small.send("GET", COLLECTION).status_code == 204


def test_as_many_as_the_limit_are_taken(small: Any, students: Students) -> None:
    assert small.send("POST", COLLECTION, many(students(2))).content.count(b'"201"') == 2


@pytest.mark.requirement("INF-HDR-004", "NEG-027")
def test_an_override_that_reads_never_creates_one(sis: Any, students: Students) -> None:
    (one,) = students(1)
    reply = sis.send("POST", SINGLE, etree.tostring(one), methodOverride="GET")
    assert reply.status_code == 400
    assert sis.send("GET", COLLECTION).status_code == 204


@pytest.mark.requirement("INF-HDR-004", "NEG-028")
def test_an_override_that_deletes_never_updates_one(sis: Any, students: Students) -> None:
    (one,) = students(1)
    sis.send("POST", SINGLE, etree.tostring(one))
    path = f"{COLLECTION}/{one.get('refId')}"
    body = f'<xStudent xmlns="{xpress.NA4}"><localId>1</localId></xStudent>'.encode()
    assert sis.send("PUT", path, body, methodOverride="DELETE").status_code == 400
    kept = etree.fromstring(sis.send("GET", path).content).findtext("{*}localId")
    assert kept == one.findtext("{*}localId")


@pytest.mark.requirement("INF-QBE-006", "INF-ACL-004")
def test_who_may_only_read_creates_nothing_by_an_override(hub: Any, students: Students) -> None:
    client = hub.client("looker")
    grant = Grant("demo-district", "DEFAULT", "OBJECT", "*", {"QUERY": "APPROVED"})
    given(hub, "looker", grant)
    client.open()
    (one,) = students(1)
    for path, status in ((SINGLE, 400), (COLLECTION, 204)):
        reply = client.send("POST", path, etree.tostring(one), methodOverride="GET")
        assert reply.status_code == status
        assert client.send("POST", path, many([one])).status_code == 403
    assert client.send("GET", COLLECTION).status_code == 204


@pytest.mark.requirement("INF-QRY-006", "INF-QBE-006", "INF-ACL-003", "INF-ACL-005", "NEG-058")
def test_every_way_of_reading_needs_the_right_to_query(hub: Any, students: Students) -> None:
    client = hub.client("writer")
    rights = {"QUERY": "REJECTED", "CREATE": "APPROVED"}
    kinds = (("OBJECT", "xStudents"), ("SERVICEPATH", "xSchools/{}/xStudents"))
    grants = tuple(Grant("demo-district", "DEFAULT", kind, name, rights) for kind, name in kinds)
    given(hub, "writer", *grants)
    client.open()
    body = etree.tostring(students(1)[0])
    assert client.send("POST", SINGLE, body).status_code == 201
    path = f"/requests/xSchools/{'0' * 32}/xStudents"
    for verb, where in (("GET", COLLECTION), ("HEAD", COLLECTION), ("GET", path), ("POST", path)):
        assert client.send(verb, where, body, methodOverride="GET").status_code == 403
    assert client.send("POST", COLLECTION, body, methodOverride="GET").status_code == 403


@pytest.mark.requirement("NEG-029")
def test_only_the_override_of_sif_counts(sis: Any, students: Students) -> None:
    (one,) = students(1)
    foreign = {"X-HTTP-Method-Override": "GET"}
    assert b'"201"' in sis.send("POST", COLLECTION, many([one]), **foreign).content
    body = many([one])
    foreign = {"X-HTTP-Method-Override": "DELETE"}
    assert b'"200"' in sis.send("PUT", COLLECTION, body, **foreign).content
    assert sis.send("GET", COLLECTION).headers["navigationCount"] == "1"


@pytest.mark.requirement("INF-UPD-007")
def test_the_override_of_an_update_is_a_plain_update(sis: Any, students: Students) -> None:
    (one,) = students(1)
    sis.send("POST", SINGLE, etree.tostring(one))
    assert b'"200"' in sis.send("PUT", COLLECTION, many([one]), methodOverride="UPDATE").content
    path, body = f"{COLLECTION}/{one.get('refId')}", etree.tostring(one)
    assert sis.send("PUT", path, body, methodOverride="UPDATE").status_code == 204


@pytest.mark.requirement("INF-URL-004")
def test_the_singular_is_no_id(sis: Any) -> None:
    assert sis.send("GET", SINGLE).status_code == 405
    assert sis.send("DELETE", SINGLE).status_code == 405


@pytest.mark.requirement("INF-DEL-003", "INF-TRN-014", "NEG-016")
def test_a_collection_is_not_deleted(sis: Any) -> None:
    reply = sis.send("DELETE", COLLECTION)
    assert (reply.status_code, reply.headers["Allow"]) == (405, "GET, HEAD, POST, PUT")


@pytest.mark.requirement("INF-BLK-006", "INF-BLK-007", "INF-CRE-006", "NEG-012")
def test_an_item_that_cannot_use_its_id_is_404(
    sis: Any, students: Students, infrastructure: etree.XMLSchema
) -> None:
    good, bad, twice = students(3)
    bad.set("refId", "row 2")
    sis.send("POST", SINGLE, etree.tostring(twice))
    reply = sis.send("POST", COLLECTION, many([good, bad, twice]), mustUseAdvisory="True")
    answer = etree.fromstring(reply.content)
    results = {each.get("advisoryId"): each for each in answer.iter("{*}create")}
    codes = {each.get("statusCode") for each in results.values()}
    assert codes == {"201", "404", "409"}
    failed = results["row 2"]
    assert (failed.get("statusCode"), failed.findtext("{*}error/{*}code")) == ("404", "404")
    assert failed.get("id") is None
    infrastructure.assertValid(answer)
