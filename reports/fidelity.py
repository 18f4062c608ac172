"""The tables of fidelity as the page shows them: what is harmed first, what has no place apart."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.runfile import Fidelity, FidelityLine
from reports.source import Source


@dataclass(frozen=True, slots=True)
class FidelityView:
    """One form: the harmed elements, the whole ones, those without a place, and the sums.

    `share` is the part (0 to 100) of the values with a place that were kept, None if no value was
    seen.
    """

    form: str
    students: int
    harmed: list[FidelityLine]
    whole: list[FidelityLine]
    placeless: list[FidelityLine]
    kept: int
    observed: int
    unseen: int
    unavoidable: int
    share: float | None


def fidelity(source: Source) -> list[FidelityView]:
    """One view for each form in which students were compared."""
    return [_view(table) for table in source.verdict.fidelity]


def _view(table: Fidelity) -> FidelityView:
    told = [line for line in table.lines if _observed(line) or line.invented or line.unseen]
    harmed = [line for line in told if line.kept < _observed(line) or line.invented or line.unseen]
    kept = sum(line.kept for line in table.lines)
    observed = sum(_observed(line) for line in table.lines)
    return FidelityView(
        form=table.form,
        students=table.students,
        harmed=harmed,
        whole=[line for line in told if line not in harmed],
        placeless=[line for line in table.lines if line.unavoidable],
        kept=kept,
        observed=observed,
        unseen=sum(line.unseen for line in table.lines),
        unavoidable=sum(line.unavoidable for line in table.lines),
        # Cut, not rounded: 99.96 is not all of them.
        share=int(1000 * kept / observed) / 10 if observed else None,
    )


def _observed(line: FidelityLine) -> int:
    return line.kept + line.changed + line.lost
