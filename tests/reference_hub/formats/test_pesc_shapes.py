"""What PESC JSON knows of the schemas agrees with the schemas."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures import standards as models
from reference_hub.codec.pesc_shape import UNKNOWN, Form, Part, Shapes
from reference_hub.codec.pesc_shape_infrastructure import infrastructure_shapes
from reference_hub.codec.pesc_shape_xsd import shapes_of
from reference_hub.codec.pod_grammar import bare_names
from reference_hub.codec.shape_book import ShapeBook
from reference_hub.schemas import LAX, STRICT, Registered

AU = "http://www.sifassociation.org/datamodel/au/3.4"
SINCE_3_6 = {"type", "subCode", "errorDetails"}
SINCE_3_4 = set(bare_names().values())


def differences(own: Shapes, published: Shapes, ours: Form, theirs: Form, path: str) -> list[str]:
    """Where two forms of one element say different things, with all below them."""
    is_error = "message" in theirs.parts and "code" in theirs.parts
    new = SINCE_3_6 if is_error else SINCE_3_4
    parts = {name: part for name, part in ours.parts.items() if name not in new}
    found = []
    if (ours.text, dict(ours.attributes), ours.known) != (
        theirs.text,
        dict(theirs.attributes),
        theirs.known,
    ):
        found.append(path)
    if [(n, p.many) for n, p in parts.items()] != [(n, p.many) for n, p in theirs.parts.items()]:
        found.append(f"{path}: {list(parts)}")
    for name in parts.keys() & theirs.parts.keys():
        below = own.below(ours, name), published.below(theirs, name)
        found += differences(own, published, *below, f"{path}/{name}")
    return found


def test_the_table_of_infrastructure_agrees_with_the_published_schema(standards: Path) -> None:
    folder = standards / "schemas" / "official" / "infrastructure-3.3"
    own, published = infrastructure_shapes(), shapes_of(folder / "SIF_Message.xsd")
    assert own.roots.keys() == published.roots.keys()
    found = [
        each
        for name in own.roots
        for each in differences(own, published, own.root(name), published.root(name), name)
    ]
    assert found == []


def test_every_form_that_the_table_names_is_in_it() -> None:
    shapes = infrastructure_shapes()
    waiting, seen = list(shapes.roots.values()), set()
    while waiting:
        key = waiting.pop()
        if key not in seen and key != "!":
            seen.add(key)
            assert shapes.lookup(key).known, key
            waiting += [part.form for part in shapes.lookup(key).parts.values()]


def test_the_numbers_and_booleans_of_infrastructure_are_those_of_the_sheet() -> None:
    shapes = infrastructure_shapes()
    queue, phase = shapes.root("queue"), shapes.lookup("phase")
    numbers = [name for name in queue.parts if shapes.below(queue, name).text == "number"]
    assert numbers == ["idleTimeout", "minWaitTime", "maxConcurrentConnections", "messageCount"]
    assert shapes.below(phase, "required").text == "boolean"
    assert shapes.root("state").many("type") is False
    assert shapes.root("states").many("state")


def test_the_kit_schema_tells_lists_attributes_and_kinds(kit: Shapes) -> None:
    roster = kit.root("xRoster")
    staff = kit.below(roster, "primaryStaff")
    assert kit.root("xRosters").parts == {"xRoster": Part(True, "ClassList")}
    assert dict(roster.attributes) == {"refId": "text"}
    assert kit.below(staff, "percentResponsible").text == "number"
    assert kit.below(staff, "teacherOfRecord").text == "boolean"
    assert kit.below(roster, "students").many("studentReference")


def test_a_schema_tells_lists_of_values_and_text_beside_attributes(standards: Path) -> None:
    shapes = shapes_of(standards / "samples" / "json-tf" / "jsontrans.xsd")
    root = shapes.root("element1")
    assert shapes.below(root, "element2") == Form("text*")
    assert shapes.below(root, "element4") == Form(
        "text", {"attribute2": "number", "attribute3": "text"}
    )
    assert shapes.below(root, "element7").text == "number"


@pytest.mark.parametrize(
    ("folder", "root", "attribute"),
    [("unity-4.3/strict", "StudentPersonal", "RefId"), ("au-3.4.8", "SchoolInfo", "RefId")],
)
def test_the_published_models_are_read(
    standards: Path, folder: str, root: str, attribute: str
) -> None:
    shapes = shapes_of(standards / "schemas" / "official" / folder / "SIF_Message.xsd")
    assert attribute in shapes.root(root).attributes
    assert shapes.root(f"{root}s").many(root)


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("unity-4.3-kit", "patched/unity-4.3-strict/SIF_Message.xsd"),
        ("na-3.3-kit", "patched/na-3.3/Collections.xsd"),
        ("au-3.4-kit", "official/au-3.4.8/SIF_Message.xsd"),
    ],
)
def test_the_kit_schemas_say_what_the_published_ones_say(
    standards: Path, model: str, path: str
) -> None:
    ours = ShapeBook().of(models.MODELS[model].namespace)
    theirs = shapes_of(standards / "schemas" / path)
    names = [f"{name}{plural}" for name in models.MODELS[model].objects for plural in ("", "s")]
    assert ours.roots.keys() == set(names)
    found = [differences(ours, theirs, ours.root(one), theirs.root(one), one) for one in names]
    assert [each for each in found if each] == []


def test_the_book_takes_the_registered_schema_before_that_of_the_kit(standards: Path) -> None:
    path = str(standards / "schemas" / "official" / "au-3.4.8" / "SIF_Message.xsd")
    other = Registered("other", AU, LAX, "nowhere.xsd")
    book = ShapeBook([other, Registered("au", AU, STRICT, path)])
    assert book.of(AU).root("StudentPersonal").known
    assert book.of("http://www.sifassociation.org/datamodel/na/4.x").root("xStudent").known
    assert book.of("http://www.sifassociation.org/infrastructure/3.6").root("error").known
    assert book.of("urn:nobody").root("xStudent") == UNKNOWN
    assert book.namespace_of("au") == AU
