"""Which values of an object are ids of people, and of which kind of person.

Told by name, so that it holds in every data model and for objects that the kit has no schema of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.xml import fold, key_in, local_name
from reference_hub.privacy import forms

STUDENT, CONTACT, STAFF = "student", "contact", "staff"
KINDS = (STUDENT, CONTACT, STAFF)
# Both names of a kind of person, so that an id stays the same across data models and formats.
PERSONS = {
    "xStudent": STUDENT,
    "StudentPersonal": STUDENT,
    "xContact": CONTACT,
    "StudentContactPersonal": CONTACT,
    "StudentContact": CONTACT,
    "xStaff": STAFF,
    "StaffPersonal": STAFF,
}
# Endings of names that hold an id, in lower case.
_ENDINGS = {
    "studentcontactpersonalrefid": CONTACT,
    "contactpersonrefid": CONTACT,
    "contactrefid": CONTACT,
    "studentpersonalrefid": STUDENT,
    "studentrefid": STUDENT,
    "staffpersonalrefid": STAFF,
    "staffrefid": STAFF,
    "teacherrefid": STAFF,
}
# Names of elements whose `refId` is such an id.
_HOLDERS = {
    "student": STUDENT,
    "studentreference": STUDENT,
    "xstudent": STUDENT,
    "xcontact": CONTACT,
    "referencecontactperson": CONTACT,
    "counselor": STAFF,
    "homeroomteacher": STAFF,
    "referencestaffperson": STAFF,
    "staffpersonreference": STAFF,
    "xstaff": STAFF,
}
_ANY = "SIF_RefId"
# Most elements have none, and asking each of them in Python takes longer.
_WITH_ATTRIBUTES = etree.XPath("descendant-or-self::*[@*]")
# All names of ids end so, but for those of elements that say what they refer to.
_REFID = ("RefId", "refId", "RefID", "refID", "Refid", "refid", "REFID")
SHORTEST = 32  # of a UUID
ID_IN_TEXT = re.compile(
    r"(?<![0-9A-Za-z-])[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}"
    r"(?![0-9A-Za-z-])"
)
_PAIR = 2
_TOLD_BY = "SIF_RefObject"
# Object, element and name of an id that names the subject of an education plan.
_SUBJECTS = (
    ("xTransferIep", "student", "refId"),
    ("xIndividualizedEducationPlan", "iepAdministrativeData", "studentRefId"),
)


@dataclass(slots=True)
class Value:
    """One value of an object: `attribute` is its name in full, '' for the element's text."""

    element: _Element
    attribute: str
    text: str

    def put(self, text: str) -> None:
        """Write another value in its place."""
        if self.attribute:
            self.element.set(self.attribute, text)
        else:
            self.element.text = text


def values(element: _Element) -> Iterator[Value]:
    """All attributes and all texts of elements, blank ones left out."""
    for each in element.iter("*"):
        if each.text and not each.text.isspace():
            yield Value(each, "", each.text)
        for name, text in each.items():
            yield Value(each, str(name), str(text))


def ids(element: _Element) -> Iterator[Value]:
    """Those of the values that are, by name or length, ids or texts that may hold one."""
    for each in element.iter("*"):
        text = each.text
        if text and _may_hold(str(each.tag), text):
            yield Value(each, "", text)
    for each in cast("list[_Element]", _WITH_ATTRIBUTES(element)):
        text = each.text
        if text and each.get(_TOLD_BY) and not _may_hold(str(each.tag), text):
            yield Value(each, "", text)
        for name, told in each.items():
            if _may_hold(str(name), str(told)):
                yield Value(each, str(name), str(told))


def _may_hold(name: str, text: str) -> bool:
    return (name.endswith(_REFID) or len(text) >= SHORTEST) and bool(text.strip())


def person_in(value: Value, root: _Element | None) -> str:
    """The kind of person whose id stands there, by name; '' where the name says nothing. `root` is
    the object, to tell its own id."""
    element = value.element
    name = value.attribute or str(element.tag)
    if not name.endswith(_REFID) and (value.attribute or _TOLD_BY not in element.attrib):
        return ""
    if value.attribute and element is root and value.attribute == key_in(element):
        return PERSONS.get(local_name(element), "")
    told = PERSONS.get(element.get(_TOLD_BY, ""), "")
    if told and value.attribute in ("", _ANY):
        return told
    if value.attribute:
        return kind_of(local_name(element), value.attribute) or _beside(element, value)
    parent = element.getparent()
    around = "" if parent is None else local_name(parent)
    return kind_of(around, local_name(element)) or _beside(parent, value)


