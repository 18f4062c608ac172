"""The shapes of the infrastructure objects: from a table of our own, those of PODs from the kit's
schema of them, contacts in the spelling of every version."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from reference_hub.codec.pesc_shape import BOOLEAN, NUMBER, TEXT, UNKNOWN, Form, Part, Shapes
from reference_hub.codec.pod_grammar import INTEGERS
from reference_hub.codec.pod_grammar import grammar as pod_grammar
from reference_hub.model.infrastructure import INFRASTRUCTURE, namespace_for

_WORD = re.compile(r"([@$]?)(\w*)(\*?)([#?!]|:\w*)?")
_KINDS = {"#": NUMBER, "?": BOOLEAN, None: TEXT}
_ANYTHING = "!"
_LEAVES = {kind: Form(kind) for kind in (TEXT, NUMBER, BOOLEAN)}


@cache
def infrastructure_shapes() -> Shapes:
    """The shapes of every infrastructure version."""
    table = tomllib.loads((files(__package__) / "infrastructure.toml").read_text("utf-8"))
    forms = {name: _form(line) for name, line in table["forms"].items()} | _LEAVES
    roots: dict[str, str] = {}
    for name in table["roots"]:
        roots |= {name: name, f"{name}s": f"{name} collection"}
        forms[f"{name} collection"] = Form(parts={name: Part(True, name)})
    roots |= {name: _of_pod(type_) for name, type_ in pod_grammar(INFRASTRUCTURE).roots.items()}
    forms |= dict(_pod_forms())
    return Shapes(roots, lambda key: forms.get(key, UNKNOWN))


def _pod_forms() -> Iterator[tuple[str, Form]]:
    older, newer = (pod_grammar(namespace_for(version)) for version in ("3.3", "3.4"))
    for type_, slots in older.branches.items():
        parts: dict[str, Part] = {}
        for each in (
            one for pair in zip(slots, newer.branches[type_], strict=True) for one in pair
        ):
            if not each.is_attribute:
                parts[each.name] = Part(each.is_many, _of_pod(each.type))
        attributes = {each.name: TEXT for each in slots if each.is_attribute}
        yield _of_pod(type_), Form("", attributes, parts)
    for type_, leaf in older.leaves.items():
        yield _of_pod(type_), Form(NUMBER if leaf.base in INTEGERS else TEXT)


def _of_pod(type_: str) -> str:
    return f"pod {type_}"


def _form(line: str) -> Form:
    text = ""
    attributes: dict[str, str] = {}
    parts: dict[str, Part] = {}
    for word in line.split():
        mark, name, many, kind = _matched(word)
        if mark == "@":
            attributes[name] = TEXT
        elif mark == "$":
            text = TEXT
        else:
            parts[name] = Part(bool(many), _key(name, kind))
    return Form(text, attributes, parts)


def _matched(word: str) -> tuple[str, str, str, str | None]:
    found = _WORD.fullmatch(word)
    if found is None:
        raise ValueError(f"infrastructure.toml holds the word {word!r}, which says nothing.")
    mark, name, many, kind = found.groups()
    return mark, name, many, kind


def _key(name: str, kind: str | None) -> str:
    if kind is not None and kind.startswith(":"):
        return kind[1:] or name
    return _ANYTHING if kind == _ANYTHING else _KINDS[kind]
