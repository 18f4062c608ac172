"""Years and stays: what classics demand of an enrollment or a post and xPress does not say.

What is inferred is marked so and comes from records of the same school; the rules are ours
(profile). Source of the demands: Unity 4.3, StudentSchoolEnrollment, StaffAssignment,
SchoolCourseInfo.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.canonical import UNKNOWN_CODE, Record, key
from reference_hub.translate.functions_plain import NOT_A_CODE, as_day, one_text
from reference_hub.translate.functions_sif_lists import nothing
from reference_hub.translate.identity import minted
from reference_hub.translate.ledger import INFERRED, MULTI_TO_ONE, NARROWED, UNMAPPED_CODE

FULL_YEAR = "FullSchoolYear"
_YEAR = re.compile(r"\d{4}")


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


def _year_read(call: Call) -> Read:
    found = one_text(call)
    return Read(call.values[0].strip()[:4], found.notes) if call.values else found


def _year_turn(text: str) -> str | None:
    return text.strip()[:4] or None


@function("year_among", read=_year_read)
def year_among(call: Call) -> Written:
    """Write the year; without one the latest year of the other fields, marked as inferred."""
    own, *others = call.values
    if own:
        return Written(own)
    found = ((year, place) for place, each in enumerate(others, 1) for year in _texts(each))
    years = [(year, place) for year, place in found if _YEAR.fullmatch(year)]
    if not years:
        return _stated(call)
    year, place = max(years)
    return Written(year, (Note(INFERRED, "the year is taken from other records", place),))


@function("year_of_day", read=_year_read)
def year_of_day(call: Call) -> Written:
    """Write the year; without one that of the school's first year that ends on the day or later.

    Fields: year, day, years of the school, their last days (two lists of equal length), refId.
    """
    own, day, years, ends = call.values[:4]
    if own:
        return Written(own)
    when = day or str(call.settings.get("today", ""))
    known = list(zip(_padded(years), _padded(ends), strict=False))
    later = sorted((end, year) for year, end in known if year and end and end >= when)
    only = {year for year, _ in known if year}
    found = later[0][1] if later and when else only.pop() if len(only) == 1 else None
    if not found:
        return _stated(call)
    return Written(found, (Note(INFERRED, "the year is that of the school", 2),))


def _stated(call: Call) -> Written:
    """The year that the operator states for records of which nothing says it."""
    found = str(call.settings.get("school_year", ""))
    return Written(found or None, (Note(INFERRED, "stated in the settings"),) if found else ())


def _padded(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [each if isinstance(each, str) else "" for each in values]


@function("read_year", read=_year_read, read_turn=_year_turn)
def read_year(call: Call) -> Written:
    """Write nothing: the year is written elsewhere, unless there is no record to write it in."""
    if len(call.values) > 1 and call.values[1]:
        return Written()
    return Written(None, (Note(NARROWED, "there is no enrollment that could carry it"),))


def main_first(stay: Record) -> tuple[bool, bool, bool]:
    """Sorts the main enrollment of a student before the others."""
    return (
        stay.get("main") != "true",
        stay.get("timeFrame") != "Current",
        stay.get("membership") != "Home",
    )


@function("main_graduation", read=_year_read)
def main_graduation(call: Call) -> Written:
    """Write the year of the student; without one that of the main enrollment."""
    own, others = call.values
    stays = (
        call.graph.referring("SchoolEnrollment", "student", key(call.record))
        if others and call.graph
        else ()
    )
    found = (each.get("graduationYear") for each in sorted(stays, key=main_first))
    years = [each for each in found if each]
    year = own or (years[0] if years else None)
    spare = len(years) > 1 or bool(years and years[0] != year)
    note = Note(MULTI_TO_ONE, "only one year has a place", 1)
    return Written(year, (note,) if spare else ())


@function("graduation", read=_year_read, read_turn=_year_turn)
def graduation(call: Call) -> Written:
    """Write the year of the enrollment; in the main one else that of the student."""
    own, of_student = call.values[0], call.values[1]
    if own or not of_student or call.graph is None:
        return Written(own)
    student = call.record.get("student")
    stays = call.graph.referring("SchoolEnrollment", "student", str(student))
    main = min(stays, key=main_first, default=None)
    return Written(of_student if main is not None and key(main) == key(call.record) else None)


@function("time_frame", read=one_text)
def time_frame(call: Call) -> Written:
    """Write the time frame; without one what the dates say of the day of the settings."""
    own, begin, end = call.values
    if own:
        return Written(own)
    today = str(call.settings.get("today", ""))
    first, last = as_day(begin or ""), as_day(end or "")
    if not today or first is None:
        return Written()
    found = "Current" if first.isoformat() <= today else "Future"
    if last is not None and last.isoformat() < today:
        found = "Historical"
    return Written(found, (Note(INFERRED, "the dates say it", 1),))


def _membership_read(call: Call) -> Read:
    found = one_text(call)
    if not call.values:
        return found
    code = call.values[0].strip()
    return Read(call.meanings.get(code, UNKNOWN_CODE + code), found.notes)


@function("membership_type", read=_membership_read)
def membership_type(call: Call) -> Written:
    """Write the type of membership; the main enrollment without one is at home in its school."""
    own, main = call.values
    if own is None and main == "true":
        return Written("Home", (Note(INFERRED, "it is the main enrollment", 1),))
    found = call.codes.get(own)
    return Written(found, (Note(UNMAPPED_CODE, NOT_A_CODE),) if own and not found else ())


def _sessions(call: Call) -> Iterator[Record]:
    if call.graph is None:
        return
    yield from call.graph.referring("Session", "year", key(call.record))
    for each in call.graph.referring("Session", "school", str(call.record.get("school", ""))):
        if "year" not in each and each.get("schoolYear") == call.record.get("schoolYear"):
            yield each


@function("year_bound", read=one_text)
def year_bound(call: Call) -> Written:
    """Write nothing: the session of the whole year has the day; noted when there is none."""
    days = [each.get(call.fields[0]) for each in _sessions(call) if each.get("type") == FULL_YEAR]
    if call.value is None or call.value in days:
        return Written()
    return Written(None, (Note(NARROWED, "no session of the whole year has this day"),))


def _parent_session(call: Call) -> Read:
    if not call.values:
        return Read()
    of = [str(call.record.get(name, "")) for name in ("school", "schoolYear")]
    return Read(minted("Session", *of, " ".join(call.values[0].split())))


@function("parent_session", read=_parent_session, late=True)
def parent_session(call: Call) -> Written:
    """Write the code of the parent where it is no field of its own: that of its record, else of
    the shortest session of the same year that contains this one, marked as inferred."""
    if call.record.get("parentCode") or call.graph is None:
        return Written()
    held = call.graph.get("Session", str(call.value)) if call.value else None
    if held is not None:
        return Written(held.get("code"))
    around = sorted(_around(call), key=lambda each: each[0])
    if not around or (len(around) > 1 and around[0][0] == around[1][0]):
        return Written()
    return Written(around[0][1], (Note(INFERRED, "the dates lie in those of the session", 1),))


def _around(call: Call) -> Iterator[tuple[timedelta, str]]:
    """Length and code of the sessions of the year that begin and end around this one."""
    assert call.graph is not None
    first, last = _span(call.record)
    for each in call.graph.referring("Session", "school", str(call.record.get("school", ""))):
        begin, end = _span(each)
        same = each.get("schoolYear") == call.record.get("schoolYear")
        if not (same and first and last and begin and end and "code" in each):
            continue
        if begin <= first and last <= end and (begin, end) != (first, last):
            yield end - begin, str(each["code"])


def _span(record: Record) -> tuple[date | None, date | None]:
    first, last = (as_day(str(record.get(name, ""))) for name in ("startDate", "endDate"))
    return first, last


def _year_record(call: Call) -> Read:
    school, year = call.record.get("school"), call.record.get("schoolYear")
    if call.graph is None or not isinstance(school, str):
        return Read()
    known = _of_year(call, school, year)
    return Read(next(known, None))


def _of_year(call: Call, school: str, year: Any) -> Iterator[str]:
    assert call.graph is not None
    for each in call.graph.referring("SchoolYear", "school", school):
        if each.get("schoolYear") == year:
            yield key(each)


# Read: the calendar of the same school and year, when it is known.
function("year_record", read=_year_record, late=True)(nothing)


@function("school_of_duty")
def school_of_duty(call: Call) -> Written:
    """Write the school of an enrollment where it is known what the school answers for."""
    return Written(call.values[1] if call.values[0] else None)


@function("day_time", read=lambda call: _day_only(call))
def day_time(call: Call) -> Written:
    """Write a day as the first moment of it, without a zone."""
    found = as_day(call.value or "")
    return Written(f"{found.isoformat()}T00:00:00" if found else None)


def _day_only(call: Call) -> Read:
    # The local calendar day is what was meant: the time is dropped, never turned to UTC.
    found = one_text(call)
    day = as_day(call.values[0]) if call.values else None
    return Read(day.isoformat() if day else found.value, found.notes)
