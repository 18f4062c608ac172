"""A day's nightly load: all students of a district to five vendors in five formats.

BENCH_STUDENTS says how many (1,000 unless told; 50,000 is the size the kit is made for). Each
format has the worker to itself, in a process of its own, so that time and memory are its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from fixtures.generate import Plan
from fixtures.model import Lea, School
from fixtures.writers import models, notation
from fixtures.writers.edfi import keys
from reference_hub.clock import Clock
from reference_hub.codec import xml
from reference_hub.journeys.accept import accept
from reference_hub.model.change import CREATE, Change
from reference_hub.settings import Database, Settings
from reference_hub.store import projections, vendors
from reference_hub.store.db import open_engine
from reference_hub.vendors.edfi_codes import descriptors
from tests.bench.figures import Figure
from tests.bench.obligations import SCOPE, sink
from tests.reference_hub.edfi.district import read, write
from tests.system.processes import ROOT, Processes, end, free_port, wait_for_port

if TYPE_CHECKING:
    from sqlalchemy import Engine

STUDENTS = int(os.environ.get("BENCH_STUDENTS", "1000"))
SEED, TOGETHER = 1, 500
KINDS = ("xLea", "xSchool", "xCalendar", "xCourse", "xRoster", "xStaff", "xStudent", "xContact")
# Two cores that others used too gave 27.7; Ed-Fi, a request for each row, takes half of the time.
FLOOR = 16.0
SIF_KEYS = {"key": "demo-vendor", "secret": "demo-secret-1", "method": "Basic"}
STATED = {"operational_since": "1990-01-01", "days_in_session": "180", "school_year": "2027"}
WORK = """
import resource, sys
from reference_hub.cli import cli
try:
    cli(["work", "--until-empty"], standalone_mode=False)
