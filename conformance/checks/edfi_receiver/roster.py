"""Contacts and sections: ties that are a record each."""

from __future__ import annotations

from conformance import edfi_expect, expect
from conformance.checks.edfi_receiver.steps import course_in_terms, put_down
from conformance.edfi import EdfiClient
from conformance.edfi_bodies import Bodies
from conformance.edfi_expect import prepared
from conformance.edfi_shapes import uri
from conformance.plugin_edfi_receiver import Pupil, enrolled
from conformance.verifies import verifies

SEATS = "studentSectionAssociations"
SEVEN = 7


@verifies("EDF-VLE-007")
def check_seven_contacts_keep_their_priority(
    host: EdfiClient, bodies: Bodies, pupil: Pupil
) -> None:
    """Seven contacts of a student are seven ties, each with the priority that was sent."""
    wanted = {}
    for place in range(1, SEVEN + 1):
        name, contact = bodies.contact(firstName=f"Contact{place}")
        put_down(host, name, contact)
        ties, tie = bodies.tie(pupil.body, contact, contactPriority=place, livesWith=place == 1)
        put_down(host, ties, tie)
        wanted[next(value for key, value in contact.items() if key.endswith("UniqueId"))] = place
    query = {"studentUniqueId": pupil.body["studentUniqueId"]}
    reply = prepared(host.get(ties, query=query))
    noun = "parent" if ties == "studentParentAssociations" else "contact"
    found = {
        one.get(f"{noun}Reference", {}).get(f"{noun}UniqueId"): one.get("contactPriority")
        for one in edfi_expect.listed(reply)
    }
    expect.equal(found, wanted, "the priority of each contact", reply)


@verifies("TRN-GU-04")
def check_relation_belongs_to_each_child(host: EdfiClient, bodies: Bodies) -> None:
    """A contact who is the mother of one and the aunt of another is both."""
    one, other = enrolled(host, bodies), enrolled(host, bodies)
    name, contact = bodies.contact()
    put_down(host, name, contact)
    for pupil, word in ((one, "Mother"), (other, "Aunt")):
        relation = uri("Relation", word)
        ties, tie = bodies.tie(pupil.body, contact, relationDescriptor=relation)
        put_down(host, ties, tie)
    for pupil, word in ((one, "Mother"), (other, "Aunt")):
        query = {"studentUniqueId": pupil.body["studentUniqueId"]}
        reply = prepared(host.get(ties, query=query))
        words = [
            str(tie.get("relationDescriptor", "")).rpartition("#")[2]
            for tie in edfi_expect.listed(reply)
        ]
        expect.equal(words, [word], "the relation to this child", reply)


@verifies("EDF-VLE-008")
def check_section_of_two_terms_has_two_seats(
    host: EdfiClient, bodies: Bodies, pupil: Pupil
) -> None:
    """A section that meets in two terms is two sections with a seat in each, none merged."""
    _, sessions, sections = course_in_terms(host, bodies, 2)
    for session, section in zip(sessions, sections, strict=True):
        seat = bodies.seat(pupil.body, section, str(session["beginDate"]))
        put_down(host, SEATS, seat)
    query = {"studentUniqueId": pupil.body["studentUniqueId"]}
    reply = prepared(host.get(SEATS, query=query))
    names = sorted(
        one.get("sectionReference", {}).get("sessionName", "") for one in edfi_expect.listed(reply)
    )
    expect.equal(names, sorted(str(one["sessionName"]) for one in sessions), "terms", reply)


@verifies("EDF-VLE-009")
def check_who_comes_back_to_a_section_has_two_seats(
    host: EdfiClient, bodies: Bodies, pupil: Pupil
) -> None:
    """Leaving a section and coming back are two seats: the first one ends, the second begins."""
    _, _, sections = course_in_terms(host, bodies, 1)
    first = bodies.seat(pupil.body, sections[0], bodies.day(9, 2))
    first["endDate"] = bodies.day(10, 10)
    second = bodies.seat(pupil.body, sections[0], bodies.day(11, 3))
    second["endDate"] = bodies.day(12, 10)
    numbers = [put_down(host, SEATS, one) for one in (first, second)]
    expect.true(len(set(numbers)) == 2, "two seats have two ids")
    for number, seat in zip(numbers, (first, second), strict=True):
        reply = host.get(SEATS, number)
        wanted = {name: seat[name] for name in ("beginDate", "endDate")}
        edfi_expect.same(wanted, edfi_expect.document(reply), reply)
