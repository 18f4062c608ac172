"""The relay before any hub: bytes pass, addresses lead back, and the right party is blamed.

The hub behind it is the suite's own, on another port; a second relay can put answers in its place.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance import runfile, session, trees
from conformance.evidence import Evidence
from conformance.listener import Answer, Incoming
from conformance.listener import Relay as Between
from conformance.problems import HubFault, SetupFault, TargetError
from conformance.roles import Setting
from conformance.runfile import Check, Exchange
from conformance.session import run, wire_to
from conformance.simulators.consumer import Consumer
from conformance.simulators.consumer.mutants import MUTANTS
from conformance.stage import district
from conformance.stage.play import OWN_HUB, Stage, Theatre
from conformance.stage.told import Addresses
from tests.conformance.consumer.judging import SECRET, config_of, moving
from tests.conformance.judging import SEED, with_verdict
from tests.system.processes import free_port

# The district behind the relay is not the one that the suite would draw.
OTHER_SEED = SEED + 1
PAGE = b"<!DOCTYPE html><html><body>Maintenance</body></html>"
HTML = Answer(200, {"Content-Type": "text/html"}, PAGE)


@pytest.fixture
def between(stage: Stage, theatre: Theatre) -> Iterator[Between]:
    """The suite's own hub, documents in force, behind something that can answer in its place."""
    stage.renew()
    with Between(theatre.url) as made:
        theatre.hub.url = made.url
        yield made


@pytest.fixture
def written() -> list[Exchange]:
    """The exchanges of the relay as they are written."""
    return []


@pytest.fixture
def front(between: Between, written: list[Exchange]) -> Iterator[Theatre]:
    """The relay of one run."""
    config = config_of(consumer={"relay": between.url})
    evidence = Evidence(observer=written.append)
    with wire_to(config, evidence) as wire:
        made = Theatre(Setting(config, wire, evidence, OTHER_SEED, move=moving(Consumer)))
        yield made
        made.close()


@pytest.fixture
def reader(front: Theatre) -> Iterator[Consumer]:
    """A client that connected by the relay and took its documents."""
    made = Consumer(front.url, "demo-vendor", SECRET)
    made.connect()
    made.obtain("zone-a")
    yield made
    made.link.close()


def judged(between: Between, product: type[Consumer], *only: str, **tables: Any) -> list[Check]:
    """What the suite says of a client by the relay, after its doctor."""
    claims: dict[str, Any] = {"consumer": {"relay": between.url}} | tables
    outcome = run(config_of(**claims), seed=SEED, only=only, move=moving(product))
    return outcome.verdict.checks


def test_the_client_is_kept_in_the_relay(reader: Consumer, front: Theatre) -> None:
    places = [*reader.places.values(), reader.queue_place]
    assert len(places) == 8
    assert [one for one in places if not one.startswith(f"{front.url}/{front_place(front)}/")] == []


def front_place(front: Theatre) -> str:
    """The step that nobody would guess."""
    assert front.relay is not None
    return front.relay.addresses.place


def test_a_call_goes_on_byte_for_byte(
    reader: Consumer, front: Theatre, between: Between, theatre: Theatre
) -> None:
    reader.covered("zone-a", reader.students(), {"X-Odd": "a  b; c"})
    sent, came = front.log.calls[-1].asked, between.exchanges[-1].request
    assert came.path == sent.path.replace(front_place(front), theatre.hub.place)
    assert [one for one in came.headers if one not in tuple(sent.headers)] == [
        ("Host", between.url.split("/")[2])
    ]
    assert (came.method, came.body) == (sent.method, sent.body)


def test_an_answer_comes_back_byte_for_byte(
    reader: Consumer, front: Theatre, between: Between
) -> None:
    got = reader.covered("zone-a", reader.students(), {})
    sent = between.exchanges[-1]
    assert (got.status, got.body) == (200, sent.body)
    lines = {name.lower(): value for name, value in sent.headers}
    assert {name: got.headers[name] for name in lines} == lines


def test_packed_answers_stay_packed(
    stage: Stage, reader: Consumer, front: Theatre, between: Between
) -> None:
    stage.behave(zips=True)
    reader.covered("zone-a", reader.students(), {})
    call, sent = front.log.calls[-1], between.exchanges[-1]
    assert call.capture.raw == sent.body
    assert sent.body[:2] == b"\x1f\x8b"
    assert len(trees.parse(call.given.body)) == district.STUDENTS


def test_what_the_hub_tells_is_understood(reader: Consumer, front: Theatre) -> None:
    reader.covered("zone-b", reader.students(), {})
    assert front.zones == ("zone-a", "zone-b")
    kinds = [(one.given.kind, one.given.zone) for one in front.log.calls]
    assert kinds[0] == ("environment", "")
    assert ("pods", "zone-a") in kinds
    assert kinds[-1] == ("data", "zone-b")


def test_names_of_another_district_are_not_written(
    reader: Consumer, front: Theatre, written: list[Exchange]
) -> None:
    got = reader.covered("zone-a", reader.students(), {})
    names = [one.text or "" for one in got.document.iter("{*}familyName")]
    front.record()
    text = "".join(one.response.body for one in written if one.response is not None)
    assert len(names) > district.STUDENTS
    assert [name for name in names if f">{name}<" in text] == []
    assert reader.link.user not in str(written)


