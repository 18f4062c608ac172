"""Functions of the tables for Clever and Microsoft SDS files: days and people.

Sources: Clever's SIS CSV pages (2.1.1, 2.2.0), Microsoft's School Data Sync 2.1 files as published.
Both hold the current state only; how several values become one is a profile rule of ours.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib.resources import files

from fixtures import codesets
from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.canonical import UNKNOWN_CODE, key
from reference_hub.translate.functions_clever_contacts import links_of
from reference_hub.translate.functions_clever_school import (
    current_place,
    graduation,
    home_stay,
    item_of,
)
from reference_hub.translate.functions_oneroster import TWO_OR_MORE, items_of
from reference_hub.translate.functions_oneroster_school import found, text_of
from reference_hub.translate.functions_plain import NO_DAY, NOT_A_CODE, as_day, code
from reference_hub.translate.ledger import (
    INFERRED,
    MULTI_TO_ONE,
    NARROWED,
    UNMAPPED_CODE,
)


@function("reading_only")
def reading_only(_: Call) -> Written:
    """Decide: the section makes no rows; another one writes them, this one reads them."""
    return Written()


def _us_read(call: Call) -> Read:
    try:
        day = datetime.strptime(call.values[0].strip(), "%m/%d/%Y").date()  # noqa: DTZ007
    except ValueError:
        return Read(call.values[0].strip())
    return Read(day.isoformat())


@function("us_date", read=_us_read)
def us_date(call: Call) -> Written:
    """Write a day as month/day/year without leading zeros; `us_date(first|last)` of several."""
    told = call.value if isinstance(call.value, list) else [call.value]
    days = [day for each in told if each and (day := as_day(each))]
    if not days:
        return Written(None, (Note(NARROWED, NO_DAY),))
    chosen = max(days) if call.argument == "last" else min(days)
    note = Note(NARROWED, "one period stands for several terms")
    several = len(set(days)) > 1 and call.argument
    return Written(f"{chosen.month}/{chosen.day}/{chosen.year}", (note,) if several else ())


@function("place_alone")
def place_alone(call: Call) -> Written:
    """Write the local id of the school; no row at the home school of a student with contacts, for
    the rows of the contacts stand there."""
    made = current_place(call)
    home = text_of(home_stay(call), "school")
    there = bool(home) and text_of(item_of(call), "school") == home
    told = there and links_of(call, key(call.record))
    return Written() if made.value and told else made


@function("home_local_id")
def home_local_id(call: Call) -> Written:
    """Write the local id of the student's home school."""
    school = found(call, "School", text_of(home_stay(call), "school"))
    return Written(text_of(school, "localId") or None)


@function("home_grade")
def home_grade(call: Call) -> Written:
    """Write the grade at the student's home school."""
    grade = text_of(home_stay(call), "gradeLevel")
    return code(replace(call, values=[grade])) if grade else Written()


@function("home_graduation")
def home_graduation(call: Call) -> Written:
    """Write the year of graduation: of the enrollment at the home school, else of the student."""
    own = text_of(home_stay(call), "graduationYear")
    return graduation(replace(call, values=[own or None, call.values[1]]))


def _span_of(call: Call) -> list[str]:
    order = [row["canonical"] for row in codesets.load("grade")]
    told = call.value if isinstance(call.value, list) else [call.value]
    known = [each for each in told if each in call.codes]
    return sorted(known, key=order.index)


@function("lowest_grade", read=lambda call: _grades_read(call))
def lowest_grade(call: Call) -> Written:
    """Write the lowest of the grades."""
    told = _span_of(call)
    note = Note(NARROWED, "only the lowest and the highest grade are told")
    return Written(call.codes[told[0]] if told else None, (note,) if len(told) > 2 else ())


@function("highest_grade", read=lambda call: _grades_read(call))
def highest_grade(call: Call) -> Written:
    """Write the highest of the grades."""
    told = _span_of(call)
    return Written(call.codes[told[-1]] if told else None)


def _grades_read(call: Call) -> Read:
    return Read({"gradeLevels": [_meaning(call)]})


@function("one_grade", read=lambda call: _grades_read(call))
def one_grade(call: Call) -> Written:
    """Write one grade of a section; with several the cell stays blank."""
    for place, value in enumerate(call.values):
        told = value if isinstance(value, list) else [value] if value else []
        known = [each for each in told if each in call.codes]
        if len(known) == 1:
            text = "the grade of the course stands at its sections"
            notes = tuple(Note(kind, text, field=place) for kind in (INFERRED, NARROWED))
            return Written(call.codes[known[0]], notes if place else ())
        if known:
            note = Note(NARROWED, "left blank: one grade has a place", field=place)
            return Written(None, (note,))
    return Written()


