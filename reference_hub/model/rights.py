"""Rights per zone, context, service type and service name (Infrastructure Services 5.2.4).

What is not listed counts as SUPPORTED in the standard: a request may succeed or be refused. This
hub refuses it, so that nothing flows by an omission.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reference_hub.model.scope import DEFAULT_CONTEXT, Scope

APPROVED, REJECTED, SUPPORTED, UNSUPPORTED = "APPROVED", "REJECTED", "SUPPORTED", "UNSUPPORTED"
VALUES = (APPROVED, REJECTED, SUPPORTED, UNSUPPORTED)
RIGHTS = ("QUERY", "CREATE", "UPDATE", "DELETE", "SUBSCRIBE", "PROVIDE")
SERVICE_TYPES = ("OBJECT", "UTILITY", "FUNCTIONAL", "SERVICEPATH", "XQUERYTEMPLATE")
ANY = "*"


@dataclass(frozen=True, slots=True)
class Grant:
    """Rights to one service, or to every service of the type (`name` is `*`)."""

    zone_id: str
    context_id: str
    service_type: str
    name: str
    rights: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Rights:
    """The grants of a session; of several that fit, one that names the service stands before `*`,
    then the earlier one before the later."""

    grants: tuple[Grant, ...]

    def value(self, scope: Scope, service_type: str, name: str, right: str) -> str:
        """APPROVED, REJECTED, SUPPORTED or UNSUPPORTED; '' where nothing is listed."""
        fitting = [each for each in self.of(scope, service_type) if each.name in (name, ANY)]
        fitting.sort(key=lambda each: each.name == ANY)
        return next((each.rights[right] for each in fitting if right in each.rights), "")

    def of(self, scope: Scope, service_type: str) -> list[Grant]:
        """The grants of one place and service type."""
        place = (scope.zone_id, scope.context_id, service_type)
        return [
            each
            for each in self.grants
            if (each.zone_id, each.context_id, each.service_type) == place
        ]

    def scopes(self) -> tuple[Scope, ...]:
        """Every place in which something is listed, in order."""
        places = (Scope(each.zone_id, each.context_id) for each in self.grants)
        return tuple(dict.fromkeys(places))


def default_grants(kind: str, scope: Scope) -> tuple[Grant, ...]:
    """What a source, a vendor or a provider may do where its registration lists no rights."""
    writing = REJECTED if kind == "vendor" else APPROVED
    objects = {"QUERY": APPROVED} | dict.fromkeys(("CREATE", "UPDATE", "DELETE"), writing)
    objects |= {"SUBSCRIBE": APPROVED, "PROVIDE": APPROVED if kind == "provider" else UNSUPPORTED}
    utilities = {"QUERY": APPROVED, "CREATE": APPROVED, "DELETE": APPROVED, "SUBSCRIBE": APPROVED}
    jobs = dict.fromkeys(("QUERY", "CREATE", "DELETE", "SUBSCRIBE"), writing)
    table = {
        "OBJECT": objects,
        "UTILITY": utilities,
        "FUNCTIONAL": jobs,
        "SERVICEPATH": {"QUERY": APPROVED},
        "XQUERYTEMPLATE": {"QUERY": APPROVED},
    }
    return tuple(
        Grant(scope.zone_id, scope.context_id, service_type, ANY, rights)
        for service_type, rights in table.items()
    )


def to_rows(grants: Iterable[Grant]) -> list[dict[str, Any]]:
    """Grants as they stand in the store and in the settings file."""
    return [
        {
            "zone": each.zone_id,
            "context": each.context_id,
            "type": each.service_type,
            "name": each.name,
            "rights": dict(each.rights),
        }
        for each in grants
    ]


def from_rows(rows: Iterable[Mapping[str, Any]], default_zone: str = "") -> tuple[Grant, ...]:
    """The reverse; a missing zone is `default_zone`, a missing context the default one."""
    return tuple(
        Grant(
            row.get("zone", default_zone),
            row.get("context", DEFAULT_CONTEXT),
            row.get("type", "OBJECT"),
            row.get("name", ANY),
            row["rights"],
        )
        for row in rows
    )
