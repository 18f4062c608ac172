"""A vendor asks before the district has switched real data on: its marker counts, data waits."""

from __future__ import annotations

from reference_hub.model.rights import WAITING
from reference_hub.problems import Refusal
from reference_hub.web.call import SCOPE, Call
from reference_hub.web.reads import opened


def refuse_unopened(call: Call) -> None:
    """Raise Refusal 403 for a right that waits for the district.

    The gate is asked first: it says what is wrong with the marker, and the right one acknowledges
    the POD where the vendor acknowledges by marker (POD-LC-002).
    """
    place = (call.scope, call.service_type, call.service_name)
    if call.environment.rights.value(*place, call.right) != WAITING:
        return
    with opened(call, writes=True):
        pass
    text = "The district has not switched data on for you yet; nothing is sent. Try again later."
    raise Refusal(403, SCOPE, text)
