"""Contacts in the vendor's own form: the agents of a student."""

from __future__ import annotations

from lxml import etree

from conformance import expect, trees
from conformance.checks.exports import shown
from conformance.checks.parts import contact, contacts, part, put
from conformance.checks.preparation import element, partial, prepared
from conformance.checks.readings import twin
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.verifies import verifies


def agents(readback: ReadBack, refid: str) -> list[str]:
    """The agents that the row of a student names, folded and sorted."""
    readback.must_see("users.agentSourcedIds")
    row = readback.user(refid)
    if not row:
        raise NotVerified("the student is not in the export, so nothing can be compared")
    cell = row.get("agentSourcedIds", "")
    return sorted(trees.folded(one.strip()) for one in cell.split(",") if one.strip())


def ids(*made: etree._Element) -> list[str]:
    """The ids of contacts, folded and sorted."""
    return sorted(trees.folded(trees.refid(one)) for one in made)


@verifies("TRN-MV-04")
def check_seven_contacts_are_seven_agents(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """All of seven contacts are agents of the student."""
    made = [contact(student, place, "Aunt") for place in range(1, 8)]
    put(student, contacts(*made))
    refid, _ = shown(sif, readback, student)
    expect.equal(agents(readback, refid), ids(*made), "users.agentSourcedIds", readback.last)


@verifies("TRN-GU-01")
def check_both_guardians_are_agents(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """Two guardians of one household are two agents."""
    pair = [contact(student, place, code) for place, code in ((1, "Mother"), (2, "Father"))]
    put(student, contacts(*pair))
    refid, _ = shown(sif, readback, student)
    expect.equal(agents(readback, refid), ids(*pair), "users.agentSourcedIds", readback.last)


@verifies("TRN-GU-02")
def check_barred_contact_is_no_agent(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """A contact without custody and under restrictions is no agent; the other one is."""
    barred = contact(
        student,
        1,
        "Father",
        restrictions="No contact, order 17.",
        custodialIndicator="false",
        communicationsIndicator="false",
    )
    free = contact(student, 2, "Mother", custodialIndicator="true")
    put(student, contacts(barred, free))
    refid, _ = shown(sif, readback, student)
    expect.equal(agents(readback, refid), ids(free), "users.agentSourcedIds", readback.last)


@verifies("TRN-GU-03")
def check_withdrawn_contact_is_no_agent_any_more(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """A contact that loses its rights by an update is taken from the agents."""
    first = contact(student, 1, "Father", custodialIndicator="true", communicationsIndicator="true")
    second = contact(student, 2, "Mother", custodialIndicator="true")
    put(student, contacts(first, second))
    refid, _ = shown(sif, readback, student)
    relationship = part(first, "relationships", "relationship")
    for name in ("custodialIndicator", "communicationsIndicator"):
        part(relationship, name).text = "false"
    part(relationship, "relationshipCode").addnext(element("restrictions", "No contact."))
    prepared(sif.update(refid, partial(student, twin(contacts(first, second)))))
    expect.equal(agents(readback, refid), ids(second), "users.agentSourcedIds", readback.last)
