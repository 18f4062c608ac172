"""Whether the data that is read is worth reading: valid, whole, consistent, plausible."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from lxml import etree

from conformance import expect, trees
from conformance.checks.preparation import prepared
from conformance.checks.provider.codes import coded
from conformance.offer import Offer
from conformance.problems import NotApplicable
from conformance.verifies import verifies
from fixtures.standards import MODELS, schema_path

MOST_FOLLOWED = 30
# Where a name ends so, an object of one of these collections is meant.
TARGETS = {
    "schoolrefid": ("xSchools", "SchoolInfos"),
    "schoolinforefid": ("SchoolInfos",),
    "learefid": ("xLeas", "LEAInfos"),
    "leainforefid": ("LEAInfos",),
    "courserefid": ("xCourses",),
    "studentrefid": ("xStudents",),
    "studentpersonalrefid": ("StudentPersonals",),
    "staffpersonalrefid": ("StaffPersonals",),
    "contactpersonrefid": ("xContacts",),
    "schoolcalendarrefid": ("xCalendars",),
    "sectioninforefid": ("SectionInfos",),
    "schoolcourseinforefid": ("SchoolCourseInfos",),
    "studentcontactpersonalrefid": ("StudentContactPersonals",),
    "studentreference/refid": ("xStudents",),
    "staffpersonreference/refid": ("xStaffs",),
    "homeroomteacher/refid": ("xStaffs",),
    "counselor/refid": ("xStaffs",),
}
DATES = re.compile(r"(?:date|birthdate)$", re.IGNORECASE)
SPANS = (("startDate", "endDate"), ("StartDate", "EndDate"), ("EntryDate", "ExitDate"))
EARLIEST, LATEST_YEARS = date(1900, 1, 1), 30


def every_object(offer: Offer) -> Iterator[tuple[str, Sequence[etree._Element]]]:
    """The collections that hold something, with their objects."""
    for name in offer.services:
        reply = offer.page(1, 1, name) if offer.declared("paging") else offer.listed(name)
        if reply.status == 200:
            yield name, offer.objects(name)


@cache
def schema_of(namespace: str) -> etree.XMLSchema:
    """The kit's schema of a data model; not applicable where it has none."""
    for model in MODELS.values():
        if model.namespace == namespace:
            return etree.XMLSchema(etree.fromstring(schema_path(model.id).read_bytes()))
    raise NotApplicable(f"the kit has no schema of {namespace}")


def known_objects(namespace: str) -> set[str]:
    """The objects that the kit's schema of a namespace describes."""
    return {name for one in MODELS.values() if one.namespace == namespace for name in one.objects}


@verifies("DAT-OFR-001")
def check_offered_objects_are_valid(offer: Offer) -> None:
    """Every object that the kit has a schema for is valid by it."""
    judged = 0
    for _, objects in every_object(offer):
        for one in objects:
            if trees.local(one) not in known_objects(trees.namespace(one)):
                continue
            schema = schema_of(trees.namespace(one))
            fine = schema.validate(trees.parse(trees.tostring(one)))
            judged += 1
            expect.true(fine, f"an object {trees.local(one)} is valid", None, _said(schema))
    if not judged:
        raise NotApplicable("the kit has a schema of none of the objects")


def _said(schema: etree.XMLSchema) -> str:
    log: Any = schema.error_log
    found = log.last_error
    # The message of the schema engine holds values of the object.
    place = re.search(r"Element '(?:\{[^}]*\})?([^']*)'", found.message) if found else None
    return f"{found.type_name} at {place[1] if place else 'the object'}" if found else "not valid"


@verifies("DAT-OFR-002")
def check_offered_ids_are_unique(offer: Offer) -> None:
    """No two objects of a collection have one id, case and hyphens aside, and none has no id."""
    for name, objects in every_object(offer):
        counts = Counter(trees.folded(trees.refid(one)) for one in objects)
        doubled = sorted(one for one, times in counts.items() if times > 1)
        expect.equal(doubled, [], f"ids that stand twice in {name}")


