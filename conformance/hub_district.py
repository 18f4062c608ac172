"""The synthetic district that a hub under test is filled with, and what of it may be seen.

What identifies a person is a canary (fixtures.canary), so that a value names its element wherever
it turns up. Everything else is judged by the path at which it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree

from conformance import trees
from conformance.reply import Reply
from conformance.scan import Found, Scan
from fixtures import canary
from fixtures.canary import Sighting
from fixtures.district.plan import Plan
from fixtures.generate import generate
from fixtures.sightings import Reader
from fixtures.writers import notation, unity, xpress

STUDENTS, SCHOOLS = 8, 2
Canary = tuple[str, str]  # owner such as `student 3`, and element


@dataclass(slots=True)
class HubDistrict:
    """The documents of one seed by collection; `students` are the xStudents in their order."""

    seed: int
    documents: dict[str, etree._Element] = field(init=False, repr=False)
    students: list[etree._Element] = field(init=False, repr=False)
    reader: Reader = field(init=False, repr=False)
    _leaves: list[tuple[str, str]] = field(init=False, repr=False)
    _granted: dict[tuple[str, ...], set[Canary]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.documents = _documents(self.seed)
        self.students = list(self.documents["xStudents"])
        self.reader = Reader(self.seed, STUDENTS, SCHOOLS)
        self._leaves = [
            (plain(path), value)
            for document in self.documents.values()
            for one in document
            for path, value in trees.leaves(one)
        ]

    def canaries(self, *data: bytes) -> set[Canary]:
        """The canaries in any bytes, also packed and encoded ones."""
        found: list[Found] = []
        scan = Scan([self.reader], found.append, lambda _: None)
        scan.stream("answers", iter(data))
        return {_named(one.sighting) for one in found}

    def granted(self, fields: Iterable[str]) -> set[Canary]:
        """The canaries that stand at granted paths of any object."""
        paths = tuple(fields)
        if paths not in self._granted:
            values = [value for path, value in self._leaves if is_within(path, paths)]
            self._granted[paths] = self.canaries("\n".join(values).encode())
        return self._granted[paths]

    def leaks(self, replies: Iterable[Reply], fields: Iterable[str]) -> set[Canary]:
        """The canaries in answers, heads included, that no granted path holds."""
        data = (part for one in replies for part in (one.head, one.body, b"\n"))
        return self.canaries(*data) - self.granted(fields)

    def student(self, number: int) -> etree._Element:
        """Student number n."""
        return self.students[number]


def plain(path: str) -> str:
    """A path of a leaf without the numbers of repeated elements."""
    return re.sub(r"\[\d+\]", "", path)


def is_within(path: str, fields: Iterable[str]) -> bool:
    """Whether a path is granted, itself or by one around it."""
    return any(path == one or path.startswith(f"{one}/") for one in fields)


def outside(element: etree._Element, fields: Iterable[str]) -> list[str]:
    """The paths of an object's values that are not granted; its own id may be a pseudonym."""
    paths = (*fields, f"{trees.local(element)}/@refId", f"{trees.local(element)}/@RefId")
    return [path for path, _ in trees.leaves(element) if not is_within(plain(path), paths)]


@lru_cache(maxsize=4)
def _documents(seed: int) -> dict[str, etree._Element]:
    found = dict(xpress.documents(generate(seed, STUDENTS, SCHOOLS)))
    chosen = {
        name: found[name] for name in ("xLeas", "xSchools", "xStaffs", "xStudents", "xContacts")
    }
    nodes = unity.collections(Plan(seed, STUDENTS, SCHOOLS))["StudentPersonals"]
    profiles = [notation.element(node, unity.NAMESPACE) for node in nodes]
    for number, profile in enumerate(profiles):
        _extend(profile, canary.word(seed, canary.student_owner(number), "extended element"))
    return chosen | {"StudentPersonals": xpress.collection("StudentPersonals", profiles)}


def _extend(profile: etree._Element, word: str) -> None:
    """Give a student an extension whose value names it, and metadata before it."""
    around = profile.find("{*}SIF_ExtendedElements")
    if around is None:
        around = etree.SubElement(profile, f"{{{unity.NAMESPACE}}}SIF_ExtendedElements")
    extension = etree.SubElement(around, f"{{{unity.NAMESPACE}}}SIF_ExtendedElement", Name="KIT001")
    extension.text = word
    data = etree.Element(f"{{{unity.NAMESPACE}}}SIF_Metadata")
    around.addprevious(data)
    for name in ("LifeCycle", "Created", "DateTime"):
        data = etree.SubElement(data, f"{{{unity.NAMESPACE}}}{name}")
    data.text = "2026-08-26T07:00:00Z"


def _named(one: Sighting) -> Canary:
    return one.owner, one.element
