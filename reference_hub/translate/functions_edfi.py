"""Functions of the Ed-Fi tables: organisations, unique ids, references, plain text, codes.

Sources: Ed-Fi Data Standards 4.0, 5.0, 6.0 and the ODS/API's rules. Settings of a connection that
they look at: `organizations` (local id or RefId to the host's number), `unique_id` (local | state),
`shorten` (whether a text may be cut), `stated` (what the district says of its data); on reading
`keys` (places of the natural key of each resource) and `known` ((resource, key) to RefId).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from reference_hub.translate import (
    functions_edfi_lists,
    functions_edfi_people,
    functions_edfi_school,
    functions_edfi_scores,
    functions_edfi_transport,
)
from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.edfi_words import WORDS, uri, word_of
from reference_hub.translate.functions_plain import NOT_A_CODE, as_day, one, one_text, shortened
from reference_hub.translate.identity import minted
from reference_hub.translate.ledger import INFERRED, NARROWED, UNMAPPED_CODE

__all__ = [
    "functions_edfi_lists",
    "functions_edfi_people",
    "functions_edfi_school",
    "functions_edfi_scores",
    "functions_edfi_transport",
]

UNIQUE = 32
_ORGANIZATION = "educationOrganizationId"
_HEX = re.compile(r"[0-9a-f]{32}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What a reference may call a part of the key it names.
_ALIASES = {
    "schoolId": _ORGANIZATION,
    "localEducationAgencyId": _ORGANIZATION,
    _ORGANIZATION: "schoolId",
    "courseCode": "localCourseCode",
}
# One record stands in several rows, one for each session: the session is no part of who it is.
_PER_SESSION = ("sections", "studentSectionAssociations", "staffSectionAssociations")
_SESSION = {"sessionName", "beginDate"}
# A term of which classes and marks speak is a session and a grading period.
_TERM = {"gradingPeriods": ("gradingPeriodName", "schoolId", "schoolYear")}
_TERM |= {"sessions": ("sessionName", "schoolId", "schoolYear")}


def every(value: Any) -> list[Any]:
    """The values of a field, known ones only."""
    return [each for each in (value if isinstance(value, list) else [value]) if each is not None]


def known_in(call: Call) -> list[tuple[int, Any]]:
    """All known values with the position of their field."""
    return [(place, each) for place, value in enumerate(call.values) for each in every(value)]


# Organisations


def _organization_read(call: Call) -> Read:
    number = str(call.values[0])
    numbers: Mapping[str, Any] = call.settings.get("organizations", {})
    found = next((name for name, each in numbers.items() if str(each) == number), None)
    if found is None or _UUID.fullmatch(found):
        return Read()
    return Read(tuple(found if name == "localId" else None for name in call.fields))


@function("edfi_organization", read=_organization_read)
def organization(call: Call) -> Written:
    """Write the number that the connection's settings give an organisation; never one made up."""
    numbers: Mapping[str, Any] = call.settings.get("organizations", {})
    for place, each in known_in(call):
        if each in numbers:
            # The first two fields are the record's own organisation.
            is_own = place < 2 or call.argument != "inferred"
            note = Note(INFERRED, "the record names none; that of the district stands there", place)
            return Written(int(numbers[each]), () if is_own else (note,))
    text = "the settings of the connection (organizations) have no number for this organisation"
    return Written(None, (Note(NARROWED, text),))


@function("edfi_number_of")
def number_of(call: Call) -> Written:
    """Like `organization`, where nothing is to be read back."""
    return organization(call)


# Keys and references


def record_key(settings: Mapping[str, Any], collection: str, parts: Mapping[str, Any]) -> str:
    """The canonical key of the record with this natural key: as it is known in the hub, else the
    RefId that the unique id spells, else one made from the key; '' for a key with gaps."""
    names = [place.rpartition("/")[2] for place in settings.get("keys", {}).get(collection, ())]
    values = [str(_part(parts, name)) for name in names]
    if not names or not all(values):
        return ""
    found = settings.get("known", {}).get((collection, "|".join(values)))
    if found:
        return str(found)
    if len(values) == 1 and _HEX.fullmatch(values[0]):
        return str(uuid.UUID(values[0]))
    return _made(collection, dict(zip(names, values, strict=True)))


def _part(parts: Mapping[str, Any], name: str) -> Any:
    found = parts.get(name)
    return parts.get(_ALIASES.get(name, ""), "") if found is None else found


def _made(collection: str, parts: Mapping[str, str]) -> str:
    if collection in _TERM:
        return minted("edfi", "sessions", *(parts[name] for name in _TERM[collection]))
    if collection in _PER_SESSION:
        is_section = collection == "sections"
        dropped = _SESSION if is_section else {"sessionName"}
        parts = {name: each for name, each in parts.items() if name not in dropped}
    return minted("edfi", collection, *parts.values())


