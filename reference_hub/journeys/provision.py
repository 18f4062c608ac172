"""An application asks for more rights than came with its environment (INF-PRQ).

A right is approved when the district registered it as requestable, or when it is granted already.
None of this opens the gate: a vendor's data still waits for its POD, in its own zone only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from reference_hub.auth.token import refused
from reference_hub.clock import Clock
from reference_hub.model.environment import Environment
from reference_hub.model.provision import ACCEPTED, DENIED, MIXED, ProvisionRequest
from reference_hub.model.rights import APPROVED, REJECTED, Grant, Rights, merged
from reference_hub.model.uuids import canonical
from reference_hub.problems import SetupError
from reference_hub.store import audits, environments, provision_requests

if TYPE_CHECKING:
    from sqlalchemy import Connection

# grant, right -> whether it is approved
Judge = Callable[[Grant, str], bool]


def ask(
    connection: Connection,
    environment: Environment,
    asked: tuple[Grant, ...],
    clock: Clock,
    *,
    automatic: bool,
) -> ProvisionRequest:
    """Keep the request; decide it at once when `automatic`, else it waits for the operator.

    Raises Refusal 401 when the session has ended meanwhile.
    """
    current = environments.lock(connection, environment.id)
    if current is None:
        raise refused()
    request = ProvisionRequest(clock.new_uuid(), current.id, asked)
    provision_requests.insert(connection, request, clock.now())
    if not automatic:
        return request
    return _settle(connection, request, current, covered(current), clock, current.application.key)


def settle(
    connection: Connection, request_id: str, clock: Clock, *, approve: bool
) -> ProvisionRequest:
    """The operator decides. What no environment of that kind can have is rejected all the same.

    Raises SetupError for an id that is unknown or decided already.
    """
    request = provision_requests.find(connection, _uuid(request_id))
    environment = environments.lock(connection, request.environment_id) if request else None
    # Read again under the lock: it may have been decided, or taken back, a moment ago.
    request = provision_requests.find(connection, _uuid(request_id))
    if request is None or environment is None or request.completion:
        state = "decided already" if request else "not known"
        raise SetupError(
            f"The provision request {request_id} is {state}; see: reference-hub app requests"
        )
    judge = possible(environment) if approve else _nothing
    return _settle(connection, request, environment, judge, clock, "operator")


def covered(environment: Environment) -> Judge:
    """Approve what is requestable by registration, and what this session has already."""
    application = environment.application
    sources = (Rights(application.requestable), Rights(environment.given), environment.rights)

    def judge(grant: Grant, right: str) -> bool:
        wanted = (grant.scope, grant.service_type, grant.name, right)
        return possible(environment)(grant, right) and any(
            rights.covers(*wanted) for rights in sources
        )

    return judge


def possible(environment: Environment) -> Judge:
    """Approve whatever an environment of this kind can have."""

    def judge(grant: Grant, right: str) -> bool:
        if right == "ADMIN" or (right == "PROVIDE" and not environment.may_provide):
            return False
        # A vendor's PODs hold in one place; beyond it nothing could filter what it reads.
        return not environment.is_vendor or grant.scope == environment.scope

    return judge


def decided(asked: Iterable[Grant], judge: Judge) -> tuple[Grant, ...]:
    """APPROVED or REJECTED in place of each REQUESTED."""
    return tuple(
        replace(
            grant,
            rights={right: APPROVED if judge(grant, right) else REJECTED for right in grant.rights},
        )
        for grant in asked
    )


def completion(grants: Iterable[Grant]) -> str:
    """ACCEPTED, MIXED or REJECTED; one assertion alone is never MIXED (INF-PRQ-004)."""
    values = {value for grant in grants for value in grant.rights.values()}
    if len(values) > 1:
        return MIXED
    return ACCEPTED if values == {APPROVED} else DENIED


def _nothing(_: Grant, __: str) -> bool:
    return False


def _settle(
    connection: Connection,
    request: ProvisionRequest,
    environment: Environment,
    judge: Judge,
    clock: Clock,
    actor: str,
) -> ProvisionRequest:
    """Decide; `environment` is locked, so that of two requests neither undoes the other's."""
    grants = decided(request.asked, judge)
    done = replace(request, decided=grants, completion=completion(grants))
    provision_requests.decide(connection, done)
    provisioned = merged(without_admin(grants), environment.provisioned)
    environments.set_provisioned(connection, environment.id, provisioned)
    detail = {"id": done.id, "completion": done.completion}
    entry = audits.Entry(actor, "decided provision request", detail=detail)
    audits.add(connection, environment.scope, clock.now(), entry)
    return done


def without_admin(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """The grants without the right ADMIN, which the schema dropped with 3.3 (INF-ACL-010)."""
    kept = (
        replace(each, rights={key: each.rights[key] for key in each.rights if key != "ADMIN"})
        for each in grants
    )
    return tuple(each for each in kept if each.rights)


def _uuid(text: str) -> str:
    if found := canonical(text):
        return found
    raise SetupError(
        f"{text} is not the id of a provision request; see: reference-hub app requests"
    )
