"""What the console says, in English and Spanish: a key is `file.table.key` below texts/<language>.

A text may have {names} to fill in; one that counts is a table with `one` and `other`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = {"en": "English", "es": "Español"}
ENGLISH = "en"
_PLACE = re.compile(r"\{(\w+)\}")


@cache
def texts(language: str) -> Mapping[str, str]:
    """Every text of a language by its key."""
    folder = files(__package__) / "texts" / language
    found: dict[str, str] = {}
    for file in folder.iterdir():
        if file.name.endswith(".toml"):
            read = tomllib.loads(file.read_text("utf-8"))
            found |= dict(_flat(read, file.name.removesuffix(".toml")))
    return found


def _flat(table: Mapping[str, Any], above: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}.{name}")
        else:
            yield f"{above}.{name}", value


def say(language: str, key: str, /, **values: object) -> str:
    """The text of that key with its values; `n` chooses between one and other. KeyError: a key that
    no file has, a fault of the page."""
    known = texts(language)
    if key not in known and "n" in values:
        key = f"{key}.{'one' if values['n'] in (1, '1') else 'other'}"
    shown = {name: _number(value) for name, value in values.items()}
    return _PLACE.sub(lambda place: shown[place[1]], known[key])


def has(language: str, key: str) -> bool:
    """Whether there is such a text."""
    return key in texts(language)


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def preferred(accepted: str) -> str:
    """The language for an Accept-Language header: the first known one, else English."""
    for part in accepted.split(","):
        name = part.split(";")[0].strip().lower().partition("-")[0]
        if name in LANGUAGES:
            return name
    return ENGLISH
