"""Where the district asks for no POD, people who are never to be shared are still left out."""

from __future__ import annotations

from datetime import date
from functools import cache

from reference_hub.model.caller import Caller
from reference_hub.model.pod import LIVE, Pod
from reference_hub.model.served import OBJECTS
from reference_hub.privacy.places import CONTAINERS


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
        granted=(*_everything(object_type), *_served()),
        excluded=excluded,
        key=key,
    )


@cache
def _served() -> tuple[str, ...]:
    return tuple(path for name in sorted(OBJECTS) for path in _everything(name))


def _everything(object_type: str) -> tuple[str, ...]:
    return (object_type, *(f"{object_type}/{name}" for name in sorted(CONTAINERS)))
