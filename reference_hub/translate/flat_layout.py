"""How a vendor's own CSV files look: a TOML file beside a mapping table.

title = "Lunch counter"
table = "lunch.csv"            # the mapping table, beside this file; or the name of a shipped one
encoding = "utf-8"             # or utf-8-sig, cp1252, latin-1, utf-16
delimiter = ","                # one character; "\\t" for a tab
header = true
quoting = "minimal"            # or all, none
line_end = "crlf"              # or lf
date_format = "%Y-%m-%d"       # of every column that a date function fills
list_separator = ";"           # between the values of one cell

[files.students]               # the collection in the table
name = "students-{school}.csv" # {column} makes one file for each value of a column
optional = true                # need not be there; not written without rows
columns = ["id", "school", "last"]
[files.students.headings]      # where a heading is no plain word
last = "Last Name"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from reference_hub.problems import SetupError
from reference_hub.translate.canonical import entities
from reference_hub.translate.tables import Line, Table, load, parse, shipped

ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16")
QUOTINGS = {"minimal": 0, "all": 1, "none": 3}
LINE_ENDS = {"crlf": "\r\n", "lf": "\n"}
_DAYS = ("date", "day_after", "year_start", "year_end", "preferred_day")
_SPLIT = re.compile(r"\{(\w+)\}")
_KNOWN = {
    "title": str,
    "table": str,
    "encoding": str,
    "delimiter": str,
    "header": bool,
    "quoting": str,
    "line_end": str,
    "date_format": str,
    "list_separator": str,
    "files": dict,
}
_KNOWN_OF_FILE = {"name": str, "optional": bool, "columns": list, "headings": dict}


@dataclass(frozen=True, slots=True)
class File:
    """One kind of file: `split` names the column by whose values it is split, or is blank; an
    `optional` one need not be there and is not written without rows."""

    collection: str
    name: str
    columns: tuple[str, ...]
    headings: Mapping[str, str]
    split: str = ""
    optional: bool = False

    def heading(self, column: str) -> str:
        """What stands in the header for a column."""
        return self.headings.get(column, column)

    def name_for(self, value: str) -> str:
        """The name of the file that holds the rows of a value; letters no name may hold go."""
        plain = re.sub(r"[^0-9A-Za-z._-]", "_", value)
        return _SPLIT.sub(lambda _: plain, self.name)

    def owns(self, name: str) -> bool:
        """Whether a file of this name is one of this kind."""
        before, _, after = _SPLIT.sub("\0", self.name).partition("\0")
        if not self.split:
            return name == self.name
        # A row may lack the value: its file is named by none.
        fits = len(name) >= len(before) + len(after)
        return name.startswith(before) and name.endswith(after) and fits


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole layout with its mapping table."""

    title: str
    table: Table
    files: tuple[File, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    header: bool = True
    quoting: str = "minimal"
    line_end: str = "crlf"
    date_format: str = "%Y-%m-%d"
    list_separator: str = ";"

    @property
    def dialect(self) -> dict[str, Any]:
        """The arguments for a reader or writer of the csv module."""
        return {
            "delimiter": self.delimiter,
            "quoting": QUOTINGS[self.quoting],
            "lineterminator": LINE_ENDS[self.line_end],
            "quotechar": None if self.quoting == "none" else '"',
        }

    def days(self, collection: str) -> frozenset[str]:
        """The columns of a collection that hold days."""
        return frozenset(_columns(self.table, collection, _is_day))

    def lists(self, collection: str) -> frozenset[str]:
        """The columns of a collection that hold several values."""
        return frozenset(_columns(self.table, collection, _is_list))

    def required(self, collection: str) -> frozenset[str]:
        """The columns that a row cannot go without, whichever entity it is of."""
        sections = [x for x in self.table.of_collection(collection) if not x.containers]
        told = [{y.places[0].column for y in x.lines if y.need} for x in sections]
        return frozenset(set.intersection(*told)) if told else frozenset()


def _columns(table: Table, collection: str, wanted: Any) -> list[str]:
    return [
        line.places[0].column
        for section in table.of_collection(collection)
        for line in section.lines
        if wanted(line)
    ]


def _written(table: Table, collection: str) -> list[str]:
    """The columns that rows are written with, in the order of the table."""
    sections = [x for x in table.of_collection(collection) if "@reading_only" not in x.arguments]
    told = (line.places[0].column for each in sections for line in each.lines)
    return list(dict.fromkeys(told))


def _is_day(line: Line) -> bool:
    return line.function.name in _DAYS


def _is_list(line: Line) -> bool:
    path = line.fields[0] if line.fields else None
    if path is None or line.function.name == "joined":
        return False
    if path.start and not path.entity:
        return False
    field = entities()[path.entity].fields.get(path.name)
    return bool(field and field.kind in ("codes", "refs", "tokens", "texts") and not path.item)


def read_layout(path: Path) -> Layout:
    """Read a layout and its table; SetupError names what is wrong and where."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SetupError(f"{path.name} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"{path.name} is no TOML in UTF-8: {error}.") from None
    problems: list[str] = []
    table = _table(raw, path, problems)
    if table is None:
        raise SetupError("\n".join(problems))
    return layout_of(raw, table, path.name)


def shipped_layout(table: Table) -> Layout:
    """The layout that is shipped with a table of the same name; SetupError without one."""
    path = resources(__package__) / "tables" / f"{table.name}.toml"
    if not path.is_file():
        raise SetupError(f"No layout is shipped for the files of '{table.name}'; give one.")
    return layout_of(tomllib.loads(path.read_text("utf-8")), table, f"{table.name}.toml")


def layout_of(raw: Mapping[str, Any], table: Table, where: str) -> Layout:
    """Check what a layout says about the files of a table; SetupError names what is wrong."""
    problems = _unknown(raw, _KNOWN, where)
    files = tuple(_files(raw, table, where, problems))
    problems += _values(raw, where)
    if problems:
        raise SetupError("\n".join(problems))
    simple = {name: raw[name] for name in _KNOWN if name in raw and name not in _APART}
    return Layout(str(raw.get("title", table.name)), table, files, **simple)


_APART = ("title", "table", "files")


def _unknown(raw: Mapping[str, Any], known: Mapping[str, type], where: str) -> list[str]:
    found = [
        f"{where}: '{name}' is not known; there are {', '.join(known)}."
        for name in raw
        if name not in known
    ]
    for name, kind in known.items():
        if name in raw and not isinstance(raw[name], kind):
            found.append(f"{where}: {name} must be a {kind.__name__}.")
    return found


def _table(raw: Mapping[str, Any], path: Path, problems: list[str]) -> Table | None:
    name = raw.get("table", "")
    if name in shipped():
        return load(name)
    beside = path.parent / str(name)
    if not name or not beside.is_file():
        told = f"table must name a mapping table beside it, or one of {', '.join(shipped())}"
        problems.append(f"{path.name}: {told}.")
        return None
    try:
        return parse(beside.stem, beside.read_text("utf-8"))
    except SetupError as error:
        problems.append(str(error))
        return None


def _files(raw: Mapping[str, Any], table: Table, where: str, problems: list[str]) -> list[File]:
    found: list[File] = []
    told = raw.get("files", {name: {} for name in table.collections})
    for collection, each in (told if isinstance(told, dict) else {}).items():
        at = f"{where}: files.{collection}"
        if collection not in table.collections or not isinstance(each, dict):
            problems.append(f"{at} is no collection of the table: {', '.join(table.collections)}.")
            continue
        problems += _unknown(each, _KNOWN_OF_FILE, at)
        found.append(_file(collection, each, table, at, problems))
    if not found:
        problems.append(f"{where}: names no files; expected at least one [files.NAME].")
    return found


def _file(
    collection: str, raw: Mapping[str, Any], table: Table, at: str, problems: list[str]
) -> File:
    filled = set(_columns(table, collection, lambda _: True))
    columns = tuple(map(str, raw.get("columns") or _written(table, collection)))
    for column in columns:
        if column not in filled:
            problems.append(f"{at}: the table does not fill the column '{column}'.")
    name = str(raw.get("name", f"{collection}.csv"))
    split = _SPLIT.findall(name)
    if len(split) > 1 or (split and split[0] not in columns):
        problems.append(f"{at}: {{...}} in the name must be one of its columns, once.")
    headings = {str(key): str(value) for key, value in raw.get("headings", {}).items()}
    optional = bool(raw.get("optional", False))
    return File(collection, name, columns, headings, split[0] if split else "", optional)


def _values(raw: Mapping[str, Any], where: str) -> list[str]:
    found: list[str] = []
    allowed: dict[str, Sequence[str]] = {
        "encoding": ENCODINGS,
        "quoting": tuple(QUOTINGS),
        "line_end": tuple(LINE_ENDS),
    }
    for name, words in allowed.items():
        if name in raw and raw[name] not in words:
            found.append(f"{where}: {name} is one of {', '.join(words)}.")
    for name in ("delimiter", "list_separator"):
        if name in raw and len(str(raw[name])) != 1:
            found.append(f"{where}: {name} is one character.")
    shape = str(raw.get("date_format", "%Y-%m-%d"))
    day = datetime(2026, 9, 30)  # noqa: DTZ001
    try:
        kept = datetime.strptime(day.strftime(shape), shape).date() == day.date()  # noqa: DTZ007
    except ValueError:
        kept = False
    if not kept:
        found.append(f"{where}: date_format must tell day, month and year, such as %m/%d/%Y.")
    return found
