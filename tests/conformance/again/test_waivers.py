"""Waivers stand beside the raw verdict, and say when they are worth nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

from conformance import runfile, session, target, waivers
from conformance.problems import TargetError
from conformance.runfile import FAIL, NOT_VERIFIED, PASS
from conformance.simulators import serve
from conformance.simulators.registry import registry
from conformance.target_tables import Waiver
from reports.junit import write_junit
from reports.render import write_report
from tests.conformance.again.conftest import SECRET, table_for

TODAY = date(2027, 6, 30)
CHECK = "single_create_returns_the_new_object"


def a_waiver(requirement: str = "INF-CRE-001", until: date = TODAY) -> Waiver:
    return Waiver(requirement=requirement, owner="Jo", reason="is being mended", until=until)


def a_row(verdict: str) -> runfile.RequirementVerdict:
    facts = dict.fromkeys(("level", "basis", "area", "text", "source"), "x")
    return runfile.RequirementVerdict(id="INF-CRE-001", verdict=verdict, checks=[], **facts)


@pytest.mark.parametrize(
    ("verdict", "until", "state"),
    [
        (FAIL, date(2027, 6, 30), waivers.IN_FORCE),
        (FAIL, date(2027, 6, 29), waivers.EXPIRED),
        (PASS, date(2027, 6, 30), waivers.UNNEEDED),
        (PASS, date(2027, 6, 29), waivers.EXPIRED),
        (NOT_VERIFIED, date(2027, 6, 30), waivers.UNDECIDED),
    ],
)
def test_a_waiver_is_worth_what_day_and_verdict_make_it(
    verdict: str, until: date, state: str
) -> None:
    (told,) = waivers.held_against([a_waiver(until=until)], [a_row(verdict)], TODAY)
    assert (told.state, told.verdict, told.until) == (state, verdict, until.isoformat())


def test_a_waiver_for_what_was_not_tried_says_so() -> None:
    (told,) = waivers.held_against([a_waiver("INF-PAG-006")], [a_row(FAIL)], TODAY)
    assert (told.state, told.verdict) == (waivers.ELSEWHERE, "")
    assert waivers.told(told).endswith("speaks of a requirement that was not part of this run")


def test_every_state_has_words() -> None:
    (one,) = waivers.held_against([a_waiver()], [a_row(FAIL)], TODAY)
    told = {waivers.told(msgspec.structs.replace(one, state=state)) for state in waivers.STATES}
    assert len(told) == len(waivers.STATES)
    assert (
        "waiver for INF-CRE-001 by Jo until 2027-06-30 is in force; the verdict stays fail: "
        in (min(told, key=lambda line: "in force" not in line))
    )


def test_a_wrong_requirement_is_told_with_line_and_nearest_id(tmp_path: Path) -> None:
    file = tmp_path / "conformance.toml"
    file.write_text('[[waiver]]\nowner = "Jo"\nrequirement = "INF-CRE-01"\n', encoding="utf-8")
    with pytest.raises(TargetError) as caught:
        waivers.refuse_unknown([a_waiver("INF-CRE-01")], str(file))
    assert str(caught.value) == (
        f"{file}, line 3, [[waiver]] requirement = 'INF-CRE-01': there is no such requirement. "
        "Did you mean INF-CRE-001?"
    )


@pytest.fixture(scope="module")
def waived(tmp_path_factory: pytest.TempPathFactory) -> session.Outcome:
    """A run with one waiver that is needed and one that is not."""
    told = [
        {"requirement": one, "owner": "Jo", "reason": "is being mended", "until": "2999-01-01"}
        for one in ("INF-CRE-001", "INF-ERR-001")
    ]
    with serve(registry("receiver").compose(("CreateAnswers200",))(secret=SECRET)) as handle:
        config = target.from_table(table_for(handle.url) | {"waiver": told}, environ={})
        only = [CHECK, "INF-ERR-001"]
        out = tmp_path_factory.mktemp("waived")
        return session.run(config, seed=7, only=only, out=out, examine=False)


def test_a_waiver_changes_neither_verdict_nor_exit_code(waived: session.Outcome) -> None:
    rows = {row.id: row for row in waived.verdict.requirements}
    assert (rows["INF-CRE-001"].verdict, waived.verdict.outcome) == (FAIL, "does not conform")
    assert waived.exit_code == 1


def test_states_stand_in_the_verdict_file(waived: session.Outcome) -> None:
    assert waived.directory is not None
    read = runfile.read_verdict(waived.directory / "verdict.json")
    states = [(one.requirement, one.state, one.verdict) for one in read.waivers]
    assert states == [("INF-CRE-001", "in force", FAIL), ("INF-ERR-001", "unneeded", PASS)]


def test_the_report_shows_state_and_raw_verdict(waived: session.Outcome) -> None:
    assert waived.directory is not None
    page = write_report(waived.directory).read_text("utf-8")
    table = page.partition('id="waivers"')[2].partition("</table>")[0]
    assert "<td>in force</td>" in table
    assert "<strong>unneeded</strong>" in table
    assert "Jo, 2999-01-01" in table
    assert table.count("is being mended") == 2


def test_a_build_server_sees_the_failure_and_the_waiver(waived: session.Outcome) -> None:
    assert waived.directory is not None
    text = write_junit(waived.directory).read_text("utf-8")
    case = text.partition(f'<testcase name="{CHECK}"')[2].partition("</testcase>")[0]
    assert '<property name="waiver" value="INF-CRE-001 waived by Jo until 2999-01-01' in case
    assert "<failure " in case
