"""XML to JSON and back, in both notations: nothing is lost, whatever the data."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from fixtures import standards as models
from fixtures.generate import generate, student
from fixtures.writers import xpress
from reference_hub.codec import json_goessner, json_pesc
from reference_hub.codec.json_text import dumps, loads
from reference_hub.codec.pesc_shape import Shapes
from reference_hub.codec.pesc_shape_infrastructure import infrastructure_shapes
from reference_hub.codec.pesc_shape_xsd import shapes_of
from reference_hub.codec.prolog import name_root
from reference_hub.codec.shape_book import ShapeBook

INF = "http://www.sifassociation.org/infrastructure/3.3"
KIT = ShapeBook().of(xpress.NA4)
SCHEMA = etree.XMLSchema(etree.fromstring(models.schema_path("unity-4.3-kit").read_bytes()))
NOTATIONS = ("goessner", "pesc")
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="￾￿", exclude_categories=["Cc", "Cs"]),
    min_size=1,
)


def written(notation: str, element: etree._Element, shapes: Shapes = KIT) -> bytes:
    if notation == "pesc":
        return dumps(json_pesc.write(element, shapes))
    return dumps(json_goessner.write(element))


def read(notation: str, body: bytes, namespace: str, shapes: Shapes = KIT) -> etree._Element:
    if notation == "pesc":
        return json_pesc.read(loads(body), namespace, shapes)
    return json_goessner.read(loads(body), namespace, shapes)


def canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", with_comments=False)


def shuffled(value: Any, rng: Random) -> Any:
    """The same JSON with the members of every object in another order."""
    if isinstance(value, list):
        return [shuffled(each, rng) for each in value]
    if isinstance(value, dict):
        members = list(value.items())
        rng.shuffle(members)
        return {name: shuffled(each, rng) for name, each in members}
    return value


@pytest.mark.requirement("INF-FMT-021", "INF-FMT-022")
@pytest.mark.parametrize("notation", NOTATIONS)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), index=st.integers(0, 50))
def test_any_student_survives(notation: str, seed: int, index: int) -> None:
    element = xpress.student(student(seed, index))
    back = read(notation, written(notation, element), xpress.NA4)
    assert canonical(back) == canonical(element)


@pytest.mark.parametrize("notation", NOTATIONS)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), order=st.integers())
def test_members_in_any_order_become_valid_xml(notation: str, seed: int, order: int) -> None:
    value = json.loads(written(notation, xpress.student(student(seed, 0))))
    body = json.dumps(shuffled(value, Random(order))).encode()
    SCHEMA.assertValid(read(notation, body, xpress.NA4))


@pytest.mark.requirement("TRN-PR-11")
@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_whole_district_survives(notation: str) -> None:
    for _, collection in xpress.documents(generate(5, students=20)):
        back = read(notation, written(notation, collection), xpress.NA4)
        assert canonical(back) == canonical(collection)


@pytest.mark.requirement("TRN-TX-06", "NEG-034")
@pytest.mark.parametrize("notation", NOTATIONS)
@settings(max_examples=100, deadline=None)
@given(text=TEXTS | st.from_regex(r"-?0*[0-9]{1,20}(\.[0-9]{1,9}0*)?", fullmatch=True))
def test_texts_that_look_like_numbers_are_not_changed(notation: str, text: str) -> None:
    element = xpress.student(student(1, 1))
    for name in ("localId", "stateProvinceId"):
        element.find(f"{{*}}{name}").text = text  # type: ignore[union-attr]
    body = written(notation, element)
    assert json.loads(body)["xStudent"]["localId"] == text
    assert canonical(read(notation, body, xpress.NA4)) == canonical(element)


@pytest.mark.requirement("NEG-034")
@pytest.mark.parametrize("text", ["54.10", "0.50", "100", "010", "+5", "INF"])
def test_numbers_by_the_schema_keep_their_digits(text: str) -> None:
    body = f'<xRoster xmlns="{xpress.NA4}"><primaryStaff><percentResponsible>{text}'
    element = etree.fromstring(f"{body}</percentResponsible></primaryStaff></xRoster>")
    for notation in NOTATIONS:
        back = read(notation, written(notation, element), xpress.NA4)
        assert back.findtext(".//{*}percentResponsible") == text


@pytest.mark.requirement("TRN-MV-09", "NEG-033")
@pytest.mark.parametrize(("notation", "kind"), [("goessner", dict), ("pesc", list)])
def test_a_collection_of_one_is_an_array_in_pesc_only(notation: str, kind: type) -> None:
    one = xpress.collection("xStudents", [xpress.student(student(1, 1))])
    body = written(notation, one)
    assert isinstance(json.loads(body)["xStudents"]["xStudent"], kind)
    assert canonical(read(notation, body, xpress.NA4)) == canonical(one)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_deep_extension_survives(notation: str) -> None:
    inner = "<a>" * 90 + "x" + "</a>" * 90
    element = etree.fromstring(f'<xStudent xmlns="{xpress.NA4}">{inner}</xStudent>')
    assert canonical(read(notation, written(notation, element), xpress.NA4)) == canonical(element)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_deepest_document_of_the_store_is_written(notation: str) -> None:
    inner = '<a xmlns:b="urn:b"><b:c>' * 127 + "</b:c></a>" * 127
    element = etree.fromstring(f'<xStudent xmlns="{xpress.NA4}">{inner}</xStudent>')
    assert written(notation, element).count(b'"c"') == 127


@pytest.mark.parametrize("notation", NOTATIONS)
def test_an_extension_of_another_namespace_keeps_it(notation: str) -> None:
    extra = '<v:extra xmlns:v="urn:vendor" rank="1"><v:deep>x</v:deep></v:extra>'
    element = etree.fromstring(f'<xStudent xmlns="{xpress.NA4}">{extra}</xStudent>')
    back = read(notation, written(notation, element), xpress.NA4)
    assert back.findtext("{urn:vendor}extra/{urn:vendor}deep") == "x"


@pytest.mark.parametrize("notation", NOTATIONS)
def test_blanks_line_ends_and_markup_in_texts_survive(notation: str) -> None:
    element = xpress.student(student(1, 1))
    element.find("{*}localId").text = ' <&>"\r\n\t x '  # type: ignore[union-attr]
    assert canonical(read(notation, written(notation, element), xpress.NA4)) == canonical(element)


def samples(folder: Path) -> list[etree._Element]:
    """The official examples, in the namespace that their publisher left out."""
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True)
    found = []
    for path in sorted(folder.glob("*.xml")):
        try:
            root = etree.fromstring(path.read_bytes(), parser)
        except etree.XMLSyntaxError:
            continue
        if not etree.QName(root).namespace:
            root = etree.fromstring(name_root(etree.tostring(root), xpress.NA4))
        found.append(root)
    return found


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_published_unity_examples_survive(standards: Path, notation: str) -> None:
    entry = standards / "schemas" / "official" / "unity-4.3" / "strict" / "SIF_Message.xsd"
    shapes = shapes_of(entry)
    found = samples(standards / "samples" / "unity-spec-examples")
    lost = [
        str(root.tag)
        for root in found
        if canonical(read(notation, written(notation, root, shapes), xpress.NA4, shapes))
        != canonical(root)
    ]
    assert len(found) > 100
    assert lost == []


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_published_infrastructure_documents_survive(
    infra_samples: Path, tight: etree.XMLParser, notation: str
) -> None:
    shapes = infrastructure_shapes()
    for name in ("environment.xml", "environment_large.xml"):
        body = (infra_samples / f"java__TestData__xml__input__{name}").read_bytes()
        root = etree.fromstring(body, tight)
        back = read(notation, written(notation, root, shapes), INF, shapes)
        assert canonical(back) == canonical(root)
