"""Payload cases: one folder each with the body, what to expect of it, and why.

    accept/<name>/body.xml      bytes as they go on the wire
    accept/<name>/expect.toml   requirement, status; headers to send; facts that must come back
    accept/<name>/README.md     why

The body may hold `{refid}`, `{refid:lower}`, `{refid:hex}`, `{other}`, `{school}` and `{lea}`,
which are filled with ids of the run, so that no answer can be known beforehand.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec

from conformance.problems import SuiteFault


class _Expected(msgspec.Struct, forbid_unknown_fields=True):
    requirement: str
    status: list[int]
    encoding: str = "utf-8"
    headers: dict[str, str] = {}
    facts: dict[str, list[str]] = {}


@dataclass(frozen=True, slots=True)
class Case:
    """One folder. `facts` maps a place in the object to every value it may have."""

    name: str
    requirement: str
    status: tuple[int, ...]
    headers: Mapping[str, str]
    facts: Mapping[str, tuple[str, ...]]
    template: bytes
    encoding: str
    why: str

    def body(self, ids: Mapping[str, str]) -> bytes:
        """The bytes to send with these ids in their places: refid, other, school, lea."""
        refid = ids["refid"]
        forms = {**ids, "refid:lower": refid.lower(), "refid:hex": refid.replace("-", "")}
        body = self.template
        for name, value in forms.items():
            body = body.replace(f"{{{name}}}".encode(self.encoding), value.encode(self.encoding))
        return body


def load(kind: str, *requirements: str) -> list[Case]:
    """All `accept` or `refuse` cases, or those of some requirements, sorted by name."""
    folder = resources.files("conformance") / "cases" / kind
    found = [_read(entry) for entry in folder.iterdir() if entry.is_dir()]
    wanted = [case for case in found if not requirements or case.requirement in requirements]
    return sorted(wanted, key=lambda case: case.name)


def _read(folder: Traversable) -> Case:
    try:
        table = tomllib.loads((folder / "expect.toml").read_text(encoding="utf-8"))
        expected = msgspec.convert(table, _Expected)
        why = (folder / "README.md").read_text(encoding="utf-8")
        template = (folder / "body.xml").read_bytes()
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SuiteFault(f"case {folder.name}: {error}") from error
    return Case(
        name=folder.name,
        requirement=expected.requirement,
        status=tuple(expected.status),
        headers=expected.headers,
        facts={place: tuple(values) for place, values in expected.facts.items()},
        template=template,
        encoding=expected.encoding,
        why=why,
    )
