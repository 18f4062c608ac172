"""What a vendor is not granted has no influence on a single byte that it gets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

import pytest
from sqlalchemy import Engine, text

from conformance.scan import Found, Scan
from conformance.scan_explain import Grant, reading
from fixtures import pods
from fixtures.district.plan import Plan
from fixtures.leaves import survey
from fixtures.noninterference import Twin, bare, is_within, twin
from fixtures.sightings import Reader
from fixtures.writers import xpress
from fixtures.writers.tree import Node
from reference_hub.app import create_app
from reference_hub.codec.schema import Judge
from reference_hub.settings import Settings
from tests.reference_hub.conftest import TABLES
from tests.reference_hub.listening import listening_at
from tests.reference_hub.outgoing import Sent, outgoing
from tests.reference_hub.web.conftest import Hub

PLAN, READER = Plan(5, 8, 2), Reader(5, 8, 2)
READ = reading(READER)
ERROR_ID = re.compile(rb'(<error [^>]*id=")[0-9a-f-]{36}')
BIRTH_DATE = "xStudent/demographics/birthDate"
Play = Callable[[Mapping[str, Iterable[Node]], tuple[str, ...]], list[Sent]]


@pytest.fixture(scope="module")
def play(engine: Engine, hub_settings: Settings) -> Iterator[Play]:
    """Empty the hub, post a district and give what a vendor gets; error ids are left out."""
    with listening_at(create_app(hub_settings, engine, judge=Judge())) as url:

        def run(collections: Mapping[str, Iterable[Node]], granted: tuple[str, ...]) -> list[Sent]:
            with engine.begin() as connection:
                names = ", ".join(connection.execute(text(TABLES)).scalars())
                connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
            return [
                replace(one, body=ERROR_ID.sub(rb"\1", one.body))
                for one in outgoing(Hub(url, engine, hub_settings), collections, granted)
            ]

        yield run


@dataclass(frozen=True, slots=True)
class Played:
    """An agreement and what a vendor gets of the district under it."""

    name: str
    granted: tuple[str, ...]
    sent: list[Sent]


@pytest.fixture(scope="module", params=pods.AGREEMENTS)
def played(request: pytest.FixtureRequest, play: Play) -> Played:
    """Each agreement, played once."""
    granted = pods.granted_paths(pods.agreement(request.param))
    return Played(request.param, granted, play(xpress.collections(PLAN), granted))


@pytest.mark.parametrize("other", [twin, bare])
def test_what_is_not_granted_changes_nothing(
    played: Played, play: Play, other: Callable[..., Twin]
) -> None:
    second = other(xpress.collections(PLAN), played.granted, READ)
    assert {"xStudent/phoneNumber/number", "xContact/sex"} <= second.changed
    assert len(second.changed) > 70
    assert play(second.collections, played.granted) == played.sent


def test_what_is_granted_shows_on_every_way(played: Played, play: Play) -> None:
    if BIRTH_DATE not in played.granted:
        assert b"birthDate" not in b"".join(one.body for one in played.sent)
        return
    fewer = [path for path in played.granted if path != BIRTH_DATE]
    second = twin(xpress.collections(PLAN), fewer, READ)
    others = play(second.collections, played.granted)
    ways = {one.way for one, two in zip(played.sent, others, strict=True) if one != two}
    assert ways > {"push", "file", "queue", "/requests/xStudents"}


def test_every_canary_that_leaves_is_granted_and_every_granted_one_leaves(played: Played) -> None:
    found = list[Found]()
    scan = Scan([READER], found.append, pytest.fail)
    for one in played.sent:
        scan.stream(one.way, [repr((one.about, one.headers)).encode(), one.body])
    known = survey(chain.from_iterable(xpress.collections(PLAN).values()), READ)
    wanted = {
        carried
        for path, leaf in known.items()
        if is_within(path, played.granted)
        for carried in leaf.carried
    }
    assert {(one.sighting.kind, one.sighting.element) for one in found} == wanted
    assert all(map(Grant(played.name).allows, (one.sighting for one in found)))
    assert {one.sighting.student for one in found} >= set(range(PLAN.student_count))