def parts_of(node: Mapping[str, Any], places: Sequence[str]) -> dict[str, Any]:
    """The parts of a natural key in a body, by the last name of their place."""
    found: dict[str, Any] = {}
    for place in places:
        value: Any = node
        for step in place.split("/"):
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is not None:
            found[place.rpartition("/")[2]] = value
    return found


def _own_key(call: Call) -> Read:
    places = call.settings.get("keys", {}).get(call.argument, ())
    return Read(record_key(call.settings, call.argument, parts_of(call.node, places)) or None)


@function("edfi_host_key", read=_own_key, late=True)
def host_key(_: Call) -> Written:
    """Write nothing: a host gives its own ids. Read: the record whose natural key this is."""
    return Written()


def _reference_read(call: Call) -> Read:
    node = call.values[0]
    if not isinstance(node, Mapping):
        return Read()
    for name in call.argument.split(","):
        found = record_key(call.settings, name.strip().removesuffix("?"), node)
        # With a question mark: only if the hub knows the record to be of that resource.
        if found and not (name.endswith("?") and found not in _known_keys(call)):
            return Read(found)
    return Read()


def _known_keys(call: Call) -> frozenset[str]:
    known: Mapping[Any, str] = call.settings.get("known", {})
    return frozenset(known.values())


@function("edfi_points_to", read=_reference_read, raw=True)
def points_to(_: Call) -> Written:
    """Write nothing: the lines of the reference's parts do. Read: the record it points to."""
    return Written()


def _sessions_read(call: Call) -> Read:
    found = _reference_read(call).value
    return Read([found] if found else None)


@function("edfi_points_to_some", read=_sessions_read, raw=True)
def points_to_some(_: Call) -> Written:
    """Like `points_to` for a field that holds several references."""
    return Written()


def _unique_read(call: Call) -> Read:
    value = str(call.values[0])
    if _HEX.fullmatch(value):
        return Read()
    chosen = "stateId" if call.settings.get("unique_id") == "state" else "localId"
    return Read(tuple(value if name == chosen else None for name in call.fields))


@function("edfi_unique_id", read=_unique_read)
def unique_id(call: Call) -> Written:
    """Write the local (or the state's) id of a person, else the 32 hex digits of the RefId.

    Fields: localId ; stateId ; refId. A longer id has no place (limit of 32 in all versions).
    """
    by_name = dict(zip((name.rpartition(".")[2] for name in call.fields), call.values, strict=True))
    chosen = "stateId" if call.settings.get("unique_id") == "state" else "localId"
    told = next(iter(every(by_name.get(chosen))), "")
    told = " ".join(str(told).split())
    if told and len(told) <= UNIQUE:
        return Written(told)
    refid = next(iter(every(by_name.get("refId"))), None)
    notes = (Note(NARROWED, f"longer than {UNIQUE} characters"),) if told else ()
    return Written(refid.replace("-", "")[:UNIQUE] if refid else None, notes)


@function("edfi_id_of")
def id_of(call: Call) -> Written:
    """Like `unique_id`, where nothing is to be read back."""
    return unique_id(call)


@function("edfi_hex_id")
def hex_id(call: Call) -> Written:
    """Write the 32 hex digits of a RefId."""
    return Written(str(call.value).replace("-", "")[:UNIQUE])


@function("edfi_namespace")
def namespace(call: Call) -> Written:
    """Write the namespace of the district's own tests, as the connection's settings have it."""
    return Written(call.settings.get("namespace") or None)


@function("edfi_nothing")
def nothing(_: Call) -> Written:
    """Write nothing: what the line requires is known not to be there."""
    return Written()


# Text


def _text_read(call: Call) -> Read:
    found = one_text(call)
    if len(call.fields) < 2:
        return found
    return Read((found.value, *(None for _ in call.fields[1:])), found.notes)


@function("edfi_fits", read=_text_read)
def fits(call: Call) -> Written:
    """Write a text that is not longer than the argument says; a longer one is not sent.

    Where the connection is set to `shorten`, it is cut instead. Of several fields the first known.
    """
    value, notes = one(Call([each for _, each in known_in(call)][:1]))
    if value is None or not value.strip():
        return Written(None, notes)
    limit = int(call.argument)
    if len(value) <= limit:
        return Written(value, notes)
    if call.settings.get("shorten"):
        short, cut = shortened(value, limit)
        return Written(short, (*cut, *notes))
    return Written(None, (Note(NARROWED, f"longer than {limit} characters"), *notes))


