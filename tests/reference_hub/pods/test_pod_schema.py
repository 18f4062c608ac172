"""Which PODs are valid, told as the published schemas tell it, and without a word of their data."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.pod_grammar import VERSIONS
from reference_hub.codec.pod_schema import faults, json_faults
from reference_hub.codec.pod_xml import build_pod, tree_of
from reference_hub.codec.releases import spoken
from reference_hub.model.infrastructure import namespace_for
from tests.reference_hub.pods import published_json
from tests.reference_hub.pods.documents import (
    INF_36,
    NIL,
    SEEDS,
    drawn,
    element,
    respelled,
    small,
    written,
)
from tests.reference_hub.test_schema_agreement import EDITS

BOUNDED = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def published(folder: Path) -> etree.XMLSchema:
    path = folder / "schemas/official/infrastructure-3.3/SIF_Message.xsd"
    return etree.XMLSchema(etree.parse(str(path)))


@cache
def published_36(folder: Path) -> dict[str, Any]:
    return published_json.load(folder)


@cache
def document(seed: int) -> _Element:
    return build_pod(drawn(seed))


@pytest.mark.requirement("POD-SCH-001")
@BOUNDED
@given(SEEDS)
def test_a_drawn_pod_is_valid_for_the_published_schema(standards: Path, seed: int) -> None:
    assert published(standards).validate(document(seed))


@pytest.mark.requirement("POD-SCH-001")
@BOUNDED
@given(st.integers(0, 12), EDITS)
def test_a_changed_pod_is_valid_for_both_schemas_or_for_neither(
    standards: Path, seed: int, edits: list[Any]
) -> None:
    changed = deepcopy(document(seed))
    for change, where, word in edits:
        targets = list(changed.iter(etree.Element))
        change(targets[where % len(targets)], word)
    assert (faults(changed) == []) == published(standards).validate(changed)


@pytest.mark.requirement("POD-SCH-001", "POD-SCH-010")
@BOUNDED
@given(SEEDS)
def test_a_drawn_pod_is_valid_json_of_3_6(standards: Path, seed: int) -> None:
    content = tree_of(build_pod(drawn(seed, INF_36), INF_36))
    value = json.loads(json.dumps([{"pod": content}]))
    assert published_json.allows(published_36(standards), value)
    assert json_faults(value, "3.6") == []


WRONG = [None, 3, 2.5, True, "", "Y", "2026-07-01", [], {}, [""], [{}], {"contact": []}]


@BOUNDED
@given(st.integers(0, 12), st.integers(0), st.sampled_from(WRONG), st.booleans())
def test_changed_json_is_valid_for_both_or_for_neither(
    standards: Path, seed: int, where: int, wrong: Any, gone: bool
) -> None:
    value: Any = [{"pod": drawn(seed, INF_36)}]
    holders = [(each, key) for each in walk(value) for key in list(keys(each))]
    holder, key = holders[where % len(holders)]
    if is_date(holder, key) and isinstance(wrong, str):
        return  # the published schema names the format of a date, and asks nobody to look at it
    holder[key] = wrong
    if gone:
        del holder[key]
    assert (json_faults(value, "3.6") == []) == published_json.allows(
        published_36(standards), value
    )


def walk(value: Any) -> Any:
    """Every object and array."""
    if isinstance(value, dict | list):
        yield value
        for each in value.values() if isinstance(value, dict) else value:
            yield from walk(each)


def keys(holder: Any) -> Any:
    """The names or positions in it."""
    return holder if isinstance(holder, dict) else range(len(holder))


def is_date(holder: Any, key: Any) -> bool:
    """Whether a date stands there, by its name."""
    return isinstance(key, str) and ("date" in key.lower() or key == "deleteBy")


@pytest.mark.requirement("POD-SCH-002", "POD-SCH-003")
@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (">Live<", ">Active<", "/pod/podStatus: expected one of Draft, Pending, Live, Expired"),
        (">Live<", ">live<", "/pod/podStatus: expected one of Draft, Pending, Live, Expired"),
        ("-4297-", "-3297-", "/pod/@id: expected the pattern"),
        ("2026-07-01", "2026-02-30", "dateValidFrom: expected a value of type xs:date"),
        ("<default>Y", "<default>maybe", "default: expected one of Y, N; found a word of 5"),
        ("<podVersion>1.0.0</podVersion>", "", "expected podVersion here; found partyId"),
        (">60<", ">sixty<", "dataRetention: expected a value of type xs:integer"),
        ("<lawList/>", "", "contract: expected lawList before its end"),
    ],
)
def test_what_is_wrong_is_told_with_line_path_and_reason(old: str, new: str, told: str) -> None:
    found = faults(etree.fromstring(respelled(written(), old, new)))
    assert len(found) == 1
    assert found[0].startswith("line 1, /pod")
    assert told in found[0]


def test_no_fault_quotes_the_document() -> None:
    xml = respelled(written(), ">Live<", ">Margaret O'Neill<")
    xml = respelled(xml, "<partyId>", "<Margaret>O'Neill</Margaret><partyId>")
    found = " ".join(faults(etree.fromstring(xml)))
    assert found.count("expected") == 2
    assert "Margaret" not in found
    assert "Neill" not in found


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_from_3_0_to_3_7_is_judged_in_its_own_namespace(version: str) -> None:
    pod = spoken(element(), namespace_for(version))
    assert faults(pod) == []
    assert faults(pod, version) == []


@pytest.mark.requirement("POD-SCH-004")
@pytest.mark.parametrize("version", ["3.3", "3.6"])
def test_the_contacts_of_the_other_version_are_refused(version: str) -> None:
    other = "3.6" if version == "3.3" else "3.3"
    pod = etree.tostring(spoken(element(), namespace_for(other))).decode()
    found = faults(etree.fromstring(pod.replace(namespace_for(other), namespace_for(version))))
    assert len(found) == 2
    assert "privacyContact" in found[0]


@pytest.mark.parametrize(
    ("namespace", "version", "told"),
    [
        (namespace_for("3.9"), "", "expected one of SIF infrastructure 3.0 to 3.7"),
        ("urn:other", "", "expected one of SIF infrastructure 3.0 to 3.7"),
        (namespace_for("3.6"), "3.7", "expected that of infrastructure 3.7"),
    ],
)
def test_another_namespace_is_a_fault(namespace: str, version: str, told: str) -> None:
    pod = etree.fromstring(written().replace(namespace_for("3.3").encode(), namespace.encode()))
    assert told in faults(pod, version)[0]


def test_another_root_is_a_fault() -> None:
    alert = etree.fromstring(f"<alert xmlns='{namespace_for('3.3')}'/>")
    assert "expected pod or pods" in faults(alert)[0]


def test_a_collection_is_judged_with_all_its_pods() -> None:
    pods = etree.Element(f"{{{namespace_for('3.3')}}}pods")
    pods.extend([element(), element()])
    assert faults(pods) == []
    pods[1][0].text = "Active"
    assert "/pods/pod[2]/podStatus" in faults(pods)[0]


def test_empty_lists_and_nil_elements_are_valid() -> None:
    pod = element(lambda content: content["privacyList"].update(privacy=[]))
    assert faults(pod) == []
    end = next((whole := element()).iter("{*}dateValidTo"))
    end.text, end.attrib[NIL] = None, "true"
    assert faults(whole) == []


@pytest.mark.requirement("POD-SCH-010")
@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"pod": small()}, "/: expected an array of objects with the member pod; found an object"),
        ([small()], "/0: expected one member pod, or one member pods; found 0 of them"),
        ([{"pod": [small()]}], "/0/pod: expected an object; found an array"),
        ([{"pod": {**small(), "podStatus": "Active"}}], "/0/pod/podStatus: expected one of Draft"),
        ([{"pod": {**small(), "podToken": 7}}], "podToken: expected a text; found a number"),
        ([{"pod": {**small(), "podToken": None}}], "podToken: expected a text; found null"),
        ([{"pod": {**small(), "id": "pod-1"}}], "/0/pod/id: expected a UUID of version 1 or 4"),
        ([{"pod": {**small(), "privacyList": []}}], "privacyList: expected an object; found an"),
    ],
)
def test_what_is_wrong_in_json_is_told_with_path_and_reason(value: object, told: str) -> None:
    assert told in json_faults(value)[0]


def test_json_without_a_member_that_is_required_is_refused() -> None:
    content = small()
    del content["podToken"]
    assert json_faults([{"pod": content}]) == [
        "/0/pod/podToken: expected this member; it is required and missing"
    ]


def test_json_members_that_nobody_knows_are_allowed() -> None:
    assert json_faults([{"pod": {**small(), "colour": {"deep": [1]}}, "more": 1}]) == []


def test_days_that_do_not_exist_are_refused_in_json() -> None:
    text = json.dumps([{"pod": small()}]).replace("2026-07-01", "2026-02-30")
    assert "expected a date" in json_faults(json.loads(text))[0]
