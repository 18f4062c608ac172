"""One person is one person, two are two, and an id gives nothing away."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable

from lxml import etree

from conformance import expect, trees
from conformance.checks.exports import kept, new_row, sent_and_kept, shown
from conformance.checks.preparation import accepted, all_created, element, partial, prepared
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]


def digit_changed(refid: str) -> str:
    """The id with another last digit."""
    return refid[:-1] + ("0" if refid[-1] != "0" else "1")


def traces(value: str) -> list[str]:
    """The value in plain letters and digits if it is long enough to tell, and its hashes."""
    plain = re.sub(r"[^0-9a-z]", "", value.casefold())
    hashes = [
        hashlib.new(name, value.encode(), usedforsecurity=False).hexdigest()[:32]
        for name in ("md5", "sha1", "sha256")
    ]
    return [*([plain] if len(plain) > 5 else []), *hashes]


@verifies("TRN-ID-01")
def check_three_spellings_are_one_person(
    sif: SifClient, readback: ReadBack, student: etree._Element, rng: random.Random
) -> None:
    """Updates under the small and the hyphenless spelling of an id reach the same one person."""
    refid, before = shown(sif, readback, student)
    count = len(readback.users())
    for spelling in (refid.lower(), refid.replace("-", "")):
        name = f"Q{rng.getrandbits(40):x}"
        update = partial(student, element("name", element("givenName", name)))
        update.set("refId", spelling)
        accepted(sif.update(spelling, update), "an update under another spelling is accepted")
        seen = readback.wait(lambda: _with_name(readback, refid, name))  # noqa: B023
        expect.true(bool(seen), "the update reached the person of the first spelling")
        expect.equal(seen.get("sourcedId"), before.user.get("sourcedId"), "users.sourcedId")
    expect.equal(len(readback.users()), count, "number of people")


def _with_name(readback: ReadBack, refid: str, name: str) -> dict[str, str]:
    row = readback.users().get(trees.folded(refid), {})
    return row if row.get("givenName") == name else {}


@verifies("TRN-ID-02")
def check_ids_keep_to_the_alphabet(sif: SifClient, readback: ReadBack, students: Draw) -> None:
    """Every sourcedId is 1 to 255 of the allowed characters, and no two students share one."""
    readback.must_see("users.sourcedId")
    told = [new_row(sif, readback, student).get("sourcedId", "") for student in students(3)]
    for one in told:
        legal = re.fullmatch(r"[0-9A-Za-z.\-_/@]{1,255}", one) is not None
        seen = f"{len(one)} characters"
        expect.true(legal, "a sourcedId has allowed characters only", readback.last, seen)
    expect.equal(len(set(told)), len(told), "different ids of three students", readback.last)


@verifies("TRN-ID-03")
def check_ids_hold_nothing_personal(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """Names, numbers, addresses, the birth date, and hashes of them, are not in the id."""
    readback.must_see("users.sourcedId")
    one = trees.folded(new_row(sif, readback, student).get("sourcedId", ""))
    for path, value in trees.leaves(student):
        if re.search(r"/(name|email|localId|loginId|stateProvinceId|birthDate)\b", path):
            for form in traces(value):
                expect.true(form not in one, f"the id does not hold {path}", readback.last)


@verifies("TRN-ID-05")
def check_alike_people_stay_apart(
    sif: SifClient, readback: ReadBack, edge: Callable[[str], etree._Element]
) -> None:
    """Twins, and namesakes with one birthday whose ids differ in one digit, are separate people."""
    readback.must_see("users.sourcedId")
    first, second = edge("twin-first"), edge("twin-second")
    namesake = edge("twin-first")
    namesake.set("refId", digit_changed(trees.refid(first)))
    before = len(readback.users())
    all_created(sif, (first, second, namesake))
    readback.wait(lambda: {"all": "here"} if len(readback.users()) >= before + 3 else {})
    expect.equal(len(readback.users()), before + 3, "number of people", readback.last)


@verifies("TRN-ID-09")
def check_corrected_local_id_stays_one_person(
    sif: SifClient, readback: ReadBack, student: etree._Element, rng: random.Random
) -> None:
    """A new local id changes the number of the same person; nobody else appears."""
    refid, before = shown(sif, readback, student)
    count = len(readback.users())
    number = f"00{rng.randint(10**6, 10**7)}"
    local = trees.child(student, "localId")
    assert local is not None
    local.text = number
    prepared(sif.update(refid, partial(student, element("localId", number))))
    seen = kept(readback, student, refid, ("users.userIds", "users.identifier"))
    expect.equal(seen.user.get("sourcedId"), before.user.get("sourcedId"), "users.sourcedId")
    expect.equal(len(readback.users()), count, "number of people", readback.last)


@verifies("TRN-ID-12")
def check_student_of_two_schools_is_one_person(
    sif: SifClient, readback: ReadBack, edge: Callable[[str], etree._Element]
) -> None:
    """A student with an enrolment at each of two schools has one row, with the home school."""
    before = len(readback.users())
    refid = sent_and_kept(sif, readback, edge("two-schools"), ("users.sourcedId",))
    expect.equal(len(readback.users()), before + 1, "number of people", readback.last)
    own = readback.user(refid).get("sourcedId", "")
    found = [row for row in readback.table("users") if row.get("sourcedId") == own]
    expect.equal(len(found), 1, "rows of the student", readback.last)
