"""What the rows of a set of CSV files say, before it becomes SIF objects."""

from __future__ import annotations

from dataclasses import dataclass, field

from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.ledger import Loss

_UNLISTED = "XW-235"


@dataclass(slots=True)
class Intake:
    """What the files say: records with the references between them, the rows of a delta that are
    to be deleted as (entity, key), what was lost, the id behind each key that was minted, by file
    and key, and the file and row that each record came from."""

    graph: MemoryGraph = field(default_factory=MemoryGraph)
    deleted: list[tuple[str, str]] = field(default_factory=list)
    losses: dict[Loss, None] = field(default_factory=dict)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    places: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)

    def lose(self, entity: str, at: str, path: str, kind: str, note: str, target: str = "") -> None:
        """Enter what could not be carried, or the field `target` that was concluded."""
        self.losses[Loss(entity, at, _UNLISTED, path, target, kind, note)] = None
