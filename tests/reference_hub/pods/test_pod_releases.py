"""Contacts of 3.3 and of later versions: both are taken, and each becomes the other."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from lxml import etree

from reference_hub.codec.pod_schema import faults
from reference_hub.codec.pod_xml import build_pod, tree_of
from reference_hub.codec.releases import spoken
from reference_hub.model.infrastructure import INFRASTRUCTURE, namespace_for
from tests.reference_hub.pods.documents import INF_36, SEEDS, drawn, element

BOUNDED = settings(max_examples=100, deadline=None)
NAMES = ("A", "B")


def with_contacts(namespace: str) -> etree._Element:
    """A POD with two contacts of the controller and one for issues."""
    people = [{"name": {"familyName": name}} for name in NAMES]
    party = {"privacyPolicyURL": "https://d.example"}

    def change(content: dict) -> None:  # type: ignore[type-arg]
        document = content["privacyList"]["privacy"][0]["privacyObligationsDocument"]
        contacts = {"privacyContact": people, "issuesNotificationContact": people[:1]}
        document["dataController"] = party | contacts

    return spoken(element(change), namespace)


@pytest.mark.requirement("POD-SCH-004")
@BOUNDED
@given(SEEDS)
def test_a_pod_of_3_3_survives_the_way_to_3_6_and_back(seed: int) -> None:
    pod = build_pod(drawn(seed))
    newer = spoken(pod, INF_36)
    assert faults(newer, "3.6") == []
    assert etree.tostring(spoken(newer, INFRASTRUCTURE)) == etree.tostring(pod)


@pytest.mark.requirement("POD-SCH-004")
@BOUNDED
@given(SEEDS)
def test_a_pod_of_3_6_survives_the_way_to_3_3_and_back(seed: int) -> None:
    pod = build_pod(drawn(seed, INF_36), INF_36)
    older = spoken(pod, INFRASTRUCTURE)
    assert faults(older, "3.3") == []
    assert tree_of(spoken(older, INF_36)) == tree_of(pod)


@pytest.mark.parametrize("version", ["3.4", "3.5", "3.6", "3.7"])
def test_from_3_4_on_contacts_stand_in_lists_at_the_same_place(version: str) -> None:
    controller = next(with_contacts(namespace_for(version)).iter("{*}dataController"))
    assert [etree.QName(each).localname for each in controller] == [
        "privacyPolicyURL", "privacyContactList", "issuesNotificationContactList",
    ]  # fmt: skip
    assert [each.text for each in controller[1].iter("{*}familyName")] == list(NAMES)


@pytest.mark.parametrize("version", ["3.0.1", "3.3"])
def test_until_3_3_contacts_repeat(version: str) -> None:
    controller = next(with_contacts(namespace_for(version)).iter("{*}dataController"))
    names = [etree.QName(each).localname for each in controller]
    assert names == [
        "privacyPolicyURL", "privacyContact", "privacyContact", "issuesNotificationContact",
    ]  # fmt: skip


def test_a_collection_is_moved_whole() -> None:
    pods = etree.Element(f"{{{INFRASTRUCTURE}}}pods")
    pods.extend([element(), with_contacts(INFRASTRUCTURE)])
    moved = spoken(pods, INF_36)
    assert faults(moved) == []
    assert len(list(moved.iter("{*}contact"))) == 6


def test_a_name_of_a_contact_in_another_object_stays() -> None:
    job = etree.fromstring(f"<job xmlns='{INFRASTRUCTURE}'><privacyContact/></job>")
    assert spoken(job, INF_36).find("{*}privacyContact") is not None
