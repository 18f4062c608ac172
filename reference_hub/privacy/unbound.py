"""Where the district asks for no POD, people who are never to be shared are still left out."""

from __future__ import annotations

from datetime import date

from lxml.etree import _Element

from reference_hub.model.caller import Caller
from reference_hub.model.pod import LIVE, Pod
from reference_hub.model.served import OBJECTS
from reference_hub.privacy.exclusion import without
from reference_hub.privacy.filter import compiled, prune


def all_but(caller: Caller, object_type: str, excluded: frozenset[str], key: bytes) -> Pod | None:
    """What filters where no POD does: everything but these people; None where there are none.

    It is no POD: it has no id and no token.
    """
    if not excluded:
        return None
    return Pod(
        id="",
        vendor_id=caller.vendor_id,
        scope=caller.scope,
        version="",
        token="",
        status=LIVE,
        starts=date.min,
        ends=None,
        document=b"",
        acknowledged=None,
        granted=(object_type, *sorted(OBJECTS)),
        writable=(object_type, *sorted(OBJECTS)),
        excluded=excluded,
        key=key,
    )


def shown_part(element: _Element, pod: Pod | None) -> _Element | None:
    """What of an object may be shown under a POD, or where there is none without these people."""
    if pod is None:
        return element
    if not pod.id:
        return without(element, pod.excluded)
    return prune(element, compiled(pod))
