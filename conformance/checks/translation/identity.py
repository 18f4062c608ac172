"""One person is one person, two are two, and an id gives nothing away."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from lxml import etree

from conformance import expect, trees
from conformance.checks.exports import kept, sent_and_kept, shown
from conformance.checks.preparation import all_created, element, partial, prepared
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]


def digit_changed(refid: str) -> str:
    """The id with another last digit."""
    return refid[:-1] + ("0" if refid[-1] != "0" else "1")


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
        prepared(sif.update(spelling, update))
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
    for refid in all_created(sif, students(3)):
        readback.user(refid)
    reply = readback.fetch(sif.config.readback.users)
    ids = [
        line.split(",", 1)[0].strip('"') for line in reply.body.decode("utf-8-sig").split("\r\n")
    ]
    told = [row["sourcedId"] for row in readback.users().values()]
    for one in told:
        legal = re.fullmatch(r"[0-9A-Za-z.\-_/@]{1,255}", one) is not None
        expect.true(
            legal, "a sourcedId has allowed characters only", reply, f"{len(one)} characters"
        )
        expect.equal(ids.count(one), 1, "rows with one sourcedId", reply)


@verifies("TRN-ID-03")
def check_ids_hold_nothing_personal(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """Names, numbers, addresses and the birth date do not occur in the id of the person."""
    refid, seen = shown(sif, readback, student)
    one = trees.folded(seen.user.get("sourcedId", ""))
    for path, value in trees.leaves(student):
        plain = re.sub(r"[^0-9a-z]", "", value.casefold())
        personal = re.search(r"/(name|email|localId|loginId|stateProvinceId|birthDate)\b", path)
        if personal and len(plain) > 5:
            hidden = plain not in one
            expect.true(hidden, f"the id of the person does not hold {path}", readback.last)
    expect.same_id(one, refid, "users.sourcedId", readback.last)


@verifies("TRN-ID-05")
def check_alike_people_stay_apart(
    sif: SifClient, readback: ReadBack, edge: Callable[[str], etree._Element]
) -> None:
    """Twins, and namesakes with one birthday whose ids differ in one digit, are separate people."""
    first, second = edge("twin-first"), edge("twin-second")
    namesake = edge("twin-first")
    namesake.set("refId", digit_changed(trees.refid(first)))
    people = (first, second, namesake)
    refids = [sent_and_kept(sif, readback, one) for one in people]
    told = {readback.user(refid).get("sourcedId") for refid in refids}
    expect.equal(len(told), 3, "number of people", readback.last)


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
    prepared(sif.update(refid, _under(refid, partial(student, element("localId", number)))))
    seen = kept(readback, student, refid, ("users.identifier", "users.givenName"))
    expect.equal(seen.user.get("sourcedId"), before.user.get("sourcedId"), "users.sourcedId")
    expect.equal(len(readback.users()), count, "number of people", readback.last)


def _under(refid: str, update: etree._Element) -> etree._Element:
    update.set("refId", refid)
    return update


@verifies("TRN-ID-12")
def check_student_of_two_schools_is_one_person(
    sif: SifClient, readback: ReadBack, edge: Callable[[str], etree._Element]
) -> None:
    """A student with an enrolment at each of two schools has one row, with the home school."""
    before = len(readback.users())
    refid = sent_and_kept(sif, readback, edge("two-schools"))
    expect.equal(len(readback.users()), before + 1, "number of people", readback.last)
    reply = readback.fetch(sif.config.readback.users)
    own = readback.user(refid).get("sourcedId", "")
    rows = re.findall(rf'(?m)^"?{re.escape(own)}"?,', reply.body.decode("utf-8-sig"))
    expect.equal(len(rows), 1, "rows of the student", reply)