@function("one_race", read=lambda call: Read([_meaning(call)]))
def one_race(call: Call) -> Written:
    """Write one race; two or more become the word for that."""
    told = call.value if isinstance(call.value, list) else [call.value]
    known = [each for each in told if each in call.codes]
    strange = [at for at, each in enumerate(told) if each not in call.codes]
    notes = [Note(UNMAPPED_CODE, NOT_A_CODE, item=at) for at in strange]
    parts = [each for each in known if each != TWO_OR_MORE]
    if len(parts) == 1 and TWO_OR_MORE not in known and not strange:
        return Written(call.codes[parts[0]])
    if not known:
        return Written(None, tuple(notes))
    if parts:
        notes.append(Note(NARROWED, "which races they are is not told"))
    # One known race beside a strange one is two, too.
    return Written(call.codes[TWO_OR_MORE], tuple(notes))


def _meaning(call: Call) -> str:
    word = call.values[0].strip()
    return call.meanings.get(word) or UNKNOWN_CODE + word


@cache
def languages() -> dict[str, str]:
    """The English names of languages by their code (ISO 639-2)."""
    text = (files(__package__) / "languages.csv").read_text("utf-8")
    return {row["code"]: row["name"] for row in csv.DictReader(text.splitlines())}


def _language_read(call: Call) -> Read:
    name = call.values[0].strip()
    code = next((each for each, known in languages().items() if known == name), "")
    return Read([{"code": code or UNKNOWN_CODE + name, "use": "Home"}])


@function("home_language", read=_language_read)
def home_language(call: Call) -> Written:
    """Write the English name of the language spoken at home (ISO 639-2 code to name)."""
    items = items_of(call.record, "languages")
    home = [each for each in items if each.get("use") == "Home" and each.get("code")]
    notes = [
        Note(MULTI_TO_ONE, "only the home language has a place", item=at)
        for at, each in enumerate(items)
        if not home or each is not home[0]
    ]
    if not home:
        return Written(None, tuple(notes))
    name = languages().get(home[0]["code"])
    unknown = () if name else (Note(UNMAPPED_CODE, NOT_A_CODE, item=items.index(home[0])),)
    return Written(name, (*notes, *unknown))


@function("ell", read=lambda call: _flag_read(call))
def ell(call: Call) -> Written:
    """Write Y or N: the flag, else what the proficiency says; unknown stays blank."""
    flags = codesets.words("boolean3", "canonical", "clever")
    told, level = call.values[0], call.values[1]
    by_level = call.codes.get(level, "") if level else ""
    if told in ("true", "false"):
        other = bool(by_level) and by_level != flags[told]
        note = Note(NARROWED, "the flag is told, not the level", field=1)
        return Written(flags[told], (note,) if other or level else ())
    note = Note(NARROWED, "six levels become yes and no", field=1)
    return Written(by_level or None, (note,) if level else ())


def _flag_read(call: Call) -> Read:
    return Read({"Y": "true", "N": "false"}.get(call.values[0].strip().upper()))


def _address_read(call: Call) -> Read:
    items = items_of(call.record, "addresses")
    if not items:
        return Read({"addresses": [{call.argument: call.values[0]}]})
    items[0][call.argument] = call.values[0]
    return Read()


@function("home_address", read=_address_read)
def home_address(call: Call) -> Written:
    """Write one part of the address at home: `home_address(city)`; else of the first address."""
    items = items_of(call.record, "addresses")
    homes = [each for each in items if each.get("type", "").startswith("Home")] or items
    if not homes:
        return Written()
    notes = tuple(
        Note(MULTI_TO_ONE, "one address has a place", item=at)
        for at, each in enumerate(items)
        if each is not homes[0] and each.get(call.argument)
    )
    return Written(homes[0].get(call.argument), notes)


@function("one_phone", read=lambda call: Read({"phones": [{"number": call.values[0]}]}))
def one_phone(call: Call) -> Written:
    """Write the number marked primary, else the first."""
    items = [each for each in items_of(call.record, "phones") if each.get("number")]
    if not items:
        return Written()
    chosen = next((each for each in items if each.get("primary") == "true"), items[0])
    notes = [
        Note(MULTI_TO_ONE, "one number has a place", item=at)
        for at, each in enumerate(items_of(call.record, "phones"))
        if each is not chosen
    ]
    return Written(chosen["number"], tuple(notes))
