"""Functions for flat files: ids of a vendor's or an older system's own become keys and stay."""

from __future__ import annotations

from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.canonical import KEY, entities
from reference_hub.translate.functions_oneroster_roles import deciding, may_be_told
from reference_hub.translate.identity import as_uuid, minted
from reference_hub.translate.ledger import WITHHELD


def _key_read(call: Call) -> Read:
    name = call.fields[0]
    kind = entities()[call.entity].fields.get(name)
    entity = call.entity if name == KEY or kind is None else kind.of
    told = [as_uuid(each) or minted("file", entity, each.strip()) for each in call.values]
    return Read(told if kind is not None and kind.many else told[0])


@function("own_id", read=_key_read)
def own_id(call: Call) -> Written:
    """Write a key as it is. Read: a UUID stays, any other id makes the same key each time."""
    return Written(call.value)


@function("own_ids", read=_key_read)
def own_ids(call: Call) -> Written:
    """Write several keys, each once."""
    value = call.value if isinstance(call.value, list) else [call.value]
    return Written(list(dict.fromkeys(value)))


@function("told_link_id", read=None)
def told_link_id(call: Call) -> Written:
    """Write the key of a link; no row for one that custody, rights or restrictions forbid."""
    if may_be_told(call.it or call.record):
        return Written(call.value, deciding(call))
    return Written(None, (Note(WITHHELD, "custody, restrictions or rights forbid the link"),))
