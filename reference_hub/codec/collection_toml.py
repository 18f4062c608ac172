"""Rule files of a collection: TOML that a data manager can read and write, or lines and reasons.

SetupError
└── FaultyCollection     a rule file that cannot be used; it names every fault with its line
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path as FilePath
from typing import Any

from reference_hub.codec.collection_entry import Entry, Fault
from reference_hub.codec.collection_lines import Block, blocks
from reference_hub.codec.collection_path import read_path, strange
from reference_hub.model.collection import BASES, LEVELS, MUSTS, Collection, Condition, Path, Rule
from reference_hub.model.served import OBJECTS
from reference_hub.problems import SetupError

MODEL = "http://www.sifassociation.org/datamodel/na/4.x"
_TEXTS = ("id", "object", "path", "must", "level", "basis", "says", "do")
_OPTIONAL = ("field", "each", "when")
_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)
_SYNTAX = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")
_ABOUT = ("id", "title", "version", "basis")


@dataclass(eq=False)
class FaultyCollection(SetupError):
    """`file` as it was named, with its faults in the order of lines."""

    file: str
    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        told = [f"  line {fault.line}: {fault.reason}" for fault in self.faults]
        return "\n".join([f"{self.file} cannot be used; correct it and check it again:", *told])


def shipped() -> list[str]:
    """The names of the collections that come with the hub."""
    folder = files("reference_hub") / "collections"
    return sorted(each.name[:-5] for each in folder.iterdir() if each.name.endswith(".toml"))


def load(name: str) -> Collection:
    """A shipped collection by its name, or that of a file. Raises FaultyCollection or SetupError.

    A file of one's own may not have the name of a shipped collection.
    """
    if name in shipped():
        text = (files("reference_hub") / "collections" / f"{name}.toml").read_text("utf-8")
        return parse(text, f"{name}.toml")
    found = parse(_text(FilePath(name)), name)
    if found.id in shipped():
        raise SetupError(
            f"{name} calls itself {found.id}, which is the name of a shipped collection; give it "
            "an id of its own."
        )
    return found


def _text(file: FilePath) -> str:
    if not file.is_file():
        known = ", ".join(shipped())
        raise SetupError(
            f"There is no collection and no file {file}; shipped are {known}. See: reference-hub "
            "collection list"
        )
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{file} cannot be read as UTF-8 text; correct the file.") from error


def parse(text: str, file: str) -> Collection:
    """The collection in a text. Raises FaultyCollection with every fault."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FaultyCollection(file, (_syntax(text, error),)) from None
    faults: list[Fault] = []
    found = _collection(raw, text, faults)
    if faults:
        raise FaultyCollection(file, tuple(sorted(faults, key=lambda fault: fault.line)))
    return found


def _syntax(text: str, error: tomllib.TOMLDecodeError) -> Fault:
    place = _SYNTAX.search(str(error))
    line = int(place[1]) if place and place[1] else len(text.splitlines())
    reason = _SYNTAX.sub("", str(error)).strip()
    return Fault(line, f"it is not TOML: {reason}")


def _collection(raw: dict[str, Any], text: str, faults: list[Fault]) -> Collection:
    there = blocks(text)
    top = Entry(raw, Block("", 1, {each.name: each.line for each in reversed(there)}), faults)
    top.only("collection", "codes", "rule")
    about = Entry(top.table("collection"), _block(there, "collection"), faults)
    about.only(*_ABOUT)
    facts = {name: about.text(name) for name in _ABOUT}
    if facts["id"] and not _ID.fullmatch(facts["id"]):
        about.fault("id", "an id is of letters, digits, dots and hyphens, such as ma-sims")
    lists = Entry(top.table("codes", optional=True), _block(there, "codes"), faults)
    codes = {name: lists.texts(name) for name in lists.raw}
    return Collection(
        id=facts["id"],
        title=facts["title"],
        version=facts["version"],
        basis=facts["basis"],
        rules=_rules(top, there, codes),
        source=text,
    )


def _block(there: list[Block], name: str) -> Block:
    return next((each for each in there if each.name == name), Block(name, 1, {}))


def _rules(top: Entry, there: list[Block], codes: dict[str, tuple[str, ...]]) -> tuple[Rule, ...]:
    headers = [each for each in there if each.name == "rule"]
    tables = top.raw.get("rule")
    if not isinstance(tables, list) or not tables or len(headers) != len(tables):
        top.fault("rule", "there must be rules, each below a line [[rule]] of its own")
        return ()
    rules: dict[str, Rule] = {}
    for table, block in zip(tables, headers, strict=True):
        entry = Entry(table, block, top.faults)
        rule = _rule(entry, codes)
        if rule.id in rules:
            entry.fault("id", f"there is a rule {rule.id} already; every rule has an id of its own")
        rules[rule.id] = rule
    return tuple(rules.values())


