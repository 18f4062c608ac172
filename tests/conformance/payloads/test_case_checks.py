"""The checks that send the payload cases: other objects, blame for each case, shared clients."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from lxml import etree

from conformance import cases, session, target
from conformance.planning import plan
from conformance.runfile import Check
from conformance.simulators import Receiver, serve
from conformance.simulators.documents import NA4, node, serialise
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import MUTANTS
from conformance.simulators.problems import Refusal
from fixtures.standards import schema_path

SCHEMA = etree.XMLSchema(etree.fromstring(schema_path("unity-4.3-kit").read_bytes()))
OTHERS = {f"{name}s": name for name in cases.OBJECTS if name != "xStudent"}
CODES = "codes_outside_the_lists_are_refused"


class WholeModel(Receiver):
    """A vendor that takes every object of the model and judges those beside students by schema."""

    def __init__(self) -> None:
        super().__init__()
        self.others: dict[tuple[str, str], bytes] = {}
        self.turned_down: list[str] = []

    def provisioned_zones(self) -> etree._Element:
        zones = super().provisioned_zones()
        for services in zones.iter("{*}services"):
            services.extend(node("service", type="OBJECT", name=name) for name in OTHERS)
        return zones

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        if path[0] not in OTHERS:
            return super().route_connector(request, path)
        self.authenticate_session(request)
        if request.method == "POST":
            return self.create_other(request, path[0])
        key = (path[0], path[1].replace("-", "").lower())
        if key not in self.others:
            raise self.not_found()
        if request.method == "DELETE":
            del self.others[key]
            return self.empty()
        return Response(200, self.others[key])

    def create_other(self, request: Request, plural: str) -> Response:
        """POST of one object that is no student."""
        element = self.read_xml(request)
        if element.tag != f"{{{NA4}}}{OTHERS[plural]}" or not self.approves(element):
            self.turned_down.append(OTHERS[plural])
            raise Refusal(400, "The object is not valid.")
        key = (plural, element.get("refId", "").replace("-", "").lower())
        self.others[key] = serialise(element)
        return Response(201, self.others[key])

    def approves(self, element: etree._Element) -> bool:
        """Whether the schema takes the object."""
        return SCHEMA.validate(element)


class StoresAnyStaff(WholeModel):
    """Looks at everything but staff."""

    def approves(self, element: etree._Element) -> bool:
        return element.tag.endswith("xStaff") or super().approves(element)


class TidyVendor(Receiver):
    """A legal vendor: canonical values, composed letters, and only the parts it has a use for."""

    def store_student(self, student: etree._Element) -> None:
        for part in list(student):
            if etree.QName(part).localname in ("academicSummary", "languages", "studentContacts"):
                student.remove(part)
        for leaf in student.iter("{*}familyName", "{*}givenName", "{*}birthDate", "{*}gradeLevel"):
            text = unicodedata.normalize("NFC", leaf.text or "").strip()
            leaf.text = text[:10] if etree.QName(leaf).localname == "birthDate" else text
        for flag in student.iter("{*}hispanicLatinoEthnicity"):
            flag.text = "true" if flag.text in ("1", "true") else "false"
        super().store_student(student)


class CountsEnvironments(MUTANTS["TakesDaysThatDoNotExist"]):  # type: ignore[misc]
    """A vendor with a mistake that knows how often it was asked for an environment."""

    made = 0

    def create_environment(self, request: Request) -> Response:
        self.made += 1
        return super().create_environment(request)


def judge(vendor: Receiver, *only: str, without: str = "") -> dict[str, Check]:
    """The checks that the suite comes to with this vendor, by id."""
    with serve(vendor) as handle:
        table: dict[str, Any] = {
            "vendor": {"name": "Example Reading App"},
            "endpoint": {"url": handle.url},
            "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
            "capabilities": {name: name != without for name in target.CAPABILITIES},
        }
        config = target.from_table(table, environ={})
        done = session.run(config, seed=7, only=only, examine=False)
    return {check.id: check for check in done.verdict.checks}


def blamed(check: Check) -> list[str]:
    """The names of the cases that failed."""
    return sorted(one.summary.rpartition("(case ")[2].rstrip(")") for one in check.findings)


@pytest.fixture(scope="module")
def whole() -> tuple[WholeModel, dict[str, Check]]:
    """A vendor of the whole model and what the suite says of it."""
    vendor = WholeModel()
    return vendor, judge(vendor, "sif/validity")


def test_a_vendor_of_the_whole_model_passes(whole: tuple[WholeModel, dict[str, Check]]) -> None:
    assert {check.verdict for check in whole[1].values()} == {"pass"}
    assert len(whole[1]) == len(plan("receiver", "full", ["sif/validity"]).checks)


def test_a_vendor_that_keeps_values_in_its_own_form_passes() -> None:
    checks = judge(TidyVendor(), "sif/validity", "letters_come_back_as_they_were").values()
    assert [f"{one.id}: {one.reason}" for one in checks if one.verdict != "pass"] == []


def test_other_objects_are_sent_to_those_who_offer_them(
    whole: tuple[WholeModel, dict[str, Check]],
) -> None:
    vendor = whole[0]
    due = [case.object for case in cases.load("refuse") if case.object != "xStudent"]
    assert sorted(vendor.turned_down) == sorted(due)
    assert vendor.others == {}


def test_a_fault_in_another_object_is_found_where_it_is() -> None:
    found = judge(StoresAnyStaff(), CODES)[CODES]
    assert found.verdict == "fail"
    assert blamed(found) == ["staff-with-a-title-for-a-job"]


def test_only_the_cases_that_went_wrong_are_blamed() -> None:
    found = judge(MUTANTS["TakesDaysThatDoNotExist"](), "invalid_students_are_refused")
    assert blamed(found["invalid_students_are_refused"]) == [
        "date-in-a-zone-that-is-too-far",
        "date-of-zeros",
        "day-that-does-not-exist",
        "leap-day-in-a-common-year",
        "month-thirteen",
    ]


def test_a_case_that_went_wrong_ends_the_shared_environment() -> None:
    vendor = CountsEnvironments()
    found = judge(vendor, "invalid_students_are_refused")["invalid_students_are_refused"]
    assert vendor.made == 1 + len(found.findings)


def test_a_refused_case_leaves_nothing_behind_even_if_it_was_taken() -> None:
    vendor = MUTANTS["TakesAnyCode"]()
    assert judge(vendor, CODES)[CODES].verdict == "fail"
    assert vendor.state.students == {}


def test_the_cases_of_a_check_share_one_environment() -> None:
    found = judge(Receiver(), CODES)[CODES]
    own = cases.load("refuse", kind="code-set", objects=("xStudent",))
    looks = sum(case.names(one) for case in own for one in ("refid", "other"))
    # Beside the looks for what was kept: each body and its control; two to begin, two to end.
    assert len(found.exchanges) == 2 * len(own) + looks + 4


def test_without_query_the_answer_to_the_create_shows_what_was_kept() -> None:
    check = "names_that_look_like_commands_are_kept"
    assert judge(Receiver(), check, without="query")[check].verdict == "pass"
    assert judge(MUTANTS["StripsMarkup"](), check, without="query")[check].verdict == "fail"
