"""The sentences of the pages for a district, by language."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("en", "es")


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language: tables of `texts/<language>.toml`, or of another page."""

    language: str
    tables: dict[str, Any]

    def say(self, table: str, key: str, **values: object) -> str:
        """A sentence with the values in the place of its words in braces."""
        text: str = self.tables[table][key]
        return text.format(**values) if values else text

    def count(self, table: str, key: str, number: int, **values: object) -> str:
        """The sentence for one thing or for many: `<key>_one` or `<key>_many`."""
        form = f"{key}_one" if number == 1 else f"{key}_many"
        return self.say(table, form, number=number, **values)

    def theme(self, name: str, kind: str) -> str:
        """`name`, `school` or `ask` of a theme."""
        text: str = self.tables["theme"][name][kind]
        return text

    def listed(self, parts: Sequence[str], most: int = 4) -> str:
        """`a, b and c`; beyond `most` parts the rest is a number."""
        if len(parts) > most:
            more = self.say("join", "more", number=len(parts) - most + 1)
            parts = [*parts[: most - 1], more]
        last = self.say("join", "last")
        return last.join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)

    def themes(self, names: Sequence[str], most: int = 4) -> str:
        """The names of themes as a list in words."""
        return self.listed([self.theme(name, "name") for name in names], most)

    def questions(self, names: Sequence[str]) -> str:
        """The short names of questions as a list in words."""
        return self.listed([self.say("short", name) for name in names], 5)


@cache
def words(language: str, page: str = "") -> Words:
    """The texts of a language, `en` or `es`; without a page those of the summary."""
    name = ".".join(filter(None, (page, language)))
    file = resources.files("reports") / "texts" / f"{name}.toml"
    return Words(language, tomllib.loads(file.read_text("utf-8")))
