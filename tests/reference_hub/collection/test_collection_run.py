"""Runs over a zone: what needs many objects, what is kept of a finding, how runs compare."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lxml import etree
from sqlalchemy import text

from reference_hub.cli_collection import collection
from reference_hub.codec.collection_report import read_report, write
from reference_hub.codec.collection_toml import load
from reference_hub.codec.xml import MalformedDocument, fold
from reference_hub.journeys.collection_history import history
from reference_hub.journeys.collection_records import records
from reference_hub.model.change import DELETE
from reference_hub.model.collection import OWN, Collection, Finding
from reference_hub.model.scope import Scope
from reference_hub.settings import Database, Settings
from reference_hub.store import collection_runs
from tests.reference_hub.collection.conftest import SCOPE, State
from tests.reference_hub.collection.planting import a_district, planted, put

UNIQUE = """
[[rule]]
id = "ONCE"
level = "error"
basis = "profile"
object = "StudentPersonal"
path = "LocalId"
must = "be unique"
says = "Twice."
do = "Mend."
"""
OTHER = Scope("other-district")


def student(state: State, number: int = 0) -> etree._Element:
    """One of the students of a district that is at the state."""
    district = a_district()
    state.keep(district)
    return district["StudentPersonal"][number]


def test_findings_name_ids_and_local_numbers_and_nothing_else(state: State) -> None:
    found = planted()
    state.keep(found.district)
    run = state.run("ma-sims")
    with state.engine.connect() as connection:
        report, _ = collection_runs.document(connection, run.id)
    told = report.decode()
    values = {
        (each.text or "").strip()
        for member in found.district["StudentPersonal"]
        for each in member.iterfind(".//{*}Name/*")
    }
    assert len(values) > 100
    assert [each for each in values if re.search(rf'[">]{re.escape(each)}["<]', told)] == []


def test_a_finding_of_an_enrolment_bears_the_students_number(state: State) -> None:
    district = a_district()
    stay = district["StudentSchoolEnrollment"][3]
    put(stay, "@MembershipType", "Winter")
    state.keep(district)
    (found,) = state.findings(state.run("ma-sims"))
    owner = fold(stay.get("StudentPersonalRefId", ""))
    numbers = {
        fold(each.get("RefId", "")): each.findtext("{*}LocalId")
        for each in district["StudentPersonal"]
    }
    assert (found.rule, found.local_id) == ("SIMS-MEMBERSHIP", numbers[owner])


def test_values_are_unique_in_a_district_and_not_across_districts(
    state: State, rules: Callable[[str], Collection]
) -> None:
    one = {"StudentPersonal": [student(state)]}
    state.keep(one, scope=OTHER)
    runs = [state.run(rules(UNIQUE)), state.run(rules(UNIQUE), OTHER)]
    assert [run.rejected for run in runs] == [0, 0]


def test_both_objects_that_share_a_value_are_told(
    state: State, rules: Callable[[str], Collection]
) -> None:
    one, other = (student(state) if n == 0 else a_district()["StudentPersonal"][1] for n in (0, 1))
    put(other, "LocalId", one.findtext("{*}LocalId", ""))
    state.change(other)
    found = {refid for _, refid, _ in state.found(state.run(rules(UNIQUE)))}
    assert found == {fold(one.get("RefId", "")), fold(other.get("RefId", ""))}


def test_a_deleted_student_leaves_an_enrolment_that_leads_nowhere(state: State) -> None:
    gone = student(state)
    state.keep({"StudentPersonal": [gone]}, DELETE)
    rules = {each.rule for each in state.findings(state.run("ma-sims"))}
    assert "SIMS-ENROLLMENT-STUDENT" in rules


def test_the_history_tells_what_is_new_fixed_and_still_there(state: State) -> None:
    one, other = student(state, 0), a_district()["StudentPersonal"][1]
    put(one, "StateProvinceId", "1")
    put(other, "Section504", "x")
    for element in (one, other):
        state.change(element)
    state.run("ma-sims")
    put(one, "StateProvinceId", "0000000001")
    put(one, "Title1", "x")
    state.change(one)
    state.run("ma-sims")
    with state.engine.connect() as connection:
        first, second = history(connection, SCOPE, "ma-sims", OWN)
    assert first.words == "Run 1: the first one, 2 findings."
    assert second.words == "Run 2 against run 1: 1 fixed, 1 new, 1 still there."
    changes = {(kind, each.rule) for kind, each in second.changes}
    told = {("fixed", "SIMS-DOE002"), ("new", "SIMS-DOE020"), ("still there", "SIMS-DOE039")}
    assert changes == told


def test_every_record_is_accepted_or_rejected_once(state: State) -> None:
    found = planted()
    state.keep(found.district)
    run = state.run("ma-sims")
    with state.engine.connect() as connection:
        told = list(records(connection, SCOPE, run))
    assert len({(each.object_type, each.refid) for each in told}) == len(told) == run.checked
    assert sum(each.verdict == "rejected" for each in told) == run.rejected == 47
    assert [
        each for each in told if each.object_type == "StudentPersonal" and not each.local_id
    ] == []


def test_a_report_is_read_as_it_was_written(state: State) -> None:
    state.keep(planted().district)
    run = state.run("ma-epims")
    with state.engine.connect() as connection:
        report = read_report(collection_runs.document(connection, run.id)[0])
    assert set(report.findings) == set(state.findings(run))
    assert {name: len(ids) for name, ids in report.accepted.items()} == {
        each.object_type: each.accepted for each in run.counts if each.accepted
    }
    assert (report.run.counts, report.run.rules) == (run.counts, run.rules)


def test_a_report_of_very_many_records_can_be_read(state: State) -> None:
    student(state)
    run, many = state.run("ma-sims"), 150_000
    found = (Finding("StudentPersonal", f"{n:032x}", f"{n}", "A", "error") for n in range(many))
    body = write(run, (), [("StudentPersonal", (f"{n:032x}" for n in range(2 * many)))])
    assert len(body) > 9_000_000
    assert len(read_report(body).accepted["StudentPersonal"]) == 2 * many
    with pytest.raises(MalformedDocument, match="lacks a fact"):
        read_report(write(run, found, []))


def test_a_run_appears_as_a_whole_or_not_at_all(state: State) -> None:
    student(state)
    with state.engine.begin() as connection:
        connection.execute(text("UPDATE object_version SET body = 'no xml' WHERE id = 90"))
    with pytest.raises(MalformedDocument):
        state.run("ma-sims")
    with state.engine.connect() as connection:
        assert collection_runs.listed(connection, SCOPE, "ma-sims") == []


def tell(state: State, *words: str) -> Result:
    """Run a command of the state's hub."""
    url = state.engine.url.render_as_string(hide_password=False)
    settings = Settings(database=Database(url=url.replace("+psycopg", "")))
    return CliRunner().invoke(collection, words, obj=settings)


