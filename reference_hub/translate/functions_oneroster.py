"""Functions of the OneRoster tables that users and their demographics need.

Sources: 1EdTech OneRoster 1.1 and 1.2, information model and CSV binding. How a slot that holds one
value is filled from several is a profile rule of ours: the note of its line says it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from reference_hub.translate import (
    functions_oneroster_marks,
    functions_oneroster_roles,
    functions_oneroster_school,
)
from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.canonical import UNKNOWN_CODE, Record, Value, key, key_of
from reference_hub.translate.functions_plain import NOT_A_CODE, one_text, shortened
from reference_hub.translate.ledger import (
    INFERRED,
    MULTI_TO_ONE,
    NARROWED,
    UNMAPPED_CODE,
    WITHHELD,
)
from reference_hub.translate.simple import spaced

__all__ = ["functions_oneroster_marks", "functions_oneroster_roles", "functions_oneroster_school"]

LIMIT = 255
TWO_OR_MORE = "TwoOrMoreRaces"
# These would end an id inside the cell, so they travel percent-encoded.
_ESCAPED = str.maketrans({letter: f"%{ord(letter):02X}" for letter in "%,:{}"})
_ITEM = re.compile(r"\{?([^:{}]*):([^{}]*)\}?")
_LOCAL, _STATE = "Local", "State"
_OTHERS = "only one value has a place"
_KIND_OF_PHONE = "OneRoster tells a mobile from any other telephone, and no more"


def items_of(record: Record, name: str) -> list[dict[str, str]]:
    """The items of a list field."""
    found = record.get(name)
    if not isinstance(found, list) or not found or not isinstance(found[0], dict):
        return []
    return found


def _further(items: Sequence[Mapping[str, str]], chosen: Mapping[str, str]) -> tuple[Note, ...]:
    if len(items) == 1:
        return ()
    places = (place for place, each in enumerate(items) if each is not chosen)
    return tuple(Note(MULTI_TO_ONE, _OTHERS, item=place) for place in places)


@function("username", read=one_text, turn=lambda text: spaced(text) or None)
def username(call: Call) -> Written:
    """Write the login; any later field of the row (e-mail, local id, RefId) is marked inferred."""
    for place, value in enumerate(call.values):
        found = value[0] if isinstance(value, list) and value else value
        if isinstance(found, str) and found.strip():
            text = "there is no login to send"
            notes = (Note(INFERRED, text, field=place),) if place else ()
            return Written(" ".join(found.split()), notes)
    return Written()


def _short_name(text: str) -> str | None:
    return text if text.strip() and len(text) <= LIMIT else None


@function("name", read=one_text, turn=_short_name)
def name(call: Call) -> Written:
    """Write the name; the other name, marked as inferred, when this one is missing."""
    for place, value in enumerate(call.values):
        if isinstance(value, str) and value.strip():
            short, cut = shortened(value, LIMIT)
            if not place:
                return Written(short, cut)
            text = "the only name stands in both places"
            return Written(short, (*cut, Note(INFERRED, text, field=place)))
    return Written()


def _ids_read(call: Call) -> Read:
    found: dict[str, Value] = {}
    others: list[dict[str, str]] = []
    notes: list[Note] = []
    for place, text in enumerate(call.values):
        match = _ITEM.fullmatch(text.strip())
        if match is None:
            notes.append(Note(NARROWED, "the id is not written as {kind:id}", item=place))
            continue
        kind, value = match[1].strip(), unquote(match[2].strip())
        field = {"sis": "localId", "local": "localId", "state": "stateId"}.get(kind.lower())
        if field and field not in found:
            found[field] = value
        else:
            others.append({"type": call.meanings.get(kind) or UNKNOWN_CODE + kind, "value": value})
    return Read(found | ({"ids": others} if others else {}), tuple(notes))


def _local_read(call: Call) -> Read:
    told, held = " ".join(call.values[0].split()), call.record.get("localId", "")
    note = Note(NARROWED, "another local id stands in userIds")
    return Read(told, (note,) if held and held != told else ())


@function("identifier", read=_local_read, turn=spaced)
def identifier(call: Call) -> Written:
    """Write the district's own id of the person."""
    return Written(spaced(str(call.value)))


