"""The client of an Ed-Fi host: who it talks to, what it sends, and what it makes of an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reference_hub.vendors.edfi import chosen, reconcile
from reference_hub.vendors.edfi import connect as ask
from reference_hub.vendors.edfi_rows import HostRefused, Row
from tests.reference_hub.edfi.district import Ledger, written

UPPER = {"localEducationAgencies", "schools", "sessions", "gradingPeriods", "calendars", "courses"}


def ledger_of(*collections: str, count: int = 3) -> Ledger:
    """The first rows of some resources."""
    rows = written("xpress-4.3")
    found = [[row for row in rows if row.collection == name][:count] for name in collections]
    return Ledger(row for each in found for row in each)


def edited(row: Row, **members: object) -> Row:
    """A row with other members."""
    return replace(row, body={**row.body, **members}, hash=f"{row.hash}+")


def states(outcomes) -> list[str]:
    """What became of each row."""
    return [one.state for one in outcomes]


def test_a_host_of_another_version_is_refused_before_anything_is_sent(host, http, connect):
    host.version = "4.0.0"
    with pytest.raises(HostRefused, match=r"speaks Ed-Fi Data Standard 4\.0\.0.* set to 5"):
        list(reconcile(ledger_of("students").pending(), http, connect()))
    assert [name for _, name, _ in host.asked] == [""]


def test_a_wrong_secret_is_told_and_nothing_is_sent(host, http, connect):
    with pytest.raises(HostRefused, match=r"no token \(401\)"):
        list(reconcile(ledger_of("students").pending(), http, connect(secret="wrong")))
    assert host.changes() == []


def test_addresses_of_another_host_get_neither_key_nor_data(host, http, connect):
    true, host.url = host.url, "https://elsewhere.example"
    with pytest.raises(HostRefused, match="another host"):
        list(reconcile(ledger_of("students").pending(), http, connect(url=true)))
    assert [name for _, name, _ in host.asked] == [""]


@pytest.mark.requirement("TRN-PR-08")
def test_a_token_is_renewed_before_it_expires(host, http, connect, time):
    host.lifetime = 300
    found = ask(http, connect())
    time.sleep(241)
    ledger = ledger_of("students")
    assert states(reconcile(ledger.pending(), http, connect(), found)) == ["sent"] * 3
    assert host.given == 2
    assert 401 not in [status for _, _, status in host.asked]


def test_a_token_that_the_host_forgot_is_asked_for_again(host, http, connect):
    ledger, found = ledger_of("students"), ask(http, connect())
    host.tokens.clear()
    assert states(reconcile(ledger.pending(), http, connect(), found)) == ["sent"] * 3
    assert host.given == 2


def test_without_dependencies_the_order_of_the_standard_is_used_and_remarked(host, http, connect):
    host.orders = False
    ledger = Ledger(row for row in written("xpress-4.3") if row.collection in UPPER)
    found = ask(http, connect())
    outcomes = ledger.settle(reconcile(ledger.pending(), http, connect(), found))
    assert {status for _, _, status in host.changes()} == {201}
    assert set(states(outcomes)) == {"sent"}
    assert "told no load order (404)" in found.remarks[0]


@pytest.mark.requirement("TRN-CS-13")
def test_a_code_the_host_lacks_holds_its_row_and_no_other(host, http, connect):
    uri = "uri://ed-fi.org/CountryDescriptor#XX"
    first, *others = ledger_of("students").pending()
    rows = [edited(first, birthCountryDescriptor=uri), *others]
    outcomes = {one.row.key: one for one in reconcile(rows, http, connect())}
    held = outcomes.pop(first.key)
    assert (held.state, held.asked) == ("held", False)
    assert f"{uri} for students.birthCountryDescriptor of Student {first.refid}" in held.answer
    assert states(outcomes.values()) == ["sent", "sent"]


def test_a_host_with_codes_of_its_own_gets_those(host, http, connect):
    ours, theirs = "uri://ed-fi.org/CountryDescriptor#US", "uri://state.example/CountryDescriptor#1"
    row = edited(ledger_of("students", count=1).pending()[0], birthCountryDescriptor=ours)
    host.records.descriptors.add(theirs)
    sent = list(reconcile([row], http, connect(descriptors={ours: theirs})))
    held = host.records.bodies["students"][sent[0].remote_id]
    assert held["birthCountryDescriptor"] == theirs


@pytest.mark.requirement("TRN-LC-03", "TRN-PR-07", "TRN-PR-12")
def test_a_change_is_one_put_and_the_same_again_is_nothing(host, http, connect):
    ledger = ledger_of("students")
    ledger.settle(reconcile(ledger.pending(), http, connect()))
    one = next(iter(ledger.rows.values()))
    host.asked.clear()
    outcomes = ledger.settle(reconcile([edited(one, firstName="Ada")], http, connect()))
    assert host.changes() == [("PUT", "students", 204)]
    assert outcomes[0].remote_id == one.remote_id
    assert host.records.bodies["students"][one.remote_id]["firstName"] == "Ada"
    assert list(reconcile(ledger.pending(), http, connect())) == []


def test_what_somebody_deleted_at_the_host_is_sent_anew(host, http, connect):
    ledger = ledger_of("students", count=1)
    ledger.settle(reconcile(ledger.pending(), http, connect()))
    one = next(iter(ledger.rows.values()))
    host.records.delete("students", one.remote_id)
    outcomes = ledger.settle(reconcile([edited(one, firstName="Ada")], http, connect()))
    assert host.changes()[-2:] == [("PUT", "students", 404), ("POST", "students", 201)]
    assert outcomes[0].remote_id in host.records.bodies["students"]


def test_children_of_a_refused_parent_are_not_sent(host, http, connect):
    upper = [row for row in written("xpress-4.3") if row.collection in UPPER]
    rows = [
        edited(row, nameOfInstitution="x" * 76) if row.collection == "schools" else row
        for row in Ledger(upper).pending()
    ]
    outcomes = list(reconcile(rows, http, connect()))
    assert {one.state for one in outcomes if one.row.collection == "schools"} == {"refused"}
    waiting = [one for one in outcomes if one.state == "waiting"]
    assert {one.row.collection for one in waiting} == UPPER - {"schools", "localEducationAgencies"}
    assert {one.asked for one in waiting} == {False}
    assert 409 not in [status for _, _, status in host.asked]


def test_rows_of_one_resource_go_at_the_same_time_after_what_they_point_to(host, http, connect):
    ledger = ledger_of("schools", "localEducationAgencies", "students", count=9)
    rows = ledger.pending()
    assert set(states(ledger.settle(reconcile(rows, http, connect(at_once=4))))) == {"sent"}
    came = [name for verb, name, status in host.asked if verb == "POST" and status == 201]
    assert came.index("localEducationAgencies") < came.index("schools")
    assert len(host.records.bodies["students"]) == 9
    assert 409 not in [status for _, _, status in host.asked]


@pytest.mark.requirement("TRN-LC-06")
def test_a_child_that_comes_before_its_parent_waits_for_it(host, http, connect):
    kinds = {"localEducationAgencies", "schools", "students", "studentSchoolAssociations"}
    ledger = Ledger(row for row in written("xpress-4.3") if row.collection in kinds)
    parents = [row for row in ledger.pending() if row.collection == "students"]
    rest = [row for row in ledger.pending() if row.collection != "students"]
    outcomes = ledger.settle(reconcile(rest, http, connect()))
    waiting = {one.row.collection for one in outcomes if one.state == "waiting"}
    assert "studentSchoolAssociations" in waiting
    assert {one.answer for one in outcomes if one.state == "waiting"} == {
        "409 urn:ed-fi:api:data-conflict:unresolved-reference unresolved-reference The referenced "
        "'studentReference' does not exist."
    }
    ledger.settle(reconcile(parents, http, connect()))
    ledger.settle(reconcile(ledger.pending(), http, connect()))
    assert ledger.pending() == []


def test_a_record_that_is_not_allowed_to_our_key_is_told_apart(host, http, connect):
    host.forbidden = {"students"}
    outcomes = list(reconcile(ledger_of("students", "locations").pending(), http, connect()))
    told = {one.row.collection: (one.state, one.answer[:45]) for one in outcomes}
    assert told["students"] == ("refused", "the host does not allow this record to our ke")


def test_the_words_of_a_refusal_hold_no_value_of_the_record(host, http, connect):
    row = ledger_of("students", count=1).pending()[0]
    host.records.fault = lambda *_: f"bad {row.body['firstName']} born {row.body['birthDate']}"
    outcome = next(iter(reconcile([row], http, connect())))
    assert outcome.state == "refused"
    assert "$.firstName: bad … born …" in outcome.answer
    values = [str(value) for name, value in row.body.items() if not name.endswith("Descriptor")]
    assert [value for value in values if value in outcome.answer] == []


def test_one_record_a_resource_or_all_can_be_sent_again(host, http, connect):
    ledger = ledger_of("students", "staffs")
    ledger.settle(reconcile(ledger.pending(), http, connect()))
    rows, again = list(ledger.rows.values()), connect(resync=True)
    host.asked.clear()
    list(reconcile(chosen(rows, "students", rows[0].key), http, again))
    assert host.changes() == [("PUT", "students", 204)]
    list(reconcile(chosen(rows, "staffs"), http, again))
    assert host.changes()[1:] == [("PUT", "staffs", 204)] * 3
    list(reconcile(rows, http, again))
    assert len(host.changes()) == 10
