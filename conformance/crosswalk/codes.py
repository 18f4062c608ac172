"""Code words as XML, for the sheets: what a word of SIF means, and the word of a target for it.

Most come from `fixtures.codesets`, data that judge and hub share; `words.csv` beside this file has
what those lack: `in` rows read a word of SIF, `out` rows write one. Two meanings may share a word:
the one that is called like it decides, else the first.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from lxml import etree

from fixtures import codesets

SOURCES = {"xpress": "sif_xpress", "classic": "sif_unity_classic"}
TARGETS = {"oneroster": "oneroster", "edfi": "edfi_descriptor", "clever": "clever"}
# OneRoster 1.1 has closed lists: what 1.2 added is left out.
ONLY_IN_1_2 = {("sex", "other"), ("sex", "unspecified")}


@cache
def table() -> bytes:
    """Give all words as `<codes><in set side word meaning/><out .../></codes>`, serialised."""
    root = etree.Element("codes")
    for tag, entry in (*_own(), *_shared()):
        etree.SubElement(root, tag, entry)
    return etree.tostring(root)


def _entry(name: str, side: str, word: str, meaning: str) -> dict[str, str]:
    return {"set": name, "side": side, "word": word, "meaning": meaning}


def _shared() -> Iterator[tuple[str, dict[str, str]]]:
    for name in codesets.NAMES:
        rows = codesets.load(name)
        for side, column in SOURCES.items():
            # A stable sort: the meaning that is called like the word comes first.
            for row in sorted(rows, key=lambda one: one["canonical"] != one[column]):
                if row[column]:
                    yield "in", _entry(name, side, row[column], row["canonical"])
        for side, column in TARGETS.items():
            for row in rows:
                if row[column]:
                    yield "out", _entry(name, side, row[column], row["canonical"])
        yield from _oneroster_versions(name, rows)


def _oneroster_versions(
    name: str, rows: tuple[dict[str, str], ...]
) -> Iterator[tuple[str, dict[str, str]]]:
    for row in rows:
        word, meaning = row["oneroster"], row["canonical"]
        older = row.get("oneroster_1_1", "" if (name, word) in ONLY_IN_1_2 else word)
        for side, said in (("oneroster1.2", word), ("oneroster1.1", older)):
            if said:
                yield "out", _entry(name, side, said, meaning)


def _own() -> Iterator[tuple[str, dict[str, str]]]:
    text = (files(__package__) / "words.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        tag = "in" if row["side"] in SOURCES else "out"
        yield tag, _entry(row["set"], row["side"], row["word"], row["meaning"])
