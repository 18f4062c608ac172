"""One hub, five vendors in five formats and one more by SFTP: each holds exactly what it should."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from lxml import etree
from sqlalchemy import Engine

from conformance.simulators import serve
from fixtures.generate import Plan
from fixtures.writers import models, notation
from reference_hub.codec import xml
from reference_hub.journeys import persons
from reference_hub.settings import Database, Settings
from reference_hub.store import vendors
from reference_hub.store.db import open_engine
from tests.reference_hub.delivery.district import SCOPE, District
from tests.reference_hub.delivery.district import Vendor as FileVendor
from tests.reference_hub.delivery.sftp_server import PASSWORD, USER, Drop, sftp_server
from tests.reference_hub.edfi import sheet
from tests.reference_hub.edfi.conftest import descriptors  # noqa: F401 a fixture
from tests.reference_hub.edfi.district import settings as host_settings
from tests.reference_hub.edfi.host import KEY, SECRET, Host, serving
from tests.reference_hub.edfi.records import Records
from tests.system import five_vendors as should
from tests.system.processes import Processes, free_port
from tests.system.sis import Sis, wrapped

PLAN = Plan(3, 6, 1)
KINDS = ("xLea", "xSchool", "xCalendar", "xCourse", "xRoster", "xStaff", "xStudent", "xContact")
SECRETS = {"SIS_SECRET": "sis-secret-1", "PULL_SECRET": "pull-secret-1"}
TIMES = {
    "HUB_WORKER_POLL_SECONDS": "0.2",
    "HUB_WORKER_LEASE_SECONDS": "2",
    "HUB_WORKER_FILE_DELAY_SECONDS": "0",
}
UNITY = {"operational_since": "1990-01-01", "days_in_session": "180", "school_year": "2027"}
NARROW = tuple(x for x in KINDS if x != "xStudent") + (
    "xStudent/@refId",
    "xStudent/localId",
    "xStudent/name",
    "xStudent/enrollment",
)


@dataclass
class World:
    """The hub, the SIS, the vendors."""

    engine: Engine
    kit: Processes
    district: District
    sis: Sis
    pulling: should.Pulling
    xpress: should.Keeper
    unity: should.Keeper
    put: FileVendor
    drop: Drop
    host: Host
    ids: dict[str, int]
    objects: dict[str, list[etree._Element]]

    def settle(self) -> None:
        """Wait until no message waits and no row is stale."""
        until(lambda: self.open_messages() == [])

    def open_messages(self) -> list[tuple[object, ...]]:
        """What is still to be delivered."""
        return self.district.query(
            "SELECT s.name, m.kind, m.action, m.state, m.reason, count(*) FROM message m"
            " JOIN subscriber s ON s.id = m.subscriber_id"
            " WHERE m.state NOT IN ('done', 'purged', 'dead') GROUP BY 1, 2, 3, 4, 5"
        )

    def send(self, verb: str, element: etree._Element, refid: str = "") -> None:
        """The SIS changes one object; the hub must take it."""
        name = xml.local_name(element)
        path = f"{name}s/{name}" if verb == "POST" else f"{name}s/{refid or element.get('refId')}"
        body = b"" if verb == "DELETE" else etree.tostring(element)
        answer = self.sis.send(verb, path, body)
        assert answer.status_code < 300, answer.text

    def told(self) -> str:
        """What the queue says, for a failure."""
        return f"{self.open_messages()}"

    def checked(self) -> None:
        """Every vendor holds what the store's state gives under its POD, no more and no less."""
        until(lambda: self.differing() == [])
        for name, held, wanted in self.compared():
            assert held == wanted, (name, self.told())

    def differing(self) -> list[str]:
        """The vendors that do not hold what they should."""
        found = [name for name, held, wanted in self.compared() if held != wanted]
        print(time.monotonic(), found, self.told())
        return found

    def compared(self) -> Iterator[tuple[str, object, object]]:
        """Name, what is held, what should be."""
        yield "xpress", should.kept(self.xpress), should.native(self.engine, "xpress")
        yield "unity", should.kept(self.unity), should.translated(self.engine, "unity")
        wanted = should.should(self.engine, "put").facts(should.ONEROSTER)
        yield "put", should.bundle(self.put.data()[-1].body), shown(wanted)
        name = next(x for x in [*self.drop.names(), "none"] if not x.endswith(".part"))
        wanted = should.should(self.engine, "drop").facts(should.ONEROSTER)
        yield "drop", should.bundle(self.drop.read(name)), shown(wanted)
        wanted = should.should(self.engine, "pull").facts(should.ONEROSTER)
        yield "pull", self.pulling.holds(), shown(wanted)
        due = should.documents_due(should.should(self.engine, "host"))
        yield "host", should.documents(self.host.records.bodies), due


def shown(held: should.Held) -> should.Held:
    """Empty cells are as absent ones."""
    return {
        name: {key: tuple(x or None for x in values) for key, values in rows.items()}
        for name, rows in held.items()
    }


