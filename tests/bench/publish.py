"""How long a change takes: from the SIS's 201 to the vendor's receipt, with an idle hub.

Hub, worker and vendors are processes; all read one clock (CLOCK_MONOTONIC).
"""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack
from pathlib import Path

from lxml import etree

from fixtures.generate import generate, student
from fixtures.writers import xpress
from reference_hub.settings import Database, Settings
from reference_hub.store import vendors
from reference_hub.store.db import open_engine
from tests.bench.figures import Figure
from tests.bench.obligations import SCOPE, moments, sink
from tests.system.processes import Processes, free_port
from tests.system.sis import Sis

SECRET = "bench-secret"
TIMES, PACE, SEED = 40, 0.1, 7
FORMATS = {"SIF push": "sif-xml", "translated to Unity": "sif-unity"}
STATED = {"operational_since": "1990-01-01", "days_in_session": "180", "school_year": "2027"}


def waits(sis: Sis, port: int) -> list[float]:
    """Milliseconds from answer to receipt, change by change."""
    found = []
    for number in range(TIMES + 1):
        before = len(moments(port))
        body = etree.tostring(xpress.student(student(SEED, 1000 + number)))
        answer = sis.send("POST", "xStudents/xStudent", body)
        answered = time.monotonic()
        if answer.status_code != 201:
            raise RuntimeError(f"The hub answered {answer.status_code}")
        while len(moments(port)) == before:
            if time.monotonic() > answered + 30:
                raise RuntimeError("The vendor got nothing within 30 s")
            time.sleep(0.005)
        found.append(1000 * (moments(port)[before][1] - answered))
        time.sleep(PACE)
    # The first opens the session.
    return found[1:]


def one(folder: Path, name: str) -> list[float]:
    """The waits of one format, with a hub of its own."""
    folder.mkdir()
    with ExitStack() as stack:
        engine = open_engine(Settings(database=Database(directory=str(folder / "pg"))))
        stack.callback(engine.dispose)
        url = engine.url.render_as_string(hide_password=False)
        kit = stack.enter_context(Processes(folder, {"DATABASE_URL": url}))
        vendor = stack.enter_context(sink(folder))
        port = free_port()
        kit.start("reference-hub", "serve", "--port", str(port), port=port)
        with engine.begin() as connection:
            vendors.add_application(connection, "sis", SECRET, SCOPE)
            number = vendors.add_vendor(connection, "vendor", "Example", SCOPE, "off")
            vendors.add_subscriber(
                connection,
                number,
                "vendor",
                SCOPE,
                format=FORMATS[name],
                transport="sif_push",
                url=f"http://127.0.0.1:{vendor}/sif3",
                credentials={"key": "demo-vendor", "secret": "demo-secret-1", "method": "Basic"},
                objects=["xLea", "xSchool", "xStudent"],
                delivery=STATED if FORMATS[name] != "sif-xml" else {},
            )
        kit.start("reference-hub", "work")
        sis = Sis(f"http://127.0.0.1:{port}", "sis", SECRET)
        _places(sis)
        time.sleep(2)
        return waits(sis, vendor)


def _places(sis: Sis) -> None:
    """The district and its schools, without which no student goes."""
    documents = dict(xpress.documents(generate(SEED, 2)))
    for name in ("xLeas", "xSchools"):
        list(sis.publish(documents[name]))


def measure(folder: Path) -> list[Figure]:
    """The slower of the two formats counts."""
    place = folder / "publish"
    place.mkdir()
    found = {name: one(place / FORMATS[name], name) for name in FORMATS}
    parts = (
        f"{name} {statistics.median(each):.0f} (longest {max(each):.0f})"
        for name, each in found.items()
    )
    worst = max(statistics.median(each) for each in found.values())
    detail = f"ms from 201 to receipt, idle hub, median of {TIMES}: {', '.join(parts)}"
    return [Figure("publish_to_delivery_median_ms", worst, 500, "lower", detail)]
