"""SIF in, SIF read back: nothing is lost, nothing made up, also beside what nobody knows."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from conformance import expect, trees
from conformance.checks.parts import told
from conformance.checks.preparation import MUST, control_holds, created, element, partial, stored
from conformance.checks.readings import due, read, require, same
from conformance.problems import Finding
from conformance.sif import SifClient
from conformance.verifies import verifies


@verifies("TRN-LR-05-S")
def check_every_value_sent_is_read_back(
    sif: SifClient, edge: Callable[[str], etree._Element]
) -> None:
    """A student with every field there is reads back with every one of them."""
    student = edge("every-field")
    refid = created(sif, student)
    found = stored(sif, refid)
    if found is None:
        raise Finding("a student that was accepted cannot be read", "the student", "nothing")
    require(due(sif, student), found)


@verifies("TRN-LR-02-S")
def check_nothing_is_read_that_was_not_sent(sif: SifClient, student: etree._Element) -> None:
    """A student with a name and a number has nothing else when it is read back."""
    bare = partial(
        student,
        told("name", familyName="Qvexalder", givenName="Qvexwren"),
        element("localId", "0042"),
    )
    created(sif, bare)
    same(sif, bare)


@verifies("TRN-LR-07-S", negative=True)
def check_unknown_extension_does_no_harm(
    sif: SifClient, students: Callable[[int], list[etree._Element]]
) -> None:
    """An extension the schema does not know is refused, or taken with all else intact."""
    extended, plain = students(2)
    extra = element("SIF_ExtendedElements", element("SIF_ExtendedElement", "Qvex"))
    body = trees.parse(trees.tostring(extended))
    body.insert(1, extra)
    control_holds(sif.create(plain, headers=MUST), "an ordinary student is accepted")
    reply = sif.create(body, headers=MUST)
    if reply.ok:
        found = read(sif, trees.refid(extended))
        for one in [one for one in found if trees.local(one) == "SIF_ExtendedElements"]:
            found.remove(one)
        require(due(sif, extended), found)
        return
    expect.status(reply, 400, 422)
    expect.true(stored(sif, trees.refid(extended)) is None, "nothing of a refused student is kept")