@function("user_ids", read=_ids_read, whole=True)
def user_ids(call: Call) -> Written:
    """Write `{kind:id}` for the local id, the state's and the others, each once.

    A kind that the code set has no word for, such as SSN, never leaves.
    """
    record, codes = call.record, call.codes
    told: list[str] = []
    notes: list[Note] = []
    for field, canonical in (("localId", _LOCAL), ("stateId", _STATE)):
        value = record.get(field)
        if isinstance(value, str):
            told.append(_item(codes.get(canonical, canonical), value))
    for place, each in enumerate(items_of(record, "ids")):
        kind = codes.get(each.get("type", ""))
        if kind:
            told.append(_item(kind, each.get("value", "")))
        else:
            place_of = call.fields.index("ids.value") if "ids.value" in call.fields else 0
            text = "this kind of id is not sent"
            notes.append(Note(UNMAPPED_CODE, text, field=place_of, item=place))
    return Written(list(dict.fromkeys(told)) or None, tuple(notes))


def _item(kind: str, value: str) -> str:
    if not value.isalnum():
        value = spaced(value).translate(_ESCAPED)
    return f"{{{kind}:{value}}}"


def _email_read(call: Call) -> Read:
    return Read({"emails": [{"address": call.values[0].strip()}]})


@function("email", read=_email_read, whole=True)
def email(call: Call) -> Written:
    """Write one address: the first of the kinds the argument prefers, else the first there is."""
    items = items_of(call.record, "emails")
    told = [each for each in items if each.get("address", "").strip()]
    if not told:
        return Written()
    chosen = told[0]
    if len(told) > 1:
        wanted = call.argument.split(",")
        rank = {kind: place for place, kind in enumerate(wanted)}
        chosen = min(told, key=lambda each: rank.get(each.get("type", ""), len(wanted)))
    return Written(chosen["address"].strip(), _further(items, chosen))


def _phone_read(call: Call) -> Read:
    implied = call.argument.partition(",")[2]
    told = {"type": implied} if implied else {}
    return Read({"phones": [{**told, "number": call.values[0]}]})


@function("phone", read=_phone_read, whole=True)
def phone(call: Call) -> Written:
    """Write one number of a slot, the primary one or the first. `phone(sms,Mobile)` names the slot
    and the kind of number that comes back from it."""
    items = items_of(call.record, "phones")
    if not items:
        return Written()
    slot, _, implied = call.argument.partition(",")
    slots = [call.codes.get(each.get("type", ""), "phone") for each in items]
    fitting = [at for at, each in enumerate(items) if slots[at] == slot and each.get("number")]
    if not fitting:
        return Written()
    primary = [at for at in fitting if items[at].get("primary") == "true"]
    chosen = primary[0] if primary else fitting[0]
    kind_at = len(call.fields) - 1
    notes: list[Note] = []
    for at in fitting:
        if at != chosen:
            notes += [Note(MULTI_TO_ONE, _OTHERS, at_field, at) for at_field in (0, kind_at)]
        elif items[at].get("type", implied) != implied:
            notes.append(Note(NARROWED, _KIND_OF_PHONE, kind_at, at))
    return Written(spaced(items[chosen]["number"]), tuple(notes))


@function("enabled", read=lambda call: _enabled_read(call), turn=lambda _: "true")
def enabled(_: Call) -> Written:
    """Write true: SIF has no such flag, and everyone who is sent may sign in (profile)."""
    return Written("true")


def _enabled_read(call: Call) -> Read:
    text = "SIF does not say that an account is closed"
    return Read(None, () if call.values[0] == "true" else (Note(NARROWED, text),))


