"""Code sets: bulk, paged, by id; a zone's own set; codes that come and go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from fixtures import codesets
from reference_hub.clock import Clock
from reference_hub.journeys.code_sets import set_codes

ROWS = [("Male", "male", ""), ("Female", "female", "")]


def asked(client: Any, path: str = "", **headers: str) -> etree._Element:
    reply = client.send("GET", f"/requests/codeSets{path}", serviceType="UTILITY", **headers)
    assert reply.status_code == 200
    return etree.fromstring(reply.content)


def codes(root: etree._Element, action: str = "ADD") -> list[str]:
    items = root.iterfind("{*}codeItems/{*}codeItem")
    return [each.findtext("{*}code", "") for each in items if each.findtext("{*}action") == action]


def store(hub: Any, *rows: tuple[str, str, str], zone: str = "demo-district") -> None:
    with hub.engine.begin() as connection:
        set_codes(connection, Clock(), zone, "sex-xpress", rows)


@pytest.mark.requirement("INF-CDS-001", "INF-CDS-002")
def test_every_set_holds_codes_and_names_no_other_source(sis: Any) -> None:
    sets = asked(sis)
    assert all(codes(each) for each in sets)
    assert [each.find("{*}source") for each in sets] == [None] * len(sets)


def test_a_set_of_the_kit_has_the_codes_of_its_binding_once(sis: Any) -> None:
    expected = {row["sif_unity_classic"] for row in codesets.load("relationship")} - {""}
    assert set(codes(asked(sis, "/relationship-classic"))) == expected
    assert len(codes(asked(sis, "/relationship-classic"))) == len(expected)


def test_a_code_with_one_meaning_is_explained_by_it(sis: Any) -> None:
    items = asked(sis, "/sex-classic").iterfind("{*}codeItems/{*}codeItem")
    assert {each.findtext("{*}code"): each.findtext("{*}value") for each in items} == {
        "M": "male",
        "F": "female",
        "U": "unspecified",
    }


@pytest.mark.requirement("INF-CDS-002")
def test_the_pages_make_up_the_whole(sis: Any) -> None:
    whole = [each.get("id") for each in asked(sis)]
    pages = [asked(sis, f"?navigationPage={n}&navigationPageSize=4") for n in (1, 2)]
    assert [each.get("id") for page in pages for each in page] == whole[:8]


@pytest.mark.requirement("INF-CDS-002")
def test_a_page_tells_how_many_there_are(sis: Any) -> None:
    whole = len(asked(sis))
    reply = sis.send("GET", "/requests/codeSets", navigationPage="1", navigationPageSize="4")
    assert reply.headers["navigationPageSize"] == "4"
    assert reply.headers["navigationCount"] == str(whole)
    assert reply.headers["navigationLastPage"] == str(-(-whole // 4))


def test_a_page_behind_the_last_is_answered_204(sis: Any) -> None:
    reply = sis.send("GET", "/requests/codeSets?navigationPage=99&navigationPageSize=10")
    assert (reply.status_code, reply.content) == (204, b"")


@pytest.mark.parametrize(
    ("query", "status"), [("0", 400), ("x", 400), ("1&navigationPageSize=5000", 413)]
)
def test_a_page_that_cannot_be_is_refused(sis: Any, query: str, status: int) -> None:
    assert sis.send("GET", f"/requests/codeSets?navigationPage={query}").status_code == status


def test_one_set_has_no_pages(sis: Any) -> None:
    reply = sis.send("GET", "/requests/codeSets/sex-xpress?navigationPage=1&navigationPageSize=1")
    assert reply.status_code == 405


def test_an_unknown_set_is_answered_404(sis: Any) -> None:
    assert sis.send("GET", "/requests/codeSets/unknown").status_code == 404


@pytest.mark.requirement("INF-CDS-004", "INF-ZON-008")
def test_the_set_of_a_zone_replaces_the_general_one(hub: Any, sis: Any) -> None:
    store(hub, ("Male", "male", ""), ("X", "other", ""))
    shown = [each for each in asked(sis, ";zoneId=demo-district") if each.get("id") == "sex-xpress"]
    assert [codes(each) for each in shown] == [["Male", "X"]]
    assert shown[0].findtext("{*}zone") == "demo-district"


@pytest.mark.requirement("INF-CDS-002", "INF-ZON-008", "INF-ENV-024")
def test_without_a_zone_the_default_zone_filters(hub: Any, sis: Any) -> None:
    store(hub, ("X", "other", ""))
    assert codes(asked(sis, "/sex-xpress")) == ["X"]


@pytest.mark.requirement("INF-ZON-008")
def test_the_utility_zone_shows_every_entry(hub: Any, sis: Any) -> None:
    store(hub, ("X", "other", ""))
    every = asked(sis, ";zoneId=environment-global")
    zones = [each.findtext("{*}zone") for each in every if each.get("id") == "sex-xpress"]
    assert zones == ["environment-global", "demo-district"]


def test_the_set_of_a_zone_that_the_caller_is_not_in_stays_there(hub: Any, sis: Any) -> None:
    store(hub, ("X", "other", ""), zone="other-district")
    assert codes(asked(sis, "/sex-xpress;zoneId=other-district")) == ["Male", "Female"]


@pytest.mark.requirement("INF-CDS-003")
def test_a_code_that_is_gone_stays_marked(hub: Any, sis: Any) -> None:
    store(hub, *ROWS, ("X", "other", ""))
    store(hub, *ROWS)
    found = asked(sis, "/sex-xpress")
    assert (codes(found), codes(found, "DELETE")) == (["Male", "Female"], ["X"])
    assert found.findtext("{*}version") == "1.1"


def test_a_code_that_means_something_else_is_marked_changed(hub: Any, sis: Any) -> None:
    store(hub, *ROWS)
    store(hub, ROWS[0], ("Female", "woman", ""))
    assert codes(asked(sis, "/sex-xpress"), "CHANGE") == ["Female"]


@pytest.mark.requirement("INF-CDS-002")
def test_a_new_and_a_changed_set_are_told_to_subscribers(
    hub: Any, sis: Any, ear: Callable[..., Any]
) -> None:
    heard = ear(sis, "UTILITY", "codeSets")
    store(hub, *ROWS)
    store(hub, ROWS[0])
    assert [headers["eventAction"] for headers, _ in heard.events()] == ["CREATE", "UPDATE"]
    assert codes(heard.events()[1][1][0], "DELETE") == ["Female"]


def test_a_set_that_stays_as_it_was_makes_no_event(
    hub: Any, sis: Any, ear: Callable[..., Any]
) -> None:
    heard = ear(sis, "UTILITY", "codeSets")
    store(hub, *ROWS)
    store(hub, *ROWS)
    assert len(heard.events()) == 1


def test_an_event_of_a_set_is_valid_by_the_published_schema(
    hub: Any, sis: Any, ear: Callable[..., Any], infrastructure: etree.XMLSchema
) -> None:
    heard = ear(sis, "UTILITY", "codeSets")
    store(hub, *ROWS)
    headers, event = heard.events()[0]
    infrastructure.assertValid(event)
    assert headers["zoneId"] == "demo-district"
