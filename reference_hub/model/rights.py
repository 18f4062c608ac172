"""Rights per zone, context, service type and service name (Infrastructure Services 5.2.4).

What is not listed counts as SUPPORTED in the standard: a request may succeed or be refused. This
hub refuses it, so that nothing flows by an omission.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reference_hub.model.scope import DEFAULT_CONTEXT, Scope

APPROVED, REJECTED, SUPPORTED, UNSUPPORTED = "APPROVED", "REJECTED", "SUPPORTED", "UNSUPPORTED"
VALUES = (APPROVED, REJECTED, SUPPORTED, UNSUPPORTED)
# A word of this hub: what the district has not switched on yet. It is listed as SUPPORTED, which a
# request may be refused under, so that a client may come with its marker.
WAITING = "WAITING"
RIGHTS = ("QUERY", "CREATE", "UPDATE", "DELETE", "SUBSCRIBE", "PROVIDE")
SERVICE_TYPES = ("OBJECT", "UTILITY", "FUNCTIONAL", "SERVICEPATH", "XQUERYTEMPLATE")
ANY = "*"
# They change without an event (INF-ACL-009).
SILENT_UTILITIES = ("zones", "namespaces", "xquerys")


@dataclass(frozen=True, slots=True)
class Grant:
    """Rights to one service, or to every service of the type (`name` is `*`)."""

    zone_id: str
    context_id: str
    service_type: str
    name: str
    rights: Mapping[str, str] = field(hash=False)

    @property
    def scope(self) -> Scope:
        """Where they hold."""
        return Scope(self.zone_id, self.context_id)


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
        return tuple(dict.fromkeys(each.scope for each in self.grants))

    def covers(self, scope: Scope, service_type: str, name: str, right: str) -> bool:
        """Whether that right is APPROVED."""
        return self.value(scope, service_type, name, right) == APPROVED

    def listed(self, known: Mapping[str, Sequence[str]]) -> list[Grant]:
        """Every service by name with what holds for it; `known` has the names that `*` stands for,
        per service type."""
        found: dict[tuple[Scope, str, str], Grant] = {}
        for each in self.grants:
            names = known.get(each.service_type, ()) if each.name == ANY else (each.name,)
            for name in names:
                place = (each.scope, each.service_type, name)
                found.setdefault(place, self._effective(*place))
        return [each for each in found.values() if each.rights]

    def _effective(self, scope: Scope, service_type: str, name: str) -> Grant:
        # A service path can only be read (INF-ACL-005).
        rights = ("QUERY",) if service_type == "SERVICEPATH" else RIGHTS
        values = {right: self.value(scope, service_type, name, right) for right in rights}
        told = {right: SUPPORTED if value == WAITING else value for right, value in values.items()}
        told = {right: value for right, value in told.items() if value}
        return Grant(scope.zone_id, scope.context_id, service_type, name, told)


def without_provide(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """The grants of a direct environment, where no application provides a service."""
    return tuple(
        replace(each, rights={**each.rights, "PROVIDE": UNSUPPORTED})
        if each.rights.get("PROVIDE") in (APPROVED, SUPPORTED)
        else each
        for each in grants
    )


def merged(newer: Iterable[Grant], older: Iterable[Grant]) -> tuple[Grant, ...]:
    """One grant per place and name; of two values of a right the newer one stays."""
    found: dict[tuple[Scope, str, str], Grant] = {}
    for each in (*newer, *older):
        place = (each.scope, each.service_type, each.name)
        known = found.get(place)
        rights = {**each.rights, **known.rights} if known else dict(each.rights)
        found[place] = replace(each, rights=rights)
    return tuple(found.values())


def default_grants(kind: str, scope: Scope) -> tuple[Grant, ...]:
    """What a source, a vendor or a provider may do where its registration lists no rights."""
    writing = REJECTED if kind == "vendor" else APPROVED
    objects = {"QUERY": APPROVED} | dict.fromkeys(("CREATE", "UPDATE", "DELETE"), writing)
    objects |= {"SUBSCRIBE": APPROVED, "PROVIDE": APPROVED if kind == "provider" else UNSUPPORTED}
    utilities = {"QUERY": APPROVED, "CREATE": APPROVED, "DELETE": APPROVED, "SUBSCRIBE": APPROVED}
    jobs = dict.fromkeys(("QUERY", "CREATE", "DELETE", "SUBSCRIBE"), writing)
    table = [
        ("OBJECT", ANY, objects),
        *(("UTILITY", name, {"SUBSCRIBE": UNSUPPORTED}) for name in SILENT_UTILITIES),
        ("UTILITY", ANY, utilities),
        ("FUNCTIONAL", ANY, jobs | {"UPDATE": UNSUPPORTED}),
        ("SERVICEPATH", ANY, {"QUERY": APPROVED}),
        ("XQUERYTEMPLATE", ANY, {"QUERY": APPROVED}),
    ]
    return tuple(
        Grant(scope.zone_id, scope.context_id, service_type, name, rights)
        for service_type, name, rights in table
    )


def waiting_grants(scope: Scope) -> tuple[Grant, ...]:
    """What a vendor may do before the district switches real data on: read its documents."""
    objects = {"QUERY": WAITING, "SUBSCRIBE": WAITING, "PROVIDE": UNSUPPORTED}
    objects |= dict.fromkeys(("CREATE", "UPDATE", "DELETE"), REJECTED)
    usual = default_grants("vendor", scope)
    waiting = Grant(scope.zone_id, scope.context_id, "OBJECT", ANY, objects)
    return (waiting, *(each for each in usual if each.service_type == "UTILITY"))


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
