"""Payload cases: one folder each with the body, what to expect of it, and why.

    accept/<name>/body.xml      bytes as they go on the wire
    accept/<name>/expect.toml   what is due: the fields of `Case`; facts that must come back
    accept/<name>/README.md     why, in at most three sentences; the last line is the reason

`refuse/` has the same form. The body may hold `{refid}`, `{other}`, `{school}`, `{lea}` and
`{taken}`, which are filled with ids of the run, so that no answer can be known beforehand. A form
of the id may follow: `{refid:lower}`, `{refid:hex}`; FORMS has them all.

Nothing here knows who sends the bodies or who is judged by them: `load` serves every role.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec

from conformance.problems import SuiteFault

OUTCOMES = ("refuse", "accept")
KINDS = {
    "schema": "names, order, number and types of the parts",
    "code-set": "values of enumerated fields",
    "reference": "the id of the object and the ids it points at",
    "uniqueness": "what may stand once, and ids that are in use",
    "encoding": "bytes and letters",
    "size": "too short, too long, too deep, too many",
    "syntax": "well-formed XML",
    "injection": "text that is meant to be run by somebody who reads it",
    "csv-injection": "text that a spreadsheet would compute or that breaks a CSV file",
}
OBJECTS = ("xStudent", "xStaff", "xSchool", "xLea", "xCourse", "xRoster", "xCalendar", "xContact")
PLACEHOLDERS = ("refid", "other", "school", "lea", "taken")
FORMS: Mapping[str, Callable[[str], str]] = {
    "": str,
    ":lower": str.lower,
    ":hex": lambda refid: refid.replace("-", ""),
    ":lowerhex": lambda refid: refid.replace("-", "").lower(),
    ":31": lambda refid: refid.replace("-", "")[:31],
    ":7": lambda refid: f"{refid[:14]}7{refid[15:]}",
}


class _Expected(msgspec.Struct, forbid_unknown_fields=True):
    requirement: str
    kind: str
    status: list[int]
    object: str = "xStudent"
    many: bool = False
    encoding: str = "utf-8"
    headers: dict[str, str] = {}
    facts: dict[str, list[str]] = {}


@dataclass(frozen=True, slots=True)
class Case:
    """One folder.

    `outcome` is refuse or accept, `kind` one of KINDS. `object` is what the address names, `many`
    says that the body is its collection. `status` lists every status code that will do. `facts`
    maps a place in the object to every value it may have, the empty text for no value at all.
    """

    outcome: str
    name: str
    kind: str
    requirement: str
    object: str
    many: bool
    status: tuple[int, ...]
    headers: Mapping[str, str]
    facts: Mapping[str, tuple[str, ...]]
    template: bytes
    encoding: str
    why: str

    @property
    def path(self) -> str:
        """Where the body goes, below the requests connector."""
        return f"{self.object}s" if self.many else f"{self.object}s/{self.object}"

    @property
    def reason(self) -> str:
        """Why the body is refused or accepted: the last line of the README."""
        return self.why.strip().rpartition("\n")[2]

    def names(self, placeholder: str) -> bool:
        """Whether the body holds this id, in whatever form."""
        mark = f"{{{placeholder}"
        return any(f"{mark}{end}".encode(self.encoding) in self.template for end in ":}")

    def body(self, ids: Mapping[str, str]) -> bytes:
        """The bytes to send with these ids in their places; `ids` maps PLACEHOLDERS to ids."""
        body = self.template
        for name, refid in ids.items():
            if self.names(name):
                for form, spell in FORMS.items():
                    mark = f"{{{name}{form}}}".encode(self.encoding)
                    body = body.replace(mark, spell(refid).encode(self.encoding))
        return body


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list of cases shows of one."""

    outcome: str
    kind: str
    name: str
    object: str
    requirement: str
    reason: str


def load(
    outcome: str, *requirements: str, kind: str = "", objects: tuple[str, ...] = OBJECTS
) -> list[Case]:
    """All `accept` or `refuse` cases, or those of some requirements, kind, objects; by name.

    Raises SuiteFault, naming the folder, for a case that cannot be read.
    """
    return [
        case
        for case in _all(outcome)
        if (not requirements or case.requirement in requirements)
        and kind in ("", case.kind)
        and case.object in objects
    ]


def listing(outcome: str = "", kind: str = "", requirement: str = "") -> list[Listed]:
    """One line for each case, refusals first, by kind in the order of KINDS, then by name."""
    order = list(KINDS)
    lines = [
        Listed(one.outcome, one.kind, one.name, one.object, one.requirement, one.reason)
        for each in OUTCOMES
        for one in sorted(_all(each), key=lambda case: (order.index(case.kind), case.name))
    ]
    return [
        line
        for line in lines
        if outcome in ("", line.outcome)
        and kind in ("", line.kind)
        and requirement in ("", line.requirement)
    ]


@cache
def _all(outcome: str) -> tuple[Case, ...]:
    folder = resources.files("conformance") / "cases" / outcome
    found = (_read(outcome, entry) for entry in folder.iterdir() if entry.is_dir())
    return tuple(sorted(found, key=lambda case: case.name))


def _read(outcome: str, folder: Traversable) -> Case:
    try:
        table = tomllib.loads((folder / "expect.toml").read_text(encoding="utf-8"))
        expected = msgspec.convert(table, _Expected)
        why = (folder / "README.md").read_text(encoding="utf-8")
        template = (folder / "body.xml").read_bytes()
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SuiteFault(f"case {folder.name}: {error}") from error
    for word, known in ((expected.kind, KINDS), (expected.object, OBJECTS)):
        if word not in known:
            raise SuiteFault(f"case {folder.name}: {word!r} is not one of {', '.join(known)}")
    return Case(
        outcome=outcome,
        name=folder.name,
        kind=expected.kind,
        requirement=expected.requirement,
        object=expected.object,
        many=expected.many,
        status=tuple(expected.status),
        headers=expected.headers,
        facts={place: tuple(values) for place, values in expected.facts.items()},
        template=template,
        encoding=expected.encoding,
        why=why,
    )
