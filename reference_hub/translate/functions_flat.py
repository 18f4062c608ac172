"""Functions for flat files: ids of a vendor's or an older system's own become keys and stay."""

from __future__ import annotations

from collections.abc import Mapping

from fixtures import codesets
from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.canonical import KEY, UNKNOWN_CODE, entities
from reference_hub.translate.functions_oneroster_roles import deciding, may_be_told
from reference_hub.translate.functions_plain import NOT_A_CODE, one, one_text
from reference_hub.translate.identity import as_uuid, minted
from reference_hub.translate.ledger import NARROWED, UNMAPPED_CODE, WITHHELD

_WHOLE_TEST = "whole"


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


@function("told_by_terms")
def told_by_terms(call: Call) -> Written:
    """Decide: a calendar has no row of its own; the rows of its terms tell of it, if there are."""
    note = Note(NARROWED, "left out: no term names it")
    return Written(None, () if call.values[1] else (note,))


@function("told_link_id", read=None)
def told_link_id(call: Call) -> Written:
    """Write the key of a link; no row for one that custody, rights or restrictions forbid."""
    if may_be_told(call.it or call.record):
        return Written(call.value, deciding(call))
    return Written(None, (Note(WITHHELD, "custody, restrictions or rights forbid the link"),))


def _word_read(call: Call) -> Read:
    found = one_text(call)
    if not call.values:
        return found
    word = " ".join(call.values[0].split())
    return Read(word if word in _words(call) else UNKNOWN_CODE + word, found.notes)


@function("own_word", read=_word_read)
def own_word(call: Call) -> Written:
    """Write a code as the hub's code set of the argument calls it, where no standard has a word;
    what is not in the set is left out, never replaced."""
    value, notes = one(call)
    if value is None or value in _words(call):
        return Written(value, notes)
    return Written(None, (Note(UNMAPPED_CODE, NOT_A_CODE), *notes))


def _words(call: Call) -> Mapping[str, str]:
    return codesets.words(call.argument, "canonical", "canonical")


@function("own_part")
def own_part(call: Call) -> Written:
    """Write the key of the part of a test that a score is of, or that it is of the whole test."""
    return Written(call.value or _WHOLE_TEST)


def _scores_read(call: Call) -> Read:
    part, score, level = (each[0].strip() if each else "" for each in call.values)
    part = "" if part == _WHOLE_TEST else part
    told = {
        "subTest": (as_uuid(part) or minted("file", "SubTest", part)) if part else "",
        "value": score,
        "performanceLevel": level,
    }
    found = {name: value for name, value in told.items() if value}
    return Read([found] if found else None)


@function("own_scores", read=_scores_read, all_places=True)
def own_scores(_: Call) -> Written:
    """Write nothing. Read: the columns for part, score and level are one score of the record."""
    return Written()
