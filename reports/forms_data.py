"""The forms of districts as data: which form, which items, what of a run speaks to each."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

import msgspec


class Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One item of a form; what its fields mean stands at the top of `texts/forms.toml`."""

    name: str
    steps: dict[str, tuple[tuple[str, ...], ...]] = {}
    themes: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    silent: str = ""
    lag: bool = False


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A form and its items in the order of the form."""

    id: str
    name: str
    about: str
    item: tuple[Item, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    form: tuple[Form, ...]


@cache
def forms() -> tuple[Form, ...]:
    """All forms but Exhibit B, which follows from the agreement of the run."""
    file = resources.files("reports") / "texts" / "forms.toml"
    return msgspec.convert(tomllib.loads(file.read_text("utf-8")), _File).form
