"""New objects from a source, judged and stored one by one, queued together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

from lxml.etree import _Element

from reference_hub.codec.lookup_words import numbers_in
from reference_hub.codec.xml import fold, refid_of, tostring
from reference_hub.journeys.accept import existing
from reference_hub.journeys.writer import Writer
from reference_hub.model.change import CREATE, Change
from reference_hub.model.outcome import Outcome, failed
from reference_hub.model.served import key_of
from reference_hub.problems import Refusal

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ID = re.compile(r"[0-9a-f]{32}")


def create(
    connection: Connection,
    writer: Writer,
    object_type: str,
    elements: Sequence[_Element],
    *,
    must_use_advisory: bool = False,
    look_first: bool = True,
) -> list[Outcome]:
    """One outcome per element, in order: 201 with the stored body, 400, 404 or 409.

    A suggested id is used where it is one; otherwise the hub gives an upper-case UUID4. Raises
    AlreadyThere when one of them was created meanwhile, or, without `look_first`, ever: roll back
    and call again.
    """
    elements = [writer.meant(element) for element in elements]
    advisories = [refid_of(element) for element in elements]
    folded = [fold(advisory) for advisory in advisories if usable(advisory)] if look_first else []
    taken = existing(connection, writer.scope, object_type, folded) if folded else set()
    outcomes: list[Outcome] = []
    changes: list[Change] = []
    for element, advisory in zip(elements, advisories, strict=True):
        try:
            whole = _with_id(element, advisory, object_type, must_use_advisory, writer)
            change = _change(whole, object_type, taken, writer)
        except Refusal as problem:
            outcomes.append(failed(problem, advisory=advisory))
            continue
        taken.add(change.refid)
        changes.append(change)
        outcomes.append(Outcome(201, refid_of(whole), advisory, body=change.body or b""))
    writer.accept(connection, changes)
    return outcomes


def usable(advisory: str) -> bool:
    """Whether the hub can keep an object by this id: a UUID."""
    return _ID.fullmatch(fold(advisory)) is not None


def _with_id(
    element: _Element, advisory: str, object_type: str, must_use: bool, writer: Writer
) -> _Element:
    if usable(advisory):
        return element
    if must_use:
        text = "mustUseAdvisory is set, but the object suggests no id the hub can use (a UUID)."
        raise Refusal(404, f"Create {object_type}", text)
    # A copy, because a create that lost a race is judged anew from what was sent.
    whole = deepcopy(element)
    whole.set(key_of(object_type), writer.clock.new_uuid().upper())
    return whole


def _change(element: _Element, object_type: str, taken: set[str], writer: Writer) -> Change:
    refid = fold(refid_of(element))
    # First, or whoever may not create learns which ids there are.
    writer.refuse_unwritable(f"Create {object_type}", None, element)
    if refid in taken:
        text = "An object with this id is stored already; send it as an update."
        raise Refusal(409, f"Create {object_type}", text, "409-01")
    by = writer.verdict(element, "Create")
    numbers = numbers_in(object_type, element)
    return Change(CREATE, object_type, refid, tostring(element), by, numbers=numbers)