@verifies("DAT-OFR-003")
def check_object_in_a_list_is_the_object_by_its_id(offer: Offer) -> None:
    """The same object read in a list and by its id has the same values at the same places."""
    for one in offer.some(2):
        reply = prepared(offer.get(trees.refid(one)))
        expect.same_facts(one, reply.object, reply, ids=True)
        expect.same_facts(reply.object, one, reply, ids=True)


def references(offer: Offer) -> Iterator[tuple[str, str, str]]:
    """Path, collection and id of each reference to a collection that may be read."""
    for _, objects in every_object(offer):
        for one in objects:
            for path, value in trees.leaves(one):
                place = re.sub(r"\[\d+\]", "", path)
                *_, parent, last = place.casefold().split("/")
                ending = f"{parent}/{last}" if last == "refid" else last.removeprefix("@")
                for target in TARGETS.get(ending, ()):
                    if target in offer.services and value:
                        yield place, target, value


@verifies("DAT-OFR-004")
def check_references_lead_to_offered_objects(offer: Offer) -> None:
    """Where an object refers to one of a collection that may be read, that one can be read."""
    by_target: dict[tuple[str, str], tuple[str, str]] = {}
    for place, target, value in references(offer):
        by_target.setdefault((target, trees.folded(value)), (place, value))
    if not by_target:
        raise NotApplicable("the objects refer to nothing that may be read")
    followed = 0
    for (target, key), (place, value) in sorted(by_target.items()):
        if key in {trees.folded(trees.refid(one)) for one in offer.objects(target)}:
            continue
        followed += 1
        if followed > MOST_FOLLOWED:
            break
        reply = offer.get(value, target)
        expect.true(reply.status == 200, f"{place} leads to an object of {target}", reply,
                    f"{reply.status}")  # fmt: skip


@verifies("DAT-OFR-005")
def check_dates_are_plausible(offer: Offer) -> None:
    """Dates lie between 1900 and thirty years from now, births in the past, ends after begins."""
    today = datetime.now(UTC).date()
    for _, objects in every_object(offer):
        for one in objects:
            for path, value in trees.leaves(one):
                name = path.rpartition("/")[2].partition("[")[0]
                if DATES.search(name) and (day := day_of(value)):
                    latest = today if name.casefold() == "birthdate" else later(today)
                    fine = EARLIEST <= day <= latest
                    expect.true(fine, f"{path} is a plausible date", None, f"year {day.year}")
            for holder in (each for each in one.iter() if len(each)):
                for names in SPANS:
                    begin, end = (day_of(trees.text(holder, name)) for name in names)
                    fine = begin is None or end is None or begin <= end
                    expect.true(fine, f"{trees.local(holder)} ends after it begins")


def day_of(text: str) -> date | None:
    """The day of a date, None for anything else."""
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def later(day: date) -> date:
    """The same day thirty years on, or the day before."""
    return day.replace(year=day.year + LATEST_YEARS, day=min(day.day, 28))


@verifies("DAT-OFR-006")
def check_codes_are_of_their_sets(offer: Offer) -> None:
    """Grades, sexes, countries and flags have values of their code sets."""
    for _, objects in every_object(offer):
        for one in objects:
            for path, value, wanted in coded(one):
                expect.true(bool(wanted.fullmatch(value)), f"{path} is a code of its set")


@verifies("DAT-OFR-007")
def check_offered_text_is_not_broken(offer: Offer) -> None:
    """No text shows the marks of a wrong conversion, and no element stands there empty."""
    for _, objects in every_object(offer):
        for one in objects:
            for path, value in trees.leaves(one):
                broken = re.search("\ufffd|Ã[\u0080-\u00bf©¨«¶¼]|&(amp|lt|gt|#\\d+);", value)
                expect.true(broken is None, f"{path} is text as people write it")
            empty = [
                trees.local(part) for part in one.iter()
                if not len(part) and not (part.text or "").strip() and not part.attrib
            ]  # fmt: skip
            expect.equal(empty, [], f"elements of {trees.local(one)} that say nothing")
