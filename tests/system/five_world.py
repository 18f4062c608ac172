"""One hub as processes, a SIS, five vendors in five formats and one more by SFTP."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from lxml import etree
from sqlalchemy import Engine

from conformance.simulators import serve
from fixtures.generate import Plan
from fixtures.writers import models, notation
from reference_hub.codec import xml
from reference_hub.settings import Database, Settings
from reference_hub.store import vendors
from reference_hub.store.db import open_engine
from tests.reference_hub.delivery.district import SCOPE, District
from tests.reference_hub.delivery.district import Vendor as FileVendor
from tests.reference_hub.delivery.sftp_server import PASSWORD, USER, Drop, sftp_server
from tests.reference_hub.edfi import sheet
from tests.reference_hub.edfi.district import settings as host_settings
from tests.reference_hub.edfi.host import KEY, SECRET, Host, serving
from tests.reference_hub.edfi.records import Records
from tests.system import five_vendors as should
from tests.system.processes import Processes, free_port
from tests.system.sis import Sis, wrapped
from tests.waiting import until

PLAN = Plan(3, 6, 1)
KINDS = ("xLea", "xSchool", "xCalendar", "xCourse", "xRoster", "xStaff", "xStudent", "xContact")
SECRETS = {"SIS_SECRET": "sis-secret-1", "PULL_SECRET": "pull-secret-1"}
TIMES = {
    "HUB_WORKER_POLL_SECONDS": "0.2",
    "HUB_WORKER_LEASE_SECONDS": "2",
    "HUB_WORKER_FILE_DELAY_SECONDS": "0",
}
UNITY = {"operational_since": "1990-01-01", "days_in_session": "180", "school_year": "2027"}
NARROWED = ("@refId", "localId", "name", "enrollment")
NARROW = (
    *(x for x in KINDS if x != "xStudent"),
    *(f"xStudent/{x}" for x in NARROWED),
)


# What a hub that is just starting, or a vendor that has nothing yet, makes of a look.
NOT_YET = (requests.RequestException, IndexError, ValueError, OSError)


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
    worker: subprocess.Popen[bytes]

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
        # Whatever still differs then is told below, with what the queue says.
        with contextlib.suppress(AssertionError):
            until(lambda: self.differing() == [], 40, NOT_YET)
        for name, held, wanted in self.compared():
            assert held == wanted, (name, self.told())
            assert held, name

    def differing(self) -> list[str]:
        """The vendors that do not hold what they should."""
        return [name for name, held, wanted in self.compared() if held != wanted]

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


def objects() -> dict[str, list[etree._Element]]:
    """Every object of the small district, by collection."""
    model = models.model_of("xpress-4.3")
    return {
        name: list(etree.fromstring(b"".join(notation.stream(name, nodes, model.namespace))))
        for name, nodes in model.collections(PLAN).items()
    }


@contextmanager
def running(folder: Path, standards: Path, descriptors: set[str]) -> Iterator[World]:
    """Everything runs, and the SIS has told the whole district."""
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
        hub = f"http://127.0.0.1:{(port := free_port())}"
        kit.start("reference-hub", "serve", "--port", str(port), port=port)
        district = District(engine)
        ids = joined(district, urls, drop, host)
        worker = kit.start("reference-hub", "work")
        sis = Sis(hub, "sis", SECRETS["SIS_SECRET"])
        pulling = should.Pulling(hub, "pull", SECRETS["PULL_SECRET"])
        at = (engine, kit, district, sis, pulling, xpress, unity, put, drop, host)
        world = World(*at, ids, objects(), worker)
        load(world)
        yield world


def joined(district: District, urls: list[str], drop: Drop, host: Host) -> dict[str, int]:
    """The vendors with their connections and PODs; their ids by name."""
    ids = {x: district.vendor(x) for x in ("xpress", "unity", "put", "drop", "pull", "host")}
    given: dict[str, dict[str, object]] = {
        "xpress": {"url": urls[0]},
        "unity": {"url": urls[1], "format": "sif-unity", "delivery": UNITY},
        "put": {"url": f"{urls[2]}/files", "format": "oneroster-1.2-csv", "transport": "http_put"},
        "drop": {
            "url": drop.url,
            "format": "oneroster-1.2-csv",
            "transport": "sftp",
            "delivery": {"host_keys": [drop.fingerprint]},
            "credentials": {"key": USER, "secret": PASSWORD},
        },
        "pull": {
            "url": "",
            "format": "oneroster-1.2-rest",
            "transport": "pull",
            "credentials": {},
        },
        "host": {
            "url": host.url,
            "format": "edfi-5",
            "transport": "edfi",
            "credentials": {"key": KEY, "secret": SECRET},
            "delivery": host_settings(PLAN),
        },
    }
    for name, more in given.items():
        district.connect(ids[name], name=name, objects=list(KINDS), **more)  # type: ignore[arg-type]
        district.issue(ids[name], KINDS, acknowledged=True)
    with district.engine.begin() as connection:
        vendors.add_application(connection, "sis", SECRETS["SIS_SECRET"], SCOPE)
        secret, owner = SECRETS["PULL_SECRET"], ids["pull"]
        vendors.add_application(connection, "pull", secret, SCOPE, vendor_id=owner)
    return ids


def load(world: World) -> None:
    """The SIS posts every object."""
    namespace = models.model_of("xpress-4.3").namespace
    for name, elements in world.objects.items():
        body = wrapped(etree.Element(f"{{{namespace}}}{name}"), elements)
        answer = world.sis.send("POST", name, body)
        assert answer.status_code == 200, answer.text