def until(holds: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if holds():
                return
        except (requests.RequestException, IndexError, ValueError, OSError):
            pass
        time.sleep(0.1)


def objects() -> dict[str, list[etree._Element]]:
    """Every object of the small district, by collection."""
    model = models.model_of("xpress-4.3")
    return {
        name: list(etree.fromstring(b"".join(notation.stream(name, nodes, model.namespace))))
        for name, nodes in model.collections(PLAN).items()
    }


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, standards: Path, descriptors: set[str]  # noqa: F811
) -> Iterator[World]:
    """Everything runs; the district is loaded."""
    folder = tmp_path_factory.mktemp("five")
    with ExitStack() as stack:
        engine = open_engine(Settings(database=Database(directory=str(folder / "pg"))))
        stack.callback(engine.dispose)
        url = engine.url.render_as_string(hide_password=False)
        kit = stack.enter_context(Processes(folder, {**SECRETS, **TIMES, "DATABASE_URL": url}))
        xpress, unity, put = should.Keeper(), should.Keeper(), FileVendor()
        put.needs_pod = False
        urls = [stack.enter_context(serve(each)).url for each in (xpress, unity, put)]
        drop = stack.enter_context(sftp_server(folder / "vendor"))
        records = Records(sheet.resources(standards, "5.0"), set(descriptors))
        host = stack.enter_context(serving(records))
        port = free_port()
        hub = f"http://127.0.0.1:{port}"
        kit.start("reference-hub", "serve", "--port", str(port), port=port)
        district = District(engine)
        ids = {x: district.vendor(x) for x in ("xpress", "unity", "put", "drop", "pull", "host")}
        one = {"objects": list(KINDS)}
        bundles = one | {"format": "oneroster-1.2-csv"}
        connect = district.connect
        connect(ids["xpress"], urls[0], name="xpress", **one)
        connect(ids["unity"], urls[1], name="unity", **one, format="sif-unity", delivery=UNITY)
        connect(ids["put"], f"{urls[2]}/files", name="put", **bundles, transport="http_put")
        keys = {"delivery": {"host_keys": [drop.fingerprint]}}
        login = {"key": USER, "secret": PASSWORD}
        connect(ids["drop"], drop.url, name="drop", **bundles, transport="sftp", **keys,
                credentials=login)  # fmt: skip
        connect(ids["pull"], "", name="pull", **one, format="oneroster-1.2-rest",
                transport="pull", credentials={})  # fmt: skip
        connect(ids["host"], host.url, name="host", **one, format="edfi-5", transport="edfi",
                credentials={"key": KEY, "secret": SECRET}, delivery=host_settings(PLAN))  # fmt: skip
        for number in ids.values():
            district.issue(number, KINDS, acknowledged=True)
        with engine.begin() as connection:
            vendors.add_application(connection, "sis", SECRETS["SIS_SECRET"], SCOPE)
            vendors.add_application(
                connection, "pull", SECRETS["PULL_SECRET"], SCOPE, vendor_id=ids["pull"]
            )
        kit.start("reference-hub", "work")
        sis = Sis(hub, "sis", SECRETS["SIS_SECRET"])
        pulling = should.Pulling(hub, "pull", SECRETS["PULL_SECRET"])
        found = objects()
        made = World(engine, kit, district, sis, pulling, xpress, unity, put, drop, host, ids, found)
        for name, elements in found.items():
            root = etree.Element(f"{{{models.model_of('xpress-4.3').namespace}}}{name}")
            answer = sis.send("POST", name, wrapped(root, elements))
            assert answer.status_code == 200, answer.text
        yield made


def test_a_loaded_district_is_at_each_vendor_whole(world: World) -> None:
    world.checked()
    assert len(world.host.records.bodies["students"]) == PLAN.students
    assert sum(kind == "xStudent" for kind, _ in world.xpress.objects) == PLAN.students


def test_changes_reach_each_vendor_and_nothing_else_does(world: World) -> None:
    students = world.objects["xStudents"]
    first, second, third = students[:3]
    name = first.find("{*}name/{*}givenName")
    assert name is not None
    name.text = "Zoë"
    part = f'<xStudent xmlns="{etree.QName(first).namespace}"><name><givenName>Zoë</givenName>'
    world.send("PUT", etree.fromstring(part + "</name></xStudent>"), str(first.get("refId")))
    world.send("DELETE", second)
    world.send("DELETE", third)
    world.send("POST", third)
    world.checked()
    assert {"Zoë"} <= {one["firstName"] for one in world.host.records.bodies["students"].values()}
    assert len(world.host.records.bodies["students"]) == PLAN.students - 1


def test_a_narrowed_pod_narrows_what_each_vendor_holds(world: World) -> None:
    for name in ("unity", "put", "pull"):
        world.district.issue(world.ids[name], NARROW, acknowledged=True)
    world.checked()
    held = world.pulling.holds()
    births = {values[0] for values in held["demographics"].values()}
    assert births <= {None}


def test_a_person_who_is_excluded_leaves_each_vendor(world: World) -> None:
    refid = xml.fold(str(world.objects["xStudents"][3].get("refId")))
    with world.engine.begin() as connection:
        persons.exclude(connection, SCOPE, refid, None, world.district.clock)
    world.checked()
    assert ("xStudent", refid) not in world.xpress.objects
