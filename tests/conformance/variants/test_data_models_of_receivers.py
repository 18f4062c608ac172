"""Receivers of other data models: messages are judged with their students, the rest is not."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from lxml import etree

from conformance import data_models, drawn, trees
from conformance.checks.preparation import only, partial, renamed
from conformance.simulators.message import Request, Response
from tests.conformance.judging import MUTANTS
from tests.conformance.variants.judging import SOAKED, judged, left
from tests.conformance.variants.taking import raised, schema_of, taking

OTHERS = ("unity-4.3", "au-3.4", "na-3.3")
SIF = ("sif/create", "sif/update", "sif/many", "sif/errors", "sif/delete", "pod/districts")
ASKED = re.compile(r"it is asked with xStudent of Unity 4, the run is of (unity|au|na)-\d.\d")


@pytest.mark.parametrize("model", ["au-3.4", *map(SOAKED, ("unity-4.3", "na-3.3"))])
def test_a_receiver_of_another_model_passes_the_messages(model: str) -> None:
    told = judged(taking(model)(), {"model": model}, SIF)
    assert set(left(told)) == {"not applicable"}, left(told)
    assert told.counts["pass"] >= 35


@pytest.mark.soak
@pytest.mark.parametrize("model", OTHERS)
def test_a_receiver_of_another_model_passes_the_whole_profile(model: str) -> None:
    told = judged(taking(model)(), {"model": model})
    found = Counter((check.area.split("/")[0], check.verdict) for check in told.checks)
    assert {verdict for _, verdict in found} == {"pass", "not applicable"}
    assert found["sif", "pass"] >= 159
    assert found["pod", "pass"] >= 46
    assert found["translation", "pass"] == 0


def test_what_is_written_for_xpress_says_so() -> None:
    told = judged(taking("au-3.4")(), {"model": "au-3.4"}, ("POD-MIN-008", "TRN-ID-01"))
    assert {check.verdict for check in told.checks} == {"not applicable"}
    assert all(ASKED.fullmatch(check.reason) for check in told.checks)
    assert told.variants["data_model"] == "au-3.4"


# One of each kind of mistake: ids, results, pages, addresses, errors, sessions.
BROKEN = ("INF-CRE-006", "INF-BLK-003", "INF-PAG-004", "INF-ZON-006", "INF-ERR-002", "INF-ENV-014")


@pytest.mark.parametrize("requirement", BROKEN)
def test_a_wrong_receiver_of_another_model_fails(requirement: str) -> None:
    mutant = next(
        one for one in MUTANTS["receiver"].values()
        if one.breaks == (requirement,) and not one.special
    )  # fmt: skip
    told = judged(taking("unity-4.3", mutant)(), {"model": "unity-4.3"}, (requirement,))
    assert {row.id: row.verdict for row in told.requirements}[requirement] == "fail"


def test_an_update_that_is_lost_fails_in_another_model() -> None:
    class Forgets(taking("au-3.4")):  # type: ignore[misc]
        """Takes updates and keeps what it had."""

        def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
            return stored

    told = judged(Forgets(), {"model": "au-3.4"}, ("INF-UPD-003",))
    assert "fail" in left(told)


def test_a_student_in_another_namespace_fails() -> None:
    class Moves(taking("unity-4.3")):  # type: ignore[misc]
        """Answers in the namespace of AU."""

        def finish(self, request: Request, response: Response) -> Response:
            body = response.body.replace(b"datamodel/na/4.x", b"datamodel/au/3.4")
            answer: Any = Response(response.status, body, response.content_type, response.headers)
            told: Response = super().finish(request, answer)
            return told

    told = judged(Moves(), {"model": "unity-4.3"}, ("INF-FMT-003",))
    assert "fail" in left(told)


@pytest.mark.parametrize("model", [*OTHERS, data_models.USUAL])
def test_a_student_is_drawn_in_the_words_of_the_model(model: str) -> None:
    students = [drawn.student(model, 7, number) for number in (3, 40_000)]
    own = data_models.MODELS[model]
    for one in students:
        assert (trees.local(one), trees.namespace(one)) == (own.student, own.namespace)
        assert data_models.of_student(one) is own
        assert schema_of(model).validate(raised(one, own))
        assert trees.text(one, *own.given)
    assert trees.refid(students[0]) == trees.refid(drawn.student("xpress-4.3", 7, 3))


@pytest.mark.parametrize("model", [*OTHERS, data_models.USUAL])
def test_an_update_holds_the_name_and_its_kind_alone(model: str) -> None:
    student, own = drawn.student(model, 7, 3), data_models.MODELS[model]
    update = partial(student, only(student, own.given, "Quorin"))
    facts = {path: value for path, value in trees.leaves(update) if "/@" not in path}
    assert facts == {"/".join((own.student, *own.given)): "Quorin"}
    assert trees.refid(update) == trees.refid(student)
    whole = renamed(student, trees.refid(student), "Quorin")
    assert schema_of(model).validate(raised(whole, own))
