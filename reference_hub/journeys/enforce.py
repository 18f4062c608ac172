"""Apply a POD to a payload that somebody else is about to send: data filtering as a service.

The volume on the Data Protection Enforcer names the function; how it is called is our profile. The
gate and the filter are those of everything else.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lxml.etree import _Element

from reference_hub.clock import Clock
from reference_hub.codec.json_tree import XSI
from reference_hub.codec.xml import children, local_name
from reference_hub.journeys.admit import admit, look
from reference_hub.model.caller import Caller, asking
from reference_hub.model.environment import Environment
from reference_hub.model.pod import BY_RECEIPT, Pod
from reference_hub.privacy.filter import Grants, prune
from reference_hub.privacy.gate import decide
from reference_hub.problems import Refusal
from reference_hub.store import pods

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NOBODY = 0


def grant_of(
    connection: Connection,
    environment: Environment,
    marker: str | None,
    object_type: str,
    clock: Clock,
) -> Pod | None:
    """The POD to apply; None where the district asks for none. Raises Refusal as the gate does.

    The district's own systems name any vendor of their zone by its marker, which acknowledges
    nothing. A vendor names its own POD, which may be its acknowledgement like any other use.
    """
    if not environment.is_vendor:
        return _named(connection, environment, marker, object_type, clock)
    if environment.vendor is None:
        raise Refusal(403, "Data privacy", "You are not registered in this zone and context.")
    caller = asking(environment, environment.vendor)
    pod = admit(connection, caller, marker, object_type, clock)
    # Whoever may ask about any payload must learn neither what another id or value is hashed to,
    # nor who is never to be shared: the vendor filters its own data with a key of the moment.
    if pod is None or not pod.id:
        return None
    return pod.for_vendor(frozenset(), secrets.token_bytes(32))


def cleansed(found: Sequence[_Element], pod: Pod | None) -> tuple[list[_Element], int]:
    """What of the objects the POD leaves, and how many values do not come back as they were."""
    if pod is None:
        return list(found), 0
    grants = Grants(pod.granted, pod.conditions, pod.excluded, pod.key)
    kept = [part for each in found if (part := prune(each, grants)) is not None]
    return kept, sum((_counted(found) - _counted(kept)).values())


def _named(
    connection: Connection,
    environment: Environment,
    marker: str | None,
    object_type: str,
    clock: Clock,
) -> Pod | None:
    found = pods.by_token(connection, environment.scope, marker) if marker else None
    caller = Caller(
        found.vendor_id if found else _NOBODY,
        environment.scope,
        acknowledge_by=BY_RECEIPT,
        app_id=found.app_id if found else "",
    )
    if found is None:
        today = clock.today(environment.scope.zone_id)
        refusal = decide(caller, None, None, today, marker, object_type)
        assert isinstance(refusal, Refusal)
        raise refusal
    return look(connection, caller, marker, object_type, clock)[0]


def _counted(found: Sequence[_Element]) -> Counter[tuple[tuple[str, ...], str]]:
    return Counter(value for each in found for value in _values(each, ()))


def _values(element: _Element, around: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    path = (*around, local_name(element))
    for name, value in element.attrib.items():
        if not str(name).startswith(XSI):
            yield (*path, f"@{name!s}"), str(value)
    if text := (element.text or "").strip():
        yield path, text
    for child in children(element):
        yield from _values(child, path)
