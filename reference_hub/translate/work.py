"""What is at hand while the rows of one record are made, and what a row is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reference_hub.translate.calls import Call, Graph
from reference_hub.translate.canonical import Record, key
from reference_hub.translate.graph import Near
from reference_hub.translate.ledger import Loss
from reference_hub.translate.places import Node

NO_WORDS: Mapping[str, str] = {}
READY, HELD = "ready", "held"


# Not frozen: rows are made by the million, and a frozen one costs three times as much.
@dataclass(slots=True)
class TargetRow:
    """One row, document or resource. `key` joins its key places with |; `refid` is the key of the
    canonical record it is made from. Held rows say in `reason` what they wait for. `needs` are the
    rows it points to and cannot go without, `wants` those of columns that may stay blank, each as
    `collection:key`."""

    collection: str
    key: str
    entity: str
    refid: str
    body: Node
    state: str = READY
    reason: str = ""
    needs: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()


class Work:
    """The work on one record: its rows, who is near, what was lost, one call for all lines."""

    __slots__ = ("call", "losses", "near", "record", "refid", "rows")

    def __init__(
        self, entity: str, record: Record, graph: Graph, settings: Mapping[str, Any]
    ) -> None:
        self.record, self.refid = record, key(record)
        self.rows: list[TargetRow] = []
        self.losses: dict[Loss, None] = {}
        self.near = near = Near(graph)
        words = (NO_WORDS, NO_WORDS)
        self.call = Call((), "", *words, record, near, None, {}, entity, (), settings)

    def about(self, entity: str, record: Record, it: Record | None) -> None:
        """The next lines write from this record, made for this item."""
        call = self.call
        call.entity, call.record, call.it = entity, record, it
