"""Where the standard says two things: who follows the other reading is told both, or accepted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from lxml import etree

from conformance import catalogue, cli, session
from conformance.blame import STANDARD, VENDOR
from conformance.contradictions import concerning, contradictions
from conformance.runfile import FAIL, PASS, Check
from conformance.simulators import serve
from conformance.simulators.consumer import Consumer
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.provider import Provider
from conformance.simulators.publisher import Publisher
from conformance.simulators.receiver import Receiver
from conformance.simulators.registry import registry
from tests.conformance.again.conftest import SECRET, SEED, config_for
from tests.conformance.consumer.judging import judged as judge_consumer
from tests.conformance.provider.judging import judge as judge_provider
from tests.conformance.publisher.judging import judge as judge_publisher

JUDGES: list[tuple[type[Any], Any]] = [
    (Provider, judge_provider),
    (Publisher, judge_publisher),
    (Consumer, judge_consumer),
]


def judged(product: type[Any], check: str) -> Check:
    """What one check says of a product of any of these roles."""
    judge = next((judge for kind, judge in JUDGES if issubclass(product, kind)), None)
    if judge is not None:
        found: list[Check] = judge(product, (check,))
        return found[0]
    with serve(product(secret=SECRET)) as handle:
        outcome = session.run(config_for(handle.url), seed=SEED, only=(check,), examine=False)
    (told,) = outcome.verdict.checks
    return told


class ZonesWithoutWrapper(Receiver):
    """Has its zones as printed examples have them (C-05)."""

    def provisioned_zones(self) -> etree._Element:
        return super().provisioned_zones()[1]


class NamesServicesInTheSingular(Receiver):
    """Lists the infrastructure services of an appendix (C-08)."""

    def services(self, root: str, refid: str) -> dict[str, str]:
        return super().services(root, refid) | {"queue": f"{root}/queues"}


class TakesSingleDelays(Receiver):
    """Delays any request, single ones too (C-26)."""

    def route(self, request: Request) -> Response:
        answer = super().route(request) if request.says("requestType") != "DELAYED" else None
        return answer or Response(202)


class GrantsWithAccepted(Provider):
    """Grants the rights to its service paths in the words of the text (C-04)."""

    def service(self, kind: str, name: str, told: str) -> etree._Element:
        return super().service(kind, name, "ACCEPTED" if kind == "SERVICEPATH" else told)


class TellsPageSize(Publisher):
    """Registers as the printed entry of a provider does (C-07)."""

    def query_support(self) -> etree._Element:
        made = super().query_support()
        made[4].tag = str(made[4].tag).replace("maxPageSize", "pageSize")
        return made


class CallsJobsAFunction(Consumer):
    """Subscribes with the word of the text (C-03)."""

    def subscribe(self, zone: str, service: str, kind: str) -> None:
        super().subscribe(zone, service, "FUNCTION" if kind == "UTILITY" else kind)


class CallsTakenIdsMissing(Receiver):
    """Answers 404 where the simulator answers 409 (C-20)."""

    def route(self, request: Request) -> Response:
        try:
            return super().route(request)
        except Refusal as refusal:
            raise Refusal(404, refusal.message) if refusal.status == 409 else refusal from None


class OffersNoTemplates(Provider):
    """Answers 405 where the simulator answers 404 (C-10)."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        if request.says("serviceType") == "XQUERYTEMPLATE":
            raise Refusal(405, "There are no templates here.")
        return super().route_connector(request, path)


def mutant(name: str) -> type[Receiver]:
    """A product of ours with one mistake."""
    found: type[Receiver] = registry("receiver").find(name)
    return found


@pytest.mark.parametrize(
    ("row", "product", "check"),
    [
        ("C-03", CallsJobsAFunction, "each_service_is_subscribed_once"),
        ("C-04", GrantsWithAccepted, "rights_use_the_words_of_the_schema"),
        ("C-05", ZonesWithoutWrapper, "environment_children_stand_in_schema_order"),
        ("C-07", TellsPageSize, "entries_tell_types_and_pages"),
        ("C-08", NamesServicesInTheSingular, "environment_type_fits_its_services"),
        ("C-11", mutant("UpdateAnswers200"), "single_update_is_answered_with_204"),
        ("C-11", mutant("DeleteAnswers200"), "single_delete_is_answered_with_204"),
        ("C-12", mutant("IdsOfTheWrongVersion"), "ids_of_the_receiver_are_uuids"),
        ("C-26", TakesSingleDelays, "single_query_cannot_be_delayed"),
    ],
)
def test_a_product_with_the_other_reading_is_told_both(
    row: str, product: type[Any], check: str
) -> None:
    told = judged(product, check)
    (due,) = (one for one in contradictions() if one.id == row)
    assert told.verdict == FAIL
    assert told.blame is not None
    assert (told.blame.party, told.blame.readings) == (STANDARD, due.readings)
    assert told.blame.why == due.choice


@pytest.mark.parametrize(
    ("row", "product", "check"),
    [
        ("C-10", OffersNoTemplates, "unknown_query_template_is_refused"),
        ("C-10", Provider, "unknown_query_template_is_refused"),
        ("C-20", CallsTakenIdsMissing, "unusable_must_id_is_refused"),
        ("C-20", Receiver, "unusable_must_id_is_refused"),
    ],
)
def test_where_both_readings_are_accepted_both_pass(
    row: str, product: type[Any], check: str
) -> None:
    (due,) = (one for one in contradictions() if one.id == row)
    assert due.choice == "This kit accepts both readings."
    assert judged(product, check).verdict == PASS


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("DeleteOnlyHides", "single_delete_is_answered_with_204"),
        ("CallsItselfSimple", "environment_type_fits_its_services"),
        ("DelaysSingleObjects", "single_query_cannot_be_delayed"),
    ],
)
def test_another_mistake_at_the_same_place_is_the_products(name: str, check: str) -> None:
    told = judged(mutant(name), check)
    assert told.blame is not None
    assert (told.verdict, told.blame.party) == (FAIL, VENDOR)


def test_every_row_names_known_requirements_once_and_has_two_readings() -> None:
    known = catalogue.load()
    rows = contradictions()
    assert len({one.id for one in rows}) == len(rows) >= 20
    for row in rows:
        assert len(row.readings) == 2
        assert len(set(row.requirements)) == len(row.requirements) > 0
        assert [name for name in row.requirements if name not in known] == []


def test_every_row_follows_one_reading_or_accepts_both_and_is_then_never_blamed() -> None:
    for row in contradictions():
        assert (row.follows is None) is (row.accepts == "both")
        assert row.follows is not None or row.shows == []
        assert all(re.compile(pattern).groups == 0 for pattern in row.shows)


def test_a_contradiction_can_be_explained_by_its_own_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["explain", "c-11"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].endswith("(C-11). This kit follows the second reading.")
    assert told[-1] == "  Requirements: INF-UPD-001, INF-DEL-001."


@pytest.mark.parametrize("name", ["INF-ENV-003", "INF-XQT-002"])
def test_explain_tells_the_readings(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", name]) == 0
    told = capsys.readouterr().out
    (row,) = concerning(name)
    assert f"says two things here ({row.id}). {row.choice}" in told
    assert all(reading in told for reading in row.readings)
