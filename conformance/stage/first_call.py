"""Look at the set-up of a consumer: does its client find the hub, and is it let in?"""

from __future__ import annotations

import random
from base64 import b64decode
from collections.abc import Sequence

from conformance.doctor import Diagnosis
from conformance.doctor_words import fault
from conformance.listener import Silent
from conformance.notations import XML
from conformance.problems import HubFault, NotVerified, SetupFault
from conformance.reply import Headers
from conformance.roles import Setting
from conformance.stage import meaning
from conformance.stage.calls import ENVIRONMENT, PODS, Call
from conformance.stage.play import Stage, Theatre
from conformance.stage.relay import Relay
from conformance.target import TargetConfig

KEY = ("consumer", "relay")
CURE = "Start that hub, or correct the address; without the key the suite itself is the hub."


def examine(theatre: Theatre) -> Diagnosis:
    """Tell where the hub is and wait for the client; raises SetupFault if it does not come in."""
    config, setting = theatre.setting.config, theatre.setting
    hub = f"The suite's hub listens at {theatre.url}"
    held = f"zones: {', '.join(theatre.zones)}; documents: service pods; data: service xStudents"
    if theatre.relay is not None:
        refuse_hub(theatre.relay, config)
        hub = f"The suite's relay listens at {theatre.url}, before {theatre.relay.hub}"
        held = "zones, documents and data: those of that hub"
    setting.tell(
        f"{hub}\n"
        f"  environments: {theatre.url}/environments/environment\n"
        f"  application key: {config.credentials.key}, method: {config.credentials.method},"
        f" secret: the one of the target file\n"
        f"  {held}{theatre.beside.told()}"
    )
    stage = Stage(theatre, random.Random(0))  # noqa: S311
    if not stage.relayed:
        stage.renew()
    try:
        calls = stage.synchronise()
    except HubFault as error:
        raise fault(config, *KEY, config.consumer.relay, error.reason, CURE) from None
    except NotVerified as error:
        raise _silent(theatre, error.reason) from None
    if stage.relayed:
        refuse_place(calls, config)
    refuse_strangers(config, calls, theatre.zones)
    if theatre.relay is not None:
        strange_party(theatre.relay, config)
    fine = [f"the client made {len(calls)} calls to {theatre.url}"]
    notes = list(config.notes)
    if not any(one.given.kind == ENVIRONMENT for one in calls):
        notes.append("the client created no environment in this run")
    if not any(one.given.kind == PODS for one in calls):
        notes.append("the client did not read the service pods")
    if config.endpoint.notation != XML and not any(one.given.spoken for one in calls):
        notes.append(f"the client asked for no {config.endpoint.notation}: its Accept names XML")
    return Diagnosis(tuple(fine), tuple(notes))


def refuse_hub(relay: Relay, config: TargetConfig) -> None:
    """Raises SetupFault if the hub is not there, or what answers in its place is no hub."""
    address = f"{relay.hub}/environments/environment"
    try:
        got = relay.passed("GET", address, Headers((("Accept", "application/xml"),)), b"")
    except Silent as error:
        seen = f"nothing answers there ({error.kind})"
        raise fault(config, *KEY, config.consumer.relay, seen, CURE) from None
    if why := meaning.astray(got.status, got.body):
        raise fault(config, *KEY, config.consumer.relay, f"what is there {why}", CURE)


def refuse_place(calls: Sequence[Call], config: TargetConfig) -> None:
    """Raises SetupFault if a web server of that place knows none of the addresses of a hub."""
    if all(one.given.status == 404 and meaning.is_page(one.given.body) for one in calls):
        seen = "every call was answered 404 with a web page"
        raise fault(config, *KEY, config.consumer.relay, seen, CURE)


def strange_party(relay: Relay, config: TargetConfig) -> None:
    """Raises SetupFault if the hub has documents, and none of them is for the party named."""
    strangers = sorted(relay.read.strangers)
    if "pod" in config.capabilities and strangers and not relay.read.pods:
        seen = f"the documents of the hub are for {strangers[0]!r}"
        raise fault(config, "pod", "party", config.party, seen, "Write the party of the vendor.")


def _silent(theatre: Theatre, reason: str) -> SetupFault:
    """No call came: does the address that the client was given lead here at all?"""
    config = theatre.setting.config
    astray = led_astray(theatre.setting, theatre.url, theatre.port, reason)
    if astray is not None:
        return astray
    many, end = theatre.beside.knocks()
    if many:
        fix = "Give your client the address by https://, and let it trust this certificate."
        seen = f"{many} connections came, and the last one {end}"
        return fault(config, "tls", "authority", config.doors.authority, seen, fix)
    told = config.listener
    if not told.public_url and not config.consumer.synchronise:
        near = f" A client on another machine does not reach {told.host}: set host and public_url."
        fix = f"Point the client to {theatre.url}, or raise wait_seconds.{near}"
        return fault(config, "consumer", "", None, reason, fix)
    fix = f"Point the client to {theatre.url}, or raise wait_seconds."
    return fault(config, "consumer", "", None, reason, fix)


def led_astray(setting: Setting, url: str, port: int, reason: str) -> SetupFault | None:
    """The fault that the public address does not lead to this hub, if that is so."""
    told = setting.config.listener
    if not told.public_url:
        return None
    try:
        setting.wire.send("GET", url)
    except NotVerified as error:
        seen = f"{reason}, and from here {error.reason}"
        fix = f"Lead it to port {port} of {told.host} on this machine."
        return fault(setting.config, "listener", "public_url", told.public_url, seen, fix)
    return None


def refuse_strangers(config: TargetConfig, calls: Sequence[Call], zones: Sequence[str]) -> None:
    """Raises SetupFault if every call came with other credentials, or for another zone."""
    if all(one.given.status == 401 for one in calls):
        users = sorted({user for one in calls if (user := _user(one))})
        seen = f"all {len(calls)} calls came without the right credentials"
        if users and config.credentials.key not in users:
            seen += f", as {users[0]!r}"
            fix = "Write the key that the client sends, or give it this one."
            raise fault(config, "credentials", "key", config.credentials.key, seen, fix)
        raise fault(config, "credentials", "", None, seen, "Check method and secret.")
    asked = {zone for one in calls if (zone := one.asked.says("zoneId"))}
    if asked and zones and not asked & set(zones):
        seen = f"the client asks for the zone {min(asked)!r} only"
        fix = "Write that zone, or let the client take those of its environment."
        raise fault(config, "endpoint", "zone", config.endpoint.zone or "not set", seen, fix)


def _user(call: Call) -> str:
    """Who a call says it is from; empty where its Authorization cannot be read."""
    token = call.asked.headers.get("Authorization").partition(" ")[2]
    try:
        return b64decode(token, validate=True).decode().partition(":")[0]
    except ValueError:
        return ""
