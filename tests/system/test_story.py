"""Hub, worker and vendor as processes: what the demo tells, small, with the privacy looked at."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
import requests
from lxml import etree

from fixtures.generate import generate
from fixtures.writers import xpress
from tests.system import demo
from tests.system.demo import VendorUnderTest
from tests.system.processes import Processes, free_port
from tests.system.sis import Sis

# `make demo` plays the same story at each build; the README's blocks play most of it here.
pytestmark = pytest.mark.soak
STUDENTS = 12
SECRETS = {
    "SIS_SECRET": "sis-secret-1",
    "VENDOR_SECRET": "demo-secret-1",
    "CONFORMANCE_SECRET": "demo-secret-1",
}


class Told:
    """A story that was played to the end."""

    def __init__(self, kit: Processes) -> None:
        self.kit = kit
        self.vendor = VendorUnderTest("reading", "Example Reading App", free_port(), ())
        self.address = f"http://127.0.0.1:{(port := free_port())}"
        kit.start("reference-hub", "serve", "--port", str(port), port=port)
        kit.start("conformance", "simulate", "--port", str(self.vendor.port), port=self.vendor.port)
        demo.register(kit, ["reference-hub"], [self.vendor])
        self.portal = demo.join(kit, ["reference-hub"], self.address, self.vendor)
        self.sis = Sis(self.address, "district-sis", SECRETS["SIS_SECRET"])
        self.documents = dict(xpress.documents(generate(1, STUDENTS)))
        for collection in self.documents.values():
            assert sum(self.sis.publish(collection)) == len(collection)
        kit.start("reference-hub", "work")
        demo.wait_for_delivery(kit, ["reference-hub"])

    def export(self, name: str) -> list[dict[str, str]]:
        """Rows of the vendor's own form."""
        url = f"{self.vendor.url}/export/{name}.csv"
        answer = requests.get(url, auth=("demo-vendor", "demo-secret-1"), timeout=10)
        answer.encoding = "utf-8"
        return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The story, told once for all tests of this file."""
    with Processes(tmp_path_factory.mktemp("story"), SECRETS) as kit:
        yield Told(kit)


def leaves(collection: etree._Element, path: str) -> list[str]:
    """Texts at a path below each member, namespaces left out."""
    steps = "/".join(f"{{{xpress.NA4}}}{step}" for step in path.split("/"))
    return [text for member in collection if (text := member.findtext(steps))]


def test_what_the_vendor_pulls_is_pruned_as_well_and_needs_its_marker(told: Told) -> None:
    text = demo.pulled(told.portal)
    assert text.startswith(f"403 without its token, then {STUDENTS} students with demographics, ")
    assert [field for field in ("address", "phoneNumber", "stateProvinceId") if field in text] == []


def test_every_student_reaches_the_vendor_with_its_name(told: Told) -> None:
    sent = leaves(told.documents["xStudents"], "name/familyName")
    assert sorted(row["familyName"] for row in told.export("users")) == sorted(sent)


def test_granted_birth_dates_arrive(told: Told) -> None:
    sent = leaves(told.documents["xStudents"], "demographics/birthDate")
    assert sorted(row["birthDate"] for row in told.export("demographics")) == sorted(sent)


def test_what_the_agreement_does_not_grant_never_arrives(told: Told) -> None:
    students = told.documents["xStudents"]
    kept = {*leaves(students, "stateProvinceId"), *leaves(students, "phoneNumber/number")}
    assert len(kept) > STUDENTS
    held = "".join(map(str, [*told.export("users"), *told.export("demographics")]))
    assert [value for value in kept if value in held] == []


def test_what_was_lost_on_the_way_stands_in_the_ledger(told: Told) -> None:
    printed = told.kit.run("reference-hub", "losses", "reading").stdout
    assert "xStudent" in printed
    assert "no_slot" in printed


def test_a_later_change_and_a_deletion_follow(told: Told) -> None:
    first, second = list(told.documents["xStudents"])[:2]
    change = etree.Element(first.tag, refId=first.get("refId"), nsmap=first.nsmap)
    name = etree.SubElement(change, f"{{{xpress.NA4}}}name")
    etree.SubElement(name, f"{{{xpress.NA4}}}familyName").text = "Renamed"
    for refid, method, body in (
        (first.get("refId"), "PUT", etree.tostring(change)),
        (second.get("refId"), "DELETE", b""),
    ):
        assert told.sis.send(method, f"xStudents/{refid}", body).status_code == 204
    demo.wait_for_delivery(told.kit, ["reference-hub"])
    rows = {row["sourcedId"]: row["familyName"] for row in told.export("users")}
    assert rows[(first.get("refId") or "").lower()] == "Renamed"
    assert (second.get("refId") or "").lower() not in rows
