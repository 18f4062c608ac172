"""Read the CSV file of a mapping table; every fault is told with its line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from importlib.resources import files

from fixtures import codesets
from reference_hub.translate import paths, places
from reference_hub.translate.calls import named
from reference_hub.translate.canonical import entities
from reference_hub.translate.ledger import KINDS
from reference_hub.translate.lines import Line, Section, Slotless, Table
from reference_hub.translate.paths import Path
from reference_hub.translate.places import Place
from reference_hub.translate.simple import simple

_FIRST = ("collection", "place", "entity", "field", "function", "codes", "need", "to")
COLUMNS = (*_FIRST, "loss", "crosswalk_id", "note")
SELF = "*"
NEEDS = ("", "required", "key")
DIALECTS = {
    "unity": "sif_unity_classic",
    "xpress": "sif_xpress",
    "oneroster": "oneroster",
    "edfi": "edfi_descriptor",
    "clever": "clever",
    "": "canonical",
}
HEADERS = ("", "each", "when", "records")
_FUNCTION_MODULES = ("plain", "sif", "oneroster", "clever", "edfi", "flat")
_CALL = re.compile(r"(\w+)(?:\((.*)\))?")
_SETTING = re.compile(r"#\s*(\w+)\s*:\s*(.*)")


def _register_functions() -> None:
    for each in _FUNCTION_MODULES:
        if (files(__package__) / f"functions_{each}.py").is_file():
            import_module(f"{__package__}.functions_{each}")


Raw = Mapping[str, str]


class Reader:
    """Reads one file; problems are collected with their line, so that all are told at once."""

    def __init__(self, name: str, text: str, problems: list[str]) -> None:
        _register_functions()
        self.name, self.problems = name, problems
        self.settings: dict[str, str] = {}
        self.raw = list(self._rows(text))
        self.dialect = self.settings.get("dialect", "")
        if self.dialect not in DIALECTS:
            problems.append(f"{name}: dialect is one of {', '.join(filter(None, DIALECTS))}.")
            self.dialect = ""

    def _rows(self, text: str) -> Iterator[tuple[int, Raw]]:
        kept: list[tuple[int, str]] = []
        for number, line in enumerate(text.splitlines(), 1):
            setting = _SETTING.fullmatch(line.strip())
            if setting:
                self.settings[setting[1]] = setting[2].strip()
            elif line.strip() and not line.startswith("#"):
                kept.append((number, line))
        reader = csv.DictReader([line for _, line in kept])
        if tuple(reader.fieldnames or ()) != COLUMNS:
            self.problems.append(f"{self.name}: the columns must be {','.join(COLUMNS)}.")
            return
        for (number, _), row in zip(kept[1:], reader, strict=False):
            yield number, {key: (value or "").strip() for key, value in row.items() if key}

    def table(self) -> Table:
        """The whole table; problems are in the list."""
        sections: list[Section] = []
        slotless: dict[str, Slotless] = {}
        for number, row in self.raw:
            if not row["collection"]:
                slotless[f"{row['entity']}.{row['field'] or '*'}"] = self._slotless(number, row)
            elif row["place"] == SELF or row["function"].startswith("records"):
                sections.append(self._section(number, row))
            elif not sections or not self._add(sections, number, row):
                self._tell(number, "no header (place *) for this collection and entity before it")
        return Table(self.name, self.settings, tuple(sections), slotless)

    def _tell(self, number: int, words: str) -> None:
        self.problems.append(f"{self.name} line {number}: {words}.")

    def _slotless(self, number: int, row: Raw) -> Slotless:
        known = entities().get(row["entity"])
        if known is None or (row["field"] and row["field"] not in known.fields):
            self._tell(number, f"there is no field {row['entity']}.{row['field']}")
        return Slotless(row["loss"] or "no_slot", row["crosswalk_id"], row["note"])

    def _section(self, number: int, row: Raw) -> Section:
        function, argument = self._call(number, row["function"])
        if function not in HEADERS:
            self._tell(number, f"a header's function is one of {', '.join(filter(None, HEADERS))}")
        if row["entity"] not in entities():
            self._tell(number, f"there is no entity '{row['entity']}'")
            return Section(row["collection"], row["entity"])
        names = [each.strip() for each in row["field"].split(" ; ") if each.strip()]
        found = [self._path(number, each, row["entity"]) for each in names]
        self._check_header(number, function, argument, bool(names))
        at = () if row["place"] == SELF else self._places(number, row["place"])
        return Section(
            row["collection"],
            row["entity"],
            function,
            argument,
            tuple(each for each in found if each is not None),
            at,
            note=row["note"],
        )

    def _check_header(self, number: int, function: str, argument: str, has_field: bool) -> None:
        if function == "each" and not has_field:
            self._tell(number, "a header with 'each' needs the field to go through")
        if function in ("when", "records") and not argument:
            self._tell(number, f"'{function}' needs an argument in brackets")
        for part in argument.split(",") if function == "when" else ():
            name = part.strip().removeprefix("@")
            if part.strip().startswith("@") and named(name) is None:
                self._tell(number, f"there is no function '{name}'")

    def _add(self, sections: list[Section], number: int, row: Raw) -> bool:
        found = [
            place
            for place, each in enumerate(sections)
            if (each.collection, each.entity) == (row["collection"], row["entity"])
        ]
        if not found:
            return False
        section = sections[found[-1]]
        line = self._line(number, row, section)
        if line is not None:
            sections[found[-1]] = replace(section, lines=_placed(section.lines, line))
        return True

    def _line(self, number: int, row: Raw, section: Section) -> Line | None:
        function, argument = self._call(number, row["function"] or "text")
        item = item_entity(section)
        names = [each.strip() for each in row["field"].split(" ; ") if each.strip()]
        fields = [self._path(number, each, section.entity, item) for each in names]
        self._check(number, row)
        found = named(function, self.dialect)
        if found is None:
            self._tell(number, f"there is no function '{function}'")
            return None
        code_set = row["codes"] or ("boolean3" if function == "flag" else "")
        codes, meanings = self._codes(number, code_set)
        spots = self._places(number, row["place"])
        usable = tuple(each for each in fields if each is not None)
        return Line(
            number,
            spots,
            usable,
            found,
            argument,
            codes,
            meanings,
            row["need"],
            row["to"],
            row["loss"],
            row["crosswalk_id"],
            row["note"],
            (),
            tuple(each.name for each in usable),
            simple(found, argument, (codes, meanings), usable, spots),
            _own(usable),
        )

    def _check(self, number: int, row: Raw) -> None:
        if row["need"] not in NEEDS:
            self._tell(number, "need is empty, 'required' or 'key'")
        if row["loss"] and row["loss"] not in KINDS:
            self._tell(number, f"loss is one of {', '.join(KINDS)}")
        if not row["field"] and not row["function"]:
            self._tell(number, "a line needs a field, or a function such as constant(...)")

    def _call(self, number: int, text: str) -> tuple[str, str]:
        match = _CALL.fullmatch(text)
        if text and not match:
            self._tell(number, f"'{text}' is not a function name with one pair of brackets")
        return (match[1], match[2] or "") if match else ("", "")

    def _path(self, number: int, text: str, entity: str, item: str = "") -> Path | None:
        try:
            return paths.parse(text, entity, item)
        except paths.PathError as error:
            self._tell(number, str(error))
            return None

    def _places(self, number: int, text: str) -> tuple[Place, ...]:
        try:
            return tuple(places.parse(each.strip()) for each in text.split(" ; "))
        except places.PlaceError as error:
            self._tell(number, str(error))
            return (Place((places.Segment("?"),)),)

    def _codes(self, number: int, name: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
        if not name:
            return {}, {}
        if name not in codesets.NAMES:
            self._tell(number, f"there is no code set '{name}'")
            return {}, {}
        return code_maps(name, self.dialect)


@cache
def code_maps(name: str, dialect: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Canonical value to the dialect's code, and back; a cell may hold several codes with |."""
    column = DIALECTS[dialect]
    codes: dict[str, str] = {}
    meanings: dict[str, str] = {}
    rows = sorted(codesets.load(name), key=lambda row: row["reversible"] != "yes")
    for row in rows:
        words = [each for each in row.get(column, "").split("|") if each]
        if words:
            codes.setdefault(row["canonical"], words[0])
        for word in words:
            meanings.setdefault(word, row["canonical"])
            # Several meanings may share a word: the one that is called like it decides.
            if row["canonical"] == word.rpartition("#")[2]:
                meanings[word] = row["canonical"]
    return codes, meanings


def item_entity(section: Section) -> str:
    """The entity of what a section is made for each of; '' for items of a list field."""
    if section.function != "each" or not section.sources:
        return ""
    path = section.sources[0]
    found = entities()[path.entity].fields[path.field]
    if found.kind in ("ref", "refs"):
        return found.of
    return path.entity if found.name == paths.KEY_FIELD else ""


def _own(fields: Sequence[Path]) -> tuple[str, ...]:
    """The fields where all of them stand in the record itself; () otherwise."""
    alone = all(path.own and not path.item for path in fields)
    return tuple(path.field for path in fields) if alone else ()


def _placed(lines: tuple[Line, ...], line: Line) -> tuple[Line, ...]:
    """The lines with one more: below its list's line where it belongs to items."""
    path = line.fields[0] if line.fields else None
    if path is not None and path.item:
        for place, each in enumerate(lines):
            if each.function.name == "items" and each.fields[0].field == path.field:
                grown = replace(each, items=(*each.items, line))
                return (*lines[:place], grown, *lines[place + 1 :])
    return (*lines, line)