def _race_read(call: Call) -> Read:
    if call.values[0].strip() != "true":
        return Read()
    return Read({"races": [call.argument]})


@function("race", read=_race_read)
def race(call: Call) -> Written:
    """Write one flag: true when said, false only when other races are all that is known."""
    parts, stated, strange = _races(call)
    if call.argument in parts:
        return Written("true", strange)
    open_end = bool(strange) or (stated and len(parts) < 2)
    return Written("false" if parts and not open_end else None, strange)


def _two_read(call: Call) -> Read:
    held = call.record.get("races")
    known = [each for each in held if isinstance(each, str)] if isinstance(held, list) else []
    # Beside two races it only repeats what they say.
    if not call.values or call.values[0].strip() != "true" or len(known) > 1:
        return Read()
    return Read({"races": [TWO_OR_MORE]})


@function("two_or_more_races", read=_two_read, late=True)
def two_or_more_races(call: Call) -> Written:
    """Write true when the source says so or names two; false beside exactly one known race."""
    parts, stated, strange = _races(call)
    if stated and len(parts) > 1:
        place = call.value.index(TWO_OR_MORE)
        note = Note(NARROWED, "it follows from the races that are named", item=place)
        return Written("true", (note, *strange))
    if stated or len(parts) > 1:
        return Written("true", strange)
    return Written("false" if parts and not strange else None, strange)


def _races(call: Call) -> tuple[set[str], bool, tuple[Note, ...]]:
    """The races that are named, whether it is said that they are several, notes on the others."""
    told = call.value if isinstance(call.value, list) else []
    parts = set(told)
    strange: tuple[Note, ...] = ()
    if not parts <= call.codes.keys():
        strange = _strange(told, call.codes)
        parts &= call.codes.keys()
    parts.discard(TWO_OR_MORE)
    return parts, TWO_OR_MORE in told, strange


def _strange(told: Sequence[str], codes: Mapping[str, str]) -> tuple[Note, ...]:
    places = (place for place, each in enumerate(told) if each not in codes)
    return tuple(Note(UNMAPPED_CODE, NOT_A_CODE, item=place) for place in places)


@function("sex_1_1", read=lambda call: _sex_read(call))
def sex_1_1(call: Call) -> Written:
    """Write male or female; 1.1 has no other word and nothing is put in its place."""
    if call.value in ("male", "female"):
        return Written(call.value)
    return Written(None, (Note(UNMAPPED_CODE, "OneRoster 1.1 knows male and female only"),))


def _sex_read(call: Call) -> Read:
    word = call.values[0].strip()
    return Read(call.meanings.get(word) or UNKNOWN_CODE + word)


@function("first_id", read=one_text)
def first_id(call: Call) -> Written:
    """Write the first identifier there is; another than the first comes back as the first."""
    known = [(place, each) for place, each in enumerate(call.values) if isinstance(each, str)]
    if not known:
        return Written()
    place, value = known[0]
    notes = [Note(MULTI_TO_ONE, _OTHERS, field=at) for at, _ in known[1:]]
    if place:
        text = f"it stands where {call.fields[0]} is expected and comes back as that"
        notes.insert(0, Note(NARROWED, text, field=place))
    return Written(" ".join(value.split()), tuple(notes))


@function("above", read=lambda call: Read(key_of(call.values[0])))
def above(call: Call) -> Written:
    """Write the organisation above; nothing where it is this organisation itself."""
    return Written(call.value if call.value != key(call.record) else None)


@function("staff_facts")
def staff_facts(call: Call) -> Written:
    """Decide: facts such as sex and birth date of staff leave only where the connection asks for
    them (`staff_demographics = true` of its settings, profile); by default they are withheld."""
    known = [at for at, each in enumerate(call.values) if each not in (None, [], "")]
    if not known or call.settings.get("staff_demographics") is True:
        return Written("true" if known else None)
    text = "facts about staff stay here unless the connection asks for them"
    return Written(None, tuple(Note(WITHHELD, text, at) for at in known))
