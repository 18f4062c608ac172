"""Lawful ways with Pending documents, JSON, TLS and two hubs; what the stage does for them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from conformance.runfile import FAIL, NOT_APPLICABLE, NOT_VERIFIED, PASS
from conformance.simulators.consumer import Consumer
from conformance.simulators.consumer.link import Answer, Link
from conformance.simulators.consumer.papers import ACKNOWLEDGED, Paper
from conformance.stage.places import DISTRICT, FIRST_USE, RECEIPT
from conformance.stage.play import Stage, Theatre
from tests.conformance.consumer.judging import by_tls, judged
from tests.conformance.judging import with_verdict

PENDING = ("pending_document_is_taken", "DAT-POD-008")
UNACKNOWLEDGED = b"403-POD-UNACK"


class WaitsUntilLive(Consumer):
    """Acknowledges by the receipt, and uses a marker when its document is Live."""

    def acknowledge(self, zone: str, paper: Paper) -> None:
        self.send_receipt(zone, paper, ACKNOWLEDGED)
        if paper.pod.status == "Live":
            self.agreements[zone] = paper

    def obtain(self, zone: str) -> bool:
        super().obtain(zone)
        return zone in self.agreements


class UsesTheMarkerFirst(Consumer):
    """Sends its receipt when it is told that the document is not acknowledged."""

    def acknowledge(self, zone: str, paper: Paper) -> None:
        self.agreements[zone] = paper

    def recover(self, zone: str, answer: Answer, number: int) -> bool:
        paper = self.agreements.get(zone)
        if paper is not None and UNACKNOWLEDGED in answer.body:
            self.send_receipt(zone, paper, ACKNOWLEDGED)
            self.pause(number)
            return True
        return super().recover(zone, answer, number)


@pytest.mark.parametrize("product", [WaitsUntilLive, UsesTheMarkerFirst])
def test_there_are_ways_to_deal_with_a_pending_document(product: type[Consumer]) -> None:
    checks = judged(product, PENDING)
    assert with_verdict(checks, FAIL) == {}
    assert len(with_verdict(checks, PASS)) >= 2


def test_a_client_without_receipts_is_not_asked_for_one() -> None:
    checks = judged(Consumer, PENDING, capabilities={"receipt": False})
    asked = {one.id: one.verdict for one in checks}
    assert asked["receipt_comes_where_the_hub_waits_for_it"] == NOT_APPLICABLE
    assert asked["what_is_not_live_yet_is_waited_for"] == PASS


@pytest.mark.parametrize(
    ("waits", "first", "then"),
    [(FIRST_USE, 200, 200), (RECEIPT, 403, 200), (DISTRICT, 403, 403)],
)
def test_a_pending_document_opens_when_what_it_waits_for_comes(
    stage: Stage, theatre: Theatre, client: Consumer, waits: str, first: int, then: int
) -> None:
    stage.renew(waits=waits)
    (paper,) = client.offered("zone-a")
    assert paper.pod.status == "Pending"
    client.agreements["zone-a"] = paper
    asked = client.covered("zone-a", client.students(), {})
    assert (asked.status, UNACKNOWLEDGED in asked.body) == (first, first == 403)
    client.send_receipt("zone-a", paper, ACKNOWLEDGED)
    assert client.covered("zone-a", client.students(), {}).status == then
    stage.come_alive()
    assert client.covered("zone-a", client.students(), {}).status == 200
    assert client.offered("zone-a")[0].pod.status == "Live"
    assert client.offered("zone-a")[0].pod.digest == paper.pod.digest


def test_the_marker_service_tells_nothing_before_the_receipt(
    stage: Stage, client: Consumer
) -> None:
    stage.renew(waits=RECEIPT)
    assert client.link.send("POST", "privacy/markers", {"zoneId": "zone-a"}).status == 409


class _DataInJson(Link):
    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        kept, self.form = self.form, self.form if "xStudents" in path else None
        try:
            return super().send(method, path, body, headers)
        finally:
            self.form = kept


class ReadsDataInJson(Consumer):
    """Speaks XML with the infrastructure and reads students in JSON."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _DataInJson(hub, key, secret)


def test_a_client_may_read_data_only_in_json() -> None:
    only = ("NEG-032", "NEG-033", "NEG-034", "INF-FMT-001", "DAT-CON-007")
    checks = judged(ReadsDataInJson, only, endpoint={"notation": "pesc"})
    assert with_verdict(checks, FAIL) | with_verdict(checks, NOT_VERIFIED) == {}
    assert {*with_verdict(checks, NOT_APPLICABLE)} == {
        "bodies_follow_the_notation",
        "lists_of_one_are_written_as_lists",
    }


class StaysAwayUntilItsRestart(Consumer):
    """Stops at a certificate that does not verify, until people have looked."""

    away = False

    def synchronise(self) -> None:
        if self.away:
            return
        super().synchronise()
        self.away = self.tell("GET", self.at("environment")).status == 0

    def restart(self) -> None:
        self.away = False
        super().restart()


def test_a_client_may_stay_away_after_a_wrong_certificate() -> None:
    checks = by_tls(StaysAwayUntilItsRestart, ["DAT-CON-014"])
    assert {one.verdict for one in checks} == {PASS}


def test_without_declaring_it_nobody_is_asked_for_a_second_hub() -> None:
    checks = judged(Consumer, ["DAT-CON-015", "POD-ACK-007"], capabilities={"hubs": False})
    assert {one.id: one.verdict for one in checks} == {
        "markers_of_two_hubs_are_kept_apart": NOT_APPLICABLE,
        "markers_of_two_zones_are_kept_apart": PASS,
        "sessions_of_two_hubs_are_kept_apart": NOT_APPLICABLE,
    }
