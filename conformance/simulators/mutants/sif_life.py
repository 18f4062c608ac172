"""Vendors that lose track of a record: updates, replays, deletes and second lives."""

# An override may ignore what it is given.

from __future__ import annotations

from copy import deepcopy
from functools import cached_property

from lxml import etree

from conformance.simulators.documents import NA4
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.mutants.sif_records import CONTACTS, LINKS, remove
from conformance.simulators.mutants.sif_values import ReadsOtherwise, drop
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.store import Markers
from conformance.simulators.students import all_at, token_at


@breaks("TRN-LC-01-S", also=("INF-DEL-001", "INF-DEL-002", "NEG-028", "TRN-ID-10-S"))
class ReadsTheDeleted(Receiver):
    """Deletes from the list and still answers under the id."""

    @cached_property
    def bin(self) -> dict[str, etree._Element]:
        return {}

    def remove_student(self, refid: str) -> None:
        student = self.find_student(refid)
        if student is not None:
            self.bin[self.student_key(refid)] = student
        super().remove_student(refid)

    def read_one(self, request: Request, refid: str) -> Response:
        kept = self.bin.get(self.student_key(refid))
        if kept is not None and self.find_student(refid) is None:
            return self.found(kept)
        return super().read_one(request, refid)


@breaks("TRN-LC-03-S")
class PartialListsReplaceRecords(Receiver):
    """Replaces each part that an update names as a whole, with all that stands inside."""

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        result = super().merge(stored, partial)
        told = partial.find(f"{{{NA4}}}phoneNumber")
        if told is not None and result.find(f"{{{NA4}}}phoneNumber") is not None:
            for old in all_at(result, "phoneNumber"):
                kept = {part.tag for part in told}
                for part in [part for part in old if part.tag not in kept]:
                    old.remove(part)
        return result


@breaks("TRN-LC-04-S", also=("TRN-LC-04",))
class NilIsNothingToDo(Receiver):
    """Takes a nil in an update for a part that was left out."""

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        told = deepcopy(partial)
        for path in ("stateProvinceId", "demographics/birthDate"):
            steps = "/".join(f"{{{NA4}}}{step}" for step in path.split("/"))
            for one in told.findall(steps):
                if not one.text:
                    remove(one)
        return super().merge(stored, told)


@breaks(
    "TRN-LC-06-S", also=("DAT-FID-002", "INF-CRE-001", "INF-QRY-001", "TRN-LC-08-S", "TRN-LR-05-S")
)
class DropsLinksToStrangers(Receiver):
    """Drops links to contacts it has not been told of."""

    def store_student(self, student: etree._Element) -> None:
        known = {one.get("refId") for one in all_at(student, CONTACTS)}
        for link in list(all_at(student, LINKS)):
            if link.text not in known:
                remove(link)
        super().store_student(student)


@breaks("TRN-LC-07-S", also=("TRN-MV-08-S", "TRN-PR-07-S"))
class ListsGrowOnReplay(Receiver):
    """Adds to a list of numbers what an update repeats."""

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        result = super().merge(stored, partial)
        for path in ("otherPhoneNumbers", "languages"):
            told, before = list(all_at(partial, path)), list(all_at(stored, path))
            for target in all_at(result, path) if told and before else ():
                target.extend(deepcopy(one) for one in before[0] if not one.text)
        return result


@breaks("TRN-LC-07-S", also=("DAT-UNI-002", "INF-CRE-006", "INF-CRE-007", "INF-FMT-005"))
class ReplayedCreateWins(Receiver):
    """Refuses a create that comes again, after it has stored it."""

    def add_student(self, student: etree._Element, must: bool) -> etree._Element:
        if must and self.find_student(student.get("refId") or "") is not None:
            self.store_student(deepcopy(student))
        return super().add_student(student, must)


@breaks("DAT-REP-001")
class OlderMessageWins(Receiver):
    """Applies whatever arrives last, also what it had applied before."""

    def seen_before(self, request: Request) -> bool:
        return (
            request.method == "PUT" and "files" in request.segments and super().seen_before(request)
        )


@breaks("TRN-LC-08-S")
class FirstLifeShinesThrough(Receiver):
    """Fills a student who is created again with what it had before."""

    @cached_property
    def past(self) -> dict[str, etree._Element]:
        return {}

    def remove_student(self, refid: str) -> None:
        student = self.find_student(refid)
        if student is not None:
            self.past[self.student_key(refid)] = student
        super().remove_student(refid)

    def add_student(self, student: etree._Element, must: bool) -> etree._Element:
        stored = super().add_student(student, must)
        former = self.past.get(self.student_key(stored.get("refId", "")))
        if former is not None:
            stored = self.merge(former, stored)
            self.store_student(stored)
        return stored


@breaks("TRN-LC-11-S")
class ForgetsWhoLeft(Receiver):
    """Shows nobody whose enrolment has ended for a reason."""

    def read_one(self, request: Request, refid: str) -> Response:
        student = self.find_student(refid)
        if student is not None and token_at(student, "enrollment/exitOrWithdrawalType") == "1908":
            raise self.not_found()
        return super().read_one(request, refid)


