"""A run of a client in JSON: everything it reads and writes, in either notation."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance import notations, trees
from conformance.problems import TargetError
from conformance.runfile import FAIL, NOT_APPLICABLE, NOT_VERIFIED, PASS, Check
from conformance.simulators.consumer import Consumer
from conformance.simulators.consumer.form import Form
from conformance.stage import documents
from conformance.stage.beside import IN_CLEAR
from tests.conformance.consumer.judging import config_of, judged
from tests.conformance.judging import with_verdict

JSON = ("pesc", "goessner")
SOME = ("NEG-032", "NEG-033", "NEG-034", "DAT-CON-020", "DAT-CON-053", "DAT-CON-075", "POD-ACK-005",
        "POD-ACK-010", "INF-FMT-001")  # fmt: skip
OF_XML = {
    "an_environment_of_another_version_is_read",
    "answers_are_read_by_their_meaning",
    "document_type_is_not_obeyed",
    "objects_of_a_client_stand_in_the_infrastructure_namespace",
    "parts_stand_in_schema_order",
    "what_is_not_known_is_passed_over",
}


def in_json(notation: str, only: tuple[str, ...] = ()) -> list[Check]:
    """What the suite says of the conforming client in this notation."""
    return judged(Consumer, only, endpoint={"notation": notation})


def test_a_client_is_judged_in_json() -> None:
    checks = in_json("goessner", SOME)
    assert with_verdict(checks, FAIL) | with_verdict(checks, NOT_VERIFIED) == {}
    assert {*with_verdict(checks, NOT_APPLICABLE)} == OF_XML & {one.id for one in checks}
    assert len(with_verdict(checks, PASS)) >= len(SOME)


@pytest.mark.soak
@pytest.mark.parametrize("notation", JSON)
def test_a_client_passes_the_whole_role_in_json(notation: str) -> None:
    checks = in_json(notation)
    # What asks for TLS has a run of its own.
    apart = [one for one in checks if one.verdict != PASS and one.reason != IN_CLEAR]
    assert {one.id for one in apart} == OF_XML
    reasons = {one.reason for one in apart}
    assert reasons == {f"JSON has no namespaces, and the run is of {notation}"}


def test_a_client_that_stays_with_xml_is_not_taken_for_one_of_json() -> None:
    class Stays(Consumer):
        """Was told to speak JSON, and does not."""

        def speak(self, notation: str) -> None:
            pass

    checks = judged(Stays, ["NEG-032", "NEG-034"], endpoint={"notation": "pesc"})
    assert {one.verdict for one in checks} == {NOT_VERIFIED}


@pytest.mark.parametrize("notation", JSON)
def test_the_client_reads_what_the_hub_writes(notation: str) -> None:
    made = documents.environment("1", "2", "http://hub.example", "key", "Basic", ["a", "b"])
    body = notations.written(made, notation, "xpress-4.3")
    back = etree.fromstring(Form(notation).read(body))
    assert sorted(trees.leaves(back)) == sorted(trees.leaves(made))


@pytest.mark.parametrize("notation", JSON)
def test_the_hub_reads_what_the_client_writes(notation: str) -> None:
    wanted = Consumer("http://hub.example").wanted()
    body = Form(notation).written(wanted)
    back = notations.read(body, notation, "xpress-4.3")
    assert sorted(trees.leaves(back)) == sorted(trees.leaves(wanted))
    assert trees.namespace(back) == trees.INF


def test_a_relay_reads_xml_only() -> None:
    with pytest.raises(TargetError, match=r"\[endpoint\] notation: a relay reads XML"):
        config_of(endpoint={"notation": "pesc"}, consumer={"relay": "http://127.0.0.1:1/sif3"})
