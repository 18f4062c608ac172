"""What the page for a district decides: the answer, the five questions, reservations, data."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.claims import ROLES
from conformance.runfile import FAIL, NOT_APPLICABLE, NOT_VERIFIED, OUR_FAULT, PASS, Granted
from reports.source import load
from reports.summary_data import exchanged, schedule
from reports.summary_facts import Untested
from tests.reports.district import (
    WHOLE,
    Build,
    a_run_of,
    facts_of,
    one_of_each_theme,
    unanswered,
)

FULL = {"tier": "full"}


def _states(facts: Any) -> dict[str, str]:
    return {one.question: one.state for one in facts.answers}


def test_a_receiver_that_was_seen_to_do_all_of_it_meets(build: Build, make: Any) -> None:
    facts = facts_of(build, make, WHOLE, tier="full")
    assert (facts.answer, facts.points) == ("meets", ())
    assert set(_states(facts).values()) == {"yes"}


@pytest.mark.parametrize(
    ("requirement", "question"),
    [
        ("TRN-LR-05", "complete"),
        ("INF-UPD-001", "in_step"),
        ("POD-GATE-002", "allowed"),
        ("INF-DEL-001", "stops"),
        ("INF-ERR-001", "line"),
    ],
)
def test_one_failure_answers_its_question_with_no_and_the_page_too(
    build: Build, make: Any, requirement: str, question: str
) -> None:
    facts = facts_of(build, make, WHOLE | {requirement: FAIL}, tier="full")
    assert facts.answer == "fails"
    assert [name for name, state in _states(facts).items() if state == "no"] == [question]


@pytest.mark.parametrize("verdict", [NOT_VERIFIED, OUR_FAULT])
def test_what_is_open_is_neither_yes_nor_no(build: Build, make: Any, verdict: str) -> None:
    facts = facts_of(build, make, WHOLE | {"INF-DEL-001": verdict}, tier="full")
    assert (facts.answer, _states(facts)["stops"]) == ("open", "open")


def test_a_recommendation_that_is_not_followed_is_a_reservation(build: Build, make: Any) -> None:
    facts = facts_of(build, make, WHOLE | {"DAT-UNI-002": FAIL}, tier="full")
    assert (facts.answer, facts.points) == ("reservations", (("weak", ("identity",)),))
    assert _states(facts)["complete"] == "weak"


def test_a_question_that_nothing_was_tested_of_is_no_yes(build: Build, make: Any) -> None:
    ended = {"INF-DEL-001": NOT_APPLICABLE, "POD-GATE-003": NOT_APPLICABLE}
    facts = facts_of(build, make, WHOLE | ended, tier="full")
    assert (facts.answer, _states(facts)["stops"]) == ("reservations", "none")


def test_without_the_theme_that_counts_a_question_is_answered_in_part(
    build: Build, make: Any
) -> None:
    facts = facts_of(build, make, WHOLE | {"POD-GATE-003": NOT_APPLICABLE}, tier="full")
    answer = next(one for one in facts.answers if one.question == "stops")
    assert (answer.state, answer.about) == ("part", ("delete",))
    assert facts.points == (("untested", ("stops",)),)


def test_the_short_form_of_the_test_is_a_reservation(build: Build, make: Any) -> None:
    assert facts_of(build, make, WHOLE).points == (("short", ("",)),)


def test_a_part_of_the_test_decides_nothing_good(build: Build, make: Any) -> None:
    assert facts_of(build, make, WHOLE, tier="full", only=["objects"]).answer == "part"


def test_a_part_of_the_test_decides_what_is_bad(build: Build, make: Any) -> None:
    facts = facts_of(build, make, WHOLE | {"INF-DEL-001": FAIL}, only=["objects"])
    assert facts.answer == "fails"


def test_a_duty_that_the_vendor_denies_is_a_reservation(build: Build, make: Any) -> None:
    facts = facts_of(build, make, WHOLE, tier="full", attested=unanswered(3, "no", "yes"))
    assert (facts.points, facts.promises) == ((("denied", ("1",)),), 1)


@pytest.mark.parametrize("role", ROLES)
def test_every_question_has_an_answer_in_every_role(build: Build, make: Any, role: str) -> None:
    verdicts = dict.fromkeys(one_of_each_theme(role).values(), PASS)
    facts = facts_of(build, make, verdicts, role=role, tier="full")
    states = _states(facts)
    assert len(states) == 5
    assert "yes" in states.values()
    assert facts.answer in ("meets", "reservations")


def test_what_was_not_tested_is_grouped_by_why(build: Build, make: Any) -> None:
    verdicts = WHOLE | {"INF-TRN-005": NOT_APPLICABLE, "INF-CRE-002": NOT_APPLICABLE}
    why = "not checked from outside: needs a TLS target; planned"
    facts = facts_of(build, make, verdicts, why=why)
    assert facts.causes == (Untested("later", ("locked",), 1),)


BIRTH = "<xStudent xmlns='urn:x'><demographics><birthDate>9</birthDate></demographics></xStudent>"
JSON = '{"xStudents": {"xStudent": [{"@refId": "A", "demographics": {"birthDate": "9"}}]}}'
PATHS = {"xStudent/demographics/birthDate", "xStudent/@refId", "xStudent/email"}


def test_elements_are_found_in_xml(make: Any) -> None:
    body = BIRTH.replace("<xStudent ", "<xStudent refId='A' ")
    found = exchanged(PATHS, [make.exchange(1, "one", f"<xStudents>{body}</xStudents>")])
    assert found == PATHS - {"xStudent/email"}


def test_elements_are_found_in_json(make: Any) -> None:
    found = exchanged(PATHS, [make.exchange(1, "one", JSON)])
    assert found == PATHS - {"xStudent/email"}


def test_what_was_refused_was_not_exchanged(make: Any) -> None:
    assert exchanged(PATHS, [make.exchange(1, "one", BIRTH, "HTTP/1.1 403 Forbidden")]) == set()


def _granted(line: str, *paths: str) -> Granted:
    return Granted(line=line, title=line, rating="M", paths=list(paths))


def test_the_schedule_tells_seen_unseen_and_lines_that_look_alike(build: Build, make: Any) -> None:
    grant = [
        _granted("B07.1", "xStudent/demographics/birthDate"),
        _granted("B15.3", "xStudent/otherIds"),
        _granted("B22.3", "xStudent/otherIds"),
    ]
    exchanges = [make.exchange(1, "one", BIRTH)]
    directory = build([make.check("one")], exchanges, grant=grant)
    found = schedule(load(directory))
    assert (found.state, found.seen, found.unseen) == ("told", (("B07.1",),), (("B15.3", "B22.3"),))


@pytest.mark.parametrize(
    ("verdict", "beyond"),
    [(PASS, "clean"), (FAIL, "found"), (NOT_VERIFIED, "open"), (NOT_APPLICABLE, "none")],
)
def test_data_beyond_the_agreement_follows_its_requirements(
    build: Build, make: Any, verdict: str, beyond: str
) -> None:
    directory = a_run_of(build, make, {"INF-CRE-001": PASS, "POD-MIN-008": verdict})
    assert schedule(load(directory)).beyond == beyond
