"""Vendor profiles: what a format means at one kind of receiver.

A target is never just "OneRoster": a profile names format and version, the mapping table, what the
receiver accepts, its limits, how it deletes and how it can be read back. Shipped ones are TOML
files in `profiles/`; a district adds its own, which may bring a mapping file that replaces or adds
lines of the shipped table.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files
from typing import Any

from reference_hub.problems import SetupError
from reference_hub.translate import tables
from reference_hub.translate.tables import Table

SHAPES = ("csv-bundle", "rest", "edfi", "sif", "files")
DELETES = ("explicit", "implicit", "never")
READ_BACKS = ("api", "report", "csv", "none")
KINDS = ("bulk", "delta")
FILES = ("zip", "each")
_REQUIRED = ("title", "format", "version", "table", "shape")
_LISTS = ("transports", "sources", "accepts", "notes")
_TABLES = ("settings", "limits", "layout")


class ProfileError(SetupError):
    """A vendor profile cannot be used as it is written."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile. `shape`: how rows reach the receiver; `kind`: bulk | delta for files; `files`:
    zip | each, one by one; `deletes`: explicit | implicit | never; `shrink_percent`: a smaller full
    set than this share less is kept back; `current_only`: rows that begin later wait for their day;
    `settings` go to the functions of the table, `accepts` lists code extensions, `limits` the
    longest texts by column."""

    name: str
    title: str
    format: str
    version: str
    table: Table
    shape: str
    kind: str = "bulk"
    files: str = "zip"
    deletes: str = "explicit"
    read_back: str = "none"
    transports: tuple[str, ...] = ()
    sources: tuple[str, ...] = ("xpress", "unity")
    current_only: bool = False
    shrink_percent: int = 10
    accepts: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    layout: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    digest: str = ""


@cache
def load(name: str) -> Profile:
    """The shipped profile of that name. Raises ProfileError."""
    path = files(__package__) / "profiles" / f"{name}.toml"
    if not path.is_file():
        words = f"There is no vendor profile '{name}'. Shipped: {', '.join(shipped())}."
        raise ProfileError(words)
    return parse(name, path.read_text("utf-8"))


def shipped() -> list[str]:
    """The names of the shipped profiles."""
    folder = files(__package__) / "profiles"
    return sorted(
        x.name.removesuffix(".toml") for x in folder.iterdir() if x.name.endswith(".toml")
    )


@cache
def parse(name: str, text: str, mapping: str = "") -> Profile:
    """Read a profile and the text of the mapping file that it names. Raises ProfileError and
    TableError, with the line at fault."""
    raw = raw_of(name, text)
    if bool(raw.get("mapping")) != bool(mapping):
        raise ProfileError(f"The profile {name}.toml and its mapping file do not belong together.")
    table = tables.load(raw["table"])
    if mapping:
        table = tables.overlaid(table, mapping, raw["mapping"])
    source = (files(__package__) / "tables" / f"{raw['table']}.csv").read_text("utf-8")
    word = hashlib.sha256("\n".join((text, mapping, source)).encode()).hexdigest()[:16]
    given = {key: value for key, value in raw.items() if key not in ("table", "mapping")}
    given |= {key: tuple(raw[key]) for key in _LISTS if key in raw}
    return Profile(name=name, table=table, digest=word, **given)


def raw_of(name: str, text: str) -> dict[str, Any]:
    """What a profile says, checked word by word. Raises ProfileError."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"The profile {name}.toml is no TOML: {error}.") from None
    _check(name, raw)
    return raw


def _check(name: str, raw: dict[str, Any]) -> None:
    known = {each.name for each in fields(Profile)} - {"name", "digest"} | {"mapping"}
    missing = [key for key in _REQUIRED if key not in raw]
    unknown = sorted(set(raw) - known)
    if missing or unknown:
        words = [f"lacks {', '.join(missing)}"] if missing else []
        words += [f"has the unknown {', '.join(unknown)}"] if unknown else []
        raise ProfileError(f"The profile {name}.toml {' and '.join(words)}.")
    choices = {"shape": SHAPES, "deletes": DELETES, "read_back": READ_BACKS, "kind": KINDS}
    choices["files"] = FILES
    for key, allowed in choices.items():
        if raw.get(key, allowed[0]) not in allowed:
            raise ProfileError(f"The profile {name}.toml: {key} is one of {', '.join(allowed)}.")
    types: dict[str, type] = dict.fromkeys(_LISTS, list)
    types |= dict.fromkeys(_TABLES, dict)
    types |= {"shrink_percent": int, "current_only": bool} | dict.fromkeys(_REQUIRED, str)
    for key, kind in types.items():
        if key in raw and type(raw[key]) is not kind:
            word = {list: "a list", dict: "a table", int: "a number", bool: "true or false"}
            raise ProfileError(f"The profile {name}.toml: {key} must be {word.get(kind, 'text')}.")
