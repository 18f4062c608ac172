"""Rows that follow change by change are the rows that one run over everything gives."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from lxml import etree
from sqlalchemy import Connection, Engine

from fixtures.generate import Plan
from fixtures.writers import notation
from fixtures.writers.models import MODELS
from reference_hub.clock import Clock
from reference_hub.codec import xml
from reference_hub.journeys import projection as projection_module
from reference_hub.journeys.accept import accept
from reference_hub.journeys.projection import Projection
from reference_hub.model.change import CREATE, DELETE, UPDATE, Change
from reference_hub.model.party import Subscriber
from reference_hub.model.scope import Scope
from reference_hub.store import statistics, vendors
from reference_hub.translate import profiles

SCOPE = Scope("demo-district")
CLOCK = Clock(now=lambda: datetime.now(UTC))
ROWS = "SELECT collection, entity, key, state, reason, hash FROM target_row WHERE state <> 'gone'"
KNOWN = "SELECT reltuples::int FROM pg_class WHERE relname = 'target_row'"
Named = tuple[str, str]


def documents(model: str, seed: int, students: int = 6) -> dict[Named, etree._Element]:
    """Every object of a small district by type and folded RefId."""
    found: dict[Named, etree._Element] = {}
    namespace = MODELS[f"{model}-4.3"].namespace
    for name, nodes in MODELS[f"{model}-4.3"].collections(Plan(seed, students, 2)).items():
        written = b"".join(notation.stream(name, nodes, namespace))
        for each in etree.fromstring(written):
            refid = xml.refid_of(each)
            if refid:
                found[xml.local_name(each), xml.fold(refid)] = each
    return found


def connection_of(engine: Engine, profile: str, objects: Sequence[str]) -> Subscriber:
    """A connection that nothing is sent to."""
    with engine.begin() as connection:
        vendor = vendors.add_vendor(connection, profile, "Example", SCOPE, "off")
        vendors.add_subscriber(
            connection, vendor, profile, SCOPE, format=profile, transport="pull",
            url="http://127.0.0.1:1", credentials={}, objects=list(objects),
        )  # fmt: skip
        return vendors.subscribers_of(connection, vendor)[0]


def put(engine: Engine, changes: Sequence[Change]) -> None:
    """Take changes as the front door would."""
    with engine.begin() as connection:
        accept(connection, SCOPE, "sis", changes, CLOCK, file_delay_seconds=0)


def work(
    engine: Engine, to: Subscriber, changed: Sequence[Named] | None
) -> set[tuple[object, ...]]:
    """Bring the rows up to date; what they are then."""
    with engine.begin() as connection:
        kinds = dict.fromkeys(to.objects)
        projection = Projection(connection, to, profiles.load(to.format), kinds, CLOCK)
        projection.rebuild() if changed is None else projection.follow(changed)
        return {tuple(row) for row in connection.exec_driver_sql(ROWS)}


def steps(found: dict[Named, etree._Element], rng: random.Random) -> Iterator[list[Change]]:
    """All objects in any order and in runs of any length; then some go, some come again."""
    names = list(found)
    rng.shuffle(names)
    while names:
        size = rng.randint(1, 40)
        part, names = names[:size], names[size:]
        yield [Change(CREATE, *name, xml.tostring(found[name])) for name in part]
    gone = rng.sample(list(found), len(found) // 4)
    yield [Change(DELETE, *name, None) for name in gone]
    yield [Change(CREATE, *name, xml.tostring(found[name])) for name in gone[::2]]
    kept = [name for name in found if name not in gone]
    yield [Change(UPDATE, *name, emptied(found[name])) for name in rng.sample(kept, 5)]


def emptied(element: etree._Element) -> bytes:
    """The object without its last part."""
    copy = etree.fromstring(etree.tostring(element))
    if len(copy) > 1:
        copy.remove(copy[-1])
    return xml.tostring(copy)


LONG = pytest.mark.soak


@pytest.mark.requirement("TRN-LC-05", "TRN-LC-06")
@pytest.mark.parametrize(
    ("model", "profile", "seed"),
    [
        ("xpress", "oneroster-1.2-rest", 3),
        ("xpress", "edfi-5", 5),
        ("xpress", "sif-unity", 7),
        pytest.param("unity", "oneroster-1.2-rest", 4, marks=LONG),
        pytest.param("unity", "edfi-5", 6, marks=LONG),
        pytest.param("unity", "sif-xpress", 8, marks=LONG),
    ],
)
def test_following_changes_in_any_order_gives_what_one_full_run_gives(
    store: Engine, model: str, profile: str, seed: int
) -> None:
    found = documents(model, seed)
    to = connection_of(store, profile, sorted({kind for kind, _ in found}))
    followed: set[tuple[object, ...]] = set()
    for changes in steps(found, random.Random(seed)):
        put(store, changes)
        followed = work(store, to, [(each.object_type, each.refid) for each in changes])
    whole = work(store, to, None)
    assert len(whole) > 30
    only_followed, only_whole = followed - whole, whole - followed
    assert not only_followed
    assert not only_whole


def test_a_record_gets_the_id_that_another_one_gives_up(store: Engine) -> None:
    students = [x for (kind, _), x in documents("xpress", 9).items() if kind == "xStudent"][:2]
    for each in students:
        local = each.find("{*}localId")
        assert local is not None
        local.text = "4711"
    names = [("xStudent", xml.fold(xml.refid_of(each))) for each in students]
    to = connection_of(store, "edfi-5", ["xStudent"])
    created = zip(names, students, strict=True)
    put(store, [Change(CREATE, *name, xml.tostring(each)) for name, each in created])
    held = {row[3:5] for row in work(store, to, names) if row[0] == "students"}
    assert held == {("ready", ""), ("held", "another record has the same id at the vendor")}
    ready = [row for row in work(store, to, []) if row[0] == "students" and row[3] == "ready"]
    put(store, [Change(DELETE, *names[0], None)])
    (left,) = [row for row in work(store, to, names[:1]) if row[0] == "students"]
    assert left[2:5] == (ready[0][2], "ready", "")


def test_the_planner_hears_of_the_rows_while_they_grow(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[int] = []
    refresh = statistics.refresh_rows

    def heard(connection: Connection) -> None:
        refresh(connection)
        known.append(connection.exec_driver_sql(KNOWN).scalar_one())

    monkeypatch.setattr(projection_module, "PAGE", 8)
    monkeypatch.setattr(statistics, "refresh_rows", heard)
    found = documents("xpress", 3)
    put(store, [Change(CREATE, *name, xml.tostring(each)) for name, each in found.items()])
    to = connection_of(store, "oneroster-1.2-rest", sorted({kind for kind, _ in found}))
    rows = len(work(store, to, None))
    counted = sorted({number for number in known if number > 0})
    assert counted[0] <= rows / 8
    assert rows / 2 <= counted[-1] <= rows
