"""Look at the set-up of a consumer: does its client find the hub, and is it let in?"""

from __future__ import annotations

import random

from conformance.doctor import Diagnosis
from conformance.problems import NotVerified, SetupFault
from conformance.stage.calls import ENVIRONMENT, PODS
from conformance.stage.play import Stage, Theatre


def examine(theatre: Theatre) -> Diagnosis:
    """Tell where the hub is and wait for the client; raises SetupFault if it does not come in."""
    config, setting = theatre.setting.config, theatre.setting
    place = config.path or "conformance.toml"
    setting.tell(
        f"The suite's hub listens at {theatre.url}\n"
        f"  environments: {theatre.url}/environments/environment\n"
        f"  application key: {config.credentials.key}, method: {config.credentials.method},"
        f" secret: the one of the target file\n"
        f"  zones: {', '.join(theatre.zones)}; documents: service pods; data: service xStudents"
    )
    stage = Stage(theatre, random.Random(0))  # noqa: S311
    stage.renew()
    try:
        calls = stage.synchronise()
    except NotVerified as error:
        fix = f"Point the client to {theatre.url}, or raise wait_seconds."
        raise SetupFault(f"{place}, [consumer]", f"{error.reason}.", fix) from None
    if all(one.given.status == 401 for one in calls):
        seen = f"all {len(calls)} calls came without the right credentials."
        raise SetupFault(f"{place}, [credentials]", seen, "Check key, method and secret.")
    fine = [f"the client made {len(calls)} calls to {theatre.url}"]
    notes = [config.secret_note] if config.secret_note else []
    if not any(one.given.kind == ENVIRONMENT for one in calls):
        notes.append("the client created no environment in this run")
    if not any(one.given.kind == PODS for one in calls):
        notes.append("the client did not read the service pods")
    return Diagnosis(tuple(fine), tuple(notes))
