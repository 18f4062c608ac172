"""What happens to a person in the exports: changed, cleared, withdrawn, deleted, created again."""

from __future__ import annotations

import random
from collections.abc import Callable

from lxml import etree

from conformance import expect, fidelity, trees
from conformance.checks.exports import active, gone, kept, rows, sent_and_kept, shown
from conformance.checks.preparation import created, element, partial, prepared
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]


def under(refid: str, update: etree._Element) -> etree._Element:
    """The update with the id the student has at the target."""
    update.set("refId", refid)
    return update


@verifies("TRN-LC-01")
def check_deleted_student_leaves_the_export(
    sif: SifClient, readback: ReadBack, students: Draw
) -> None:
    """A deleted student is gone from users and demographics; another one stays."""
    leaving, staying = students(2)
    refid, _ = shown(sif, readback, leaving)
    other, _ = shown(sif, readback, staying)
    prepared(sif.delete(refid))
    gone(readback, refid)
    expect.true(active(readback.user(other)), "the other student stays", readback.last)


@verifies("TRN-LC-03")
def check_update_of_a_number_changes_the_number_only(
    sif: SifClient, readback: ReadBack, student: etree._Element, rng: random.Random
) -> None:
    """An update with a new local id changes that, and empties nothing else."""
    refid, before = shown(sif, readback, student)
    number = f"0{rng.randint(10**6, 10**7)}"
    prepared(sif.update(refid, under(refid, partial(student, element("localId", number)))))
    local = trees.child(student, "localId")
    assert local is not None
    local.text = number
    after = kept(readback, student, refid, ("users.userIds", "users.identifier"))
    emptied = [name for name, value in before.user.items() if value and not after.user.get(name)]
    expect.equal(emptied, [], "columns that were emptied", readback.last)


@verifies("TRN-LR-08")
def check_one_changed_field_moves_its_own_columns(
    sif: SifClient, readback: ReadBack, students: Draw, rng: random.Random
) -> None:
    """A new given name moves the column of the given name, and no row of anybody else."""
    changing, other = students(2)
    refid, before = shown(sif, readback, changing)
    neighbour, untouched = shown(sif, readback, other)
    name = f"Q{rng.getrandbits(32):x}"
    update = partial(changing, element("name", element("givenName", name)))
    prepared(sif.update(refid, under(refid, update)))
    readback.wait(lambda: _named(readback, refid, name))
    after, now = rows(readback, refid), rows(readback, neighbour)
    expect.equal(fidelity.moved(before.user, after.user), ["givenName"], "columns that moved")
    expect.equal(fidelity.moved(before.demographics, after.demographics), [], "columns that moved")
    expect.equal(fidelity.moved(untouched.user, now.user), [], "columns of another student")


def _named(readback: ReadBack, refid: str, name: str) -> dict[str, str]:
    row = rows(readback, refid).user
    return row if row.get("givenName") == name else {}


@verifies("TRN-LC-04")
def check_nil_clears_a_value(sif: SifClient, readback: ReadBack, student: etree._Element) -> None:
    """A middle name and a birth date that are set to nil are blank afterwards."""
    name = trees.child(student, "name")
    assert name is not None
    for one in [one for one in name if trees.local(one) in ("middleName", "suffix")]:
        name.remove(one)
    name.append(element("middleName", "Mairead"))
    refid = sent_and_kept(sif, readback, student, ("users.middleName", "demographics.birthDate"))
    update = partial(
        student,
        element("name", element("middleName", nil=True)),
        element("demographics", element("birthDate", nil=True)),
    )
    prepared(sif.update(refid, under(refid, update)))
    name.remove(name[-1])
    demographics = trees.child(student, "demographics")
    born = trees.child(student, "demographics", "birthDate")
    assert demographics is not None
    assert born is not None
    demographics.remove(born)
    kept(readback, student, refid, ("users.middleName", "demographics.birthDate"))


@verifies("TRN-LC-07")
def check_same_change_twice_is_once(
    sif: SifClient, readback: ReadBack, student: etree._Element, rng: random.Random
) -> None:
    """Create and update sent a second time add nobody and change nothing more."""
    refid, _ = shown(sif, readback, student)
    count = len(readback.users())
    again = sif.create(student, headers={"mustUseAdvisory": "true"})
    expect.true(not again.ok, "the second create is refused", again, str(again.status))
    name = f"Q{rng.getrandbits(32):x}"
    update = partial(student, element("name", element("givenName", name)))
    prepared(sif.update(refid, under(refid, update)))
    readback.wait(lambda: _named(readback, refid, name))
    once = rows(readback, refid)
    prepared(sif.update(refid, under(refid, update)))
    twice = rows(readback, refid)
    expect.equal(fidelity.moved(once.user, twice.user), [], "columns moved by the second update")
    expect.equal(len(readback.users()), count, "number of people", readback.last)


@verifies("TRN-LC-08")
def check_student_can_come_back(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """Deleted and created again, the student is there once, active, with the same id."""
    refid, before = shown(sif, readback, student)
    count = len(readback.users())
    student.set("refId", refid)
    prepared(sif.delete(refid))
    back = created(sif, student)
    row = readback.user(back)
    expect.true(active(row), "the person is there again and active", readback.last)
    if trees.folded(back) == trees.folded(refid):
        expect.equal(row.get("sourcedId"), before.user.get("sourcedId"), "users.sourcedId")
        expect.equal(len(readback.users()), count, "number of people", readback.last)


@verifies("TRN-LC-11")
def check_withdrawn_student_stays_a_person(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """With an exit date and type the enrolment has ended; the person is still in the export."""
    refid, before = shown(sif, readback, student)
    enrollment = trees.child(student, "enrollment")
    entry = trees.child(student, "enrollment", "entryDate")
    assert enrollment is not None
    assert entry is not None
    entry.addnext(element("exitDate", "2027-01-29"))
    update = partial(student, element("enrollment", *enrollment))
    prepared(sif.update(refid, under(refid, update)))
    row = rows(readback, refid).user
    expect.true(active(row), "the person is still there", readback.last)
    for column in ("givenName", "familyName", "identifier"):
        expect.equal(row.get(column), before.user.get(column), f"users.{column}", readback.last)
