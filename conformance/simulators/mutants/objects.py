"""Vendors that mistreat students on the way in."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from copy import deepcopy
from functools import cached_property

from lxml import etree

from conformance.simulators.documents import serialise
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver


@breaks("INF-CRE-001")
class CreateAnswers200(Receiver):
    """Accepts the student but answers 200 OK."""

    def created(self, student: etree._Element) -> Response:
        return Response(200, serialise(student))


@breaks("INF-CRE-001")
class CreateForgetsTheMiddleName(Receiver):
    """Answers a create with the student as its database has it: without the middle name."""

    def created(self, student: etree._Element) -> Response:
        shown = deepcopy(student)
        for middle in shown.findall("{*}name/{*}middleName"):
            middle.getparent().remove(middle)  # type: ignore[union-attr]
        return Response(201, serialise(shown))


@breaks("INF-CRE-006")
class IgnoresMustUseAdvisory(Receiver):
    """Assigns an id of its own although the suggested one is a must."""

    def must_use_advisory(self, request: Request) -> bool:
        return False


@breaks("INF-HDR-008")
class AdvisoryOnlyAsHeader(Receiver):
    """Reads mustUseAdvisory from the header and not from the query."""

    def must_use_advisory(self, request: Request) -> bool:
        return (request.header("mustUseAdvisory") or "").lower() == "true"


@breaks(
    "INF-CRE-007",
    also=("DAT-UNI-001", "DAT-UNI-002", "INF-CRE-006", "INF-FMT-005", "TRN-LC-07", "TRN-LC-07-S"),
)
class CreateOverwrites(Receiver):
    """Lets a second create replace the student of the same id."""

    def add_student(self, student: etree._Element, must: bool) -> etree._Element:
        self.state.students.pop(self.student_key(student.get("refId", "")), None)
        return super().add_student(student, must)


@breaks(
    "INF-CRE-008",
    also=("INF-BLK-002", "INF-BLK-007", "NEG-012", "NEG-013", "TRN-LC-03-S", "TRN-LC-04-S"),
)
class StoresInvalidStudents(Receiver):
    """Stores whatever is well-formed."""

    def validate(self, student: etree._Element, *, partial: bool = False) -> None:
        return None


@breaks("INF-UPD-001")
class UpdateAnswers200(Receiver):
    """Answers a single update with 200."""

    def updated(self) -> Response:
        return Response(200)


@breaks("INF-STA-003", also=("INF-UPD-001",))
class NoContentWithContent(Receiver):
    """Answers an update with 204 and a body."""

    def updated(self) -> Response:
        return Response(204, b"<done/>")


@breaks(
    "INF-UPD-003",
    also=(
        "TRN-ID-01-S",
        "TRN-ID-09-S",
        "TRN-ID-10",
        "TRN-ID-10-S",
        "TRN-LC-03",
        "TRN-LC-03-S",
        "TRN-LC-04-S",
        "TRN-LC-11",
        "TRN-LR-08",
        "TRN-LR-08-S",
        "TRN-TX-11",
        "TRN-TX-11-S",
    ),
)
class UpdateReplaces(Receiver):
    """Takes an update for the whole student and forgets what was not sent."""

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        result = deepcopy(partial)
        result.set("refId", stored.get("refId", ""))
        return result


@breaks("INF-UPD-003", also=("TRN-ID-01", "TRN-ID-01-S"))
class WantsCompleteUpdates(Receiver):
    """Refuses an update that lacks a mandatory element."""

    def validate(self, student: etree._Element, *, partial: bool = False) -> None:
        if partial and student.find("{*}enrollment") is None:
            raise Refusal(400, "The enrollment is missing.")
        super().validate(student)


@breaks("INF-UPD-004", also=("TRN-LC-01-S",))
class UpdateCreates(Receiver):
    """Creates a student when the id of an update is unknown."""

    def change_student(self, refid: str, partial: etree._Element) -> None:
        if self.find_student(refid) is None:
            partial.set("refId", refid)
            self.store_student(deepcopy(partial))
        else:
            super().change_student(refid, partial)


@breaks("INF-UPD-006")
class TrustsTheBodyId(Receiver):
    """Does not mind that path and body name different students."""

    def check_same_id(self, refid: str, inner: str | None) -> None:
        return None


@breaks(
    "INF-DEL-001",
    also=(
        "INF-DEL-002",
        "NEG-028",
        "POD-END-004",
        "TRN-ID-10",
        "TRN-ID-10-S",
        "TRN-LC-01",
        "TRN-LC-01-S",
    ),
)
class DeleteOnlyHides(Receiver):
    """Answers a delete with 204 and keeps the student."""

    def remove_student(self, refid: str) -> None:
        return None


@breaks("INF-DEL-001")
class DeleteAnswers200(Receiver):
    """Answers a single delete with 200."""

    def deleted(self) -> Response:
        return Response(200)


@breaks("INF-QBE-006", also=("NEG-027",))
class TakesExamplesForCreates(Receiver):
    """Overlooks methodOverride GET and stores the example as a student."""

    def refuse_example(self, override: str) -> None:
        return None


@breaks("INF-CRE-005", also=("INF-CRE-006", "INF-ZON-010"))
class AnswersWithAnotherId(Receiver):
    """Stores the student under one id and answers with another."""

    def created(self, student: etree._Element) -> Response:
        shown = deepcopy(student)
        shown.set("refId", self.new_id().upper())
        return super().created(shown)


@breaks(
    "INF-CRE-009",
    also=(
        "INF-BLK-002",
        "INF-BLK-007",
        "INF-CRE-001",
        "INF-CRE-006",
        "INF-FMT-008",
        "INF-HDR-006",
        "INF-TRN-010",
        "INF-UPD-004",
        "INF-URL-002",
        "INF-ZON-010",
        "NEG-012",
        "NEG-013",
        "NEG-056",
        "POD-ACK-007",
        "POD-MIN-008",
    ),
)
class RefusesWhatItHasNoUseFor(Receiver):
    """Refuses students with languages or grade averages, which it does not keep."""

    def validate(self, student: etree._Element, *, partial: bool = False) -> None:
        super().validate(student, partial=partial)
        useless = ("languages", "academicSummary")
        if any(student.find(f"{{*}}{name}") is not None for name in useless):
            raise Refusal(400, "There is an element that is not supported.")


@breaks(
    "INF-URL-002",
    also=(
        "INF-CRE-001",
        "INF-CRE-006",
        "INF-CRE-008",
        "INF-CRE-009",
        "INF-FMT-006",
        "INF-FMT-008",
        "INF-FMT-012",
        "INF-FMT-016",
        "INF-HDR-006",
        "INF-HDR-008",
        "INF-TRN-006",
        "INF-TRN-010",
        "INF-TRN-015",
        "INF-ZON-010",
        "NEG-017",
        "NEG-035",
        "NEG-036",
        "NEG-038",
        "NEG-056",
        "NEG-060",
        "POD-ACK-007",
        "POD-MIN-008",
        "POD-VER-004",
        "TRN-PR-16",
        "TRN-TX-02",
    ),
)
class CreatesOnlyInCollections(Receiver):
    """Has no address for a single create."""

    def create_student(self, request: Request) -> Response:
        raise Refusal(405, "Post a collection.")


@breaks(
    "INF-QRY-009",
    also=(
        "DAT-UNI-002",
        "INF-CRE-006",
        "INF-CRE-007",
        "INF-FMT-005",
        "INF-HDR-011",
        "INF-TRN-014",
        "INF-UPD-003",
        "INF-UPD-006",
        "NEG-017",
        "POD-GATE-016",
        "TRN-LC-03-S",
        "TRN-LC-04-S",
        "TRN-LC-07-S",
        "TRN-LR-08-S",
        "TRN-PR-07-S",
    ),
)
class ReadingChangesTheStudent(Receiver):
    """Clears the local id once a student has been read."""

    def found(self, student: etree._Element) -> Response:
        answer = super().found(student)
        for local in student.findall("{*}localId"):
            student.remove(local)
        return answer


@breaks("POD-END-004", also=("TRN-ID-10", "TRN-LC-01"))
class ListsTheDeleted(Receiver):
    """Keeps deleted students in the list."""

    @cached_property
    def archive(self) -> list[etree._Element]:
        return []

    def remove_student(self, refid: str) -> None:
        student = self.find_student(refid)
        self.archive.extend([] if student is None else [student])
        super().remove_student(refid)

    def all_students(self) -> list[etree._Element]:
        return [*super().all_students(), *self.archive]


@breaks(
    "INF-TRN-006",
    also=(
        "DAT-FID-001",
        "DAT-FID-002",
        "INF-CRE-001",
        "INF-QRY-001",
        "INF-TRN-015",
        "TRN-LC-08-S",
        "TRN-LR-05",
        "TRN-TX-01",
        "TRN-TX-01-S",
        "TRN-TX-05",
        "TRN-TX-05-S",
    ),
)
class KeepsOneByteLetters(Receiver):
    """Stores letters in one byte each and a question mark for all others."""

    def store_student(self, student: etree._Element) -> None:
        for each in student.iter("{*}familyName", "{*}givenName"):
            each.text = (each.text or "").encode("latin-1", "replace").decode("latin-1")
        super().store_student(student)
