"""Mapping tables: CSV files that a district's data manager can read, and change.

A row says: this source path goes to this column through this named function. Several paths, and the
crosswalk ids that belong to them, stand in one cell separated by ` ; `. A row without a target file
says why the source has no place. A path covers its subtree in such rows, and one predicate of the
form `name[type='Alias']` may stand in it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from reference_hub.problems import SetupError
from reference_hub.translate.columns import COLUMNS
from reference_hub.translate.ledger import KINDS

_CALL = re.compile(r"(\w+)(?:\(([^)]*)\))?")
_PREDICATE = re.compile(r"\[(\w+)='([^']+)'\]")
_HEADER = ["crosswalk_id", "entity", "source_path", "target_file", "target_field"]
_HEADER += ["function", "code_set", "loss", "note"]


class MappingError(SetupError):
    """A mapping table cannot be used as it is written."""


@dataclass(frozen=True, slots=True)
class Source:
    """One source path; `kind` must be the value of the sibling element `beside`, when given."""

    path: str
    crosswalk_id: str
    beside: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `codes` is the code set it names, SIF value to target value."""

    sources: tuple[Source, ...]
    entity: str
    object_type: str
    file: str
    field: str
    function: str
    argument: str
    codes: Dict[str, str]
    loss: str
    note: str

    @property
    def target(self) -> str:
        """`users.email` for the column email of users.csv; empty without a target."""
        return f"{self.file.removesuffix('.csv')}.{self.field}" if self.file else ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A whole table: rows with a target by object type and file; `slotless` by source path."""

    name: str
    targets: Dict[str, Dict[str, tuple[Row, ...]]]
    slotless: Dict[str, tuple[Row, Source]]

    def reason(self, path: str) -> tuple[Row, Source] | None:
        """The row without a target whose path is, or contains, this one; the longest wins."""
        while path and path not in self.slotless:
            path = path.rpartition("/")[0]
        return self.slotless.get(path)


@cache
def load(name: str) -> Mapping:
    """The table of that name, for example `oneroster-1.2`; MappingError names the faulty line."""
    folder = files("reference_hub.translate") / "mappings"
    codes = code_sets((folder / "code-sets.csv").read_text("utf-8"))
    return parse(name, (folder / f"{name}.csv").read_text("utf-8"), codes)


def code_sets(text: str) -> dict[str, dict[str, str]]:
    """Read the code sets: columns code_set, sif, target, note."""
    sets: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(text.splitlines()):
        sets.setdefault(row["code_set"], {})[row["sif"]] = row["target"]
    return sets


def parse(name: str, text: str, codes: Dict[str, Dict[str, str]]) -> Mapping:
    """Read a table; rows without a source belong to the object type of the row before."""
    reader = csv.DictReader(text.splitlines())
    if reader.fieldnames != _HEADER:
        raise MappingError(f"{name}.csv must have the columns {', '.join(_HEADER)}.")
    targets: dict[str, dict[str, tuple[Row, ...]]] = {}
    slotless: dict[str, tuple[Row, Source]] = {}
    object_type = ""
    for line in reader:
        row = _row(line, codes, object_type, f"{name}.csv line {reader.line_num}")
        object_type = row.object_type
        if row.file:
            by_file = targets.setdefault(object_type, {})
            by_file[row.file] = (*by_file.get(row.file, ()), row)
        else:
            slotless.update({source.path: (row, source) for source in row.sources})
    return Mapping(name, targets, slotless)


def _row(line: Dict[str, str], codes: Dict[str, Dict[str, str]], before: str, where: str) -> Row:
    sources = _sources(line["source_path"], line["crosswalk_id"], where)
    function, argument = _call(line["function"], where)
    _refuse(line, codes, where)
    return Row(
        sources=sources,
        entity=line["entity"],
        object_type=sources[0].path.partition("/")[0] if sources[0].path else before,
        file=line["target_file"],
        field=line["target_field"],
        function=function,
        argument=argument,
        codes=codes.get(line["code_set"], {}),
        loss=line["loss"],
        note=line["note"],
    )


def _refuse(line: Dict[str, str], codes: Dict[str, Dict[str, str]], where: str) -> None:
    file, field = line["target_file"], line["target_field"]
    if (file or field) and field not in COLUMNS.get(file, ()):
        raise MappingError(f"{where}: {file} has no column '{field}'.")
    if bool(file) != bool(line["function"]):
        raise MappingError(f"{where}: a row has a target and a function, or neither.")
    if line["code_set"] and line["code_set"] not in codes:
        raise MappingError(f"{where}: there is no code set '{line['code_set']}' in code-sets.csv.")
    if line["loss"] and line["loss"] not in KINDS:
        raise MappingError(f"{where}: loss is one of {', '.join(KINDS)}.")


def _call(text: str, where: str) -> tuple[str, str]:
    match = _CALL.fullmatch(text)
    if text and not match:
        raise MappingError(f"{where}: '{text}' is not a function name with one pair of brackets.")
    return (match[1], match[2] or "") if match else ("", "")


def _sources(paths: str, ids: str, where: str) -> tuple[Source, ...]:
    names = [name.strip() for name in ids.split(";")]
    parts = [part.strip() for part in paths.split(" ; ")]
    if not names[0] or len(names) not in (1, len(parts)):
        raise MappingError(f"{where}: give one crosswalk_id, or one for each source path.")
    ids_of = names * len(parts) if len(names) == 1 else names
    return tuple(_source(part, each) for part, each in zip(parts, ids_of, strict=True))


def _source(path: str, crosswalk_id: str) -> Source:
    match = _PREDICATE.search(path)
    if not match:
        return Source(path, crosswalk_id)
    return Source(_PREDICATE.sub("", path), crosswalk_id, match[1], match[2])
