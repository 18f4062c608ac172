"""The table of fidelity and what it comes to."""

from __future__ import annotations

import pytest

from conformance import fidelity_table
from conformance.problems import Finding, NotVerified
from conformance.runfile import Fidelity, FidelityLine
from conformance.target_tables import Fidelity as Wanted


def table(**counts: int) -> Fidelity:
    """A table of one whole element and one with these counts."""
    whole = FidelityLine(element="xStudent/localId", status="carried", sent=8, kept=8)
    other = FidelityLine(element="xStudent/loginId", status="carried", sent=2, **counts)
    return Fidelity(form="SIF", students=8, lines=[whole, other])


def test_all_kept_is_enough() -> None:
    fidelity_table.judge(table(kept=2), Wanted())


def test_a_loss_fails_and_names_the_worst_element() -> None:
    with pytest.raises(Finding, match="9 of 10 values") as caught:
        fidelity_table.judge(table(kept=1, lost=1), Wanted())
    assert (caught.value.path, caught.value.expected) == ("xStudent/loginId", "at least 100.0%")


def test_the_target_file_may_ask_for_less() -> None:
    fidelity_table.judge(table(kept=1, changed=1), Wanted(kept=0.9))
    with pytest.raises(Finding):
        fidelity_table.judge(table(changed=2), Wanted(kept=0.9))


def test_a_single_element_has_its_own_part() -> None:
    wanted = Wanted(kept=0.5, elements={"xStudent/loginId": 0.6})
    with pytest.raises(Finding, match="loginId: 1 of 2"):
        fidelity_table.judge(table(kept=1, lost=1), wanted)


def test_what_was_invented_fails_unless_allowed() -> None:
    with pytest.raises(Finding, match=r"values invented in .*: 1"):
        fidelity_table.judge(table(kept=2, invented=1), Wanted())
    fidelity_table.judge(table(kept=2, invented=1), Wanted(invented=1))


def test_loss_without_a_place_is_no_fault() -> None:
    fidelity_table.judge(table(unavoidable=2), Wanted())


def test_what_nobody_can_see_is_never_a_pass() -> None:
    with pytest.raises(NotVerified, match="2 values of 1 elements"):
        fidelity_table.judge(table(unseen=2), Wanted())
    nothing = Fidelity(form="SIF", students=1, lines=[])
    with pytest.raises(NotVerified, match="no value can be observed"):
        fidelity_table.judge(nothing, Wanted())
