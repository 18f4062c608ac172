"""Clients that do it right in another way are not failed for it."""

from __future__ import annotations

import base64
import json
from typing import ClassVar

import pytest

from conformance import session
from conformance.checks.consumer.notations import IN_XML
from conformance.runfile import FAIL, NOT_VERIFIED, PASS, Check
from conformance.simulators.consumer import Consumer
from conformance.simulators.consumer.link import Answer
from conformance.stage.beside import IN_CLEAR
from tests.conformance.consumer.judging import SECRET, config_of, moving
from tests.conformance.judging import SEED, with_verdict


class ReadsAllDocumentsAtOnce(Consumer):
    """Asks for documents without naming a zone."""

    def read_papers(self, zone: str) -> Answer:
        return self.link.send("GET", "services/pods")

    def offered(self, zone: str) -> list:  # type: ignore[type-arg]
        return [one for one in super().offered(zone) if (zone, "DEFAULT") in one.pod.zones]


class ReadsAtTheRequestsConnector(Consumer):
    """Knows one connector only."""

    def read_papers(self, zone: str) -> Answer:
        return self.link.send("GET", f"requests/pods;zoneId={zone}")


class ReadsDocumentsEachTime(Consumer):
    """Keeps nothing between two rounds."""

    def synchronise(self) -> None:
        self.agreements.clear()
        super().synchronise()


class UsesOneZone(Consumer):
    """Works for one district."""

    def connect(self) -> None:
        super().connect()
        self.zones = self.zones[:1]


class ReadsListsOnly(Consumer):
    """Reads whole lists, no single students."""

    page_size = 50

    def read_pages(self, zone: str) -> list[str]:
        super().read_pages(zone)
        return []


class SpeaksBasic(Consumer):
    """Authenticates by Basic."""

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.link._signed = self._basic  # type: ignore[method-assign]

    def _basic(self) -> dict[str, str]:
        token = base64.b64encode(f"{self.link.user}:{SECRET}".encode()).decode()
        return {"Authorization": f"Basic {token}"}


class AsksTheMarkerService(Consumer):
    """Asks the marker service before it reads the document."""

    asked: ClassVar[list[str]] = []

    def obtain(self, zone: str) -> bool:
        answer = self.link.send("POST", "privacy/markers", {"zoneId": zone})
        if answer.status == 200:
            self.asked.append(json.loads(answer.body)["podId"])
        return super().obtain(zone)


VARIETY = [
    ReadsAllDocumentsAtOnce, ReadsAtTheRequestsConnector, ReadsDocumentsEachTime, UsesOneZone,
    ReadsListsOnly, SpeaksBasic, AsksTheMarkerService,
]  # fmt: skip
MANY = "valid_document_is_used", "invalid_document_is_not_acknowledged"
FEW = [
    f"POD-{one}"
    for one in (
        "ACK-001", "ACK-002", "ACK-004", "ACK-006", "ACK-008", "ACK-014", "ACK-015", "GATE-014",
        "GATE-015", "VER-003", "VER-004", "DEL-005", "END-002", "MIN-008",
    )
]  # fmt: skip


def judged(product: type[Consumer], *only: str) -> list[Check]:
    """What the suite says of this client."""
    move = moving(product)
    return session.run(config_of(), seed=SEED, only=only, examine=False, move=move).verdict.checks


@pytest.mark.parametrize("product", VARIETY)
def test_a_lawful_client_is_failed_nowhere(product: type[Consumer]) -> None:
    checks = judged(product, *FEW)
    assert {check.id: check.reason for check in with_verdict(checks, FAIL).values()} == {}
    assert len(with_verdict(checks, PASS)) >= len(checks) - 2


def test_one_zone_cannot_show_that_two_are_kept_apart() -> None:
    (check,) = judged(UsesOneZone, "markers_of_two_zones_are_kept_apart")
    assert (check.verdict, check.reason) == (
        NOT_VERIFIED,
        "the client asked for data in 1 zones",
    )


class NeverReads(Consumer):
    """Connects and asks for nothing."""

    def synchronise(self) -> None:
        if not self.zones:
            self.connect()
        self.next_message()

    def restart(self) -> None:
        self.synchronise()

    def reject(self) -> None:
        self.synchronise()


@pytest.mark.parametrize("product", [NeverReads])
def test_what_was_never_asked_for_is_neither_passed_nor_failed(product: type[Consumer]) -> None:
    checks = judged(product)
    # What asks for JSON or TLS has another run.
    checks = [one for one in checks if one.reason not in (IN_XML, IN_CLEAR)]
    about_data = [one for one in checks if any(x.startswith("POD-") for x in one.requirements)]
    assert {one.verdict for one in about_data} == {NOT_VERIFIED}
    assert {one.verdict for one in checks} == {NOT_VERIFIED, PASS}


class RecoversInTheNextRound(Consumer):
    """Stops at a refusal and reads its document when it runs again."""

    def recover(self, zone: str, answer: Answer, number: int) -> bool:
        self.drop(zone)
        return False


def test_a_client_may_recover_in_its_next_round() -> None:
    checks = judged(RecoversInTheNextRound, "POD-GATE-014", "POD-ACK-001")
    assert [check.verdict for check in checks if check.verdict == FAIL] == []
