"""The files and columns of the OneRoster CSV bindings 1.1 and 1.2, kept in oneroster_columns.csv.

Columns of that sheet: `versions` (blank between), `file` without `.csv`, in the order in which a
reader can resolve references; `column` in the published order; `need` (required; delta: filled in
a delta, blank in bulk); `form`; `values`: words, or the file that a reference points to.
Source: 1EdTech OneRoster 1.1 and 1.2 CSV binding, the latter with correction 1.2.1.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources

VERSIONS = ("1.1", "1.2")
REQUIRED_NEED = "required"
DELTA_NEED = "delta"
MANY = ("texts", "refs", "opens")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `form`: id, ref, refs, text, texts, date, moment, year, number, integer, word
    (closed list), open or opens (1.2 takes `ext:` words too). `words` of the last three;
    `target` is the file that a reference, or an id shared with another file, points to."""

    name: str
    need: str
    form: str
    words: tuple[str, ...] = ()
    target: str = ""


@cache
def columns(version: str) -> dict[str, tuple[Column, ...]]:
    """Give the columns by file name without `.csv`; raises KeyError for an unknown version."""
    if version not in VERSIONS:
        raise KeyError(f"OneRoster {version} is not known; there are {', '.join(VERSIONS)}.")
    found: dict[str, list[Column]] = {}
    for row in _sheet():
        if version in row["versions"].split():
            found.setdefault(row["file"], []).append(_column(row))
    return {file: tuple(listed) for file, listed in found.items()}


def _column(row: dict[str, str]) -> Column:
    if row["form"] in ("id", "ref", "refs"):
        return Column(row["column"], row["need"], row["form"], target=row["values"])
    words = tuple(filter(None, row["values"].split("|")))
    return Column(row["column"], row["need"], row["form"], words)


@cache
def _sheet() -> tuple[dict[str, str], ...]:
    text = (resources(__package__) / "oneroster_columns.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def many_valued(version: str, file: str) -> frozenset[str]:
    """Name the columns whose cells hold lists."""
    return frozenset(each.name for each in columns(version)[file] if each.form in MANY)


@cache
def manifest_files(version: str) -> tuple[str, ...]:
    """Name every file that a manifest tells of, as the published manifests order them."""
    return tuple(sorted(columns(version), key=str.lower))
