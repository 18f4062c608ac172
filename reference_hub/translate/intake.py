"""What the rows of a set of CSV files say, before it becomes SIF objects."""

from __future__ import annotations

from dataclasses import dataclass, field

from reference_hub.translate.canonical import Record, entities
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.ledger import NARROWED, Loss

_UNLISTED = "XW-235"


@dataclass(slots=True)
class Intake:
    """What the files say: records with the references between them, the rows of a delta that are
    to be deleted as (entity, key), what was lost, the id behind each key that is another text, by
    file and key, and the file and row that each record came from. `base` is what a delta was read
    onto; None where the files are whole."""

    graph: MemoryGraph = field(default_factory=MemoryGraph)
    deleted: list[tuple[str, str]] = field(default_factory=list)
    losses: dict[Loss, None] = field(default_factory=dict)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    places: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    base: MemoryGraph | None = None

    def lose(self, entity: str, at: str, path: str, kind: str, note: str, target: str = "") -> None:
        """Enter what could not be carried, or the field `target` that was concluded."""
        self.losses[Loss(entity, at, _UNLISTED, path, target, kind, note)] = None

    def keyless(self, entity: str, record: Record, path: str) -> None:
        """Leave out a record that its row gives no id; what it says beside references is lost."""
        fields = entities()[entity].fields
        for name in record:
            if fields[name].kind not in ("ref", "refs"):
                text = "left out: the row has no id for it"
                self.lose(entity, "", path, NARROWED, text, f"{entity}.{name}")
