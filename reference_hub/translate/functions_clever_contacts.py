"""Functions of the tables for Clever and Microsoft SDS files: the contacts of a student.

Source: Clever's SIS CSV pages (2.1.1, 2.2.0): one contact for each repeated row of the student.
"""

from __future__ import annotations

from dataclasses import replace

from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.canonical import Record, key, key_of
from reference_hub.translate.functions_clever_school import item_of
from reference_hub.translate.functions_oneroster import items_of
from reference_hub.translate.functions_oneroster_roles import (
    deciding,
    link_is_told,
    may_be_told,
    untold_link,
)
from reference_hub.translate.functions_oneroster_school import found, refer, text_of
from reference_hub.translate.functions_plain import code, meaning
from reference_hub.translate.ledger import MULTI_TO_ONE, NARROWED, WITHHELD

MOST_CONTACTS = 5
_WORDS = {"legalGuardian": "Guardian", "emergency": "Emergency"}


def links_of(call: Call, student: str) -> list[Record]:
    """The links of a student that may be told, by sequence."""
    links = [x for x in refer(call, "ContactLink", "student", student) if may_be_told(x)]
    return sorted(links, key=lambda x: (_number(text_of(x, "sequence")), key(x)))


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 1 << 30


@function("contact_id", read=lambda call: Read(key_of(call.values[0])))
def contact_id(call: Call) -> Written:
    """Write the id of a contact; no row for one that may not be told or is beyond the fifth."""
    link = item_of(call)
    if not may_be_told(link):
        return Written(None, (Note(WITHHELD, "custody, restrictions or rights forbid the link"),))
    keys = [key(each) for each in links_of(call, key(call.record))]
    if keys.index(key(link)) >= MOST_CONTACTS:
        note = Note(MULTI_TO_ONE, f"left out: a student has {MOST_CONTACTS} contacts there")
        return Written(None, (note,))
    order = call.fields.index("sequence")
    told = [each for each in deciding(call) if each.field != order]
    if call.values[order]:
        told.append(Note(NARROWED, "decides which five are told, and is not told", field=order))
    return Written(text_of(link, "contact") or None, tuple(told))


@function("relation_is_told")
def relation_is_told(call: Call) -> Written:
    """Decide as OneRoster does, and say why a link is left out."""
    return Written(link_is_told(call).value, untold_link(call).notes)


def _contact(call: Call) -> Record:
    return found(call, "Contact", text_of(item_of(call), "contact")) or {}


@function("contact_name")
def contact_name(call: Call) -> Written:
    """Write given and family name in one text."""
    contact = _contact(call)
    parts = [text_of(contact, each) for each in ("givenName", "familyName")]
    if not any(parts):
        return Written(text_of(contact, "fullName") or None)
    text = "given and family name are one text"
    lost = [at for at, each in enumerate(call.values) if each]
    notes = tuple(Note(NARROWED, text, field=at) for at in lost)
    return Written(" ".join(filter(None, parts)), notes)


def _numbers(call: Call) -> tuple[dict[str, str], list[int]]:
    """The number that is told, the primary one, else the first, and the places of the others."""
    items = items_of(_contact(call), "phones")
    known = [at for at, each in enumerate(items) if each.get("number")]
    if not known:
        return {}, []
    main = (at for at in known if items[at].get("primary") == "true")
    chosen = next(main, known[0])
    return items[chosen], [at for at in range(len(items)) if at != chosen]


@function("contact_phone")
def contact_phone(call: Call) -> Written:
    """Write one number of a contact: the primary one, else the first."""
    chosen, others = _numbers(call)
    notes = tuple(Note(MULTI_TO_ONE, "one number has a place", item=at) for at in others)
    return Written(chosen.get("number"), notes)


def _phone_kind_read(call: Call) -> Read:
    for each in items_of(call.record, "phones") if call.values else ():
        each["type"] = meaning(call, call.values[0])
    return Read()


@function("contact_phone_kind")
def contact_phone_kind(call: Call) -> Written:
    """Write the kind of the number that is told."""
    chosen, others = _numbers(call)
    kind = chosen.get("type")
    made = code(replace(call, values=[kind])) if kind else Written()
    lost = tuple(Note(MULTI_TO_ONE, "one number has a place", item=at) for at in others)
    return Written(made.value, (*made.notes, *lost))


@function("contact_email")
def contact_email(call: Call) -> Written:
    """Write the first e-mail address of a contact."""
    items = items_of(_contact(call), "emails")
    known = [at for at, each in enumerate(items) if each.get("address")]
    notes = tuple(Note(MULTI_TO_ONE, "one address has a place", item=at) for at in known[1:])
    return Written(items[known[0]]["address"] if known else None, notes)


@function("contact_kind")
def contact_kind(call: Call) -> Written:
    """Write Guardian, Emergency, or nothing: the words are inferred, Clever lists none."""
    flags = [text_of(item_of(call), name) for name in _WORDS]
    told = flags.index("true") if "true" in flags else -1
    text = "one word for two flags, and none for no"
    lost = [at for at, flag in enumerate(flags) if flag and at != told]
    notes = tuple(Note(NARROWED, text, field=at) for at in lost)
    return Written([*_WORDS.values()][told] if told >= 0 else None, notes)


def _kind_read(call: Call) -> Read:
    word = call.values[0].strip().lower()
    name = next((each for each, known in _WORDS.items() if known.lower() == word), "")
    return Read({name: "true"} if name else None)


def nothing(_: Call) -> Written:
    """Write nothing: a row of the student writes it."""
    return Written()


function("read_phone", read=lambda call: Read({"phones": [{"number": call.values[0]}]}))(nothing)
function("read_phone_kind", read=_phone_kind_read, late=True)(nothing)
function("read_email", read=lambda call: Read({"emails": [{"address": call.values[0]}]}))(nothing)
function("read_kind", read=_kind_read)(nothing)
