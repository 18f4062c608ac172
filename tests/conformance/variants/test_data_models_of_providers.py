"""Providers of other data models: what is right in them passes, what is wrong fails."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from lxml import etree

from conformance import data_models, target, trees
from conformance.checks.provider.codes import coded
from conformance.problems import SetupFault, TargetError
from conformance.simulators.provider import Provider
from conformance.simulators.provider.district import Items
from conformance.simulators.provider.reads import renamed
from fixtures import standards
from fixtures.writers.models import MODELS
from tests.conformance.provider.judging import table_for
from tests.conformance.variants.judging import SOAKED, judged, left
from tests.conformance.variants.writing import offer_of, writing

DATA = ("provider/quality", "provider/objects")


@pytest.mark.parametrize("model", ["unity-4.3", *map(SOAKED, ("na-3.3", "au-3.4"))])
def test_a_provider_of_another_model_passes_everything(model: str) -> None:
    latest = {"model": model, "infrastructure": "3.6"}
    told = judged(writing(model)(), latest, offer=offer_of(model))
    assert left(told) == {}
    assert told.variants == {"infrastructure": "3.6", "data_model": model, "notation": "xml"}


def altered(model: str, collection: str, change: Callable[[etree._Element], None]) -> Any:
    """A provider of this model whose first object of a collection is changed."""

    class Alters(writing(model)):  # type: ignore[misc]
        """One mistake."""

        def objects(self, name: str) -> Items:
            items: Items = super().objects(name)
            if name == collection:
                element = deepcopy(items[0].element)
                change(element)
                items[0] = renamed(items[0], element)
            return items

    return Alters()


def put(text: str, *path: str) -> Callable[[etree._Element], None]:
    """Write a text at a path."""

    def change(element: etree._Element) -> None:
        found = trees.child(element, *path)
        assert found is not None
        found.text = text

    return change


def unheard_of(element: etree._Element) -> None:
    """Add an element of no schema."""
    etree.SubElement(element, f"{{{trees.namespace(element)}}}ShoeSize").text = "36"


def astray(element: etree._Element) -> None:
    """Point to a student that nobody has."""
    element.set("StudentPersonalRefId", "00000000-0000-4000-8000-000000000000")


MISTAKES = [
    ("unity-4.3", "StudentPersonals", put("fifth", "MostRecent", "GradeLevel", "Code"),
     ["DAT-OFR-006"]),
    ("unity-4.3", "StudentPersonals", unheard_of, ["DAT-OFR-001"]),
    ("unity-4.3", "StudentLEARelationships", astray, ["DAT-OFR-004"]),
    ("au-3.4", "StudentPersonals", put("Male", "PersonInfo", "Demographics", "Sex"),
     ["DAT-OFR-001", "DAT-OFR-006"]),
    ("au-3.4", "StudentSchoolEnrollments", put("1850-01-01", "EntryDate"), ["DAT-OFR-005"]),
    ("na-3.3", "xStudents", put("Boy", "demographics", "sex"), ["DAT-OFR-001", "DAT-OFR-006"]),
]  # fmt: skip


@pytest.mark.parametrize(("model", "collection", "change", "rows"), MISTAKES)
def test_a_wrong_value_of_another_model_fails(
    model: str, collection: str, change: Callable[[etree._Element], None], rows: list[str]
) -> None:
    product = altered(model, collection, change)
    services = {"services": [data_models.MODELS[model].students, collection]}
    told = judged(product, {"model": model}, DATA, offer=offer_of(model) | services)
    assert [row.id for row in told.requirements if row.verdict == "fail"] == rows


def test_an_object_in_the_namespace_of_another_model_fails() -> None:
    class Old(writing("na-3.3")):  # type: ignore[misc]
        """Answers in the namespace of Unity."""

        def finish(self, request: Any, response: Any) -> Any:
            body = response.body.replace(b"/na/3.3", b"/na/4.x")
            return super().finish(
                request,
                type(response)(response.status, body, response.content_type, response.headers),
            )

    told = judged(Old(), {"model": "na-3.3"}, ("INF-FMT-003",), offer=offer_of("na-3.3"))
    assert left(told)["fail"][0].startswith("offered_objects_stand_in_the_agreed_namespace")


def test_a_code_of_a_list_of_its_own_is_not_judged() -> None:
    text = ("<StudentPersonal><MostRecent><GradeLevel><Code>fifth</Code></GradeLevel></MostRecent>"
            "<Demographics><Gender{}>boy</Gender></Demographics></StudentPersonal>")  # fmt: skip
    plain, named = (etree.fromstring(text.format(one)) for one in ("", ' Codeset="ours"'))
    assert [value for _, value, _ in coded(plain)] == ["fifth", "boy"]
    assert [value for _, value, _ in coded(named)] == ["fifth"]


def test_the_models_are_those_of_the_kit() -> None:
    for model in data_models.MODELS.values():
        assert model.namespace == MODELS[model.id].namespace
        assert model.student in standards.MODELS[MODELS[model.id].schema].objects


@pytest.mark.parametrize(
    ("endpoint", "model", "namespace"),
    [
        ({}, "xpress-4.3", "na/4.x"),
        ({"model": "unity-4.3"}, "unity-4.3", "na/4.x"),
        ({"model": "au-3.4"}, "au-3.4", "au/3.4"),
        ({"data_model": "http://www.sifassociation.org/datamodel/na/3.3"}, "na-3.3", "na/3.3"),
        ({"data_model": "urn:vendor.example:datamodel/x"}, "", "x"),
    ],
)
def test_model_and_namespace_follow_from_each_other(
    endpoint: dict[str, str], model: str, namespace: str
) -> None:
    table = table_for("http://127.0.0.1:1")
    table["endpoint"] |= endpoint
    told = target.from_table(table, environ={}).endpoint
    assert told.model == model
    assert told.data_model.endswith(f"datamodel/{namespace}")


@pytest.mark.parametrize(
    ("endpoint", "seen"),
    [
        ({"model": "unity"}, "'unity'"),
        ({"model": "unity-4.3", "data_model": "urn:x"}, "not that of data_model"),
    ],
)
def test_a_model_that_cannot_be_meant_is_refused(endpoint: dict[str, str], seen: str) -> None:
    table = table_for("http://127.0.0.1:1")
    table["endpoint"] |= endpoint
    with pytest.raises(TargetError, match=r"\[endpoint\] model") as told:
        target.from_table(table, environ={})
    assert seen in str(told.value)


def test_doctor_names_the_model_that_is_offered() -> None:
    with pytest.raises(SetupFault) as told:
        judged(writing("au-3.4", Provider)(), {}, DATA, offer=offer_of("au-3.4"))
    assert 'data_model = "http://www.sifassociation.org/datamodel/au/3.4"' in str(told.value)
