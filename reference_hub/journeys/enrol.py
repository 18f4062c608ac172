"""An application opens its environment."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.model.environment import Environment, Wanted, over_before
from reference_hub.model.party import Application
from reference_hub.problems import Refusal
from reference_hub.settings import Access
from reference_hub.store import audits, environments

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCOPE = "Create environment"
LATEST = "3.3"
LONGEST = 256
_VERSION = re.compile(r"3(\.\d+){0,2}(\.\*)?|\*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The session of an identity, and whether it is a new one."""

    environment: Environment
    is_new: bool


def enrol(
    connection: Connection,
    application: Application,
    wanted: Wanted,
    method: str,
    clock: Clock,
    access: Access,
) -> Enrolment:
    """Create the environment, or find the one of this identity; `method` is how the caller
    authenticated.

    Raises Refusal 400 for wishes the hub cannot meet, and 409 for an existing environment when the
    settings want an error for it.
    """
    _refuse_unmeetable(application, wanted, method, access.data_models)
    end_idle(connection, clock, access)
    environment = _made(application, wanted, method, clock)
    if environments.insert(connection, environment):
        _record(connection, environment, "created environment", clock)
        return Enrolment(environment, True)
    identity = (application.key, environment.instance_id, environment.user_digest)
    known = environments.by_identity(connection, *identity)
    if known is None or access.conflict == "error":
        text = (
            "This application instance already has an environment; delete it, or create another "
            "one with a different instanceId."
        )
        raise Refusal(409, SCOPE, text, "409-01")
    environments.touch(connection, known.id, clock.now())
    return Enrolment(known, False)


def leave(connection: Connection, environment: Environment, clock: Clock) -> None:
    """End the session, with its queues, subscriptions and whatever waits in them."""
    environments.delete(connection, environment.id)
    _record(connection, environment, "deleted environment", clock)


def user_digest(user_token: str) -> str:
    """What tells users apart: a user token is somebody else's secret and is not kept."""
    return hashlib.sha256(user_token.encode()).hexdigest() if user_token else ""


def end_idle(connection: Connection, clock: Clock, access: Access) -> None:
    """End the sessions that were idle for too long, where the settings name a limit."""
    if access.session_seconds:
        before = over_before(clock.now(), access.session_seconds)
        environments.delete_idle(connection, before)


def _record(connection: Connection, environment: Environment, action: str, clock: Clock) -> None:
    application = environment.application
    entry = audits.Entry(application.key, action, detail={"id": environment.id})
    audits.add(connection, application.scope, clock.now(), entry)


def _made(application: Application, wanted: Wanted, method: str, clock: Clock) -> Environment:
    return Environment(
        id=clock.new_uuid(),
        application=application,
        instance_id=wanted.instance_id,
        user_digest=user_digest(wanted.user_token),
        session_token=secrets.token_urlsafe(24),
        fingerprint=f"fp-{secrets.token_hex(12)}",
        authentication_method=method,
        consumer_name=wanted.consumer_name,
        solution_id=wanted.solution_id,
        namespace=wanted.namespace,
        infrastructure_version=wanted.infrastructure_version or LATEST,
        data_model_namespace=wanted.data_model_namespace,
        type=application.environment_type,
        last_used=clock.now(),
        products=wanted.products,
    )


def _refuse_unmeetable(
    application: Application, wanted: Wanted, method: str, data_models: Sequence[str]
) -> None:
    asked = wanted.authentication_method
    _require(not asked or asked.lower() == method.lower(), "authenticationMethod", method)
    _require(len(wanted.instance_id) <= LONGEST, "instanceId", f"at most {LONGEST} characters")
    told = [text for product in wanted.products.values() for text in product.values()]
    most = max(map(len, told), default=0)
    _require(most <= LONGEST, "applicationProduct", f"at most {LONGEST} characters in each part")
    key = wanted.application_key
    _require(not key or key == application.key, "applicationKey", "the authenticated one")
    transport = wanted.transport
    _require(not transport or transport.upper() == "REST", "transport", "REST")
    version = wanted.infrastructure_version
    _require(
        not version or bool(_VERSION.fullmatch(version)), "supportedInfrastructureVersion", "3.x"
    )
    model = wanted.data_model_namespace
    fits = any(fnmatchcase(model, pattern) for pattern in data_models)
    _require(not model or fits, "dataModelNamespace", " or ".join(data_models))


def _require(met: bool, name: str, expected: str) -> None:
    if not met:
        raise Refusal(400, SCOPE, f"{name} cannot be met; expected {expected}.")
