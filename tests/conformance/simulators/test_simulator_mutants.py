"""The registry of mutants: names, declared ids, several mistakes in one vendor."""

from __future__ import annotations

import re
from typing import Any

import pytest

from conformance.simulators import Receiver, serve
from conformance.simulators.mutants import MUTANTS, breaks, compose
from conformance.simulators.problems import UnknownMutant


def test_every_mutant_names_what_it_breaks_and_the_mistake() -> None:
    wrong = [
        name
        for name, mutant in MUTANTS.items()
        if not re.fullmatch(r"[A-Z].*\.", (mutant.__doc__ or "").strip(), re.DOTALL)
        or not (mutant.breaks or mutant.special)
        or not all(
            re.fullmatch(r"(INF|NEG|POD|TRN|REG|DAT)(-[A-Z]+)?-\d+(-S)?", each)
            for each in (*mutant.breaks, *mutant.also)
        )
    ]
    assert wrong == []


def test_every_mutant_overrides_what_the_receiver_has() -> None:
    wrong = [
        f"{name}.{member}"
        for name, mutant in MUTANTS.items()
        for member, value in vars(mutant).items()
        if callable(value) and not member.startswith("_") and not hasattr(Receiver, member)
    ]
    assert wrong == []


def test_a_mutant_is_registered_under_one_name_only() -> None:
    with pytest.raises(ValueError, match="CreateAnswers200"):
        breaks("INF-CRE-001")(type("CreateAnswers200", (Receiver,), {}))


def test_several_mistakes_are_one_vendor(build: Any) -> None:
    both = compose(["CreateAnswers200", "UpdateAnswers200"])
    assert both.breaks == ("INF-CRE-001", "INF-UPD-001")
    with serve(both(needs_pod=False)) as handle:
        vendor, refid = build.vendor(handle.url), build.refid()
        vendor.open()
        assert vendor.create(build.student(refid)).status_code == 200
        assert vendor.send("PUT", f"xStudents/{refid}", build.student(refid)).status_code == 200
        vendor.http.close()


def test_no_mistake_is_the_receiver() -> None:
    assert compose([]) is Receiver


def test_an_unknown_name_meets_its_neighbours() -> None:
    with pytest.raises(UnknownMutant, match="CreateAnswers200"):
        compose(["CreateAnswer200"])
