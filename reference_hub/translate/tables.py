"""Mapping tables: CSV files that a district's data manager can read, and change.

One table for one format, used in both directions. Columns: `collection` and `place` name a spot in
the format, `entity` and `field` one in the canonical records, `function` what happens between,
`codes` a code set; `need` says that a row cannot go without it (`required`) or is known by it
(`key`), `to` which collection it points to; `loss`, `crosswalk_id` and `note` what gets lost and
why. Lines that begin with `#` are settings: `# dialect: oneroster`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files

from reference_hub.problems import SetupError
from reference_hub.translate.lines import Line, Section, Slotless, Table
from reference_hub.translate.overlaying import merged_lines
from reference_hub.translate.table_file import Reader

__all__ = [
    "Line",
    "Section",
    "Slotless",
    "Table",
    "TableError",
    "load",
    "overlaid",
    "parse",
    "shipped",
]


class TableError(SetupError):
    """A mapping table cannot be used as it is written."""


@cache
def load(name: str) -> Table:
    """A shipped table, for example `oneroster-1.2`; TableError names the faulty line."""
    path = files(__package__) / "tables" / f"{name}.csv"
    if not path.is_file():
        raise TableError(f"There is no mapping table '{name}'. Shipped: {', '.join(shipped())}.")
    return parse(name, path.read_text("utf-8"))


def shipped() -> list[str]:
    """The names of the shipped tables."""
    folder = files(__package__) / "tables"
    return sorted(x.name.removesuffix(".csv") for x in folder.iterdir() if x.name.endswith(".csv"))


def parse(name: str, text: str) -> Table:
    """Read a table; raises TableError with line and reason."""
    problems: list[str] = []
    table = Reader(name, text, problems).table()
    if problems:
        raise TableError("\n".join(problems))
    return table


def overlaid(table: Table, text: str, name: str) -> Table:
    """A shipped table under a district's own file: its sections and lines replace or add."""
    own = parse(name, text)
    merged = {(x.collection, x.entity, x.sources, x.argument): x for x in table.sections}
    for section in own.sections:
        at = (section.collection, section.entity, section.sources, section.argument)
        held = merged.get(at)
        lines = merged_lines(held.lines, section.lines) if held else section.lines
        merged[at] = replace(held or section, lines=lines)
    slotless = {**table.slotless, **own.slotless}
    return Table(table.name, {**table.settings, **own.settings}, tuple(merged.values()), slotless)
