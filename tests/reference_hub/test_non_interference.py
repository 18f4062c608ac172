"""What a vendor is not granted has no influence on a single byte that it gets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

import pytest
from sqlalchemy import Engine

from conformance.scan import Found, Scan
from conformance.scan_explain import Grant, reading
from fixtures import pods
from fixtures.district.plan import Plan
from fixtures.leaves import survey
from fixtures.noninterference import bare, twin
from fixtures.sightings import Reader
from fixtures.writers import unity, xpress
from fixtures.writers.tree import Node
from reference_hub.app import create_app
from reference_hub.codec.schema import Judge
from reference_hub.privacy.filter import Grants
from reference_hub.settings import Settings
from tests.reference_hub.conftest import empty
from tests.reference_hub.listening import listening_at
from tests.reference_hub.outgoing import Sent, outgoing
from tests.reference_hub.privacy.drawing import District, Drawn, kept
from tests.reference_hub.web.conftest import Hub

PLAN, READER = Plan(5, 8, 2), Reader(5, 8, 2)
READ = reading(READER)
ERROR_ID = re.compile(rb'(<error [^>]*id=")[0-9a-f-]{36}')
# What there is of people in each style of objects, and the path of the birth date.
PEOPLE = {
    "xpress": tuple(xpress.collections(PLAN)),
    "unity": (
        *("LEAInfos", "SchoolInfos", "StaffPersonals", "StudentPersonals"),
        *("StudentContactPersonals", "StudentContactRelationships", "StudentSchoolEnrollments"),
        *("StudentDailyAttendances", "StudentMeals", "StudentParticipations"),
        "AssessmentRegistrations",
    ),
}
BIRTH_DATES = {
    "xpress": "xStudent/demographics/birthDate",
    "unity": "StudentPersonal/Demographics/BirthDate",
}
WRITERS = {"xpress": xpress, "unity": unity}
MODELS = {"xpress": "xpress-4.3", "unity": "unity-4.3"}
Play = Callable[[Mapping[str, Iterable[Node]], tuple[str, ...]], list[Sent]]


@pytest.fixture(scope="module")
def play(engine: Engine, hub_settings: Settings) -> Iterator[Play]:
    """Empty the hub, post a district and give what a vendor gets; error ids are left out."""
    with listening_at(create_app(hub_settings, engine, judge=Judge())) as url:

        def run(collections: Mapping[str, Iterable[Node]], granted: tuple[str, ...]) -> list[Sent]:
            empty(engine)
            return [
                replace(one, body=ERROR_ID.sub(rb"\1", one.body))
                for one in outgoing(Hub(url, engine, hub_settings), collections, granted)
            ]

        yield run


@dataclass(frozen=True, slots=True)
class Played:
    """An agreement, and what a vendor gets under it of a district in a style of objects."""

    name: str
    style: pods.Style
    sent: list[Sent]

    @property
    def granted(self) -> tuple[str, ...]:
        """The paths that the agreement grants."""
        return pods.granted_paths(pods.agreement(self.name), self.style)

    def district(self) -> dict[str, Iterable[Node]]:
        """The district."""
        return district(self.style)


def district(style: str) -> dict[str, Iterable[Node]]:
    """What there is of people in a style of objects."""
    collections = WRITERS[style].collections(PLAN)
    return {name: collections[name] for name in PEOPLE[style]}


# Every agreement in the style of most vendors; of the other style one, and all in the soak.
PLAYED = [
    pytest.param((name, style), marks=[pytest.mark.soak] if place and style != "xpress" else [])
    for style in PEOPLE
    for place, name in enumerate(pods.AGREEMENTS)
]


@pytest.fixture(scope="module", params=PLAYED, ids=lambda each: "-".join(each))
def played(request: pytest.FixtureRequest, play: Play) -> Played:
    """Each agreement in each style, played once."""
    name, style = request.param
    granted = pods.granted_paths(pods.agreement(name), style)
    return Played(name, style, play(district(style), granted))


def test_what_is_not_granted_changes_nothing(played: Played, play: Play) -> None:
    second = twin(played.district(), played.granted, READ)
    assert len(second.changed) > 40
    assert play(second.collections, played.granted) == played.sent


@pytest.mark.parametrize("played", [(name, "xpress") for name in pods.AGREEMENTS], indirect=True)
def test_whether_it_is_there_changes_nothing(played: Played, play: Play) -> None:
    second = bare(played.district(), played.granted, READ)
    assert {"xStudent/phoneNumber/number", "xContact/sex"} <= second.changed
    assert play(second.collections, played.granted) == played.sent


def test_what_is_granted_shows_on_every_way(played: Played, play: Play) -> None:
    path = BIRTH_DATES[played.style]
    if path not in played.granted:
        assert b"irthDate" not in b"".join(one.body for one in played.sent)
        return
    second = twin(played.district(), [one for one in played.granted if one != path], READ)
    others = play(second.collections, played.granted)
    ways = {one.way for one, two in zip(played.sent, others, strict=True) if one != two}
    wanted = {"push", "queue", "/requests/xStudents", "file"}
    assert ways >= (wanted if played.style == "xpress" else {"push", "queue"})


def test_every_canary_that_leaves_is_granted_and_every_granted_one_leaves(played: Played) -> None:
    found = list[Found]()
    scan = Scan([READER], found.append, pytest.fail)
    for one in played.sent:
        scan.stream(one.way, [repr((one.about, one.headers)).encode(), one.body])
    case = Drawn(District(MODELS[played.style], PLAN.seed, {}), Grants(played.granted))
    nodes = (kept(node, case) for node in chain.from_iterable(played.district().values()))
    known = survey(filter(None, nodes), READ)
    wanted = {carried for leaf in known.values() for carried in leaf.carried}
    assert {(one.sighting.kind, one.sighting.element) for one in found} == wanted
    assert all(map(Grant(played.name).allows, (one.sighting for one in found)))
    assert {one.sighting.student for one in found} >= set(range(PLAN.student_count))
