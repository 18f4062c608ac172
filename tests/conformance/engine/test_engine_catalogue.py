"""The catalogue refuses what it cannot trust; coverage counts what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import catalogue, coverage, verifies
from conformance.planning import plan
from conformance.problems import CatalogueError, SuiteFault, TargetError, UsageFault
from conformance.session import run
from tests.conformance.engine import sample_checks
from tests.conformance.engine.conftest import config_for, table

ROW = """[[requirement]]
id = "T-1"
level = "MUST"
basis = "documented"
role = ["receiver"]
source = "somewhere"
text = "Something holds."
"""

BAD = [
    (ROW + ROW, "T-1 stands twice"),
    (ROW.replace("MUST", "must"), "T-1: 'must' is not one of"),
    (ROW.replace("documented", "rumour"), "T-1: 'rumour' is not one of"),
    (ROW + 'tier = "gold"\n', "T-1: 'gold' is not one of"),
    (ROW + "colour = 1\n", "colour.*T-1"),
    (ROW.replace('text = "Something holds."', ""), "text.*T-1"),
    (ROW.replace('["receiver"]', "[]"), "T-1: role, text and source"),
    ("[[requirement]\n", "a.toml"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_bad_row_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.toml").write_text(text, "utf-8")
    with pytest.raises(CatalogueError, match=message) as caught:
        catalogue.read([tmp_path / "a.toml"])
    assert "a.toml" in str(caught.value)


def test_the_shipped_catalogue_and_checks_fit_together() -> None:
    chosen = plan("receiver", "full")
    assert chosen.checks
    assert all(set(spec.requirements) <= set(catalogue.load()) for spec in chosen.checks.values())


def test_core_is_a_part_of_full() -> None:
    core, full = plan("receiver", "core"), plan("receiver", "full")
    assert set(core.rows) < set(full.rows)
    assert set(core.checks) <= set(full.checks)


def test_minimal_is_a_part_of_core_without_privacy_documents() -> None:
    minimal, core = plan("receiver", "minimal"), plan("receiver", "core")
    assert set(minimal.rows) < set(core.rows)
    assert {name for name in minimal.rows if name.startswith(("POD-", "REG-"))} == set()
    assert {name for name in core.rows if name.startswith("POD-ACK-")} != set()


def test_a_tier_without_rows_is_refused_with_the_least_there_is() -> None:
    with pytest.raises(UsageFault, match="the role broker has no tier minimal; its least is core"):
        plan("broker", "minimal")


def test_quick_takes_two_checks_of_each_area() -> None:
    quick, full = plan("provider", "full", ["quick"]), plan("provider", "full")
    areas = {spec.area for spec in full.checks.values()}
    assert {spec.area for spec in quick.checks.values()} == areas
    pairs = [(spec.area, spec.negative) for spec in quick.checks.values()]
    assert len(pairs) == len(set(pairs)) <= 2 * len(areas)


def test_only_narrows_rows_and_checks() -> None:
    one = plan("receiver", "full", ["INF-CRE-001"])
    assert list(one.rows) == ["INF-CRE-001"]
    assert all("INF-CRE-001" in spec.requirements for spec in one.checks.values())


def test_only_takes_an_area() -> None:
    paging = plan("receiver", "full", ["sif/paging"])
    assert {spec.area for spec in paging.checks.values()} == {"sif/paging"}


def test_a_check_without_docstring_is_refused() -> None:
    def check_nothing() -> None:
        pass

    with pytest.raises(SuiteFault, match="check_nothing"):
        verifies.verifies("T-1")(check_nothing)


def test_an_id_cannot_be_taken_twice() -> None:
    def check_sample_passes() -> None:
        """Another check of this name."""

    check_sample_passes.__module__ = sample_checks.__name__
    with pytest.raises(SuiteFault, match="sample_passes stands in"):
        verifies.verifies("T-1")(check_sample_passes)


def test_cases_are_the_product_of_the_parametrisations() -> None:
    assert coverage.cases(verifies.CHECKS["sample_has_cases"]) == 3
    assert coverage.cases(verifies.CHECKS["sample_passes"]) == 1


def test_a_waiver_for_an_unknown_requirement_is_refused() -> None:
    waiver = {"requirement": "INF-CRE-1", "owner": "o", "reason": "r", "until": "2027-01-01"}
    config = config_for("http://127.0.0.1:1")
    from conformance.target import from_table

    waived = from_table(table(config.base) | {"waiver": [waiver]})
    with pytest.raises(TargetError, match="Did you mean INF-CRE-"):
        run(waived, examine=False)
