"""Functions that both SIF tables need: keys, references, copies, words in the place of codes.

Source: SIF Data Model Implementation Specification (NA) Unity 4.3, xPress and classic objects.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from fixtures import codesets
from reference_hub.translate import (
    functions_sif_grades,
    functions_sif_lists,
    functions_sif_sections,
    functions_sif_years,
)
from reference_hub.translate.calls import Call, Note, Read, Written, function, named
from reference_hub.translate.canonical import UNKNOWN_CODE, key, key_of
from reference_hub.translate.functions_plain import (
    NOT_A_CODE,
    NOT_ALONE,
    code,
    first,
    meaning,
    one_text,
)
from reference_hub.translate.functions_sif_lists import XPRESS, nothing
from reference_hub.translate.identity import minted
from reference_hub.translate.ledger import INFERRED, NARROWED, UNMAPPED_CODE
from reference_hub.translate.simple import key_turn

__all__ = [
    "functions_sif_grades",
    "functions_sif_lists",
    "functions_sif_sections",
    "functions_sif_years",
]

_WEEK = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def _key_read(call: Call) -> Read:
    found = one_text(call)
    return Read(key_of(call.values[0].strip()), found.notes) if call.values else found


@function("ref", read=_key_read, read_turn=key_turn)
def reference(call: Call) -> Written:
    """Write the first key that is known. Read: it becomes the key of the line's first field."""
    return first(call)


@function("refids", read=lambda call: Read([key_of(each.strip()) for each in call.values] or None))
def references(call: Call) -> Written:
    """Write all keys."""
    value = call.value
    return Written([value] if isinstance(value, str) else value or None)


@cache
def _names(argument: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in argument.split(","))


def _made(call: Call) -> str:
    parts = [call.record.get(name) for name in _names(call.argument)]
    words = [each if isinstance(each, str) else "" for each in parts]
    if not words[-1]:
        # Two sessions without a code are told apart by their first day.
        words.append(str(call.record.get("startDate", "")))
    return minted(call.entity, *words)


@function("own_key", read=lambda call: Read(_made(call)), late=True)
def own_key(call: Call) -> Written:
    """Write nothing: there is no place for a key. Read: the key is made of the fields named."""
    if call.value == _made(call):
        return Written()
    return Written(
        None, (Note(NARROWED, "its own key has no place; another is made of its parts"),)
    )


def _key_or_made(call: Call) -> Read:
    return Read(key_of(call.values[0].strip()) if call.values else _made(call))


@function("key_or_made", read=_key_or_made, late=True, read_turn=key_turn)
def key_or_made(call: Call) -> Written:
    """Write a key of its own; nothing for one that is made. Read: without one it is made."""
    return Written(None if call.value == _made(call) else call.value)


def _parent_read(call: Call) -> Read:
    found = key_of(call.values[0].strip()) if call.values else ""
    return Read(found if found and found != key(call.record) else None)


@function("parent", read=_parent_read, late=True)
def parent(call: Call) -> Written:
    """Write the key of the organisation above. Read: one that names itself has none."""
    return Written(call.value)


def _apart_read(_call: Call) -> Read:
    return Read(None, (Note(NARROWED, "it comes as an object of its own"),))


# A whole object inside another: neither read nor written.
function("apart", read=_apart_read, raw=True)(nothing)


def _fixed_read(call: Call) -> Read:
    other = bool(call.values) and call.values[0].strip() != call.argument
    return Read(None, (Note(NARROWED, "what it says has no field"),) if other else ())


@function("fixed", read=_fixed_read)
def fixed(call: Call) -> Written:
    """Write the argument where the field has a value; unlike `constant` it tests no row."""
    return Written(call.argument)


def _pairs(call: Call) -> list[tuple[str, str]]:
    parts = (each.partition("=") for each in call.argument.split(","))
    return [(word.strip(), code.strip()) for word, _, code in parts]


def _pairs_read(call: Call) -> Read:
    found = one_text(call)
    if not call.values:
        return found
    words = {code: word for word, code in _pairs(call)}
    code = call.values[0].strip()
    return Read(words.get(code, UNKNOWN_CODE + code), found.notes)


@function("pairs", read=_pairs_read)
def pairs(call: Call) -> Written:
    """Write the code that the argument `word=code,...` gives for the value."""
    known = dict(_pairs(call))
    if call.value in known:
        return Written(known[call.value])
    return Written(None, (Note(UNMAPPED_CODE, NOT_A_CODE),) if call.value else ())


def _word_read(call: Call) -> Read:
    found = one_text(call)
    if not call.values:
        return found
    code = call.values[0].strip()
    if code in call.argument.split(","):
        return Read(code, found.notes)
    return Read(call.meanings.get(code, UNKNOWN_CODE + code), found.notes)


