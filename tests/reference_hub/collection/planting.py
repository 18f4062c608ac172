"""A district with every fault of `planted.toml` in it, and beside each what only looks like one."""

from __future__ import annotations

import tomllib
import uuid
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree
from lxml.etree import _Element

from fixtures.district.plan import Plan
from fixtures.writers import models, notation
from reference_hub.codec.collection_path import elements, read_path
from reference_hub.codec.collection_toml import load, shipped
from reference_hub.codec.shape import Shape, shape_of
from reference_hub.codec.xml import fold
from reference_hub.model.collection import Path as Place
from reference_hub.model.collection import Step

NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
PERSONS = ("StudentPersonal", "StaffPersonal")
NOBODY = "0F0F0F0F-0000-4000-8000-0000000000FF"
Key = tuple[str, str, str]


def cases() -> list[dict[str, Any]]:
    """The cases as they stand in the file."""
    text = (Path(__file__).parent / "planted.toml").read_text("utf-8")
    return list(tomllib.loads(text)["case"])


def a_district(seed: int = 1, students: int = 70) -> dict[str, list[_Element]]:
    """The objects of both collections by type; nothing in them breaks a rule."""
    model = models.model_of("unity-4.3")
    wanted = {name for each in shipped() for name in load(each).sent}
    district = {
        name[:-1]: [notation.element(node, model.namespace) for node in nodes]
        for name, nodes in model.collections(Plan(seed, students)).items()
        if name[:-1] in wanted
    }
    _cut(district)
    for staff in district["StaffPersonal"]:
        # The district numbers educators with ten digits, the state with eight.
        number = staff.findtext("{*}StateProvinceId", "")
        put(staff, "StateProvinceId", number[-8:])
        if staff.find("{*}Name/{*}MiddleName") is None:
            put(staff, "Name/MiddleName", "NMN")
    return district


def _cut(district: dict[str, list[_Element]]) -> None:
    """Leave out most of what comes in great numbers and is pointed at by nothing else."""
    taught = district["StaffSectionAssignment"] = district["StaffSectionAssignment"][:6]
    named = {each.findtext("{*}SectionInfoRefId", "") for each in taught}
    sections = district["SectionInfo"]
    district["SectionInfo"] = [each for each in sections if each.get("RefId") in named]
    district["StudentAttendanceSummary"] = district["StudentAttendanceSummary"][:10]


@dataclass
class Planted:
    """A district with its faults; `expected`: object type, folded refid and rule of each."""

    district: dict[str, list[_Element]]
    expected: set[Key] = field(default_factory=set)
    fine: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def plant(self, case: dict[str, Any]) -> None:
        """Plant the fault of a case and its near miss."""
        if "without" in case:
            self.orphan(case)
            return
        broken, near = self.take(case), self.take(case)
        if "twice" in case:
            twin = self.take(case)
            put(broken, case["twice"], twin.findtext(f"{{*}}{case['twice']}", ""))
            self.expect(case, twin)
            case = {"fault": {}} | case
            near_value = "0" + twin.findtext(f"{{*}}{case['twice']}", "")
            case["near"] = {k: near_value if v == "ZERO" else v for k, v in case["near"].items()}
        for path, text in case["fault"].items():
            put(broken, path, text)
        for path, text in case["near"].items():
            put(near, path, text)
        self.expect(case, broken)
        self.fine[case["rules"][0]] = fold(near.get("RefId", ""))

    def orphan(self, case: dict[str, Any]) -> None:
        """Take the objects that name one person away, and change those of another."""
        broken, near = self.take(case), self.take(case)
        named = self.district[case["without"]]
        self.district[case["without"]] = [
            each for each in named if broken.get("RefId") not in each.attrib.values()
        ]
        for each in named:
            if near.get("RefId") in each.attrib.values():
                for path, text in case["near"].items():
                    put(each, path, text)
        self.expect(case, broken)
        self.fine[case["rules"][0]] = fold(near.get("RefId", ""))

    def expect(self, case: dict[str, Any], element: _Element) -> None:
        """These rules find this object."""
        refid = fold(element.get("RefId", ""))
        self.expected |= {(case["object"], refid, rule) for rule in case["rules"]}

    def take(self, case: dict[str, Any]) -> _Element:
        """A person nobody has taken, or a copy of another object."""
        there = self.district[case["object"]]
        fit = [each for each in there if self.suits(each, case)]
        if case["object"] in PERSONS:
            self.taken.add(fit[0].get("RefId", ""))
            return fit[0]
        copy = deepcopy(fit[0])
        refid = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{case['rules']} {len(there)}")).upper()
        copy.set("RefId", refid)
        self.taken.add(refid)
        there.append(copy)
        return copy

    def suits(self, element: _Element, case: dict[str, Any]) -> bool:
        """Whether the object is free and has what the case changes."""
        needs = read_path(case.get("needs", "@RefId"))
        return element.get("RefId") not in self.taken and bool(elements(element, needs))


def planted() -> Planted:
    """The district with all cases."""
    found = Planted(a_district())
    for case in cases():
        found.plant(case)
    return found


def put(element: _Element, text: str, value: str) -> None:
    """Set what stands at a path, made where it is not there; '' takes it away."""
    path = read_path(text)
    assert path is not None
    value = {"NOBODY": NOBODY, "EMPTY": " "}.get(value, value)
    if path.attribute:
        for each in elements(element, Place("", path.steps)):
            _attribute(each, path.attribute, value)
        return
    found = elements(element, path)
    if not value:
        for each in found:
            each.getparent().remove(each)  # type: ignore[union-attr]
        return
    for each in found or [_made(element, path)]:
        each.text = value


def _attribute(element: _Element, name: str, value: str) -> None:
    if value:
        element.set(name, value)
    else:
        del element.attrib[name]


def _made(element: _Element, path: Place) -> _Element:
    shape = shape_of(NA4, etree.QName(element).localname)
    for step in path.steps:
        there = elements(element, Place(repr(step), (step,)))
        element = there[0] if there else _child(element, step, shape)
        shape = shape.below(step.name)
    return element


def _child(parent: _Element, step: Step, shape: Shape) -> _Element:
    made = etree.Element(f"{{{NA4}}}{step.name}")
    if step.beside:
        made.set(step.beside.removeprefix("@"), step.kind)
    place = shape.place(step.name) or 0
    after = [shape.place(etree.QName(each).localname) or 0 for each in parent]
    parent.insert(sum(other <= place for other in after), made)
    return made
