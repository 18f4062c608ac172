"""Deletes and changes of a natural key at an Ed-Fi host."""

from __future__ import annotations

from collections import Counter

import pytest

from reference_hub.vendors.edfi import reconcile
from reference_hub.vendors.edfi_rows import SENT, Outcome
from tests.reference_hub.edfi.district import SMALL, Ledger, changed, read, settings, write, written
from tests.reference_hub.edfi.test_edfi_client import ledger_of, states

MODEL = "xpress-4.3"
GIVEN = settings(SMALL)


@pytest.fixture
def loaded(host) -> Ledger:
    """A district that the host holds."""
    ledger = Ledger(written(MODEL, plan=SMALL))
    groups = {one["resource"]: one["order"] for one in host.dependencies()}
    rows = sorted(ledger.pending(), key=lambda row: groups[f"/ed-fi/{row.collection}"])
    sent = (Outcome(row, SENT, host.records.post(row.collection, row.body)[1]) for row in rows)
    ledger.settle(sent)
    return ledger


@pytest.mark.requirement("TRN-LC-01")
def test_a_district_that_goes_is_deleted_children_first(loaded, host, http, connect):
    loaded.put([], keep=False)
    outcomes = loaded.settle(reconcile(loaded.pending(), http, connect()))
    assert Counter(states(outcomes)) == {"deleted": len(written(MODEL, plan=SMALL))}
    assert {one[::2] for one in host.changes()} == {("DELETE", 204)}
    assert not any(host.records.bodies.values())


@pytest.mark.requirement("TRN-LC-02")
def test_a_record_that_another_needs_waits_until_that_is_gone(loaded, host, http, connect):
    school = host.records.bodies["schools"]
    foreign = {"locationSchoolReference": {"schoolId": next(iter(school.values()))["schoolId"]}}
    host.records.needed_by["schools", next(iter(school))].add(("foreign", str(foreign)))
    loaded.put([], keep=False)
    outcomes = loaded.settle(reconcile(loaded.pending(), http, connect()))
    assert Counter(states(outcomes))["waiting"] == 2
    stuck = {one.row.collection for one in outcomes if one.state == "waiting"}
    assert stuck == {"schools", "localEducationAgencies"}
    host.records.needed_by["schools", next(iter(school))].clear()
    loaded.settle(reconcile(loaded.pending(), http, connect()))
    assert loaded.rows == {}


@pytest.mark.requirement("TRN-ID-08")
def test_a_term_of_another_name_is_moved_where_the_host_cascades(loaded, host, http, connect):
    host.records.cascading = {"sessions", "sections", "courseOfferings"}
    host.records.cascading |= {"studentSectionAssociations", "staffSectionAssociations"}
    before = set(host.records.bodies["sections"])
    rows, _ = write(changed(read(MODEL, SMALL), "Session", code="FY27>YEAR"), given=GIVEN)
    loaded.put(rows, keep=False)
    loaded.settle(reconcile(loaded.pending(), http, connect()))
    assert loaded.pending() == []
    assert {method for method, _, _ in host.changes()} == {"PUT"}
    assert set(host.records.bodies["sections"]) == before
    names = Counter(x["sessionName"] for x in host.records.bodies["sessions"].values())
    assert names == {"YEAR": 1, "S1": 1, "S2": 1}


@pytest.mark.requirement("TRN-ID-08")
def test_a_term_of_another_name_is_deleted_and_made_where_it_does_not(loaded, host, http, connect):
    rows, _ = write(changed(read(MODEL, SMALL), "Session", code="FY27>YEAR"), given=GIVEN)
    loaded.put(rows, keep=False)
    outcomes = loaded.settle(reconcile(loaded.pending(), http, connect()))
    assert set(states(outcomes)) == {"deleted", "sent"}
    assert loaded.pending() == []
    asked = [one for one in host.changes() if one[0] == "DELETE"]
    assert {status for _, _, status in asked} == {204}
    refs = [x["courseOfferingReference"] for x in host.records.bodies["sections"].values()]
    assert {one["sessionName"] for one in refs} == {"YEAR"}
    assert len(host.records.bodies["sections"]) == len(refs)


@pytest.mark.requirement("TRN-ID-09")
def test_a_local_id_that_is_corrected_leaves_one_person(loaded, host, http, connect):
    local = next(iter(host.records.bodies["students"].values()))["studentUniqueId"]
    seats = len(host.records.bodies["studentSectionAssociations"])
    rows, _ = write(changed(read(MODEL, SMALL), "Student", localId=f"{local}>77777"), given=GIVEN)
    loaded.put(rows, keep=False)
    loaded.settle(reconcile(loaded.pending(), http, connect()))
    ids = [one["studentUniqueId"] for one in host.records.bodies["students"].values()]
    assert ("77777" in ids, local in ids, loaded.pending()) == (True, False, [])
    assert len(host.records.bodies["studentSectionAssociations"]) == seats


@pytest.mark.requirement("TRN-DT-01", "TRN-LC-11")
def test_an_exit_is_no_deletion(loaded, host, http, connect):
    graph = changed(read(MODEL, SMALL), "SchoolEnrollment")
    for entity, record in graph.all():
        if entity == "SchoolEnrollment":
            record["exitDate"] = "2027-01-15"
    loaded.put(write(graph, given=GIVEN)[0], keep=False)
    loaded.settle(reconcile(loaded.pending(), http, connect()))
    assert {one[0] for one in host.changes()} == {"PUT"}
    stays = host.records.bodies["studentSchoolAssociations"].values()
    assert {one["exitWithdrawDate"] for one in stays} == {"2027-01-15"}
    assert len(host.records.bodies["studentEducationOrganizationAssociations"]) == 4


@pytest.mark.requirement("TRN-LC-08")
def test_a_person_who_comes_back_is_there_once(host, http, connect):
    ledger = ledger_of("students", count=1)
    rows = [row for row in written(MODEL, plan=SMALL) if row.collection == "students"][:1]
    ledger.settle(reconcile(ledger.pending(), http, connect()))
    ledger.put([], keep=False)
    ledger.settle(reconcile(ledger.pending(), http, connect()))
    ledger.put(rows)
    ledger.settle(reconcile(ledger.pending(), http, connect()))
    assert [one[::2] for one in host.changes()] == [("POST", 201), ("DELETE", 204), ("POST", 201)]
    assert len(host.records.bodies["students"]) == 1