def _rule(entry: Entry, codes: dict[str, tuple[str, ...]]) -> Rule:
    facts = {name: entry.text(name) for name in _TEXTS}
    must = entry.choice("must", tuple(MUSTS))
    wanted = MUSTS.get(must, ())
    entry.only(*_TEXTS, *_OPTIONAL, *wanted)
    entry.choice("level", LEVELS)
    entry.choice("basis", BASES)
    if facts["id"] and not _ID.fullmatch(facts["id"]):
        entry.fault("id", "an id is of letters, digits, dots and hyphens, such as SIMS-DOE002")
    _known(entry, "object", facts["object"])
    least, most = _limits(entry) if "least" in wanted else (None, None)
    by_type, by_path = _by(entry) if "by" in wanted else ("", None)
    to = entry.text("to") if "to" in wanted else ""
    _known(entry, "to", to)
    return Rule(
        id=facts["id"],
        level=facts["level"],
        basis=facts["basis"],
        object_type=facts["object"],
        path=_path(entry, "path") or Path("", ()),
        must=must,
        says=facts["says"],
        do=facts["do"],
        state_field=entry.text("field", optional=True),
        each=_path(entry, "each", optional=True),
        when=_when(entry),
        codes=_codes(entry, codes) if "codes" in wanted else (),
        pattern=_pattern(entry) if "pattern" in wanted else "",
        least=least,
        most=most,
        other=_path(entry, "other") if "other" in wanted else None,
        to=to,
        by_type=by_type,
        by_path=by_path,
    )


def _known(entry: Entry, key: str, name: str) -> None:
    if name and name not in OBJECTS:
        entry.fault(key, f"there is no object {name}{entry.nearest(name, OBJECTS)}")


def _path(entry: Entry, key: str, *, optional: bool = False) -> Path | None:
    text = entry.text(key, optional=optional)
    path = read_path(text) if text else None
    if text and path is None:
        entry.fault(key, f"{text!r} is no path; write Name/LastName, @RefId or Id[@Type='04']")
    return path


def _when(entry: Entry) -> Condition | None:
    if "when" not in entry.raw:
        return None
    inner = Entry(entry.table("when"), entry.inside("when"), entry.faults)
    inner.only("path", "is", "is_not", "there")
    asked = [key for key in ("is", "is_not", "there") if key in inner.raw]
    path = _path(inner, "path")
    if len(asked) != 1 or path is None:
        inner.fault("when", "a condition has a path and one of is, is_not (lists) and there")
        return None
    if asked == ["there"]:
        return Condition(path, negated=not inner.flag("there"))
    return Condition(path, inner.texts(asked[0]), negated=asked == ["is_not"])


def _codes(entry: Entry, lists: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    if not isinstance(entry.raw.get("codes"), str):
        return entry.texts("codes")
    name = entry.text("codes")
    if name not in lists:
        entry.fault("codes", f"[codes] has no list {name}{entry.nearest(name, tuple(lists))}")
    return lists.get(name, ())


def _pattern(entry: Entry) -> str:
    pattern = entry.text("pattern")
    try:
        re.compile(pattern)
    except re.error as error:
        entry.fault("pattern", f"{pattern!r} is no regular expression: {error.msg}")
        return ""
    return pattern


def _limits(entry: Entry) -> tuple[float | None, float | None]:
    least, most = entry.number("least"), entry.number("most")
    if least is None and most is None:
        entry.fault("must", "give least, most or both")
    elif least is not None and most is not None and least > most:
        entry.fault("least", f"least is {least:g}, which is above most, {most:g}")
    return least, most


def _by(entry: Entry) -> tuple[str, Path | None]:
    name, _, rest = entry.text("by").partition("/")
    path = read_path(rest) if rest else None
    if path is None:
        entry.fault("by", "write object and path, such as StudentSchoolEnrollment/@SchoolYear")
    _known(entry, "by", name)
    return name, path


def notes(collection: Collection) -> list[str]:
    """Paths that the kit's own schema does not have: slips of the pen, or fields it leaves out."""
    told = []
    for rule in collection.rules:
        below = [rule.path, rule.other, rule.when.path if rule.when else None]
        paths = [_below(rule.each, path) for path in below if path]
        for path in [*paths, *([rule.by_path] if rule.by_path else [])]:
            owner = rule.by_type if path is rule.by_path else rule.object_type
            for name, known in strange(MODEL, owner, path):
                close = Entry.nearest(name, known)
                told.append(f"{rule.id}: the kit's schema has no {name} there{close}")
    return list(dict.fromkeys(told))


def _below(each: Path | None, path: Path) -> Path:
    return Path(path.text, (*each.steps, *path.steps), path.attribute) if each else path
