"""One measured figure, as it stands in reports/bench.json."""

from __future__ import annotations

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """`ratio` against a floor of the same run, or an absolute number whose unit `detail` names."""

    name: str
    ratio: float
    goal: float
    better: str
    detail: str

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.ratio >= self.goal if self.better == "higher" else self.ratio <= self.goal