finally:
    # Not ru_maxrss: that begins with what the parent had.
    peak = next(x for x in open("/proc/self/status") if x.startswith("VmHWM")).split()[1]
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(int(peak) // 1024, used.ru_utime + used.ru_stime)
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """One format: seconds to make the rows and to send them, megabytes at the most, rows, and
    seconds of processor time in the worker, which tell more than the others on a busy machine."""

    name: str
    translate: float
    send: float
    peak: int
    rows: int
    cpu: float

    @property
    def seconds(self) -> float:
        """Both together."""
        return self.translate + self.send

    def __str__(self) -> str:
        parts = f"translate {self.translate:.1f} s, send {self.send:.1f} s"
        rate = f"{self.rows} rows, {self.rows / self.seconds:.0f} a second"
        return f"{self.name}: {parts}, CPU {self.cpu:.1f} s, {rate}, {self.peak} MB at the most"


def fill(engine: Engine, plan: Plan) -> float:
    """Take the whole district into the store; the seconds that took."""
    began, model = time.perf_counter(), models.model_of("xpress-4.3")
    for name, nodes in model.collections(plan).items():
        content = b"".join(notation.stream(name, nodes, model.namespace))
        elements = list(etree.fromstring(content, etree.XMLParser(huge_tree=True)))
        for start in range(0, len(elements), TOGETHER):
            changes = [
                Change(CREATE, xml.local_name(x), xml.fold(xml.refid_of(x)), xml.tostring(x))
                for x in elements[start : start + TOGETHER]
            ]
            with engine.begin() as connection:
                accept(connection, SCOPE, "sis", changes, Clock())
    return time.perf_counter() - began


def host_settings(plan: Plan) -> dict[str, object]:
    """What a district states for its Ed-Fi host."""
    places: list[Lea | School] = [plan.lea(), *plan.schools()]
    return {
        "organizations": {str(x.local_id): keys.organization_id(x) for x in places},
        "stated": {"lea_category": "Regular school district", "email_type": "Organizational"},
        "instructional_days": "weekdays",
        "zone": "America/New_York",
    }


@contextmanager
def edfi(folder: Path, codes: set[str]) -> Iterator[int]:
    """A host that takes everything; its port."""
    port, file = free_port(), folder / "descriptors.txt"
    file.write_text("\n".join(sorted(codes)), "utf-8")
    with (folder / "edfi.log").open("wb") as log:
        command = [sys.executable, "-m", "tests.bench.edfi_sink", str(port), str(file)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        wait_for_port(process, port, folder / "edfi.log")
        yield port
    finally:
        end(process)


def connections(plan: Plan, sif: int, host: int) -> dict[str, dict[str, object]]:
    """The five vendors."""
    push: dict[str, object] = {
        "transport": "sif_push",
        "url": f"http://127.0.0.1:{sif}/sif3",
        "credentials": SIF_KEYS,
    }
    put = {"transport": "http_put", "url": f"http://127.0.0.1:{sif}/sif3/files"}
    return {
        "sif-xml": push | {"delivery": {"objects_per_request": 100}},
        "sif-unity": push | {"delivery": STATED},
        "oneroster-1.2-csv": put | {"credentials": SIF_KEYS},
        "oneroster-1.2-rest": {"transport": "pull", "url": "", "credentials": {}},
        "edfi-5": {
            "transport": "edfi",
            "url": f"http://127.0.0.1:{host}",
            "credentials": {"key": "k", "secret": "s"},
            "delivery": host_settings(plan),
        },
    }


def stage(engine: Engine, kit: Processes, name: str, given: dict[str, object]) -> Stage:
    """One vendor gets everything."""
    with engine.begin() as connection:
        number = vendors.add_vendor(connection, name, "Example", SCOPE, "off")
        at = (connection, number, name, SCOPE)
        vendors.add_subscriber(*at, format=name, objects=list(KINDS), **given)  # type: ignore[arg-type]
    if name == "sif-xml":
        kit.run("reference-hub", "deliveries", "resync", name)
    else:
        # One message: make all rows and send them.
        with engine.begin() as connection:
            projections.ask_anew(connection, vendors.subscribers_of(connection, number)[0])
    with engine.connect() as connection:
        began = connection.exec_driver_sql("SELECT now()").scalar_one()
    worked = subprocess.run(
        [sys.executable, "-c", WORK],
        cwd=kit.folder,
        env=kit.environ,
        capture_output=True,
        text=True,
    )
    if worked.returncode:
        raise RuntimeError(f"The worker ended with {worked.stderr[-1500:]}")
    with engine.connect() as connection:
        row = connection.exec_driver_sql(
            "SELECT extract(epoch FROM coalesce(p.made, %(began)s) - %(began)s) AS made,"
            " extract(epoch FROM now() - %(began)s) AS whole,"
            " (SELECT count(*) FROM message WHERE subscriber_id = s.id"
            "  AND state NOT IN ('done', 'purged')) AS open,"
            " (SELECT count(*) FROM target_row WHERE subscriber_id = s.id AND state = 'ready')"
            " AS rows, (SELECT count(*) FROM message WHERE subscriber_id = s.id"
            " AND state = 'done') AS messages"
            " FROM subscriber s LEFT JOIN projection p ON p.subscriber_id = s.id"
            " WHERE s.name = %(name)s",
            {"began": began, "name": name},
        ).one()
    if row.open:
        raise RuntimeError(f"{row.open} messages to {name} were not delivered")
    made, whole = float(row.made), float(row.whole)
    peak, cpu = worked.stdout.split()[-2:]
    rows = row.rows or row.messages
    return Stage(name, made, whole - made, int(peak), rows, float(cpu))


def measure(folder: Path) -> list[Figure]:
    """Load, then one format after the other."""
    place = folder / "nightly"
    place.mkdir()
    plan = Plan(SEED, STUDENTS, max(2, STUDENTS // 500))
    with ExitStack() as stack:
        engine = open_engine(Settings(database=Database(directory=str(place / "pg"))))
        stack.callback(engine.dispose)
        loaded = fill(engine, plan)
        url = engine.url.render_as_string(hide_password=False)
        kit = stack.enter_context(Processes(place, {"DATABASE_URL": url}))
        vendor = stack.enter_context(sink(place))
        host = stack.enter_context(edfi(place, codes(Plan(SEED, 60, 2))))
        found = connections(plan, vendor, host)
        stages = [stage(engine, kit, name, given) for name, given in found.items()]
    seconds = sum(each.seconds for each in stages)
    parts = "; ".join(map(str, stages))
    detail = f"{STUDENTS} students, taken in within {loaded:.0f} s; {parts}"
    rate = STUDENTS / seconds
    return [Figure("nightly_five_formats_students_per_second", rate, FLOOR, "higher", detail)]


def codes(plan: Plan) -> set[str]:
    """The descriptors that rows of such a district use, and those of our code sets."""
    rows, _ = write(read("xpress-4.3", plan), "edfi-5", host_settings(plan))
    return {uri for row in rows for _, uri in descriptors(row.body)}