def _key_read(call: Call) -> Read:
    value = str(call.values[0])
    first = None if _UUID.fullmatch(value) and "refId" in call.fields[-1] else value
    return Read((first, *(None for _ in call.fields[1:]))) if len(call.fields) > 1 else Read(first)


@function("edfi_key_text", read=_key_read)
def key_text(call: Call) -> Written:
    """Write the first known field as part of a key: no blanks at the ends, never cut."""
    limit = int(call.argument)
    for place, each in known_in(call):
        text = " ".join(str(each).split())
        if text and len(text) <= limit:
            return Written(text)
        if text:
            return Written(None, (Note(NARROWED, f"longer than {limit} characters", place),))
    return Written()


def _day_read(call: Call) -> Read:
    found = one_text(call)
    return Read((found.value, *(None for _ in call.fields[1:])), found.notes)


@function("edfi_first_day", read=_day_read)
def first_day(call: Call) -> Written:
    """Write the first known day; one that is not of the first field is marked as inferred."""
    for place, each in known_in(call):
        found = as_day(str(each))
        if found:
            text = (
                "the record has no day of its own; the first day of the term or year stands there"
            )
            note = Note(INFERRED, text, place)
            return Written(found.isoformat(), (note,) if place else ())
    return Written()


def _year_read(call: Call) -> Read:
    value = str(call.values[0])
    return Read((value, *(None for _ in call.fields[1:])))


@function("edfi_first_year", read=_year_read)
def first_year(call: Call) -> Written:
    """Write the first known school year as a number: the year in which it ends."""
    told = (str(each)[:4] for _, each in known_in(call))
    return Written(next((int(each) for each in told if each.isdecimal()), None))


@function("edfi_year_read", read=one_text)
def year_read(_: Call) -> Written:
    """Write nothing: the line before does. Read: the school year."""
    return Written()


@function("edfi_clock_time", read=one_text)
def clock_time(call: Call) -> Written:
    """Write a time of the wall clock with seconds."""
    value, notes = one(call)
    return Written(f"{value}:00" if value and len(value) == 5 else value, notes)


def _cohort_read(call: Call) -> Read:
    told = [each.get("schoolYearTypeReference") for each in call.values if isinstance(each, dict)]
    years = [str(each["schoolYear"]) for each in told if isinstance(each, dict) and each]
    return Read(years[0] if years else None)


@function("edfi_cohort", read=_cohort_read, raw=True)
def cohort(call: Call) -> Written:
    """Write the year in which a student should finish, as the cohort of the twelfth grade."""
    year = first_year(call).value
    kind = uri("CohortYearType", "Twelfth grade")
    item = {"cohortYearTypeDescriptor": kind, "schoolYearTypeReference": {"schoolYear": year}}
    return Written([item] if year else None)


@function("edfi_whole")
def whole(call: Call) -> Written:
    """Write the argument as a number."""
    return Written(int(call.argument))


@function("edfi_fixed")
def fixed(call: Call) -> Written:
    """Write the argument, a name and a code, as descriptor: `fixed(CalendarType#School)`."""
    return Written(uri(*call.argument.split("#", 1)))


# Codes


def _descriptor_read(call: Call) -> Read:
    found = one_text(call)
    return Read(word_of(call.argument, str(found.value)), found.notes) if call.values else found


@function("edfi_descriptor", read=_descriptor_read)
def descriptor(call: Call) -> Written:
    """Write a code as descriptor of the kind the argument names, by our list of words if there is
    one, else as it stands. The host's own list decides when it is sent."""
    value, notes = one(call)
    if value is None or not str(value).strip():
        return Written(None, notes)
    word = " ".join(str(value).split())
    known = WORDS.get(call.argument)
    if known is not None and word not in known:
        return Written(None, (Note(UNMAPPED_CODE, NOT_A_CODE), *notes))
    found = uri(call.argument, known[word] if known else word)
    if word_of(call.argument, found) != word:
        notes = (Note(NARROWED, "Ed-Fi does not tell this code from others"), *notes)
    return Written(found, notes)


def _stated_read(call: Call) -> Read:
    found = call.meanings.get(str(call.values[0])) if call.values else None
    return Read((found, *(None for _ in call.fields[1:])))


@function("edfi_stated_code", read=_stated_read)
def stated_code(call: Call) -> Written:
    """Write a code; where the record has none the one that the district states for all
    (`stated`, by the argument), marked as inferred."""
    if call.value is not None:
        known = call.codes.get(call.value)
        return Written(known, () if known else (Note(UNMAPPED_CODE, NOT_A_CODE),))
    found = call.codes.get(str(call.settings.get("stated", {}).get(call.argument, "")))
    return Written(found, (Note(INFERRED, "as the district states it for all"),) if found else ())
