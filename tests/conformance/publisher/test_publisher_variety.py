"""Systems that do it right in another way are not failed for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from lxml import etree

from conformance import session
from conformance.runfile import FAIL, NOT_APPLICABLE, NOT_VERIFIED, OUR_FAULT, Check
from conformance.simulators.consumer.link import Answer
from conformance.simulators.documents import node
from conformance.simulators.publisher import Publisher
from conformance.simulators.publisher.records import DELETED, KNOWN, NEW, Record
from conformance.simulators.publisher.sending import Message
from tests.conformance.judging import SEED, with_verdict
from tests.conformance.publisher.judging import config_of, moving


class Minimal(Publisher):
    """One object in each message, no header line that may be left out."""

    def create(self, zone: str, service: str, records: list[Record]) -> None:
        for one in records:
            self.create_one(zone, one)

    def create_one(self, zone: str, record: Record) -> None:
        """POST to the collection and the name of its object."""
        path = f"/{record.service}/{record.service.removesuffix('s')}"
        for _ in range(self.tries):
            answer = self.deliver(self.request("POST", zone, path, self.encode(record.element)))
            if answer is None or not self.is_sif(answer):
                return
            if answer.status in (201, 409):
                record.state = KNOWN
                if answer.status == 201:
                    record.refid = answer.document.get("refId") or record.refid
                return
            if answer.status < 500:
                self.refuse(record, answer.status)
                return

    def update(self, zone: str, service: str, records: list[Record]) -> None:
        for one in [one for one in records if one.state == KNOWN and not one.gone]:
            body = self.encode(self.difference(one))
            answer = self.deliver(self.request("PUT", zone, f"/{service}/{one.refid}", body))
            if answer is not None:
                self.settle_update(one, answer.status)
            if one.state == NEW:
                self.create_one(zone, one)

    def request_lines(self) -> dict[str, str]:
        return {}

    def event_lines(self, zone: str, service: str, action: str) -> dict[str, str]:
        lines = super().event_lines(zone, service, action)
        left_out = ("generatorId", "contextId", "serviceType", "replacement")
        return {name: value for name, value in lines.items() if name not in left_out}


class Chatty(Publisher):
    """Sends whole objects, everything at each occasion, many unknown header lines."""

    def on_publish(self, facts: Mapping[str, str]) -> None:
        self.remember()
        super().on_publish(facts)

    def difference(self, record: Record) -> etree._Element:
        return self.shown(record)

    def event_lines(self, zone: str, service: str, action: str) -> dict[str, str]:
        lines = super().event_lines(zone, service, action)
        return lines | ({"replacement": "FULL"} if action == "UPDATE" else {})

    def request_lines(self) -> dict[str, str]:
        return super().request_lines() | {"requestType": "IMMEDIATE", "X-Vendor": "chatty"}

    def besides(self) -> None:
        for zone in self.rights:
            if self.may(zone, "xStudents", "QUERY") and self.may(zone, "xStudents", "CREATE"):
                address = f"{self.places['requestsConnector']}/xStudents;zoneId={zone}"
                self.send("GET", address, b"", self.request_lines())


class Awkward(Publisher):
    """Prefixes, whole seconds in another time zone, deletions by PUT, small letters in ids."""

    def moment(self) -> str:
        return datetime.now(UTC).astimezone().isoformat(timespec="seconds")

    def encode(self, element: etree._Element) -> bytes:
        space = etree.QName(element).namespace or ""
        made = etree.Element(
            element.tag,
            nsmap={"v": space},
            attrib={str(name): str(value) for name, value in element.attrib.items()},
        )
        made.text = element.text
        made.extend(list(element))
        etree.cleanup_namespaces(made, top_nsmap={"v": space})
        return etree.tostring(made, encoding="utf-8", pretty_print=True)

    def deletion(self, zone: str, record: Record) -> Message:
        body = self.encode(
            node("deleteRequest", node("deletes", node("delete", id=record.refid.lower())))
        )
        whole = self.request("PUT", zone, f"/{record.service}", body)
        lines = {**whole.lines, "methodOverride": "DELETE"}
        return Message(whole.connector, "PUT", whole.path, body, lines)

    def is_gone(self, answer: Answer) -> bool:
        return answer.status == 200

    def content_type(self) -> str:
        return 'application/xml; charset="UTF-8"'


def judged(product: type[Publisher], **tables: dict[str, object]) -> list[Check]:
    """What the suite says of a system."""
    with moving(product) as move:
        outcome = session.run(config_of(**tables), seed=SEED, examine=False, move=move)
    return outcome.verdict.checks


@pytest.mark.parametrize("product", [Minimal, Chatty, Awkward])
def test_a_system_that_conforms_in_another_way_is_not_failed(product: type[Publisher]) -> None:
    checks = judged(product)
    for verdict in (FAIL, OUR_FAULT, NOT_VERIFIED):
        assert {name: one.reason for name, one in with_verdict(checks, verdict).items()} == {}


@pytest.mark.parametrize(("way", "other"), [("post", "provide"), ("provide", "post")])
def test_a_system_with_one_way_is_judged_by_that_way(way: str, other: str) -> None:
    checks = judged(Publisher, capabilities={way: True, other: False})
    assert {name: one.reason for name, one in with_verdict(checks, FAIL).items()} == {}
    assert len(with_verdict(checks, NOT_APPLICABLE)) > 8
    assert with_verdict(checks, NOT_VERIFIED) == {}


class Dumb(Publisher):
    """Connects, and sends nothing whatever it is told."""

    def spread(self) -> None:
        for zone, held in self.held.items():
            self.held[zone] = [one for one in held if one.state != DELETED]


def test_a_system_that_sends_nothing_is_not_called_conforming() -> None:
    checks = judged(Dumb, publisher={"wait_seconds": 0.01, "watch_seconds": 0.01})
    assert with_verdict(checks, OUR_FAULT) == {}
    assert len(with_verdict(checks, NOT_VERIFIED)) > 30
