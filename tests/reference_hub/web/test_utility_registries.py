"""Zones, namespaces, and what all utility services refuse alike."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from lxml import etree

from fixtures.standards import MODELS
from reference_hub.model.rights import Grant
from reference_hub.model.scope import Scope
from reference_hub.store import vendors

SERVICES = ("zones", "namespaces", "codeSets", "xquerys", "alerts")
SCOPE = Scope("demo-district")
SECRET = "a-secret"
OTHER_VERSION = "http://www.sifassociation.org/infrastructure/3.2.1"


def asked(client: Any, path: str, **headers: str) -> etree._Element:
    reply = client.send("GET", f"/requests/{path}", serviceType="UTILITY", **headers)
    assert reply.status_code == 200
    return etree.fromstring(reply.content)


def ids(root: etree._Element) -> list[str]:
    return [each.get("id", "") for each in root]


@pytest.mark.requirement("INF-ZRG-001", "INF-ZRG-002", "INF-UTL-001")
def test_the_zones_are_the_callers_own_and_the_utility_zone(sis: Any) -> None:
    assert ids(asked(sis, "zones")) == ["demo-district", "environment-global"]


@pytest.mark.requirement("INF-ENV-024")
def test_the_default_zone_is_in_the_registry_with_its_description(sis: Any) -> None:
    own = sis.environment.find("{*}defaultZone").get("id")
    found = {each.get("id"): each for each in asked(sis, "zones")}
    assert found[own].findtext("{*}description") == "Demo"


@pytest.mark.requirement("INF-UTL-003")
@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("demo-district", ["demo-district", "environment-global"]),
        ("environment-global", ["demo-district", "environment-global"]),
        ("infrastructure-utilities", ["demo-district", "environment-global"]),
        ("other-district", ["environment-global"]),
    ],
)
def test_a_named_zone_filters_the_zones(sis: Any, zone: str, shown: list[str]) -> None:
    assert ids(asked(sis, f"zones;zoneId={zone}")) == shown


def test_a_zone_of_others_is_not_found_by_its_id(sis: Any) -> None:
    assert asked(sis, "zones/demo-district").get("id") == "demo-district"
    assert sis.send("GET", "/requests/zones/other-district").status_code == 404


def test_each_namespace_of_the_kit_has_one_entry(sis: Any) -> None:
    entries = asked(sis, "namespaces")
    expected = sorted({model.namespace for model in MODELS.values()})
    assert [each.findtext("{*}uri") for each in entries] == expected
    assert [each.findtext("{*}zone") for each in entries] == ["environment-global"] * len(entries)


def test_a_namespace_keeps_its_id_which_is_of_version_4(sis: Any) -> None:
    first, again = asked(sis, "namespaces")[0], asked(sis, "nameSpaces")[0]
    assert first.get("id") == again.get("id")
    assert UUID(first.get("id")).version == 4


def test_a_namespace_is_found_by_its_id_in_either_case(sis: Any) -> None:
    entry = asked(sis, "namespaces")[0]
    same = asked(sis, f"namespaces/{entry.get('id', '').upper()}")
    assert same.findtext("{*}uri") == entry.findtext("{*}uri")


@pytest.mark.parametrize("name", ["zones", "namespaces", "codeSets"])
def test_the_collection_is_valid_by_the_published_schema(
    sis: Any, infrastructure: etree.XMLSchema, name: str
) -> None:
    infrastructure.assertValid(asked(sis, name))


@pytest.mark.parametrize("name", ["zones", "namespaces", "codeSets"])
def test_each_entry_alone_is_valid_by_the_published_schema(
    sis: Any, infrastructure: etree.XMLSchema, name: str
) -> None:
    for entry in asked(sis, name):
        infrastructure.assertValid(asked(sis, f"{name}/{entry.get('id')}"))


@pytest.mark.parametrize("name", ["zones", "namespaces", "codeSets"])
def test_the_answer_is_in_the_namespace_of_the_caller(hub: Any, name: str) -> None:
    client = hub.client("old")
    client.open(f'<environment xmlns="{OTHER_VERSION}"/>'.encode())
    spoken = {etree.QName(each).namespace for each in asked(client, name).iter("*")}
    assert spoken == {OTHER_VERSION}


@pytest.mark.requirement("INF-UTL-002")
@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("query", ["where=[id=%22a%22]", "order=[id=ascending]"])
def test_a_qualifier_is_refused_and_not_ignored(sis: Any, name: str, query: str) -> None:
    assert sis.send("GET", f"/requests/{name}?{query}").status_code == 400


@pytest.mark.requirement("INF-UTL-002")
@pytest.mark.parametrize("name", ["zones", "namespaces", "xquerys", "alerts"])
def test_paging_is_refused_where_the_service_has_none(sis: Any, name: str) -> None:
    reply = sis.send("GET", f"/requests/{name}", navigationPage="1", navigationPageSize="5")
    assert reply.status_code == 400


@pytest.mark.requirement("INF-UTL-002")
@pytest.mark.parametrize("name", SERVICES)
def test_there_is_no_service_path_below_a_utility(sis: Any, name: str) -> None:
    reply = sis.send("GET", f"/requests/{name}/1/xStudents", serviceType="UTILITY")
    assert reply.status_code == 404


PROHIBITED = [
    ("POST", "zones/zone"),
    ("POST", "zones"),
    ("PUT", "zones/demo-district"),
    ("DELETE", "zones/demo-district"),
    ("POST", "namespaces/namespace"),
    ("POST", "namespaces"),
    ("PUT", "namespaces"),
    ("PUT", "namespaces/1"),
    ("DELETE", "namespaces/1"),
    ("POST", "codeSets/codeSet"),
    ("POST", "codeSets"),
    ("PUT", "codeSets"),
    ("PUT", "codeSets/sex-xpress"),
    ("DELETE", "codeSets/sex-xpress"),
    ("PUT", "xquerys"),
    ("PUT", "xquerys/1"),
    ("DELETE", "xquerys"),
    ("POST", "alerts"),
    ("PUT", "alerts"),
    ("PUT", "alerts/1"),
    ("DELETE", "alerts"),
    ("DELETE", "alerts/1"),
]


@pytest.mark.requirement("INF-XQR-003", "INF-ALR-003")
@pytest.mark.parametrize(("verb", "path"), PROHIBITED)
def test_what_a_registry_does_not_offer_is_answered_405(sis: Any, verb: str, path: str) -> None:
    reply = sis.send(verb, f"/requests/{path}", serviceType="UTILITY")
    assert reply.status_code == 405
    assert verb not in reply.headers["Allow"]


@pytest.mark.parametrize("name", SERVICES)
def test_head_answers_as_get_does_but_without_a_body(sis: Any, name: str) -> None:
    get, head = (sis.send(verb, f"/requests/{name}") for verb in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["responseAction"] == "HEAD"


def test_without_the_right_a_registry_is_closed(hub: Any, sis: Any) -> None:
    closed = Grant("demo-district", "DEFAULT", "UTILITY", "zones", {"QUERY": "REJECTED"})
    with hub.engine.begin() as connection:
        vendors.add_application(connection, "sis", SECRET, SCOPE, grants=[closed])
    assert sis.send("GET", "/requests/zones").status_code == 403
