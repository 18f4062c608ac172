"""Functions of the OneRoster tables that sessions, courses, classes and marks need."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fixtures import codesets
from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.canonical import Record, key, key_of
from reference_hub.translate.functions_plain import as_day, moved, one_text
from reference_hub.translate.identity import minted
from reference_hub.translate.ledger import INFERRED, MULTI_TO_ONE, NARROWED, UNMAPPED_CODE

FULL_YEAR = "schoolYear"
_WHOLE = "FullSchoolYear"
GRADING_PERIOD = "gradingPeriod"
_SCED = re.compile(r"(\d\d)(\d{3})")


def refer(call: Call, entity: str, field: str, at: str) -> Sequence[Record]:
    """The records of an entity whose field refers to a key."""
    return call.graph.referring(entity, field, at) if call.graph and at else ()


def text_of(record: Record | None, field: str) -> str:
    """A field that holds one text; '' where there is none."""
    value = record.get(field) if record else None
    return value if isinstance(value, str) else ""


def found(call: Call, entity: str, at: str) -> Record | None:
    """The record with this key."""
    return call.graph.get(entity, at) if call.graph and at else None


@function("keys", read=lambda call: Read([key_of(each) for each in call.values]))
def keys(call: Call) -> Written:
    """Write the keys of other records, each once."""
    value = call.value if isinstance(call.value, list) else [call.value]
    return Written(list(dict.fromkeys(value)) or None)


@function("unread")
def unread(call: Call) -> Written:
    """Write the first value as it stands; nothing is read back: another row carries it."""
    value = call.value[0] if isinstance(call.value, list) else call.value
    return Written(value)


@function("unread_day_after")
def unread_day_after(call: Call) -> Written:
    """Write the day after; nothing is read back: another row carries it."""
    return Written(moved(str(call.value), 1))


@function("derived")
def derived(call: Call) -> Written:
    """Write the id of a thing without a RefId, made from the argument and the values."""
    parts = [each for each in call.values if isinstance(each, str)]
    return Written(minted(call.argument, *parts)) if len(parts) == len(call.values) else Written()


@function("preferably", read=one_text)
def preferably(call: Call) -> Written:
    """Write the first field that has a value; one that is not the first is marked as inferred."""
    for place, value in enumerate(call.values):
        told = value[0] if isinstance(value, list) and value else value
        if isinstance(told, str) and told.strip():
            note = Note(INFERRED, f"taken from {call.fields[place]}", field=place)
            return Written(told, (note,) if place else ())
    return Written()


@function("preferred_day", read=lambda call: Read(moved(call.values[0], 0) or call.values[0]))
def preferred_day(call: Call) -> Written:
    """Write the first day that is known; one that is not the first field's is marked inferred."""
    made = preferably(call)
    return Written(moved(made.value, 0), made.notes) if made.value else made


# Sessions


def session_word(session: Record, codes: Mapping[str, str]) -> str:
    """The type of a session; one that is only for marks is a grading period."""
    tabled = codes.get(text_of(session, "type"), "")
    only_marks = session.get("markingTerm") == "true" and session.get("schedulingTerm") != "true"
    return GRADING_PERIOD if only_marks and tabled != FULL_YEAR else tabled


def _session_read(call: Call) -> Read:
    word = call.values[0].strip()
    if word == GRADING_PERIOD:
        return Read({"markingTerm": "true", "schedulingTerm": "false"})
    kinds = [canonical for canonical, code in call.codes.items() if code == word]
    if len(kinds) == 1:
        return Read({"type": kinds[0]})
    if word == FULL_YEAR:
        return Read({"type": _WHOLE})
    return Read(None, (Note(NARROWED, "which kind of term it is, is not told"),))


