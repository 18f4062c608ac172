"""Functions of the Ed-Fi tables: plain text, days, codes; the others stand in modules beside it.

Sources: Ed-Fi Data Standards 4.0, 5.0, 6.0 and the ODS/API's rules. Settings of a connection that
they look at: `shorten` (whether a text may be cut), `stated` (what the district says of its data).
"""

from __future__ import annotations

import re

from reference_hub.translate import (
    functions_edfi_keys,
    functions_edfi_lists,
    functions_edfi_people,
    functions_edfi_school,
    functions_edfi_scores,
    functions_edfi_transport,
)
from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.edfi_words import WORDS, uri, word_of
from reference_hub.translate.functions_edfi_keys import UUID, known_in
from reference_hub.translate.functions_plain import NOT_A_CODE, as_day, one, one_text, shortened
from reference_hub.translate.ledger import INFERRED, NARROWED, UNMAPPED_CODE

__all__ = [
    "functions_edfi_keys",
    "functions_edfi_lists",
    "functions_edfi_people",
    "functions_edfi_school",
    "functions_edfi_scores",
    "functions_edfi_transport",
]


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
    told = next(iter(known_in(call)), (0, None))
    value, notes = one(Call([told[1]]))
    if told[0]:
        notes = (*notes, Note(INFERRED, "the record says nothing; what it names does", told[0]))
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
    is_stand_in = UUID.fullmatch(value) and "refId" in call.fields[-1]
    is_stand_in = is_stand_in or (re.fullmatch(r"\d{4}", value) and "schoolYear" in call.fields)
    first = None if is_stand_in else value
    return Read((first, *(None for _ in call.fields[1:]))) if len(call.fields) > 1 else Read(first)


@function("edfi_key_text", read=_key_read)
def key_text(call: Call) -> Written:
    """Write the first known field as part of a key: no blanks at the ends, never cut."""
    longest, _, mark = call.argument.partition(",")
    limit = int(longest)
    for place, each in known_in(call):
        text = " ".join(str(each).split())
        if text and len(text) <= limit:
            note = Note(INFERRED, "what the record names says it", place)
            return Written(text, (note,) if place and mark else ())
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


def _offered_read(call: Call) -> Read:
    return Read(call.values[0], (Note(INFERRED, "the terms in which it is offered tell it"),))


@function("edfi_offered_in", read=_offered_read)
def offered_in(_: Call) -> Written:
    """Write nothing: the line before does. Read: the school year, marked as inferred."""
    return Written()


@function("edfi_class_of", read=_year_read)
def class_of(call: Call) -> Written:
    """Write the year in which a student should finish. Fields: of the enrolment ; of the student,
    which comes back at the enrolment."""
    own = call.values[0] is not None
    note = Note(INFERRED, "told at the student, not at the enrolment", 1)
    return Written(first_year(call).value, () if own else (note,))


@function("edfi_key_of")
def key_of_row(call: Call) -> Written:
    """Like `edfi_key_text`, where nothing is to be read back."""
    return key_text(call)


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
    return Read({call.fields[0].rpartition(".")[2]: found})


@function("edfi_stated_code", read=_stated_read)
def stated_code(call: Call) -> Written:
    """Write a code; where the record has none the one that the district states for all
    (`stated`, by the argument), marked as inferred."""
    if call.value is not None:
        known = call.codes.get(call.value)
        return Written(known, () if known else (Note(UNMAPPED_CODE, NOT_A_CODE),))
    found = call.codes.get(str(call.settings.get("stated", {}).get(call.argument, "")))
    return Written(found, (Note(INFERRED, "as the district states it for all"),) if found else ())