@breaks("TRN-LC-12-S", also=("TRN-LC-12",))
class CorrectedEntryIsAnotherEnrolment(Receiver):
    """Keeps the old enrolment beside the one with the corrected day."""

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        result = super().merge(stored, partial)
        before, after = (next(all_at(one, "enrollment"), None) for one in (stored, result))
        if before is None or after is None or partial.find(f"{{{NA4}}}enrollment") is None:
            return result
        if token_at(before, "entryDate") != token_at(after, "entryDate"):
            others = etree.Element(f"{{{NA4}}}otherEnrollments")
            others.append(deepcopy(before))
            after.addnext(others)
        return result


@breaks("TRN-LC-13-S")
class RestartForgetsTheLast(Receiver):
    """Loses with a restart whom it had not written to disk."""

    def remembered(self) -> Markers:
        for students in self.state.districts.values():
            for key in list(students)[-1:]:
                del students[key]
        return super().remembered()


@breaks("TRN-GU-01-S")
class CollapsesContacts(ReadsOtherwise):
    """Takes contacts of one family name and address for one."""

    def _change(self, student: etree._Element) -> None:
        seen = set()
        for one in list(all_at(student, CONTACTS)):
            who = (token_at(one, "name/familyName"), token_at(one, "email/emailAddress"))
            if who in seen:
                remove(one)
            seen.add(who)


@breaks("TRN-GU-02-S", also=("DAT-FID-002", "TRN-LR-05-S"))
class ForgetsRestrictions(ReadsOtherwise):
    """Has no place for what a contact may not."""

    def _change(self, student: etree._Element) -> None:
        drop(student, f"{CONTACTS}/relationships/relationship/restrictions")


@breaks("TRN-GU-03-S")
class RightsOnlyGrow(Receiver):
    """Adds new contacts and never takes one away."""

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        result = super().merge(stored, partial)
        now = {one.get("refId") for one in all_at(result, CONTACTS)}
        for target in all_at(result, "studentContacts"):
            target.extend(
                deepcopy(one) for one in all_at(stored, CONTACTS) if one.get("refId") not in now
            )
        return result


@breaks("TRN-GU-04-S", also=("DAT-FID-002", "TRN-CS-01-S", "TRN-LR-05-S"))
class OneRelationPerContact(ReadsOtherwise):
    """Keeps the first relationship of a contact."""

    def _change(self, student: etree._Element) -> None:
        for listed in all_at(student, f"{CONTACTS}/relationships"):
            for one in list(listed)[1:]:
                listed.remove(one)


@breaks("TRN-GU-05-S")
class NewEmailNewContact(Receiver):
    """Files contacts by e-mail address: with a new one there is a second contact."""

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        result = super().merge(stored, partial)
        path = "email/emailAddress"
        now = {one.get("refId"): token_at(one, path) for one in all_at(result, CONTACTS)}
        for target in all_at(result, "studentContacts"):
            target.extend(
                deepcopy(one)
                for one in all_at(stored, CONTACTS)
                if now.get(one.get("refId"), "") not in ("", token_at(one, path))
            )
        return result


@breaks(
    "TRN-LR-08-S",
    also=("INF-UPD-003", "TRN-LC-03-S", "TRN-LC-04-S", "TRN-LC-07-S", "TRN-MV-08-S", "TRN-PR-07-S"),
)
class UpdateRenumbersTheNeighbours(Receiver):
    """Moves the room of every student with each update of one."""

    def change_student(self, refid: str, partial: etree._Element) -> None:
        super().change_student(refid, partial)
        for other in self.all_students():
            for room in all_at(other, "enrollment/homeRoomNumber"):
                room.text = f"{room.text}x"


@breaks("TRN-PR-07-S", also=("INF-UPD-003", "TRN-PR-07"))
class SecondLoadMakesNewNames(Receiver):
    """Replaces with a full load what it had, and names students anew as it goes."""

    def update_students(self, request: Request) -> Response:
        answer = super().update_students(request)
        for item in self.read_students(request):
            student = self.find_student(item.get("refId", ""))
            for login in all_at(student, "loginId") if student is not None else ():
                login.text = f"{login.text}2"
        return answer


@breaks("TRN-LC-03-S", also=("TRN-LC-04-S",))
class AppliesTheGoodHalf(Receiver):
    """Refuses an update for its wrong part after it has applied the rest."""

    def change_student(self, refid: str, partial: etree._Element) -> None:
        try:
            super().change_student(refid, partial)
        except Refusal:
            rest = deepcopy(partial)
            drop(rest, "demographics")
            if self.find_student(refid) is not None and len(rest):
                self.store_student(self.merge(self.find_student(refid), rest))  # type: ignore[arg-type]
            raise


@breaks("TRN-LC-01-S", also=("INF-UPD-004",))
class LateUpdateCreates(Receiver):
    """Makes a student of an update for somebody it does not know."""

    def change_student(self, refid: str, partial: etree._Element) -> None:
        if self.find_student(refid) is None:
            made = deepcopy(partial)
            made.set("refId", refid)
            self.store_student(made)
            return
        super().change_student(refid, partial)


@breaks("TRN-LC-04-S")
class ClearsWhatIsNeeded(Receiver):
    """Takes a nil for a needed part for one that is left out."""

    def change_student(self, refid: str, partial: etree._Element) -> None:
        told = deepcopy(partial)
        for one in told.findall(f"{{{NA4}}}enrollment/{{{NA4}}}schoolRefId"):
            if not one.text:
                remove(one)
        super().change_student(refid, told)
