"""What the filter knows of the data models is what the published schemas say."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from lxml import etree
from lxml.etree import _Element

from fixtures.standards import MODELS
from reference_hub.model.served import WITHOUT_A_KIT_SCHEMA
from reference_hub.privacy.forms import BY_NAME, Form, exists, form_of, forms, holds_text
from reference_hub.privacy.places import CONTAINERS

XS = "{http://www.w3.org/2001/XMLSchema}"
PUBLISHED = {
    "unity-4.3-kit": "patched/unity-4.3-strict/SIF_Message.xsd",
    "na-3.3-kit": "patched/na-3.3",
}


class Published:
    """The named parts of a published schema, whatever files it has."""

    def __init__(self, place: Path) -> None:
        files = sorted(place.rglob("*.xsd")) if place.is_dir() else [place]
        self.named: dict[tuple[str, str], _Element] = {}
        for root in (etree.parse(str(file)).getroot() for file in files):
            for each in root:
                if isinstance(each.tag, str):
                    self.named.setdefault((each.tag, each.get("name", "")), each)

    def type_of(self, declared: _Element) -> _Element | None:
        """The definition of the complex type of an element."""
        name = declared.get("type", "").rpartition(":")[2]
        inline = declared.find(f"{XS}complexType")
        return self.named.get((f"{XS}complexType", name)) if inline is None else inline

    def parts(self, definition: _Element) -> Iterator[_Element]:
        """Elements and attributes of a type, with those that it inherits or takes from groups."""
        for each in definition:
            name = (each.get("ref") or each.get("base") or "").rpartition(":")[2]
            if each.tag in (f"{XS}element", f"{XS}attribute"):
                yield self.named.get((str(each.tag), name), each) if each.get("ref") else each
            elif each.tag in (f"{XS}group", f"{XS}attributeGroup"):
                yield from self.parts(self.named[str(each.tag), name])
            elif isinstance(each.tag, str):
                base = self.named.get((f"{XS}complexType", name))
                yield from self.parts(base) if base is not None else ()
                yield from self.parts(each)

    def demanded(self, definition: _Element) -> set[str]:
        """Names that must be there, attributes with `@`."""
        elements = (p for p in self.parts(definition) if p.tag == f"{XS}element")
        attributes = (p for p in self.parts(definition) if p.tag == f"{XS}attribute")
        found = {p.get("name", "") for p in elements if p.get("minOccurs", "1") != "0"}
        return found | {f"@{p.get('name')}" for p in attributes if p.get("use") == "required"}


@cache
def published(folder: Path, model: str) -> Published:
    return Published(folder / "schemas" / PUBLISHED[model])


def compared(
    form: Form, definition: _Element, schema: Published, path: str
) -> Iterator[tuple[str, set[str]]]:
    """Where the two disagree on what must be there."""
    if set(form.required) != schema.demanded(definition):
        yield path, set(form.required) ^ schema.demanded(definition)
    for part in schema.parts(definition):
        below, inner = form.below(part.get("name", "")), schema.type_of(part)
        if part.tag == f"{XS}element" and below and inner is not None:
            yield from compared(below, inner, schema, f"{path}/{part.get('name')}")


@pytest.mark.parametrize("model", PUBLISHED)
def test_what_must_be_there_is_what_the_published_schema_demands(
    standards: Path, model: str
) -> None:
    schema = published(standards, model)
    wrong: dict[str, set[str]] = {}
    for name in MODELS[model].objects:
        root = schema.type_of(schema.named[f"{XS}element", name])
        assert root is not None
        wrong.update(compared(forms(model)[name], root, schema, name))
    # A key of the published schema demands it of an object that stands alone.
    wrong.pop("EmploymentRecord", None)
    assert wrong == {}


def test_au_demands_nothing_but_keys_and_what_is_inside_of_attributes() -> None:
    for name, form in forms("au-3.4-kit").items():
        assert [part for part in form.required if not part.startswith("@")] == [], name


@pytest.mark.parametrize("name", WITHOUT_A_KIT_SCHEMA)
def test_objects_without_a_kit_schema_have_their_mandatory_parts_by_name(
    standards: Path, name: str
) -> None:
    schema = published(standards, "unity-4.3-kit")
    assert form_of(MODELS["unity-4.3-kit"].namespace, name) is None
    for element, demanded in by_name(schema.named[f"{XS}element", name], schema):
        assert demanded == set(BY_NAME.get(element, ())), element


def by_name(declared: _Element, schema: Published) -> Iterator[tuple[str, set[str]]]:
    definition = schema.type_of(declared)
    if definition is not None and declared.get("name") not in CONTAINERS:
        yield declared.get("name", ""), schema.demanded(definition)
        for part in schema.parts(definition):
            if part.tag == f"{XS}element":
                yield from by_name(part, schema)


PATHS: Mapping[str, tuple[bool, bool]] = {
    "xStudent/name/givenName": (True, True),
    "xStudent/name": (True, False),
    "xStudent/@refId": (True, True),
    "StudentPersonal/PersonInfo/Name": (True, False),
    "StudentPersonal/Name/LastName": (True, True),
    "xCalendar/sessions/session": (True, False),
    "xCalendar/sessions/sessionList": (True, False),
    "xStudent/shoeSize": (False, True),
    "xStudents/xStudent": (False, True),
    "": (False, True),
}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_exists_in_a_model_or_does_not(path: str) -> None:
    assert (exists(path), holds_text(path)) == PATHS[path]


def test_all_models_are_read_in_a_tenth_of_a_second() -> None:
    code = (
        "import time; from reference_hub.privacy import forms; from fixtures import standards;"
        "start = time.process_time(); [forms.forms(one) for one in standards.MODELS];"
        "print(time.process_time() - start)"
    )
    spent = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(spent.stdout) < 0.1
