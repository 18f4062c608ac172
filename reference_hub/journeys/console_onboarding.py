"""Take a vendor on, step by step. Each step is in the store before the next one begins.

Until real data is switched on the vendor's connection wants no objects: it gets its POD and nothing
else, whatever is paused, acknowledged or loaded.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys import console_agreement, console_connect
from reference_hub.journeys.end_pod import end_pods
from reference_hub.journeys.issue_pod import free_version, publish
from reference_hub.model.console import Account
from reference_hub.model.console_run import DOCTOR, REFUSED, RUN, Decision, Run, Way
from reference_hub.model.onboarding import ON, OPEN, OVER, Facts, Onboarding, barred
from reference_hub.model.party import Vendor
from reference_hub.model.pod import LIVE, PENDING, Pod
from reference_hub.registry.content import content_of
from reference_hub.settings import Settings, Zone
from reference_hub.store import (
    audits,
    console_onboarding,
    console_runs,
    pods,
    vendors,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Changed(Exception):
    """Somebody else changed the case in the meantime."""


def facts(connection: Connection, case: Onboarding, settings: Settings) -> Facts:
    """All that the steps of the case depend on, as it is now."""
    zone = settings.zones.get(case.scope.zone_id, Zone())
    tried = console_onboarding.tried(connection, case)
    found = Facts(case, tried=tried, needs_decision=zone.decision != "optional")
    if case.vendor_id is None:
        return found
    decided = console_runs.decisions(connection, case.vendor_id)
    pod = _pod(connection, case)
    is_open = pod is not None and pod.status in (LIVE, PENDING)
    return replace(
        found,
        doctor=_of_way(console_runs.last(connection, case.vendor_id, DOCTOR), case.way),
        run=console_runs.last(connection, case.vendor_id, RUN),
        decision=decided[0] if decided else None,
        pod=pod if is_open else None,
        past=None if is_open else pod,
    )


def _of_way(run: Run | None, way: Way | None) -> Run | None:
    """What was looked at before another kind or form was chosen says nothing of this one."""
    then = run.way if run else None
    if then is None or way is None or (then.kind, then.format) != (way.kind, way.format):
        return None
    return run


def _pod(connection: Connection, case: Onboarding) -> Pod | None:
    """The newest of the case, open or not."""
    assert case.vendor_id is not None
    given = console_agreement.restored(case.agreement)
    here = pods.visible(connection, case.vendor_id, case.scope)
    own = [each for each in here if each.app_id in ("", given.app_id)]
    current = pods.current(connection, case.vendor_id, case.scope, given.app_id)
    return current or (own[-1] if own else None)


def set_read(
    connection: Connection, case: Onboarding, version: int, who: Account, clock: Clock
) -> None:
    """Note who has read what the agreement opens. Raises Changed."""
    done = console_onboarding.change(connection, case, version, clock.now(), read_by=who.name)
    _told(connection, case, done, who, "read the agreement of a vendor", clock)


def connect(
    connection: Connection, case: Onboarding, version: int, way: Way, secret: str, who: Account,
    clock: Clock,
) -> None:  # fmt: skip
    """Register the vendor and a connection that gets PODs only. Raises Changed, also where
    somebody registered a vendor of that name since the case began; SetupError for a key that is
    somebody else's. `secret`: the secret itself, for vendors that come."""
    if case.vendor_id is None and vendors.find_vendor(connection, case.name):
        raise Changed
    vendor_id = vendors.add_vendor(connection, case.name, case.party, case.scope)
    given = console_agreement.restored(case.agreement)
    if case.state == OPEN:
        name = f"{case.name}-{way.format}"
        console_connect.register(
            connection, vendor_id, name, case.scope, way, (), given.app_id, secret
        )
    done = console_onboarding.change(
        connection, case, version, clock.now(), way=way, vendor_id=vendor_id
    )
    _told(connection, case, done, who, "connected a vendor for tests", clock)


def disconnect(
    connection: Connection, case: Onboarding, version: int, settings: Settings, who: Account,
    clock: Clock,
) -> None:  # fmt: skip
    """Take the connection of a case back, so that another kind or form can be chosen; nothing may
    have been sent over it (see model/onboarding.settled). Raises Changed."""
    assert case.way is not None
    console_connect.take_back(connection, case.way, clock, settings.utility_zone)
    done = console_onboarding.disconnect(connection, case, version, clock.now())
    _told(connection, case, done, who, "took the connection of a vendor back", clock)


