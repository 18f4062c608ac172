"""Look at the set-up of a publisher: does its system find the hub, and is it let in?"""

from __future__ import annotations

import random

from conformance.doctor import Diagnosis
from conformance.doctor_words import fault
from conformance.problems import NotVerified, SetupFault
from conformance.stage.desk import Desk, Office
from conformance.stage.first_call import led_astray, refuse_strangers
from conformance.stage.sendings import messages


def examine(office: Office) -> Diagnosis:
    """Tell where the hub is and wait for the system; raises SetupFault if it does not come in."""
    config, setting = office.setting.config, office.setting
    if not office.zones:
        seen = "neither post nor provide is claimed"
        raise fault(config, "capabilities", "", None, seen, "Claim the way your system sends by.")
    zones = ", ".join(f"{zone} (to {way})" for way, zone in office.zones.items())
    setting.tell(
        f"The suite's hub listens at {office.url}\n"
        f"  environments: {office.url}/environments/environment\n"
        f"  application key: {config.credentials.key}, method: {config.credentials.method},"
        f" secret: the one of the target file\n"
        f"  zones: {zones}; collections: {', '.join(config.publisher.services)}"
    )
    desk = Desk(office, random.Random(0))  # noqa: S311
    try:
        desk.prepare()
    except NotVerified as error:
        raise _silent(office, error.reason) from None
    calls = desk.calls()
    refuse_strangers(config, calls, tuple(office.zones.values()))
    notes = list(config.notes)
    if "post" in office.zones and not messages(calls):
        notes.append("the system sent no object yet")
    if "provide" in office.zones and not office.counter.registered:
        notes.append("the system is not registered as a provider")
    return Diagnosis((f"the system made {len(calls)} calls to {office.url}",), tuple(notes))


def _silent(office: Office, reason: str) -> SetupFault:
    config = office.setting.config
    astray = led_astray(office.setting, office.url, office.port, reason)
    if astray is not None:
        return astray
    near = f" A system on another machine does not reach {config.listener.host}: set public_url."
    fix = f"Point the system to {office.url}, or raise wait_seconds.{near}"
    return fault(config, "publisher", "", None, reason, fix)
