"""The objects of a small school, and what the hub knows of each."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import uuid4

from lxml import etree

from fixtures import generate
from fixtures.writers import xpress

NEW, KNOWN, REFUSED, DELETED = "new", "known", "refused", "deleted"
# A place comes before what points to it.
ORDER = ("xLeas", "xSchools", "xStaffs", "xStudents")
_FEW = 3
_PLACES = {
    "given_name": "name/givenName",
    "family_name": "name/familyName",
    "local_id": "localId",
    "birth_date": "demographics/birthDate",
}


@dataclass(slots=True)
class Record:
    """One object. `state` is what the hub said of it; `dirty` are the children that changed."""

    service: str
    element: etree._Element
    state: str = NEW
    dirty: set[str] = field(default_factory=set)
    gone: bool = False

    @property
    def refid(self) -> str:
        """The id under which the hub knows it."""
        return self.element.get("refId") or ""

    @refid.setter
    def refid(self, value: str) -> None:
        self.element.set("refId", value)

    def value(self, name: str) -> str:
        """A value of a person, by the name of the fact."""
        return self.element.findtext(_path(name)) or ""

    def put(self, facts: Mapping[str, str]) -> None:
        """Write the facts of a person down; what is another value now is dirty."""
        for name in _PLACES:
            place = self.element.find(_path(name))
            if place is not None and place.text != facts[name]:
                place.text = facts[name]
                self.dirty.add(_PLACES[name].partition("/")[0])

    def partial(self) -> etree._Element:
        """The id and the children that changed."""
        part = deepcopy(self.element)
        for child in list(part):
            if etree.QName(child).localname not in self.dirty:
                part.remove(child)
        return part

    def bare(self) -> etree._Element:
        """The id only."""
        nsmap: Any = self.element.nsmap  # the stubs know no default namespace
        return etree.Element(self.element.tag, refId=self.refid, nsmap=nsmap)


def school() -> list[Record]:
    """The district, its school, its staff and a few students, none of them known to a hub."""
    return [Record(service, deepcopy(element)) for service, element in _drawn()]


def enrolled(like: Record, facts: Mapping[str, str]) -> Record:
    """A new student with these facts, in the class of another one."""
    made = Record(like.service, deepcopy(like.element))
    made.refid = str(uuid4()).upper()
    made.put(facts)
    made.dirty.clear()
    return made


@lru_cache(maxsize=1)
def _drawn() -> tuple[tuple[str, etree._Element], ...]:
    district = generate.generate(7, _FEW, 1)
    students = [xpress.student(one) for one in district.students[:_FEW]]
    for one in students:
        for contacts in one.findall("{*}studentContacts"):
            one.remove(contacts)
    pointed = {at.text for one in students for at in one.iter("{*}refId")}
    staff = [xpress.staff(one) for one in district.staff if one.refid in pointed]
    return (
        ("xLeas", xpress.lea(district.lea)),
        *(("xSchools", xpress.school(one)) for one in district.schools),
        *(("xStaffs", one) for one in staff),
        *(("xStudents", one) for one in students),
    )


def _path(name: str) -> str:
    return "/".join(f"{{*}}{step}" for step in _PLACES[name].split("/"))
