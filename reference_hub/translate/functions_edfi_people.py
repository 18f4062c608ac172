"""Functions of the Ed-Fi tables for posts, enrolments, attendance and marks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from reference_hub.translate.calls import WHOLE, Call, Note, Read, Written, function
from reference_hub.translate.canonical import UNKNOWN_CODE, Record, key
from reference_hub.translate.edfi_words import descriptor_words, uri
from reference_hub.translate.functions_edfi_school import (
    TRUE,
    meets_in,
    period_word,
    place_of,
    text_of,
)
from reference_hub.translate.functions_plain import NOT_A_CODE, as_day
from reference_hub.translate.ledger import INFERRED, NARROWED, UNMAPPED_CODE, WITHHELD

_SPECIAL = "Special Education Teachers"


# Contacts


def _is_open(link: Record) -> bool:
    """Whether custody, access to records and restrictions let a receiver learn of a link."""
    refused = "false" in (link.get("custody"), link.get("recordsAccess"))
    return not refused and not text_of(link, "restrictions").strip()


@function("edfi_link_goes")
def link_goes(call: Call) -> Written:
    """Decide: a link without rights is not told, but where the connection is set to
    `restricted_contacts` (a state's own host). Policy, no loss (profile)."""
    if _is_open(call.record) or call.settings.get("restricted_contacts"):
        text = "decides whether the link is told, and is not told itself"
        known = ("custody", "recordsAccess")
        told = (Note(NARROWED, text, at) for at, x in enumerate(known) if x in call.record)
        return Written(TRUE, tuple(told))
    return Written(None, (Note(WITHHELD, "custody, records or restrictions forbid it", WHOLE),))


@function("edfi_contact_goes")
def contact_goes(call: Call) -> Written:
    """Decide: a contact goes if one of its links does."""
    links = call.graph.referring("ContactLink", "contact", key(call.record)) if call.graph else ()
    if call.settings.get("restricted_contacts") or any(map(_is_open, links)):
        return Written(TRUE)
    return Written(None, (Note(WITHHELD, "no link of this contact may be told", WHOLE),))


# Staff


def _job_read(call: Call) -> Read:
    return Read(call.meanings.get(str(call.values[0])))


@function("edfi_job", read=_job_read)
def job(call: Call) -> Written:
    """Write what somebody works as. Codes of another list are translated by the district's own
    words (`staff_roles`: received code to ours); never guessed."""
    told = str(call.value)
    own: Mapping[str, str] = call.settings.get("staff_roles", {})
    meant = own.get(told.removeprefix(UNKNOWN_CODE), told)
    found = call.codes.get(meant)
    if found is None:
        return Written(None, (Note(UNMAPPED_CODE, NOT_A_CODE),))
    is_exact = told == meant and call.meanings.get(found) == meant
    return Written(found, () if is_exact else (Note(NARROWED, "the code comes back as another"),))


def _position_read(call: Call) -> Read:
    role = call.meanings.get(str(call.values[0]))
    if role is None:
        return Read()
    is_first = TRUE if role == "teacher of record" else "false"
    return Read({"teacherOfRecord": is_first, "primary": is_first, "role": role})


@function("edfi_position", read=_position_read)
def position(call: Call) -> Written:
    """Write what somebody is in a section. Fields: role ; teacherOfRecord ; primary.

    Of record if it is said so; the role if that is said; else a supporting teacher. What comes back
    otherwise than it is, is noted.
    """
    role, of_record, primary = call.values
    is_first = of_record == TRUE or (of_record is None and role is None and primary == TRUE)
    meant = "teacher of record" if is_first else role or "co-teacher"
    notes = [] if role == meant else [Note(INFERRED, "the record says only who is of record")]
    for place, told in ((1, of_record), (2, primary)):
        if told is None:
            notes.append(Note(INFERRED, "the position tells it", place))
        elif (told == TRUE) != is_first:
            notes.append(Note(NARROWED, "Ed-Fi has one teacher of record", place))
    return Written(call.codes.get(meant), tuple(notes))


@function("edfi_share", read=lambda call: Read(_percent(str(call.values[0]))))
def share(call: Call) -> Written:
    """Write a percentage as a part of one."""
    try:
        part = round(float(call.value) / 100, 4)
        return Written(int(part) if part == int(part) else part)
    except (TypeError, ValueError):
        return Written(None, (Note(NARROWED, "the value is no number"),))


def _percent(told: str) -> str:
    number = round(float(told) * 100, 2)
    return str(int(number)) if number == int(number) else str(number)


@function("edfi_programme_of_staff")
def programme_of_staff(call: Call) -> Written:
    """Write for which programme somebody works at the school of the row: special education if all
    posts there are, else regular education."""
    graph, school = call.graph, key(call.it) if call.it else ""
    posts = graph.referring("StaffAssignment", "staff", key(call.record)) if graph else ()
    jobs = {each.get("jobFunction") for each in posts if each.get("school") == school}
    word = "Special Education" if jobs == {_SPECIAL} else "Regular Education"
    return Written(uri("ProgramAssignment", word))


# Students


_ATTENDANCE = {
    ("Present", "NA"): "present",
    ("Absent", "Excused"): "excused absence",
    ("Absent", "Unexcused"): "unexcused absence",
    ("Tardy", "Excused"): "tardy",
    ("Tardy", "Unexcused"): "tardy",
    ("EarlyDeparture", "Excused"): "early departure",
    ("EarlyDeparture", "Unexcused"): "early departure",
    ("Partial", "Excused"): "partial day",
    ("Partial", "Unexcused"): "partial day",
}


@function("edfi_attendance", read=_job_read)
def attendance(call: Call) -> Written:
    """Write what a day or period was. Fields: category ; and of the school's own code, type and
    status."""
    told, *of_code = call.values
    meant = told or _ATTENDANCE.get((of_code[0], of_code[1])) if len(of_code) > 1 else told
    found = call.codes.get(meant or "")
    if found is None:
        return Written(None, (Note(UNMAPPED_CODE, NOT_A_CODE),))
    return Written(found, () if told else (Note(INFERRED, "the school's own code tells it"),))


@function("edfi_eats")
def eats(call: Call) -> Written:
    """Decide: only who is known to eat free, reduced or paid takes part in the programme."""
    if call.record.get("status") in descriptor_words("meal"):
        return Written(TRUE)
    text = "no meals programme of Ed-Fi stands for this status"
    return Written(None, (Note(UNMAPPED_CODE, text, WHOLE),))


def _membership_read(call: Call) -> Read:
    told = call.meanings.get(str(call.values[0]))
    return Read(told if told in ("Summer", "Preregistered") else None)


@function("edfi_enrollment_type", read=_membership_read)
def enrollment_type(call: Call) -> Written:
    """Write the kind of enrolment; what Ed-Fi calls current is told apart by the primary school."""
    return Written(call.codes.get(call.value))


def _primary_read(call: Call) -> Read:
    is_primary = str(call.values[0]) == TRUE
    return Read(("Home" if is_primary else "Concurrent", TRUE if is_primary else "false"))


@function("edfi_primary_school", read=_primary_read)
def primary_school(call: Call) -> Written:
    """Write whether the school is the student's main one. Fields: membership ; main."""
    told, main = call.values
    if told:
        note = Note(INFERRED, "the kind of enrolment tells it", 1)
        return Written(told == "Home", (note,) if main is None else ())
    note = Note(INFERRED, "the main school comes back as the home school")
    return Written({"true": True, "false": False}.get(main or ""), (note,))


def sessions_on(terms: list[Record], day: date | None) -> list[Record]:
    """The terms in which classes meet that hold a day, the shortest first."""
    found = []
    for each in terms:
        first, last = as_day(text_of(each, "startDate")), as_day(text_of(each, "endDate"))
        if day and first and last and first <= day <= last and meets_in(each):
            found.append((last - first, text_of(each, "code"), each))
    return [each for _, _, each in sorted(found, key=lambda x: x[:2])]


@function("edfi_session_on")
def session_on(call: Call) -> Written:
    """Write the shortest session of the school, or of the section, that holds the day."""
    graph = call.graph
    if graph is None:
        return Written()
    section = graph.get("Section", text_of(call.record, "section"))
    if section is not None:
        names = section.get("sessions")
        told = [graph.get("Session", x) for x in names if isinstance(x, str)] if names else []
        terms = [each for each in told if each is not None]
    else:
        terms = list(graph.referring("Session", "school", text_of(call.record, "school")))
    found = sessions_on(terms, as_day(text_of(call.record, "date")))
    return Written(text_of(found[0], "code") or None if found else None)


# Marks


@function("edfi_seat_begin")
def seat_begin(call: Call) -> Written:
    """Write since when the student sits in the section: part of the key of what is marked."""
    seat = _seat(call)
    first = as_day(text_of(seat, "beginDate")) if seat else None
    if first is None and seat is not None:
        session = _marked_in(call)
        first = as_day(text_of(session, "startDate")) if session else None
    return Written(first.isoformat() if first else None)


def _seat(call: Call) -> Record | None:
    graph, student = call.graph, text_of(call.record, "student")
    seats = graph.referring("SectionEnrollment", "student", student) if graph else ()
    section = text_of(call.record, "section")
    return next((each for each in seats if each.get("section") == section), None)


def _marked_in(call: Call) -> Record | None:
    """The session in which a mark was given: the section's that holds the end of the term."""
    graph = call.graph
    section = graph.get("Section", text_of(call.record, "section")) if graph else None
    if graph is None or section is None:
        return None
    told = section.get("sessions")
    terms = [graph.get("Session", x) for x in told if isinstance(x, str)] if told else []
    known = [each for each in terms if each is not None]
    term = graph.get("Session", text_of(call.record, "session"))
    found = sessions_on(known, as_day(text_of(term, "endDate")) if term else None)
    return found[0] if found else next(iter(known), None)


@function("edfi_session_of_mark")
def session_of_mark(call: Call) -> Written:
    """Write the name of the session in which a mark was given."""
    found = _marked_in(call)
    return Written(text_of(found, "code") or None if found else None)


@function("edfi_period_of_mark")
def period_of_mark(call: Call) -> Written:
    """Write the kind of grading period for which a mark was given."""
    graph = call.graph
    term = graph.get("Session", text_of(call.record, "session")) if graph else None
    word = period_word(term, graph) if term else None
    return Written(uri("GradingPeriod", word) if word else None)


@function("edfi_place_of_mark")
def place_of_mark(call: Call) -> Written:
    """Write the place of the grading period for which a mark was given (Data Standard 4)."""
    graph = call.graph
    term = graph.get("Session", text_of(call.record, "session")) if graph else None
    return Written(place_of(term, graph) if term else None)