def test_the_command_writes_csv_and_json_and_ends_with_1(state: State, tmp_path: Path) -> None:
    one = student(state)
    put(one, "StateProvinceId", "1")
    state.change(one)
    files = [tmp_path / "found.csv", tmp_path / "found.json"]
    done = tell(state, "run", "ma-sims", "--csv", str(files[0]), "--json", str(files[1]))
    assert done.exit_code == 1, done.output
    assert "error SIMS-DOE002 (documented), 1 times: The state number (SASID) has" in done.output
    (row,) = csv.DictReader(files[0].read_text("utf-8").splitlines())
    number = one.findtext("{*}LocalId")
    assert (row["localId"], row["rule"], row["field"]) == (number, "SIMS-DOE002", "DOE002")
    (run,) = json.loads(files[1].read_text("utf-8"))
    assert [each["local_id"] for each in run["findings"]] == [number]


def test_a_district_without_faults_ends_with_0(state: State) -> None:
    student(state)
    done = tell(state, "run", "ma-epims", "--zone", "demo-district")
    assert (done.exit_code, "0 rejected" in done.output) == (0, True)


def test_an_unknown_zone_or_collection_is_a_fault_of_the_set_up(state: State) -> None:
    student(state)
    assert "zones with some: demo-district" in str(
        tell(state, "run", "ma-sims", "--zone", "x").exception
    )
    assert "There is no collection" in str(tell(state, "run", "ma-simz").exception)
    assert len(load("ma-sims").objects) == 7
