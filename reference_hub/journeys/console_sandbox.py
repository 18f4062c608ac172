"""Try the deliveries to a vendor with students who do not exist, in a zone where nobody else is.

The zone is named by the district's `sandbox`, else after the district with SUFFIX. The settings may
not list it as a zone, so that no application can be registered in it and nothing real ever stands
there. A double of the vendor lives in it. The vendor must serve the zone too.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.journeys import console_agreement, console_connect
from reference_hub.journeys.console_agreement import Parts
from reference_hub.journeys.issue_pod import free_version, publish
from reference_hub.journeys.load import LOADED, Order, load
from reference_hub.model.console_run import Way
from reference_hub.model.onboarding import Onboarding
from reference_hub.model.pod import LIVE
from reference_hub.model.scope import Scope
from reference_hub.model.vendor_kind import EDFI, KINDS
from reference_hub.settings import Settings, Zone
from reference_hub.store import console_onboarding, outbox, pods, vendors
from reference_hub.translate import canonical

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

SUFFIX = "-sandbox"
SOURCE = "synthetic"
STUDENTS, SEED = 12, 7
COLLECTIONS = ("xLeas", "xSchools", "xStudents")
_DAYS = timedelta(days=30)
Generate = Callable[[list[str], Path], int]


class NoSandbox(Exception):
    """The sandbox cannot be used; the text is a word: taken | generator | refused."""


def scope_of(scope: Scope, settings: Settings) -> Scope:
    """The sandbox of a district. Raises NoSandbox where the settings list a zone of that name."""
    district = settings.zones.get(scope.zone_id, Zone())
    zone = district.sandbox or f"{scope.zone_id}{SUFFIX}"
    if zone in settings.zones:
        raise NoSandbox("taken")
    return Scope(zone, scope.context_id)


def fill(engine: Engine, scope: Scope, generate: Generate, clock: Clock) -> None:
    """Have the sandbox hold made-up students; once, as all vendors may try the same ones.

    `generate` calls `conformance generate` and gives its exit code. Raises NoSandbox.
    """
    with engine.begin() as connection:
        if console_onboarding.stored(connection, scope):
            return
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "district"
        asked = ["generate", "--seed", str(SEED), "--students", str(STUDENTS), "--schools", "1",
                 "--model", "xpress-4.3", "--out", str(out)]  # fmt: skip
        asked += [word for each in COLLECTIONS for word in ("--collection", each)]
        if generate(asked, Path(folder)):
            raise NoSandbox("generator")
        order = Order(scope, source_key=SOURCE)
        done = list(load(engine, Judge(), order, sorted(out.glob("*.xml")), clock))
    if not done or any(each.state != LOADED for each in done):
        raise NoSandbox("refused")


def deliver(
    connection: Connection, case: Onboarding, way: Way, scope: Scope, given: Parts, secret: str,
    clock: Clock,
) -> int:  # fmt: skip
    """Register the vendor's double, connect it and publish the POD to it; the double's id.

    Workers deliver: first the document, after the acknowledgement the students. A vendor that
    takes no documents is not asked to acknowledge one for people who do not exist; what the
    agreement opens counts all the same.
    """
    policy = "required" if KINDS[way.kind].reads_documents else "offered"
    vendor_id = vendors.add_vendor(connection, f"{case.name}{SUFFIX}", case.party, scope, policy)
    double = vendors.vendor_by_id(connection, vendor_id)
    assert double is not None
    is_again = bool(vendors.subscribers_of(connection, vendor_id))
    objects = console_connect.objects_of(way, given)
    own = replace(way, key=key_of(way))
    more = _numbers(connection, way, scope)
    told = (given.app_id, secret, more)
    name = f"{case.name}{SUFFIX}"
    console_connect.register(connection, vendor_id, name, scope, own, objects, *told)
    for to in vendors.subscribers_of(connection, vendor_id) if is_again else ():
        vendors.want(connection, to, objects)
    if way.kind == EDFI:
        given = console_agreement.without_names(given)
    today = clock.today(scope.zone_id)
    moved = console_agreement.moved(given, scope, today, today + _DAYS)
    version = free_version(connection, double, "1.0.0")
    # No registry knows an agreement of a sandbox: without an id none ends it.
    build = console_agreement.build(moved, version)
    pod = publish(connection, double, build, clock, version=version, app_id=given.app_id)
    if policy == "offered":
        # Nobody is asked to accept it; a client that looks for a document in force finds one.
        pods.set_status(connection, pod.id, LIVE)
        outbox.release(connection, vendor_id, scope)
        outbox.notify(connection)
    return vendor_id


def key_of(way: Way) -> str:
    """The key in the sandbox: of vendors that come another one, as a key belongs to one zone."""
    return f"{way.key}{SUFFIX}" if KINDS[way.kind].comes else way.key


def _numbers(connection: Connection, way: Way, scope: Scope) -> dict[str, Any]:
    """The made-up district and school go by the numbers that the Ed-Fi host knows."""
    if way.kind != EDFI:
        return {}
    named = {"xLea": "district", "xSchool": "school"}
    numbers = {
        canonical.key_of(each): int(way.more.get(name) or 0)
        for kind, name in named.items()
        for each in console_onboarding.refids(connection, scope, kind)
    }
    return {"organizations": numbers}
