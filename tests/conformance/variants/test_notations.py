"""A run in JSON: what is sent and asked for, and what both notations must keep of an object."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree

from conformance import drawn, notations, target, trees
from conformance.data_models import MODELS
from conformance.problems import TargetError
from conformance.simulators.message import Request, Response
from conformance.simulators.provider import Provider
from reference_hub.codec import json_goessner, json_pesc
from reference_hub.codec.json_text import dumps
from reference_hub.codec.shape_book import ShapeBook
from tests.conformance.provider.judging import table_for
from tests.conformance.variants.judging import SOAKED, judged, left
from tests.conformance.variants.speaking_json import speaking_json
from tests.conformance.variants.writing import offer_of, writing

JSON = ("pesc", "goessner")
SIF = ("sif/create", "sif/update", "sif/many", "sif/delete", "sif/formats")
HEARD = 60
BOOK = ShapeBook()


@pytest.mark.parametrize("notation", ["pesc", SOAKED("goessner")])
def test_a_receiver_is_judged_in_json(notation: str) -> None:
    product: Any = speaking_json(notation)()
    told = judged(product, {"notation": notation}, SIF, capabilities={"json": True})
    reasons = {line.partition(": ")[2] for line in left(told).pop("not applicable")}
    assert reasons == {f"JSON has no namespaces, and the run is of {notation}"}
    assert set(left(told)) == {"not applicable"}, left(told)
    assert type(product).heard >= HEARD
    assert told.variants["notation"] == notation


def test_one_accept_header_does_not_mean_both_notations() -> None:
    asked = {"notation": "goessner"}
    rows = ("NEG-033", "INF-FMT-021")
    told = judged(speaking_json("goessner")(), asked, rows, capabilities={"json": True})
    assert left(told) == {"not applicable": [
        "one_student_in_pesc_is_a_list: the target file names no Accept header for pesc"
    ]}  # fmt: skip


@pytest.mark.soak
@pytest.mark.parametrize("notation", JSON)
def test_a_receiver_passes_the_whole_profile_in_json(notation: str) -> None:
    told = judged(speaking_json(notation)(), {"notation": notation}, capabilities={"json": True})
    assert set(left(told)) == {"not applicable"}, left(told)
    assert told.counts["pass"] >= 318


@pytest.mark.parametrize(
    ("model", "notation"),
    [("unity-4.3", "goessner"), SOAKED("xpress-4.3", "pesc"), SOAKED("au-3.4", "pesc")],
)
def test_a_provider_is_read_in_json(model: str, notation: str) -> None:
    product = Provider() if model == "xpress-4.3" else writing(model)()
    offer = {} if model == "xpress-4.3" else offer_of(model)
    latest = {"model": model, "notation": notation, "infrastructure": "3.6"}
    told = judged(product, latest, offer=offer)
    assert set(left(told)) == {"not applicable"}, left(told)
    assert len(left(told)["not applicable"]) == 2


def test_an_answer_in_the_other_notation_fails() -> None:
    class Mixes(speaking_json("goessner")):  # type: ignore[misc]
        """Understands Goessner and answers PESC."""

        def finish(self, request: Request, response: Response) -> Response:
            answer: Response = super().finish(request, response)
            return Response(answer.status, answer.body.replace(b'"@', b'"'),
                            answer.content_type, answer.headers)  # fmt: skip

    told = judged(Mixes(), {"notation": "goessner"}, ("INF-CRE-001",), capabilities={"json": True})
    assert "fail" in left(told)


def test_an_answer_that_is_xml_after_all_fails() -> None:
    class Stays(speaking_json("pesc")):  # type: ignore[misc]
        """Answers XML whatever is asked for."""

        def finish(self, request: Request, response: Response) -> Response:
            headers = {**request.headers, "accept": "application/xml"}
            plain = Request(request.method, request.origin, request.segments, request.matrix,
                            request.query, headers, request.body)  # fmt: skip
            told: Response = super().finish(plain, response)
            return told

    told = judged(Stays(), {"notation": "pesc"}, ("INF-FMT-010",), capabilities={"json": True})
    assert "fail" in left(told)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("notation", JSON)
def test_a_student_comes_back_as_it_was_written(model: str, notation: str) -> None:
    for number in range(3):
        student = drawn.student(model, 7, number)
        back = notations.read(notations.written(student, notation, model), notation, model)
        assert sorted(trees.leaves(back)) == sorted(trees.leaves(student))
        assert trees.namespace(back) == MODELS[model].namespace


@pytest.mark.parametrize("model", MODELS)
def test_the_judge_writes_what_the_hub_writes(model: str) -> None:
    student = drawn.student(model, 7, 5)
    shapes = BOOK.of(MODELS[model].namespace)
    pesc, goessner = (notations.written(student, one, model) for one in JSON)
    assert json.loads(pesc) == json.loads(dumps(json_pesc.write(student, shapes)))
    assert json.loads(goessner) == json.loads(dumps(json_goessner.write(student)))


def test_results_of_many_are_read_with_their_ids() -> None:
    item = b'{"id":"1","advisoryId":"2","statusCode":"201"}'
    body = b'{"createResponse":{"creates":{"create":[%s]}}}' % item
    root = notations.read(body, "pesc", "xpress-4.3")
    (result,) = trees.every(root, "create")
    assert sorted(result.items()) == [("advisoryId", "2"), ("id", "1"), ("statusCode", "201")]
    assert {trees.namespace(one) for one in root.iter()} == {trees.INF}


def test_an_error_has_its_code_as_a_number() -> None:
    error = trees.inf("error", trees.inf("code", "404"), trees.inf("scope", "GET"), id="7")
    told = json.loads(notations.written(error, "pesc", "xpress-4.3"))
    assert told == {"error": {"id": "7", "code": 404, "scope": "GET"}}
    back = notations.read(json.dumps(told).encode(), "pesc", "xpress-4.3")
    assert (back.get("id"), trees.text(back, "code")) == ("7", "404")


@pytest.mark.parametrize("notation", JSON)
def test_nil_stays_nil(notation: str) -> None:
    student = drawn.student("xpress-4.3", 7, 3)
    etree.SubElement(student, f"{{{trees.NA4}}}phoneNumber").set(f"{{{trees.XSI}}}nil", "true")
    back = notations.read(
        notations.written(student, notation, "xpress-4.3"), notation, "xpress-4.3"
    )
    kept = trees.every(back, "phoneNumber")[-1]
    assert kept.get(f"{{{trees.XSI}}}nil") == "true"


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"a":1,"b":2}', b'{"xStudent":{"no name":1}}', b"<a/>", b'"text"']
)
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        notations.read(body, "pesc", "xpress-4.3")


@pytest.mark.parametrize(
    ("endpoint", "json_declared", "seen"),
    [
        ({"notation": "yaml"}, True, "'yaml'"),
        ({"notation": "pesc"}, False, "not declared"),
        ({"notation": "pesc", "infrastructure": "3.2.1"}, True, "came with infrastructure 3.3"),
    ],
)
def test_a_notation_that_cannot_be_spoken_is_refused(
    endpoint: dict[str, str], json_declared: bool, seen: str
) -> None:
    table = table_for("http://127.0.0.1:1")
    table["endpoint"] |= endpoint
    table["capabilities"] |= {"json": json_declared}
    with pytest.raises(TargetError, match=r"\[endpoint\] notation") as told:
        target.from_table(table, environ={})
    assert seen in str(told.value)