@function("word", read=_word_read)
def word(call: Call) -> Written:
    """Write the code, or the value itself when the argument lists it."""
    value = call.value
    found = call.codes.get(value) or (value if value in call.argument.split(",") else None)
    return Written(found, () if found else (Note(UNMAPPED_CODE, NOT_A_CODE),))


def _spelled_read(call: Call) -> Read:
    found = one_text(call)
    if not call.values:
        return found
    code = call.values[0].strip()
    code = dict(_pairs(call)).get(code, code)
    return Read(call.meanings.get(code, UNKNOWN_CODE + code), found.notes)


@function("spelled", read=_spelled_read)
def spelled(call: Call) -> Written:
    """Write the code. Read: the argument gives the spelling of the set for that of a release."""
    return code(call)


def _plain_read(call: Call) -> Read:
    if not call.values:
        return Read()
    found = [_meaning(call, each.strip()) or UNKNOWN_CODE + each.strip() for each in call.values]
    many = call.fields[0] in ("gradeLevels", "races")
    return Read(list(dict.fromkeys(found)) if many else found[0])


@function("plain", read=_plain_read)
def plain(call: Call) -> Written:
    """Write the classic code of each value, or the xPress word of the set that is the argument."""
    values = call.value if isinstance(call.value, list) else [call.value]
    found = [_classic(call, each) for each in values]
    notes = tuple(
        Note(NARROWED, NOT_ALONE, item=place)
        if each
        else Note(UNMAPPED_CODE, NOT_A_CODE, item=place)
        for place, each in enumerate(found)
        if not each or _meaning(call, each) != values[place]
    )
    known = list(dict.fromkeys(each for each in found if each))
    if not isinstance(call.value, list):
        return Written(known[0] if known else None, notes)
    return Written(known or None, notes)


def _meaning(call: Call, text: str) -> str:
    words = codesets.words(call.argument, "sif_xpress", "canonical")
    return call.meanings.get(text) or words.get(text, "")


def _classic(call: Call, value: Any) -> str:
    words = codesets.words(call.argument, "canonical", "sif_xpress")
    return call.codes.get(value) or words.get(value, "")


def _gender_read(call: Call) -> Read:
    if call.values and call.values[0].strip() == "X":
        return Read("nonbinary")
    found = one_text(call)
    return Read(meaning(call, call.values[0]), found.notes) if call.values else found


@function("gender", read=_gender_read)
def gender(call: Call) -> Written:
    """Write the code of a sex. X is a local code that states read as nonbinary; the published
    list has none for it, so none is written."""
    return code(call)


@function("codeset")
def codeset(call: Call) -> Written:
    """Name the list of a word that stands in the place of a classic code."""
    named = not call.codes.get(call.value) and _classic(call, call.value)
    return Written(XPRESS if named else None)


@function("stated", read=one_text)
def stated(call: Call) -> Written:
    """Write the value; without one what the connection's settings say, marked as inferred."""
    if call.value:
        return Written(call.value)
    found = str(call.settings.get(call.argument, ""))
    return Written(found or None, (Note(INFERRED, "stated in the settings"),) if found else ())


def _held_back_read(_call: Call) -> Read:
    return Read(None, (Note(NARROWED, "what it says has no field"),))


# Demanded, but the canonical records have no field for it: such a row is always held.
function("held_back", read=_held_back_read)(nothing)


def _only_read(call: Call) -> Read:
    found = named(call.argument, "unity")
    return found.read(call) if found and found.read else Read()


# Read as the function that is the argument does; never written.
function("only_read", read=_only_read)(nothing)


def _eligibility_read(call: Call) -> Read:
    if not call.values:
        return Read()
    if call.values[0].strip() == call.argument:
        return Read("false")
    return Read("true", (Note(NARROWED, "the reason has no field"),))


@function("eligibility", read=_eligibility_read)
def eligibility(call: Call) -> Written:
    """Write the code for not eligible; who is eligible needs a reason, which is not known."""
    if call.value == "false":
        return Written(call.argument)
    return Written(None, (Note(NARROWED, "the reason is not known"),))


def _two_letters_read(call: Call) -> Read:
    text = call.values[0].strip() if call.values else ""
    return Read([text[at : at + 2] for at in range(0, len(text), 2)] or None)


@function("two_letters", read=_two_letters_read)
def two_letters(call: Call) -> Written:
    """Write weekdays as two letters each, from Monday on."""
    days = call.value if isinstance(call.value, list) else [call.value]
    return Written("".join(day for day in _WEEK if day in {each[:2] for each in days if each}))
