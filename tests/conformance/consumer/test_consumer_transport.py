"""The hub as a client meets it on the wire, and lawful clients that claim little."""

from __future__ import annotations

import pytest

from conformance import trees
from conformance.claims import SPOKEN_OF
from conformance.runfile import FAIL, PASS
from conformance.simulators.consumer import Consumer
from conformance.simulators.consumer.link import Answer
from conformance.stage.play import Stage, Theatre
from conformance.stage.server import pieces
from conformance.stage.weather import Weather
from tests.conformance.consumer.judging import judged
from tests.conformance.judging import with_verdict

ZONE = "zone-a"
NONE = dict.fromkeys(SPOKEN_OF["consumer"], False)
PASSIVE = (
    "INF-AUT-007", "INF-FMT-004", "DAT-CON-006", "DAT-CON-008", "DAT-CON-010", "DAT-CON-011",
    "DAT-CON-013", "DAT-CON-023", "DAT-CON-041", "DAT-CON-046",
)  # fmt: skip


def pages(client: Consumer, page: int, **lines: str) -> Answer:
    """A page of three students."""
    return client.covered(ZONE, client.students(), client.page_lines(page) | lines)


@pytest.fixture
def reader(stage: Stage, client: Consumer) -> Consumer:
    """A client that took its document."""
    stage.renew()
    client.obtain(ZONE)
    return client


def test_connectors_stand_where_nobody_would_guess(client: Consumer, theatre: Theatre) -> None:
    assert client.at("requestsConnector").startswith(f"{theatre.url}/connectors-")
    assert client.queue_place.startswith(f"{theatre.url}/connectors-")


def test_guessed_addresses_work_too(reader: Consumer) -> None:
    assert reader.covered(ZONE, "requests/xStudents", {}).status == 200


def test_without_totals_an_empty_page_is_the_end(stage: Stage, reader: Consumer) -> None:
    stage.behave(totals=False)
    assert "navigationlastpage" not in pages(reader, 2).headers
    assert [pages(reader, number).status for number in (2, 3)] == [200, 204]


def test_a_kept_result_is_named_and_can_be_lost(stage: Stage, reader: Consumer) -> None:
    stage.behave(keeps=True)
    named = pages(reader, 1).headers["navigationid"]
    assert pages(reader, 2, navigationId=named).status == 200
    stage.hub.sets.clear()
    assert pages(reader, 2, navigationId=named).status == 404


def test_changes_are_what_came_after_the_marker(stage: Stage, reader: Consumer) -> None:
    mark = pages(reader, 1).headers["changessincemarker"]
    student = stage.newcomer(ZONE)
    stage.hub.history.change(ZONE, "CREATE", student)
    (found,) = reader.covered(ZONE, reader.changes(mark), {}).document
    assert found.get("refId") == trees.refid(student)


def test_a_deleted_student_is_an_id_among_the_changes(stage: Stage, reader: Consumer) -> None:
    mark = pages(reader, 1).headers["changessincemarker"]
    gone = stage.hub.students[ZONE][0]
    stage.hub.history.change(ZONE, "DELETE", gone)
    (found,) = reader.covered(ZONE, reader.changes(mark), {}).document
    assert (found.get("refId"), len(found)) == (trees.refid(gone), 0)


@pytest.mark.parametrize(("old", "status"), [(True, 410), (False, 400)])
def test_an_old_and_a_strange_marker_are_told_apart(
    stage: Stage, reader: Consumer, old: bool, status: int
) -> None:
    mark = pages(reader, 1).headers["changessincemarker"] if old else "strange"
    stage.hub.history.expire()
    assert reader.covered(ZONE, reader.changes(mark), {}).status == status


def test_a_delayed_answer_names_its_request(reader: Consumer) -> None:
    reader.ask_later(ZONE, reader.marked(ZONE))
    (mark,) = reader.pending
    answer = reader.next_message()
    assert (answer.headers["requestid"], len(answer.document)) == (mark, 6)


def test_a_message_stays_until_its_id_is_deleted(stage: Stage, reader: Consumer) -> None:
    stage.hub.tell(ZONE, "xStudents", "CREATE", b"<xStudents/>")
    first, again = reader.next_message(), reader.next_message()
    assert first.headers["messageid"] == again.headers["messageid"]
    reader.message = first.headers["messageid"]
    assert reader.next_message().status == 204


def test_a_queue_that_is_read_too_early_is_busy(stage: Stage, reader: Consumer) -> None:
    stage.behave(min_wait=1)
    reader.make_queue()
    calls = [reader.tell("GET", reader.queue_place).status for _ in range(2)]
    assert calls == [204, 503]


def test_a_fault_strikes_as_often_as_it_is_told(stage: Stage, reader: Consumer) -> None:
    with stage.weather(Weather(2, status=503)) as trouble:
        found = [pages(reader, 1).status for _ in range(3)]
    assert (found, trouble.met) == ([503, 503, 200], 2)


def test_packed_answers_go_to_those_who_ask(stage: Stage, reader: Consumer) -> None:
    stage.behave(zips=True)
    assert pages(reader, 1).headers["content-encoding"] == "gzip"
    plain = pages(reader, 1, **{"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers


def test_pieces_are_told_by_their_length() -> None:
    assert pieces(b"a" * 701) == b"2bc\r\n" + b"a" * 700 + b"\r\n1\r\na\r\n0\r\n\r\n"


class KeepsNoQueue(Consumer):
    """Reads lists and nothing else: no queue, no later answers, no changes, no events."""

    def make_queue(self) -> None:
        pass

    def next_message(self) -> Answer:
        if self.zones and self.tell("GET", self.at("environment")).status == 401:
            return Answer(401, {}, b"")
        return Answer(204, {}, b"")

    def ask_later(self, zone: str, lines: dict[str, str]) -> None:
        pass

    def read_changes(self, zone: str) -> None:
        pass

    def publish(self, zone: str) -> None:
        pass


class KnowsNoDocuments(KeepsNoQueue):
    """Has never heard of privacy documents."""

    def obtain(self, zone: str) -> bool:
        return True

    def reconnect(self, zone: str, number: int) -> bool:
        return super().reconnect(zone, number)


class HasNoEnvironment(KnowsNoDocuments):
    """Was given its addresses and zones by hand, and signs with its key."""

    def connect(self) -> None:
        self.zones = ["zone-a", "zone-b"]

    def next_message(self) -> Answer:
        return Answer(204, {}, b"")


class ReadsAtOnce(KeepsNoQueue):
    """Asks for everything in one list."""

    page_size = 100


class PollsLong(Consumer):
    """Lets the hub hold its calls until a message comes."""

    polling = "LONG"


@pytest.mark.parametrize(
    ("product", "claims"),
    [
        (KeepsNoQueue, {"pod": True, "environment": True, "paging": True}),
        (KnowsNoDocuments, {"environment": True, "paging": True}),
        (HasNoEnvironment, {}),
        (ReadsAtOnce, {"pod": True, "environment": True}),
    ],
)
def test_a_client_that_claims_little_is_failed_nowhere(
    product: type[Consumer], claims: dict[str, bool]
) -> None:
    checks = judged(product, PASSIVE, capabilities=NONE | claims)
    assert {check.id: check.reason for check in with_verdict(checks, FAIL).values()} == {}
    assert len(with_verdict(checks, PASS)) >= len(checks) - 2


def test_long_polling_is_lawful() -> None:
    checks = judged(PollsLong, ["DAT-CON-051", "INF-QUE-021"])
    assert {check.verdict for check in checks} == {PASS}
