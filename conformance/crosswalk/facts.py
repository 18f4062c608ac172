"""A fact of a target: one value at one place of one row, and the natural key of such rows.

`Fact("users", "5b72f2d4-…", "givenName", "Zoë")` is a cell of OneRoster's users; for Ed-Fi `file`
is the resource, `id` its natural key and `path` a dotted path of the JSON body. A list has a fact
per member; members that are objects are told apart by their descriptor: `telephones[Home].number`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

UUID = re.compile(r"[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}")
# Clever's nine columns for further teachers are one list: the order says nothing.
CO_TEACHER = re.compile(r"Teacher_\d+_id")
# Paths that hold RefIds, in OneRoster and in Clever.
ID_PATH = re.compile(r"ourcedIds?$|_id$")
# Lists whose descriptor is for the receiver to choose.
UNLABELLED = ("institutionTelephones",)
# Cells of OneRoster that hold a list whose order says nothing.
LISTS = (
    "agentSourcedIds",
    "orgSourcedIds",
    "periods",
    "termSourcedIds",
    "userIds",
)


# Among the further values of a fact: whatever stands there is right.
ANY = "*"


@dataclass(frozen=True, slots=True)
class Fact:
    """A value at a place; `row` names the crosswalk row it stems from, blank for one read back.

    `also` are further values that are as right; a blank one says that the value may be missing,
    ANY that every value is right, as for an id that each side makes by itself.
    """

    file: str
    id: str
    path: str
    value: str
    row: str = ""
    also: tuple[str, ...] = ()


@cache
def keys() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Give the paths that make the key of a row, by target family and file."""
    text = (files(__package__) / "keys.csv").read_text(encoding="utf-8")
    return {
        (row["family"], row["file"]): tuple(row["key"].split())
        for row in csv.DictReader(text.splitlines())
    }


def family(target: str) -> str:
    """Give the form of a target: `oneroster`, `edfi` or `clever`."""
    return target.split("-")[0]


def of_row(target: str, file: str, cells: Mapping[str, str]) -> Iterator[Fact]:
    """Read a row of CSV as facts; blank cells are no facts, lists have one per item.

    `file` is the name without `.csv`.
    """
    listed = family(target) == "oneroster"
    found = [
        (CO_TEACHER.sub("Teacher_2_id", path), item)
        for path, text in cells.items()
        for item in (_items(path, text) if listed else [text])
        if item
    ]
    yield from keyed(target, file, found)


def of_body(target: str, file: str, body: Mapping[str, object]) -> Iterator[Fact]:
    """Read a JSON body as facts: numbers and truth values as JSON spells them."""
    yield from keyed(target, file, list(_leaves("", body)))


def _items(path: str, text: str) -> Sequence[str]:
    if path == "userIds":
        return [":".join(pair) for pair in re.findall(r"\{([^:{}]*):([^{}]*)\}", text)]
    return [item.strip() for item in text.split(",")] if path in LISTS else [text]


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _leaves(f"{path}.{name}" if path else str(name), member)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(f"{path}{_label(path, item)}", item)
    elif value is not None:
        yield path, str(value).lower() if isinstance(value, bool) else str(value)


def _label(path: str, item: object) -> str:
    """Tell the objects of a list apart by their first descriptor, in brackets."""
    if not isinstance(item, Mapping) or len(item) == 1 or path in UNLABELLED:
        return ""
    words = [str(text) for name, text in sorted(item.items()) if name.endswith("Descriptor")]
    return f"[{words[0].rpartition('#')[2]}]" if words else ""


def keyed(target: str, file: str, found: Sequence[tuple[str, str]]) -> Iterator[Fact]:
    """Make facts of the paths and values of one row."""
    key = key_of(target, file, found)
    return (Fact(file, key, path, value) for path, value in found)


def key_of(target: str, file: str, found: Iterable[tuple[str, str]]) -> str:
    """Make the natural key of a row from its paths and values; a part that lacks is blank."""
    known: dict[str, str] = {}
    for path, value in found:
        known.setdefault(path, value)
    wanted = keys().get((family(target), file), ())
    return "/".join(spelled(path, known.get(path, "")) for path in wanted)


def spelled(path: str, text: str) -> str:
    """Fold a RefId where a target holds one; a unique id of Ed-Fi is text of its own."""
    return folded(text) if ID_PATH.search(path) else text


def folded(text: str) -> str:
    """Spell what looks like a RefId in lower case with hyphens; other text stays as it is."""
    if not UUID.fullmatch(text):
        return text
    bare = text.replace("-", "").lower()
    return "-".join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]))