@function("session_type", read=_session_read)
def session_type(call: Call) -> Written:
    """Write the type; eleven kinds become four, so most do not come back."""
    word = session_word(call.record, call.codes)
    kind = text_of(call.record, "type")
    notes = []
    if kind and kind not in call.codes:
        notes.append(Note(UNMAPPED_CODE, "the value is not in the code set"))
    elif kind and kind != _WHOLE and (word == GRADING_PERIOD or _shared(call, word)):
        notes.append(Note(NARROWED, f"OneRoster calls it {word}"))
    if word != GRADING_PERIOD and not _both(call.record):
        text = "what the session is for is not told"
        notes += [Note(NARROWED, text, field=at) for at in (1, 2) if call.values[at]]
    return Written(word or None, tuple(notes))


def _shared(call: Call, word: str) -> bool:
    """Whether several types have this word."""
    return list(call.codes.values()).count(word) > 1


def _both(session: Record) -> bool:
    return session.get("markingTerm") == session.get("schedulingTerm") == "true"


@function("marks_and_schedules")
def marks_and_schedules(call: Call) -> Written:
    """Decide: the session is for marks and for classes, so it is sent as a grading period too."""
    return Written("yes" if _both(call.record) else None)


@function("year_without_session")
def year_without_session(call: Call) -> Written:
    """Decide: no session of the source stands for the whole school year, so one is made."""
    return Written(None if full_session(call, key(call.record)) else "yes")


def full_session(call: Call, year: str) -> str:
    """The key of the session that spans a school year, in one that the source tells of."""
    calendar = found(call, "SchoolYear", year)
    told = text_of(calendar, "schoolYear")
    near = refer(call, "Session", "school", text_of(calendar, "school"))
    # Classic terms name school and year, and not the calendar of both.
    held = [*refer(call, "Session", "year", year), *near]
    fitting = (x for x in held if _is_full(x) and text_of(x, "schoolYear") in (told, ""))
    return next(map(key, fitting), "")


def _is_full(session: Record) -> bool:
    words = codesets.words("sessiontype", "canonical", "oneroster")
    return words.get(text_of(session, "type")) == FULL_YEAR


@function("session_stands_in")
def session_stands_in(call: Call) -> Written:
    """Write nothing, but say that the session of the whole year stands for the year itself."""
    note = Note(NARROWED, "the session of the whole year stands for it")
    return Written(None, (note,) if full_session(call, key(call.record)) else ())


@function("title_or_code", read=one_text)
def title_or_code(call: Call) -> Written:
    """Write the title of a session; without one its code, marked as inferred."""
    title, code = text_of(call.record, "title"), text_of(call.record, "code")
    if title:
        note = Note(NARROWED, "only as metadata, which is not sent", field=1)
        return Written(title, (note,) if code else ())
    return Written(code or None, (Note(INFERRED, "taken from the code", field=1),))


@function("year_title", read=one_text)
def year_title(call: Call) -> Written:
    """Write what the year is called; without a name its two years, marked as inferred."""
    if text_of(call.record, "description"):
        return Written(text_of(call.record, "description"))
    year = text_of(call.record, "schoolYear")
    if not year.isdigit():
        return Written()
    return Written(f"{int(year) - 1}-{year}", (Note(INFERRED, "the year has no name", field=1),))


def _span(call: Call, pick: Any, later: int) -> Written:
    own = call.value
    if isinstance(own, str):
        return Written(moved(own, later))
    told = call.values[1] if isinstance(call.values[1], list) else [call.values[1]]
    days = [day for each in told if each and (day := as_day(each))]
    note = Note(INFERRED, "taken from the sessions of the year", field=1)
    return Written(moved(pick(days).isoformat(), later), (note,)) if days else Written()


@function("year_start", read=lambda call: Read(moved(call.values[0], 0)))
def year_start(call: Call) -> Written:
    """Write the first day of the year; else the first day of its sessions, marked as inferred."""
    return _span(call, min, 0)


@function("year_end", read=lambda call: Read(moved(call.values[0], -1)))
def year_end(call: Call) -> Written:
    """Write the day after the last one of the year, or of its sessions, marked as inferred."""
    return _span(call, max, 1)


