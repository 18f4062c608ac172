"""What the suite's own hub writes is valid for the published schemas."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from conformance import trees
from conformance.simulators.consumer import Consumer
from conformance.stage import documents
from conformance.stage.play import Stage

ZONE = "zone-a"
REFID = "5b72f2d4-7a83-4297-a71f-8b5fb26cbf14"
URL = "http://127.0.0.1:8092/hub"
OBJECTS = {
    "environment": documents.environment(
        REFID, "token", URL, "demo-vendor", "SIF_HMACSHA256", ["zone-a", "zone-b"]
    ),
    "queue": documents.queue(REFID, URL),
    "error": documents.error(403, "The privacy marker is missing.", "403-01"),
    "plain error": documents.error(404, "There is no such place."),
}


@pytest.fixture(scope="module")
def infrastructure(standards: Path) -> etree.XMLSchema:
    """The published schema of infrastructure 3.3."""
    (path,) = (standards / "schemas/official/infrastructure-3.3").glob("*.xsd")
    return etree.XMLSchema(etree.parse(str(path)))


@pytest.mark.parametrize("name", sorted(OBJECTS))
def test_an_infrastructure_object_is_valid(infrastructure: etree.XMLSchema, name: str) -> None:
    infrastructure.assertValid(trees.parse(trees.tostring(OBJECTS[name])))


def test_an_error_of_3_6_holds_the_sub_code_in_its_details() -> None:
    element = documents.error(410, "Outdated.", "410-20", "3.6")
    assert [one.text for one in trees.every(element, "subCode")] == ["410-20"]
    assert trees.text(element, "description") == "410-20: Outdated."


def test_documents_are_valid_as_a_list(
    infrastructure: etree.XMLSchema, stage: Stage, client: Consumer
) -> None:
    stage.renew()
    infrastructure.assertValid(client.link.send("GET", "services/pods").document)


@pytest.fixture(scope="module")
def unity(standards: Path) -> etree.XMLSchema:
    """The strict schema of the data model."""
    path = standards / "schemas/patched/unity-4.3-strict/SIF_Message.xsd"
    return etree.XMLSchema(etree.parse(str(path)))


@pytest.mark.parametrize("sparse", [False, True])
def test_pruned_students_are_valid(
    unity: etree.XMLSchema, stage: Stage, client: Consumer, sparse: bool
) -> None:
    made = stage.renew()
    stage.thin_out(sparse)
    lines = {"dataPrivacyMarker": made[ZONE].token}
    students = client.link.send("GET", f"requests/xStudents;zoneId={ZONE}", None, lines).document
    for student in students:
        unity.assertValid(etree.fromstring(etree.tostring(student)))