def test_addresses_of_two_sessions_do_not_meet() -> None:
    both = Addresses("http://hub.example/sif3", "connectors-1")
    body = '<environment id="%s"><infrastructureServices><infrastructureService name="queues">%s'
    body += "</infrastructureService></infrastructureServices></environment>"
    url, places = "http://127.0.0.1:1/hub", ("http://hub.example/a", "http://other.example/b")
    told = [both._told_by((body % (at, one)).encode(), url) for at, one in enumerate(places)]
    assert [f"{url}/{one}/queues".encode() in told[at] for at, one in
            enumerate(("connectors-1", "connectors-1-2"))] == [True, True]  # fmt: skip
    assert both.leads("/hub/connectors-1-2/queues/7;a=b?c=d", ())[0] == f"{places[1]}/7;a=b?c=d"


@pytest.mark.parametrize("way", ["closed", "page"])
def test_a_hub_that_is_none_is_a_set_up_fault(way: str, between: Between) -> None:
    between.script(lambda _: True, HTML, 1000)
    place = between.url if way == "page" else f"http://127.0.0.1:{free_port()}/sif3"
    with pytest.raises(SetupFault, match=r"\[consumer\] relay = ") as caught:
        run(config_of(consumer={"relay": place}), seed=SEED, move=moving(Consumer))
    seen = {"closed": "nothing answers there (ConnectionRefusedError)", "page": "200 with a web"}
    assert seen[way] in caught.value.seen


def data(request: Incoming) -> bool:
    """Whether a call reads students."""
    return "xStudents" in request.path and "events" not in request.path


@pytest.mark.parametrize(
    "broken", [HTML, Answer(502, {}, b""), Answer(drop=True)], ids=["page", "502", "silence"]
)
def test_a_hub_that_breaks_in_the_run_is_blamed_itself(broken: Answer, between: Between) -> None:
    first = [0]

    def later(request: Incoming) -> bool:
        first[0] += 1
        return first[0] > 60 and data(request)

    between.script(later, broken, 10_000)
    checks = judged(between, Consumer, "POD-ACK-001", "DAT-CON-020", "DAT-CON-013")
    assert with_verdict(checks, runfile.FAIL) == {}
    parties = {one.blame.party for one in checks if one.blame}
    assert {one.verdict for one in checks} == {runfile.NOT_VERIFIED}
    assert parties == {"hub"}


def test_a_fault_of_the_hub_ends_the_look(front: Theatre, between: Between) -> None:
    between.script(data, HTML, 1000)
    stage = Stage(front, random.Random(1))
    with pytest.raises(HubFault, match=r"the hub at http://127.* answered 200 with a web page"):
        stage.life()


def test_what_needs_the_own_hub_is_not_asked(between: Between) -> None:
    checks = judged(between, Consumer, "DAT-CON-021", "POD-SCH-006", "DAT-CON-011")
    reasons = {one.requirements[0]: (one.verdict, one.reason) for one in checks}
    assert reasons.pop("DAT-CON-011") == (runfile.PASS, "")
    assert set(reasons.values()) == {(runfile.NOT_APPLICABLE, OWN_HUB)}


def test_a_client_of_another_party_is_told_so(between: Between) -> None:
    with pytest.raises(SetupFault, match=r"\[pod\] party = 'Someone Else'") as caught:
        judged(between, Consumer, "POD-ACK-001", pod={"party": "Someone Else"})
    assert "the documents of the hub are for 'Example Reading App'" in caught.value.seen


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("GuessesConnectors", "NEG-002"),
        ("SignsOnceForASession", "INF-AUT-007"),
        ("ReadsTheSecondPageTwice", "DAT-CON-020"),
        ("MixesZones", "POD-ACK-007"),
    ],
)
def test_a_mistake_is_seen_through_the_relay(name: str, row: str, between: Between) -> None:
    rows = ("NEG-002", "INF-AUT-007", "DAT-CON-020", "POD-ACK-007", "DAT-CON-001")
    checks = judged(between, MUTANTS[name], *rows)
    assert {row for one in checks for row in one.requirements if one.verdict == "fail"} == {row}


@pytest.mark.parametrize(("name", "word"), [("", "pass"), ("IgnoresThePause", "fail")])
def test_the_pause_of_a_busy_hub_is_judged(name: str, word: str, between: Between) -> None:
    between.script(data, Answer(503, {"Retry-After": "1"}, b""), 1)
    product = MUTANTS[name] if name else Consumer
    (check,) = judged(between, product, "DAT-CON-041")
    assert check.verdict == word


def test_silence_is_a_set_up_fault(between: Between) -> None:
    said: list[str] = []
    config = config_of(consumer={"relay": between.url})
    with pytest.raises(SetupFault, match=r"made no call in 0.05 s"):
        run(config, seed=SEED, only=("DAT-CON-011",), tell=said.append)
    assert said[0].startswith("The suite's relay listens at http://127.0.0.1:")
    assert f"before {between.url}" in said[0]


def test_the_relay_of_the_page_is_a_target() -> None:
    page = (Path(session.__file__).parent.parent / "docs" / "consumer.md").read_text("utf-8")
    (shown,) = [one for one in re.findall(r"```toml\n(.*?)```", page, re.DOTALL) if "relay" in one]
    config = config_of(**tomllib.loads(shown))
    assert (config.consumer.relay, config.party) == (
        "http://127.0.0.1:8080/sif3",
        "Example Reading App",
    )


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(TargetError, match=r"\[consumer\] relay: the value is 'hub.example/sif3'"):
        config_of(consumer={"relay": "hub.example/sif3"})