@function("year_last", read=lambda call: Read(moved(call.values[0], 0)))
def year_last(call: Call) -> Written:
    """Write the last day of the year, or of its sessions, marked as inferred."""
    return _span(call, max, 0)


def _parent_read(call: Call) -> Read:
    above = key_of(call.values[0])
    return Read({"year" if found(call, "SchoolYear", above) else "parent": above})


@function("session_parent", read=_parent_read)
def session_parent(call: Call) -> Written:
    """Write the session above; where the source names none, that of the school year."""
    parent, year = text_of(call.record, "parent"), text_of(call.record, "year")
    if parent and parent != key(call.record):
        note = Note(NARROWED, "the parent is told, and not the calendar", field=1)
        return Written(parent, (note,) if year and parent != year else ())
    above = year_session(call, year) if year else ""
    note = Note(NARROWED, "the session of the whole year stands for the calendar", field=1)
    stands_in = (note,) if above and above != year else ()
    return Written(above if above != key(call.record) else None, stands_in)


def year_session(call: Call, year: str) -> str:
    """The id of the session that stands for a school year."""
    return full_session(call, year) or year


def _years(call: Call, school: str, year: str) -> list[str]:
    """The sessions that stand for the school's years, told by its sessions or by its calendars."""

    def fits(each: Record) -> bool:
        return not year or text_of(each, "schoolYear") == year

    sessions = [x for x in refer(call, "Session", "school", school) if _is_full(x) and fits(x)]
    calendars = [x for x in refer(call, "SchoolYear", "school", school) if fits(x)]
    return list(dict.fromkeys(map(key, sessions or calendars)))


@function("course_year", read=lambda call: _course_year_read(call))
def course_year(call: Call) -> Written:
    """Write the session of the course's school year; nothing where it is not clear which."""
    school, year = text_of(call.record, "school"), text_of(call.record, "schoolYear")
    fitting = _years(call, school, year)
    if len(fitting) == 1:
        note = Note(INFERRED, "the only school year of the school", field=1)
        return Written(fitting[0], () if year else (note,))
    lost = Note(NARROWED, "no session stands for this school year")
    return Written(None, (lost,) if year else ())


def _course_year_read(call: Call) -> Read:
    above = key_of(call.values[0])
    year = found(call, "SchoolYear", above) or found(call, "Session", above)
    told = text_of(year, "schoolYear")
    return Read({"schoolYear": told} if told else None)


# Courses and classes


def _sced_read(call: Call) -> Read:
    code = call.values[0].strip()
    further = tuple(
        Note(MULTI_TO_ONE, "one code is read", item=x) for x in range(1, len(call.values))
    )
    match = _SCED.fullmatch(code)
    if match:
        return Read({"subjectArea": match[1], "scedCode": match[2]}, further)
    return Read({"subjectArea" if re.fullmatch(r"\d\d", code) else "scedCode": code}, further)


@function("sced", read=_sced_read)
def sced(call: Call) -> Written:
    """Write subject area and course code as one, beside the subject: both lists run in parallel."""
    *_, subject = call.values
    parts = [each for each in call.values[:-1] if isinstance(each, str)]
    if subject:
        return Written(["".join(parts)] if parts else None)
    text = "codes run beside subjects, and there is no subject"
    told = [place for place, each in enumerate(call.values[:-1]) if each]
    return Written(None, tuple(Note(NARROWED, text, field=place) for place in told))


@function("course_sced", read=lambda call: _course_sced_read(call))
def course_sced(call: Call) -> Written:
    """Write the code of the course beside the class's subject."""
    *_, subject = call.values
    parts = [each for each in call.values[:-1] if isinstance(each, str)]
    return Written(["".join(parts)] if subject and parts else None)


