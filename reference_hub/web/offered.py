"""What an environment lists: the rights of the session, cut to what the hub really offers.

So that APPROVED always works and what no table serves is UNSUPPORTED (INF-ACL-003).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reference_hub.journeys.job_work import SERVICES
from reference_hub.model.environment import Environment
from reference_hub.model.relations import related
from reference_hub.model.rights import UNSUPPORTED, Grant
from reference_hub.model.scope import DEFAULT_CONTEXT
from reference_hub.model.served import OBJECTS
from reference_hub.web import connector
from reference_hub.web.services import services

SERVICE_PATHS = tuple(
    f"{parent}s/{{}}/{child}s"
    for parent in OBJECTS
    for child in OBJECTS
    if parent != child and related(parent, child)
)
# The names that a grant for any service stands for.
_KNOWN: Mapping[str, Sequence[str]] = {
    "UTILITY": tuple(connector.UTILITIES),
    "OBJECT": tuple(f"{name}s" for name in OBJECTS),
    "FUNCTIONAL": tuple(SERVICES),
    "SERVICEPATH": SERVICE_PATHS,
}
_METHODS = {"GET": "QUERY", "POST": "CREATE", "PUT": "UPDATE", "DELETE": "DELETE"}
_CHANGES = tuple(_METHODS.values())


def listed(environment: Environment) -> list[Grant]:
    """One entry per service; utilities, which every zone shares, stand in a zone of their own."""
    found = environment.rights.listed(_KNOWN)
    utilities = [each for each in found if each.service_type == "UTILITY"]
    shown = [
        _utility(each, environment)
        for each in utilities
        # A POD concerns its vendor only; whoever is none reads none.
        if each.scope == environment.scope and (each.name != "pods" or environment.is_vendor)
    ]
    return shown + [each for each in found if each.service_type != "UTILITY"]


def _utility(grant: Grant, environment: Environment) -> Grant:
    table = connector.UTILITIES.get(grant.name, {})
    offered = {_METHODS.get(method) for method, _ in table}
    if grant.name == "providers" and not environment.is_brokered:
        offered = {"QUERY"}
    rights = {right: grant.rights.get(right, "") for right in (*_CHANGES, "SUBSCRIBE", "PROVIDE")}
    told = {
        right: UNSUPPORTED if right in _CHANGES and right not in offered else value
        for right, value in rights.items()
    }
    zone = services().settings.utility_zone
    kept = {right: value for right, value in told.items() if value}
    return replace(grant, zone_id=zone, context_id=DEFAULT_CONTEXT, rights=kept)
