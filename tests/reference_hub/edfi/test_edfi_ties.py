"""What ties people at an Ed-Fi host: each child's own relation, and the day an enrolment began."""

from __future__ import annotations

import pytest

from reference_hub.vendors.edfi import reconcile
from tests.reference_hub.edfi.district import SMALL, Ledger, read, settings, write, written
from tests.reference_hub.edfi.test_edfi_life import loaded
from tests.reference_hub.edfi.test_edfi_rules import CONTACT, STUDENT, bodies, records

__all__ = ["loaded"]
SIBLING = {**STUDENT, "refId": "0a0a0a0a-1111-4222-8333-000000000002", "localId": "0043"}


def tie(refid: str, student: str, relation: str, **more: str) -> tuple[str, dict[str, str]]:
    """A tie of the contact to a student."""
    found = {"refId": refid, "student": student, "contact": CONTACT, "relationship": relation}
    return "ContactLink", found | more


def ties(*links: tuple[str, dict[str, str]]) -> dict[str, str]:
    """The relation that is told of each child."""
    contact = {"refId": CONTACT, "localId": "C1", "givenName": "Eve", "familyName": "Obi"}
    graph = records(("Student", SIBLING), ("Contact", contact), *links)
    return {
        one["studentReference"]["studentUniqueId"]: one["relationDescriptor"].rpartition("#")[2]
        for one in bodies(graph, "studentContactAssociations")
    }


@pytest.mark.requirement("TRN-GU-04")
def test_a_contact_of_two_children_keeps_its_relation_to_each():
    links = tie("a", STUDENT["refId"], "Mother"), tie("b", SIBLING["refId"], "Aunt")
    assert ties(*links) == {"0042": "Mother", "0043": "Aunt"}


@pytest.mark.requirement("TRN-GU-03")
def test_a_tie_whose_rights_are_taken_away_is_gone_and_the_other_stays():
    first = tie("a", STUDENT["refId"], "Mother")
    assert ties(first, tie("b", SIBLING["refId"], "Aunt")) == {"0042": "Mother", "0043": "Aunt"}
    barred = tie("b", SIBLING["refId"], "Aunt", custody="false")
    assert ties(first, barred) == {"0042": "Mother"}


@pytest.mark.requirement("TRN-LC-12")
def test_a_corrected_entry_date_leaves_one_association(loaded: Ledger, host, http, connect):
    graph = read("xpress-4.3", SMALL)
    stays = [record for entity, record in graph.all() if entity == "SchoolEnrollment"]
    before, seats = (
        len(host.records.bodies[name])
        for name in ("studentSchoolAssociations", "studentSectionAssociations")
    )
    for record in stays:
        record["entryDate"] = "2026-08-28"
    rows, _ = write(graph, given=settings(SMALL))
    loaded.put(rows, keep=False)
    loaded.settle(reconcile(loaded.pending(), http, connect()))
    days = [x["entryDate"] for x in host.records.bodies["studentSchoolAssociations"].values()]
    assert (set(days), len(days), loaded.pending()) == ({"2026-08-28"}, before, [])
    assert len(host.records.bodies["studentSectionAssociations"]) == seats
    assert len(written("xpress-4.3", plan=SMALL)) == len(loaded.rows)