def _course_sced_read(call: Call) -> Read:
    course = found(call, "Course", text_of(call.record, "course"))
    own = "".join(text_of(course, name) for name in ("subjectArea", "scedCode"))
    text = "SIF has the code at the course, whose own one counts"
    return Read(None, () if list(call.values) == [own] else (Note(NARROWED, text),))


@function("one_subject", read=lambda call: _subjects_read(call))
def one_subject(call: Call) -> Written:
    """Write the subject as a list of one."""
    return Written([call.value] if call.value else None)


def _subjects_read(call: Call) -> Read:
    further = tuple(
        Note(MULTI_TO_ONE, "one subject is read", item=x) for x in range(1, len(call.values))
    )
    return Read(call.values[0], further)


def _grade_read(call: Call) -> Read:
    return Read([call.meanings.get(each.strip()) or f"?{each.strip()}" for each in call.values])


@function("section_grades", read=_grade_read)
def section_grades(call: Call) -> Written:
    """Write the grades of the section; without any those of the course, marked as inferred."""
    for place, value in enumerate(call.values):
        told = value if isinstance(value, list) else [value] if value else []
        if told:
            known = [call.codes[each] for each in told if each in call.codes]
            strange = [x for x, each in enumerate(told) if each not in call.codes]
            text = "the value is not in the code set"
            notes = [Note(UNMAPPED_CODE, text, field=place, item=x) for x in strange]
            if place:
                notes.append(Note(INFERRED, "the grades of the course", field=place))
            return Written(list(dict.fromkeys(known)) or None, tuple(notes))
    return Written()


@function("class_type", read=lambda call: _class_type_read(call))
def class_type(call: Call) -> Written:
    """Write homeroom where the record says so, else scheduled: the rule in SIF."""
    kind = text_of(call.record, "classType")
    if kind and kind not in call.codes:
        return Written("scheduled", (Note(UNMAPPED_CODE, "the value is not in the code set", 1),))
    return Written(call.codes.get(kind, "scheduled"))


def _class_type_read(call: Call) -> Read:
    kind = call.meanings.get(call.values[0].strip())
    return Read({"classType": kind} if kind and kind != "scheduled" else None)


def _each(call: Call, name: str) -> list[str]:
    held = call.record.get("meetings")
    items = held if isinstance(held, list) else []
    told = [each.get(name, "") for each in items if isinstance(each, dict)]
    return list(dict.fromkeys(filter(None, told)))


@function("periods", read=lambda call: Read({"meetings": [{"period": x} for x in call.values]}))
def periods(call: Call) -> Written:
    """Write the periods of all meetings, each once."""
    told = _each(call, "period")
    text = "which period is on which day and in which room is not told"
    return Written(told or None, (Note(NARROWED, text),) if len(told) > 1 else ())


@function("rooms", read=lambda call: _rooms_read(call), late=True)
def rooms(call: Call) -> Written:
    """Write the rooms of all meetings in one text; without any those of the section."""
    held = call.record.get("rooms")
    places = [found(call, "Room", str(x)) for x in held] if isinstance(held, list) else []
    named = [text_of(each, "number") for each in places if each]
    told = list(dict.fromkeys(filter(None, _each(call, "room") or named)))
    notes: list[Note] = []
    if len(told) > 1:
        notes.append(Note(NARROWED, "which meeting is in which room is not told"))
    if held:
        notes.append(Note(NARROWED, "the number of the room is told", field=1))
    return Written("; ".join(told) or None, tuple(notes))


def _rooms_read(call: Call) -> Read:
    if not call.values:
        return Read()
    told = [each.strip() for each in call.values[0].split("; ")]
    held = call.record.get("meetings")
    meetings = [x for x in held if isinstance(x, dict)] if isinstance(held, list) else []
    if not meetings:
        return Read({"meetings": [{"room": room} for room in told]})
    if len(told) > 1:
        return Read(None, (Note(NARROWED, "which period is in which room is not told"),))
    for each in meetings:
        each["room"] = told[0]
    return Read()
