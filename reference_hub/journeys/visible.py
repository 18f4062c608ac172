"""Which objects of a type are visible under a grant that hides some, remembered from page to page.

Pruning a whole collection for each of its pages would take the square of its size. A remembered
answer is for one state of the type and one grant, so it is never older than the data it is for.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from reference_hub.journeys.query import Query, select
from reference_hub.journeys.seals import grant_of
from reference_hub.journeys.view import View
from reference_hub.store import listings

# Numbers of versions, of all remembered answers together: some 40 MB.
_MOST = 1_000_000
_known: OrderedDict[tuple[object, ...], list[int]] = OrderedDict()
_lock = Lock()


def visible(view: View, object_type: str) -> list[int]:
    """The versions of every visible object in the order of creation. Raises Refusal 413."""
    state = listings.state(view.connection, view.scope, [object_type])
    key = (state.epoch, state.changes, view.scope, object_type, grant_of(view.pod))
    with _lock:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    # The state was read first: what is changed meanwhile makes another state.
    found = select(view, Query(object_type))
    with _lock:
        _known[key] = found
        while sum(map(len, _known.values())) > _MOST and len(_known) > 1:
            _known.popitem(last=False)
    return found
