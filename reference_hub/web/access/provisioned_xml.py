"""`provisionedZones`: in the environment, and in the requests for more."""

from __future__ import annotations

from collections.abc import Iterable

from lxml.etree import _Element

from reference_hub.codec.tree import branch, leaf
from reference_hub.codec.xml import children, local_name
from reference_hub.model.provision import REQUESTED
from reference_hub.model.rights import ANY, RIGHTS, SERVICE_TYPES, Grant, merged
from reference_hub.model.scope import DEFAULT_CONTEXT
from reference_hub.problems import Refusal

SCOPE = "Create provision request"
MOST_RIGHTS = 1000
# The tables of the standard say REQUEST and FUNCTION, its schema REQUESTED and FUNCTIONAL.
_VALUES = (REQUESTED, "REQUEST")
_TYPES = {name: name for name in SERVICE_TYPES} | {"FUNCTION": "FUNCTIONAL"}
# Older peers may still ask for ADMIN; they are answered without it.
_ASKABLE = (*RIGHTS, "ADMIN")


def write_zones(parent: _Element, grants: Iterable[Grant]) -> None:
    """Append the grants, one `provisionedZone` per zone; nothing where there are none."""
    by_zone: dict[str, list[Grant]] = {}
    for grant in grants:
        by_zone.setdefault(grant.zone_id, []).append(grant)
    if not by_zone:
        return
    around = branch(parent, "provisionedZones")
    for zone_id, inside in by_zone.items():
        services = branch(branch(around, "provisionedZone", id=zone_id), "services")
        for grant in inside:
            _write_service(services, grant)


def _write_service(services: _Element, grant: Grant) -> None:
    service = branch(
        services, "service", type=grant.service_type, name=grant.name, contextId=grant.context_id
    )
    listed = branch(service, "rights")
    for right in RIGHTS:
        if right in grant.rights:
            leaf(listed, "right", grant.rights[right], type=right)


def read_zones(root: _Element, default_zone: str) -> tuple[Grant, ...]:
    """What a provisionRequest asks for, with or without the wrapper `provisionedZones`.

    Raises Refusal 400 for anything that is no request for rights to a named service.
    """
    found: list[Grant] = []
    for zone in _inside(root, ("provisionedZones",), "provisionedZone"):
        zone_id = (zone.get("id") or default_zone).strip()
        found += [_read_service(each, zone_id) for each in _inside(zone, ("services",), "service")]
    if not found:
        raise _unreadable("It names no service.")
    if sum(len(each.rights) for each in found) > MOST_RIGHTS:
        raise _unreadable(f"It asks for more than {MOST_RIGHTS} rights.")
    return merged(found, ())


def _read_service(service: _Element, zone_id: str) -> Grant:
    kind = _TYPES.get((service.get("type") or "OBJECT").strip().upper())
    name = (service.get("name") or "").strip()
    if kind is None:
        raise _unreadable(f"A service type is one of {', '.join(SERVICE_TYPES)}.")
    if not name or name == ANY:
        raise _unreadable("Each service is asked for by its name.")
    rights = dict(_read_right(each) for each in _inside(service, ("rights",), "right"))
    if not rights:
        raise _unreadable("A service is named without a right.")
    context = (service.get("contextId") or DEFAULT_CONTEXT).strip()
    return Grant(zone_id, context, kind, name, rights)


def _read_right(right: _Element) -> tuple[str, str]:
    kind = (right.get("type") or "").strip().upper()
    if kind not in _ASKABLE:
        raise _unreadable(f"A right is one of {', '.join(RIGHTS)}.")
    if (right.text or "").strip().upper() not in _VALUES:
        raise _unreadable(f"The value of each right is {REQUESTED}.")
    return kind, REQUESTED


def _inside(parent: _Element, wrappers: tuple[str, ...], name: str) -> list[_Element]:
    """The elements of that name in `parent`, directly or in a wrapper."""
    found = []
    for child in children(parent):
        if local_name(child) in wrappers:
            found += _inside(child, (), name)
        elif local_name(child) == name:
            found.append(child)
        else:
            raise _unreadable("It holds an element that has no place there.")
    return found


def _unreadable(why: str) -> Refusal:
    return Refusal(400, SCOPE, f"The provisionRequest cannot be followed. {why}", "400-01")
