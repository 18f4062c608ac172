"""An application opens its environment."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.model.environment import Environment, Wanted
from reference_hub.model.party import Application
from reference_hub.problems import Refusal
from reference_hub.store import audits, environments

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCOPE = "Create environment"
LATEST = "3.3"
LONGEST = 256
_VERSION = re.compile(r"3(\.\d+){0,2}(\.\*)?|\*", re.ASCII)


def enrol(
    connection: Connection, application: Application, wanted: Wanted, method: str, clock: Clock
) -> Environment:
    """Create the environment; `method` is how the caller authenticated.

    Raises Refusal 400 for wishes the hub cannot meet, 409 when this identity has one already.
    """
    _refuse_unmeetable(application, wanted, method)
    environment = _made(application, wanted, method, clock)
    if not environments.insert(connection, environment):
        text = (
            "This application instance already has an environment; delete it, or create another "
            "one with a different instanceId."
        )
        raise Refusal(409, SCOPE, text)
    entry = audits.Entry(application.key, "created environment", detail={"id": environment.id})
    audits.add(connection, application.scope, clock.now(), entry)
    return environment


def _made(application: Application, wanted: Wanted, method: str, clock: Clock) -> Environment:
    return Environment(
        id=clock.new_uuid(),
        application=application,
        instance_id=wanted.instance_id,
        user_digest=_digest(wanted.user_token),
        session_token=secrets.token_urlsafe(24),
        fingerprint=f"fp-{secrets.token_hex(12)}",
        authentication_method=method,
        consumer_name=wanted.consumer_name,
        solution_id=wanted.solution_id,
        namespace=wanted.namespace,
        infrastructure_version=wanted.infrastructure_version or LATEST,
        data_model_namespace=wanted.data_model_namespace,
        type=application.environment_type,
    )


def _digest(user_token: str) -> str:
    # A user token is somebody else's secret: enough of it to tell identities apart, no more.
    return hashlib.sha256(user_token.encode()).hexdigest() if user_token else ""


def _refuse_unmeetable(application: Application, wanted: Wanted, method: str) -> None:
    asked = wanted.authentication_method
    _require(not asked or asked.lower() == method.lower(), "authenticationMethod", method)
    _require(len(wanted.instance_id) <= LONGEST, "instanceId", f"at most {LONGEST} characters")
    key = wanted.application_key
    _require(not key or key == application.key, "applicationKey", "the authenticated one")
    transport = wanted.transport
    _require(not transport or transport.upper() == "REST", "transport", "REST")
    version = wanted.infrastructure_version
    _require(
        not version or bool(_VERSION.fullmatch(version)), "supportedInfrastructureVersion", "3.x"
    )
    model = wanted.data_model_namespace
    _require(not model or "/datamodel" in model, "dataModelNamespace", "a SIF data model")


def _require(met: bool, name: str, expected: str) -> None:
    if not met:
        raise Refusal(400, SCOPE, f"{name} cannot be met; expected {expected}.")
