"""What a POD lets a vendor have: what cannot be read or honoured grants nothing."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from lxml import etree

from reference_hub.codec.pod_terms import COMPARISONS, days_to_confirm, path_of, read_terms
from reference_hub.codec.pod_xml import build_pod
from reference_hub.codec.releases import spoken
from reference_hub.model.infrastructure import INFRASTRUCTURE
from reference_hub.model.pod import Condition, Terms
from tests.reference_hub.pods.documents import (
    INF_36,
    NIL,
    SEEDS,
    drawn,
    element,
    entry_of,
    respelled,
    technical,
    written,
)

Change = Callable[[dict[str, Any]], object]
GRANTED = ("xStudent/@refId", "xStudent/name")
PLAIN = Terms(starts=date(2026, 7, 1), ends=date(2029, 6, 30), granted=GRANTED)


def terms(change: Change = lambda _: None) -> Terms:
    """The terms of the one entry of the small POD, its content changed first."""
    (found,) = read_terms(element(change))
    return found


def contract(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = entry_of(content)["privacyObligationsDocument"]["contract"]
    return found


def with_condition(kind: str, **properties: str) -> Change:
    """One condition with these properties; `_` in a name stands for a hyphen."""
    pairs = [
        {"propertyName": name.replace("_", "-"), "propertyValue": value}
        for name, value in properties.items()
    ]
    told = {"typeOfCondition": kind, "propertyList": {"property": pairs}}
    return lambda content: technical(content).update(conditionList={"condition": [told]})


def with_fields(*fields: dict[str, str]) -> Change:
    access = {"fieldList": {"field": list(fields)}}
    return lambda content: technical(content).update(dataAccess=access)


def test_a_plain_entry_grants_its_fields_in_its_days() -> None:
    assert terms() == PLAIN


def test_selectors_are_read_and_absent_ones_mean_any() -> None:
    def change(content: dict[str, Any]) -> None:
        places = [{"zoneId": " lea-1 ", "contextId": "DEFAULT"}, {"zoneId": "lea-2"}]
        entry_of(content).update(
            default="N",
            appIDList={"appID": ["Reading"]},
            adapterFingerprintList={"adapterFingerprint": ["fp-1"]},
            zoneContextList={"zoneContext": places},
            endpointList={"endpoint": [{"endpointURL": "https://v.example/in"}]},
            dataModelNamespace="urn:model",
            dataModelVersionMin="4.0",
            dataModelVersionMax="4.3",
        )

    found = terms(change)
    assert (found.is_default, found.app_ids, found.fingerprints) == (False, ("Reading",), ("fp-1",))
    assert found.places == (("lea-1", "DEFAULT"), ("lea-2", ""))
    assert found.endpoints == ("https://v.example/in",)
    assert (found.namespace, found.version_min, found.version_max) == ("urn:model", "4.0", "4.3")
    assert found.granted == GRANTED


@pytest.mark.requirement("POD-LC-006")
@pytest.mark.parametrize(
    "members",
    [
        {"appIDList": {}},
        {"appIDList": {"appID": [" "]}},
        {"adapterFingerprintList": {}},
        {"zoneContextList": {"zoneContext": [{}]}},
        {"endpointList": {"endpoint": [{"endpointProviderName": "Host"}]}},
    ],
)
def test_a_list_that_names_nobody_does_not_mean_anybody(members: dict[str, Any]) -> None:
    assert terms(lambda content: entry_of(content).update(members)).granted == ()


def test_an_entry_that_is_closed_stays_for_those_whom_it_names() -> None:
    selectors = {"appIDList": {"appID": ["A"]}, "zoneContextList": {"zoneContext": []}}
    found = terms(lambda content: entry_of(content).update(selectors))
    assert (found.app_ids, found.places, found.granted) == (("A",), (), ())


@pytest.mark.parametrize(
    "change",
    [
        lambda content: entry_of(content).pop("privacyObligationsDocument"),
        lambda content: entry_of(content)["privacyObligationsDocument"].pop("contract"),
        lambda content: contract(content).update(dateValidFrom="12026-07-01"),
        lambda content: contract(content).update(dateValidTo="-0044-03-15"),
        lambda content: technical(content).pop("dataAccess"),
        with_fields(),
    ],
)
def test_without_document_contract_days_or_fields_nothing_is_granted(change: Change) -> None:
    found = terms(change)
    assert (found.granted, found.writable) == ((), ())


def test_no_end_means_open_and_a_time_zone_changes_no_day() -> None:
    def change(content: dict[str, Any]) -> None:
        contract(content).update(dateValidFrom="2026-07-01-05:00", dateValidTo=None)

    found = terms(change)
    assert (found.starts, found.ends, found.granted) == (date(2026, 7, 1), None, GRANTED)


def test_rw_opens_writing_and_anything_else_does_not() -> None:
    found = terms(with_fields(
        {"fieldName": "xStudent/name", "controlrights": "RW"},
        {"fieldName": "xStudent/localId", "controlrights": "R"},
        {"fieldName": "xStudent/email"},
        {"fieldName": "xStaff/name", "controlrights": "RW"},
        {"fieldName": "xStaff/name", "controlrights": "R"},
    ))  # fmt: skip
    assert found.granted == ("xStudent/name", "xStudent/localId", "xStudent/email", "xStaff/name")
    assert found.writable == ("xStudent/name",)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("xStudent/name/givenName", "xStudent/name/givenName"),
        (" /xStudent/@refId ", "xStudent/@refId"),
        ("StudentPersonal", "StudentPersonal"),
        ("", ""),
        ("/", ""),
        ("*", ""),
        ("xStudent/*", ""),
        ("xStudent//name", ""),
        ("xStudent/name[1]", ""),
        ("n:xStudent/name", ""),
        ("../xStudent", ""),
        ("xStudent/@refId/x", ""),
        ("xStudent/", ""),
        ("xStudent name", ""),
    ],
)
def test_only_paths_of_our_syntax_grant(name: str, path: str) -> None:
    assert path_of(name) == path
    assert terms(with_fields({"fieldName": name})).granted == ((path,) if path else ())


@pytest.mark.parametrize(
    ("change", "condition"),
    [
        (
            with_condition(
                "ROW_FILTER", path="xStudent/enrollment/gradeLevel", op="in", value="09"
            ),
            Condition("ROW_FILTER", "xStudent/enrollment/gradeLevel", "in", "09"),
        ),
        (
            with_condition("ROW_FILTER", path="xStudent/name", not_in="09,10"),
            Condition("ROW_FILTER", "xStudent/name", "not-in", "09,10"),
        ),
        (
            with_condition("ROW_FILTER", path="xStudent/name", op="present"),
            Condition("ROW_FILTER", "xStudent/name", "present"),
        ),
        (
            with_condition("GENERALISE", path="xStudent/name", prefix="1"),
            Condition("GENERALISE", "xStudent/name", "prefix", "1"),
        ),
        (
            with_condition("GENERALISE", path="xStudent/name", op="year"),
            Condition("GENERALISE", "xStudent/name", "year"),
        ),
        (with_condition("HASH", path="xStudent/name"), Condition("HASH", "xStudent/name")),
        (with_condition("PURPOSE", value="research"), Condition("PURPOSE", value="research")),
    ],
)
def test_conditions_that_the_filter_knows_are_read(change: Change, condition: Condition) -> None:
    found = terms(change)
    assert found.conditions == (condition,)
    assert found.granted == GRANTED


@pytest.mark.parametrize("op", COMPARISONS)
def test_every_comparison_needs_something_to_compare_with(op: str) -> None:
    path = "xStudent/name"
    assert terms(with_condition("ROW_FILTER", path=path, op=op, value="x")).granted == GRANTED
    assert terms(with_condition("ROW_FILTER", path=path, op=op)).granted == ()


@pytest.mark.parametrize(
    "change",
    [
        with_condition("ENCRYPT", path="xStudent/name"),
        with_condition("UNLESS", path="xStudent/name"),
        with_condition("row_filter", path="xStudent/name", op="present"),
        with_condition("", path="xStudent/name"),
        with_condition("DELETE"),
        with_condition("DELETE", path="xStudent/*"),
        with_condition("DELETE", path="xStudent/name", op="eq", value="x"),
        with_condition("DELETE", path="xStudent/name", when="weekend"),
        with_condition("ROW_FILTER", path="xStudent/name", op="like", value="x"),
        with_condition("ROW_FILTER", path="xStudent/name", op="present", value="x"),
        with_condition("ROW_FILTER", path="xStudent/name", **{"in": "1", "eq": "1"}),
        with_condition("GENERALISE", path="xStudent/name", op="prefix", value="some"),
        with_condition("GENERALISE", path="xStudent/name", op="day"),
        lambda content: technical(content).update(conditionList={"condition": [{}]}),
    ],
)
def test_a_condition_that_cannot_be_honoured_closes_its_entry(change: Change) -> None:
    assert terms(change) == Terms()


@pytest.mark.requirement("POD-LC-006")
def test_each_entry_stands_for_itself_and_a_closed_one_keeps_its_place() -> None:
    def change(content: dict[str, Any]) -> None:
        closed = {"default": "N", "appIDList": {"appID": ["Reading"]}}
        content["privacyList"]["privacy"].append(closed)

    first, second = read_terms(element(change))
    assert first == PLAIN
    assert second == Terms(is_default=False, app_ids=("Reading",))


def test_an_empty_list_of_entries_grants_nothing() -> None:
    assert read_terms(element(lambda content: content["privacyList"].clear())) == ()


def test_a_pod_that_is_not_valid_grants_nothing() -> None:
    assert read_terms(etree.fromstring(respelled(written(), ">Live<", ">Done<"))) == ()


def test_a_nil_list_of_fields_grants_nothing_and_a_nil_end_is_none() -> None:
    for name, expected in (("fieldList", ()), ("dateValidTo", GRANTED)):
        pod = element()
        nil = next(pod.iter(f"{{*}}{name}"))
        nil[:], nil.text, nil.attrib[NIL] = [], None, "true"
        assert read_terms(pod)[0].granted == expected


def test_a_collection_grants_nothing_as_a_whole() -> None:
    pods = etree.Element(f"{{{INFRASTRUCTURE}}}pods")
    pods.append(element())
    assert read_terms(pods) == ()
    assert read_terms(pods[0]) == (PLAIN,)


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_terms_are_the_same_in_every_version(seed: int) -> None:
    pod = build_pod(drawn(seed))
    assert read_terms(spoken(pod, INF_36)) == read_terms(pod)
    assert len(read_terms(pod)) == len(list(pod.iter(f"{{{INFRASTRUCTURE}}}privacy")))


@pytest.mark.parametrize(
    ("deletion", "days"),
    [
        ({"deleteData": "Y", "dataRetention": 60, "respondInDays": 10}, 10),
        ({"deleteData": "Y", "dataRetention": 60}, 60),
        ({"deleteData": "Y"}, 0),
        ({"deleteData": "N", "dataRetention": 60}, None),
        (None, None),
    ],
)
def test_the_days_in_which_deletion_is_to_be_confirmed(
    deletion: dict[str, Any] | None, days: int | None
) -> None:
    made = written(lambda content: technical(content).update(dataDeletion=deletion))
    assert days_to_confirm(made) == days


def test_of_several_entries_the_fewest_days_count() -> None:
    def change(content: dict[str, Any]) -> None:
        second = deepcopy(entry_of(content))
        content["privacyList"]["privacy"].append(second)
        duty = second["privacyObligationsDocument"]["technicalRequirements"]["dataDeletion"]
        duty["respondInDays"] = 5

    assert days_to_confirm(written(change)) == 5
