"""Look at the set-up of a OneRoster client: does it find the service, and is it let in?"""

from __future__ import annotations

import random
from collections.abc import Sequence

from conformance import doctor_readback
from conformance.doctor import Diagnosis
from conformance.doctor_words import fault
from conformance.problems import NotVerified, SetupFault
from conformance.stage import oneroster_tokens as tokens
from conformance.stage.calls import OTHER, Call
from conformance.stage.oneroster_pages import ROSTER
from conformance.stage.oneroster_play import RosterTheatre, Scene, good
from conformance.stage.oneroster_tokens import TOKEN


def examine(theatre: RosterTheatre) -> Diagnosis:
    """Tell where the service is and wait for the client; raises SetupFault if it is not let in."""
    config = theatre.setting.config
    told = config.roster
    theatre.setting.tell(
        f"The suite's OneRoster {told.version} service listens at {theatre.face.root}\n"
        f"  access tokens: POST {theatre.url}/oauth/token\n"
        f"  client id: {config.credentials.key}, secret: the one of the target file\n"
        f"  scopes: {' '.join(told.scopes)}\n"
        f"  obligation documents: {theatre.url}/services/pods"
    )
    scene = Scene(theatre, random.Random(0))  # noqa: S311
    try:
        calls = scene.synchronise()
    except NotVerified as error:
        raise _silent(theatre, error.reason) from None
    _refuse_strangers(theatre, calls)
    read = sorted({one.given.zone for one in calls if good(one)})
    fine = [f"the client made {len(calls)} calls to {theatre.url} and read {', '.join(read)}"]
    notes = list(config.notes)
    if "readback" in config.capabilities:
        try:
            setting = theatre.setting
            fine.append(doctor_readback.look(config, setting.wire, setting.evidence))
        except doctor_readback.Unready as error:
            notes.append(error.reason)
    return Diagnosis(tuple(fine), tuple(notes))


def _silent(theatre: RosterTheatre, reason: str) -> SetupFault:
    """No call came: does the address that the client was given lead here at all?"""
    config = theatre.setting.config
    told = config.listener
    if told.public_url:
        try:
            theatre.setting.wire.send("GET", theatre.url)
        except NotVerified as error:
            seen = f"{reason}, and from here {error.reason}"
            cure = f"Lead it to port {theatre.port} of {told.host} on this machine."
            return fault(config, "listener", "public_url", told.public_url, seen, cure)
    cure = f"Point the client to {theatre.face.root}, or raise wait_seconds."
    return fault(config, "consumer", "", None, reason, cure)


def _refuse_strangers(theatre: RosterTheatre, calls: Sequence[Call]) -> None:
    """Raise SetupFault where no call got rosters: credentials, scopes, paths, or document."""
    config = theatre.setting.config
    if any(map(good, calls)):
        return
    asked = [one for one in calls if one.given.kind == TOKEN]
    if asked and all(one.given.status == 401 for one in asked):
        user = tokens.client(asked[0].asked)[0]
        seen = "every token request was refused, the client id or its secret is another one"
        cure = "Give the client the id and the secret of this file."
        shown = config.credentials.key if user != config.credentials.key else None
        raise fault(config, "credentials", "key", shown, seen, cure)
    if asked and all(one.given.status == 400 for one in asked):
        seen = "every token request was refused: no grant of client credentials, or other scopes"
        cure = f"Ask for: {' '.join(config.roster.scopes)}."
        raise fault(config, "roster", "scopes", None, seen, cure)
    if not any(one.given.kind == ROSTER for one in calls):
        other = next((one for one in calls if one.given.kind == OTHER), None)
        place = f", such as {other.asked.path.partition('?')[0]}" if other is not None else ""
        seen = f"none of {len(calls)} calls was for the rosters{place}"
        cure = f"Point the client to {theatre.face.root}."
        raise fault(config, "roster", "version", config.roster.version, seen, cure)
    last = [one for one in calls if one.given.kind == ROSTER][-1]
    seen = f"no call got rosters, the last one was answered {last.given.status}"
    pod = "pod" in config.capabilities and not theatre.face.acknowledged
    cure = (
        "Acknowledge the obligation document first, or take `pod` out of [capabilities]." if pod
        else "Look at the token, its scopes and the address."
    )  # fmt: skip
    raise fault(config, "roster", "", None, seen, cure)