def set_sandbox(
    connection: Connection, case: Onboarding, sandbox_id: int, who: Account, clock: Clock
) -> None:
    """Note the double of the vendor. Raises Changed."""
    done = console_onboarding.change(
        connection, case, case.version, clock.now(), sandbox_id=sandbox_id
    )
    _told(connection, case, done, who, "sent made-up students", clock)


def decide(
    connection: Connection, case: Onboarding, verdict: str, text: str, who: Account, clock: Clock
) -> None:
    """Record a decision beside the run it rests on; the case must be connected."""
    assert case.vendor_id is not None
    run = console_runs.last(connection, case.vendor_id, RUN)
    decision = Decision(
        verdict, text, clock.now(), who.name, run.id if run and run.outcome else None
    )
    console_runs.decide(connection, case.scope, case.vendor_id, decision)
    told = asdict(decision) | {"decided": decision.decided.isoformat()}
    _audit(connection, case, who, f"decided {verdict}", clock, told)
    if verdict == REFUSED:
        _close(connection, case, "refused by the district", clock)


def _close(connection: Connection, case: Onboarding, reason: str, clock: Clock) -> None:
    """End the documents of a vendor that gets no real data, and those of its sandbox: with them
    ends whatever it could still read or be sent."""
    for vendor_id in (case.vendor_id, case.sandbox_id):
        found = vendors.vendor_by_id(connection, vendor_id) if vendor_id else None
        if found is not None:
            end_pods(connection, found, reason, clock, got_data=False)


def publish_pod(connection: Connection, case: Onboarding, who: Account, clock: Clock) -> Pod:
    """Publish the POD of the agreement, or give the one that says the same and is open already."""
    vendor = _vendor(connection, case)
    given = console_agreement.restored(case.agreement)
    content = content_of(console_agreement.sample(given))
    known = _pod(connection, case)
    is_open = known is not None and known.status in (LIVE, PENDING)
    if known is not None and is_open and known.content == content:
        return known
    version = free_version(connection, vendor, "1.0.0")
    pod = publish(
        connection, vendor, console_agreement.build(given, version), clock, version=version,
        app_id=given.app_id, agreement_id=given.registered_id, content=content,
    )  # fmt: skip
    _audit(connection, case, who, "published a POD", clock, {"pod": pod.id, "version": version})
    return pod


def switch_on(
    connection: Connection, case: Onboarding, settings: Settings, who: Account, clock: Clock
) -> str:
    """Let real data go to the vendor; '' when done, else why not (see model/onboarding.barred)."""
    if why := barred(facts(connection, case, settings)):
        return why
    assert case.way is not None
    assert case.vendor_id is not None
    given = console_agreement.restored(case.agreement)
    console_connect.open_up(connection, case.vendor_id, case.scope, case.way, given, clock)
    done = console_onboarding.change(connection, case, case.version, clock.now(), state=ON)
    _told(connection, case, done, who, "switched real data on", clock)
    return ""


def give_up(connection: Connection, case: Onboarding, who: Account, clock: Clock) -> None:
    """End the case; what was tried and decided stays to be read. Raises Changed."""
    done = console_onboarding.change(connection, case, case.version, clock.now(), state=OVER)
    _told(connection, case, done, who, "ended the taking on of a vendor", clock)
    _close(connection, case, "not taken on", clock)


def _vendor(connection: Connection, case: Onboarding) -> Vendor:
    assert case.vendor_id is not None
    found = vendors.vendor_by_id(connection, case.vendor_id)
    assert found is not None
    return found


def _told(
    connection: Connection, case: Onboarding, done: bool, who: Account, what: str, clock: Clock
) -> None:
    if not done:
        raise Changed
    _audit(connection, case, who, what, clock, {})


def _audit(
    connection: Connection, case: Onboarding, who: Account, what: str, clock: Clock,
    told: dict[str, object],
) -> None:  # fmt: skip
    entry = audits.Entry(f"console:{who.name}", what, "", 1, {"vendor": case.name} | told)
    audits.add(connection, case.scope, clock.now(), entry)