def keys_of(root: _Element) -> tuple[str, ...]:
    """The names that an object's own id may have."""
    return ("@refId", "@RefId", f"@{local_name(root)}RefId")


def _beside(holder: _Element | None, value: Value) -> str:
    """Where a sibling says what is referred to, as ParentObjectTypeName beside ParentRefId."""
    name = value.attribute or local_name(value.element)
    if holder is None or len(holder) < _PAIR or not name.endswith("RefId"):
        return ""
    told = name.removesuffix("RefId") + "ObjectTypeName"
    return PERSONS.get((holder.findtext(f"{{*}}{told}") or "").strip(), "")


@lru_cache(maxsize=4096)
def kind_of(around: str, name: str) -> str:
    """The same for an element or attribute (without `@`) and the name of what it stands in."""
    low = name.lower()
    if low == "refid":
        return _HOLDERS.get(around.lower(), "")
    return next((kind for ending, kind in _ENDINGS.items() if low.endswith(ending)), "")


def is_about(value: Value, root: _Element, form: forms.Form | None) -> bool:
    """Whether a reference says whom the object as a whole is about.

    That is one at the object itself which its model demands; where a model demands nothing, one
    under the name of a kind of person, as in StudentSchoolEnrollment/StudentPersonalRefId. An
    education plan names its student further down.
    """
    name = value.attribute or local_name(value.element)
    around = value.element if value.attribute else value.element.getparent()
    if (local_name(root), "" if around is None else local_name(around), name) in _SUBJECTS:
        return True
    if around is not root:
        return False
    demanded = {one for one in (form.required if form else ()) if one not in keys_of(root)}
    if demanded:
        return (f"@{name}" if value.attribute else name) in demanded
    return bool(kind_of(local_name(root), name)) or name == _ANY


def people(element: _Element) -> dict[str, str]:
    """Folded ids of the people whom an object names at known places, with their kind."""
    found = ((fold(one.text), person_in(one, element)) for one in ids(element))
    return {refid: kind for refid, kind in found if kind}


def own_kind(object_type: str) -> str:
    """The kind of person that an object type is of; '' for other objects."""
    return PERSONS.get(object_type, "")


def kinds_at(path: str) -> frozenset[str]:
    """The kinds of people whose ids stand at a path, or below it in the kit's models."""
    object_type, *steps = forms.steps_of(path) or ("",)
    kinds = set(_named(object_type, steps))
    for form in forms.at(path):
        around = steps[-2] if len(steps) > 1 else object_type
        kinds.update(_kinds(form, around, steps[-1] if steps else object_type))
    return frozenset(kinds | {own_kind(object_type)} if not steps else kinds) - {""}


def is_person_id(path: str) -> bool:
    """Whether a path is, by its names, that of the id of a person."""
    object_type, *steps = forms.steps_of(path) or ("",)
    return any(_named(object_type, steps))


def _named(object_type: str, steps: list[str]) -> Iterator[str]:
    if not steps:
        return
    name = steps[-1].removeprefix("@")
    around = steps[-2] if len(steps) > 1 else object_type
    if len(steps) == 1 and steps[0] in ("@refId", "@RefId"):
        yield own_kind(object_type)
    yield kind_of(around, name)
    yield from KINDS if name == _ANY else ()


def _kinds(form: forms.Form, around: str, name: str) -> Iterator[str]:
    bare = name.removeprefix("@")
    if form.text and form.text.is_key:
        yield kind_of(around, bare)
        told = form.below(f"@{_TOLD_BY}")
        codes = told.text.codes if told and told.text else ()
        yield from (PERSONS.get(code, "") for code in codes)
        yield from KINDS if bare == _ANY and not codes else ()
    for part in form.parts:
        below = form.below(part)
        if below is not None:
            yield from _kinds(below, name, part)
