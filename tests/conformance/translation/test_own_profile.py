"""Two verdicts: a deviation that the vendor declares fails the standard and keeps its word."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from conformance import own_profile, runfile, session, target, trees, verdict
from conformance.problems import TargetError
from conformance.simulators import pod_claims, serve
from conformance.simulators.mutants.roster_text import CutsNamesAt50, DropsMiddleNames
from conformance.simulators.mutants.sif_values import ReadsWithoutMiddleName
from conformance.simulators.mutants.translation import DeletedStayInTheExport
from conformance.simulators.receiver import Receiver
from conformance.target_profile import Profile
from fixtures.edge_cases import EDGE_CASES
from fixtures.writers import xpress
from tests.conformance.engine.test_engine_verdict import row

MIDDLE, FAMILY = "xStudent/name/middleName", "xStudent/name/familyName"
NO_MIDDLE = {"shown": "own", "not_taken": [MIDDLE]}
Judge = Callable[..., runfile.Verdict]


def table(url: str, profile: Mapping[str, object]) -> dict[str, Any]:
    """A target file that claims everything and has this profile."""
    return {
        "vendor": {"name": "Example Reading App"},
        "endpoint": {"url": url},
        "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
        "capabilities": dict.fromkeys(target.CAPABILITIES, True),
        "pod": pod_claims(),
        "profile": profile,
    }


def judged(
    vendor: type[Receiver], profile: Mapping[str, object], *only: str, out: Path | None = None
) -> runfile.Verdict:
    """What the suite says of a vendor with this profile."""
    with serve(vendor()) as handle:
        config = target.from_table(table(handle.url, profile), environ={})
        return session.run(config, seed=7, only=only, examine=False, out=out).verdict


def both(told: runfile.Verdict) -> dict[str, tuple[str, str]]:
    """Both verdicts of each row that the profile concerns."""
    return {one.id: (one.verdict, one.own_verdict) for one in told.requirements if one.own_verdict}


def test_a_declared_loss_fails_the_standard_and_keeps_the_word() -> None:
    told = judged(DropsMiddleNames, NO_MIDDLE, "TRN-LR-05", "TRN-LC-04")
    assert both(told) == {"TRN-LC-04": ("fail", "pass"), "TRN-LR-05": ("fail", "pass")}
    assert told.own_profile is not None
    assert (told.outcome, told.own_profile.outcome) == ("does not conform", "conforms")


def test_a_declared_limit_is_held_to_the_character() -> None:
    of = {size: judged(CutsNamesAt50, {"shown": "own", "longest": {FAMILY: size}}, "TRN-TX-05")
          for size in (50, 49)}  # fmt: skip
    assert both(of[50]) == {"TRN-TX-05": ("fail", "pass")}
    assert both(of[49]) == {"TRN-TX-05": ("fail", "fail")}


def test_a_vendor_that_does_more_than_it_says_breaks_its_word() -> None:
    told = judged(Receiver, NO_MIDDLE, "TRN-LR-05")
    assert both(told) == {"TRN-LR-05": ("pass", "fail")}
    assert told.own_profile is not None
    assert (told.outcome, told.own_profile.outcome) == ("conforms", "does not conform")


def test_a_loss_that_is_not_declared_fails_both() -> None:
    told = judged(DropsMiddleNames, {"shown": "own", "longest": {FAMILY: 9}}, "TRN-LR-05")
    assert both(told)["TRN-LR-05"] == ("fail", "fail")


def test_a_profile_of_sif_is_held_against_sif() -> None:
    declared = {"shown": "sif", "not_taken": [MIDDLE]}
    told = judged(ReadsWithoutMiddleName, declared, "TRN-LR-05-S", "INF-CRE-009", "TRN-LR-05")
    assert both(told) == {"INF-CRE-009": ("fail", "pass"), "TRN-LR-05-S": ("fail", "pass")}


@pytest.mark.parametrize(("habit", "second"), [("kept", "pass"), ("hidden", "fail")])
def test_what_becomes_of_the_deleted_is_what_the_profile_says(habit: str, second: str) -> None:
    told = judged(DeletedStayInTheExport, {"deletes": habit}, "TRN-LC-01")
    assert both(told) == {"TRN-LC-01": ("fail", second)}


def test_what_no_check_looked_at_is_told() -> None:
    told = judged(Receiver, NO_MIDDLE | {"most": {"xStudent/otherEmails/email": 1}}, "TRN-CS-07")
    assert told.own_profile is not None
    assert told.own_profile.untested == [
        f"{MIDDLE} is not taken",
        "of xStudent/otherEmails/email the first 1 are kept",
    ]


def test_without_a_profile_there_is_one_verdict() -> None:
    told = judged(DropsMiddleNames, {}, "TRN-LR-05")
    assert (told.own_profile, both(told)) == (None, {})


def test_the_run_file_holds_the_second_verdict(tmp_path: Path) -> None:
    judged(DropsMiddleNames, NO_MIDDLE, "middle_and_preferred_names_have_their_columns",
           out=tmp_path)  # fmt: skip
    (folder,) = tmp_path.iterdir()
    run = runfile.read_run(folder / "run.jsonl")
    (again,) = run.own
    assert (run.checks[0].verdict, again.verdict, again.says) == (
        "fail", "pass", [f"{MIDDLE} is not taken"],
    )  # fmt: skip
    assert min(again.exchanges) > max(run.checks[0].exchanges)


def check_of(name: str, given: str) -> runfile.Check:
    """A check with this verdict."""
    return runfile.Check(
        id=name, title=name, requirements=["INF-X"], area="x", negative=False, verdict=given,
        reason="", findings=[], exchanges=[], cases=1,
    )  # fmt: skip


@pytest.mark.parametrize("first", [runfile.NOT_VERIFIED, runfile.OUR_FAULT])
def test_a_profile_settles_nothing_that_is_open(first: str) -> None:
    checks = [check_of("one", first), check_of("two", runfile.FAIL)]
    rows = verdict.requirements({"INF-X": row("INF-X")}, checks, "3.3", {})
    own = [runfile.OwnCheck(id=one.id, says=[], verdict=runfile.PASS, reason="") for one in checks]
    (told,) = verdict.by_own_profile(rows, checks, own)
    assert told.own_verdict == first
    assert verdict.own_outcome([told]) == "could not decide"


def student() -> etree._Element:
    """A student of which every field is filled."""
    return xpress.student(EDGE_CASES["every-field"].build(7, shift=0))


def made(**declared: Any) -> etree._Element:
    """What a profile makes of that student."""
    return own_profile.made_of(student(), own_profile.declarations(Profile(**declared)))


def test_a_profile_is_a_function_on_students() -> None:
    assert trees.text(made(not_taken=(MIDDLE,)), "name", "middleName") == ""
    assert trees.text(made(longest={FAMILY: 5}), "name", "familyName") == "Field"
    assert trees.text(made(codes={"xStudent/enrollment/gradeLevel": {"09": "9"}}),
                      "enrollment", "gradeLevel") == "9"  # fmt: skip
    races = made(most={"xStudent/demographics/races/race": 1})
    assert [one.text for one in races.iter(f"{{{trees.NA4}}}race") if len(one) == 0] == ["Asian"]


def test_the_student_itself_stays_as_it_was() -> None:
    whole = student()
    own_profile.made_of(whole, own_profile.declarations(Profile(not_taken=("xStudent/name",))))
    assert trees.tostring(whole) == trees.tostring(student())


WRONG: list[tuple[dict[str, object], str]] = [
    ({"not_taken": ["xStudent/name/midleName"]}, "Did you mean xStudent/name/middleName?"),
    ({"longest": {FAMILY: 0}}, "[profile.longest] xStudent/name/familyName: the value is 0."),
    ({"deletes": "never"}, "Use one of: removed, hidden, kept."),
    ({"longst": {FAMILY: 64}}, "Did you mean longest?"),
    (
        {"longest": {MIDDLE: 9, FAMILY: "64"}},
        f"[profile.longest] {FAMILY}: expected a whole number",
    ),
    ({"codes": {"xStudent/enrollment/gradeLevel": {"PR": 1}}}, "[profile.codes] PR: expected text"),
]


@pytest.mark.parametrize(("profile", "said"), WRONG)
def test_a_wrong_profile_is_told_with_place_and_cure(profile: dict[str, object], said: str) -> None:
    with pytest.raises(TargetError) as caught:
        target.from_table(table("http://127.0.0.1:1", profile), environ={})
    assert said in str(caught.value)


def test_the_configuration_of_the_second_pass_differs_in_one_thing() -> None:
    config = target.from_table(table("http://127.0.0.1:1", NO_MIDDLE), environ={})
    assert not config.by_profile
    assert dataclasses.replace(config, by_profile=True).profile == config.profile
