"""Functions of the Ed-Fi tables for terms, days, rooms and what happens in sections.

SIF has one term, Ed-Fi a session (classes meet) and a grading period (marks are given); a section
of two terms is two sections in Ed-Fi. What has to be found among other records is found here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from reference_hub.translate.calls import Call, Graph, Note, Read, Written, function
from reference_hub.translate.canonical import Record, key
from reference_hub.translate.edfi_words import uri, word_of
from reference_hub.translate.functions_edfi_lists import items_in
from reference_hub.translate.functions_plain import as_day
from reference_hub.translate.ledger import INFERRED, MULTI_TO_ONE, NARROWED

TRUE = "true"
_ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth")
# A quarter of a year has nine weeks in Ed-Fi's words.
_PERIODS = {"Quarter": "Nine Weeks", "Semester": "Semester", "Trimester": "Trimester"}
_WEEKDAYS = "weekdays"


def text_of(record: Record, name: str) -> str:
    """A field that is one text; '' when it is not there."""
    found = record.get(name)
    return found if isinstance(found, str) else ""


def fields_of(call: Call) -> dict[str, Any]:
    """The values by the last name of their field; `it` and chains included."""
    return dict(zip(call.fields, call.values, strict=True))


# Terms


def meets_in(term: Record) -> bool:
    """Whether classes may meet in a term: it is for scheduling, or not only for marks."""
    return term.get("schedulingTerm") == TRUE or term.get("markingTerm") != TRUE


@function("edfi_is_session")
def is_session(call: Call) -> Written:
    """Say whether a term is a session of Ed-Fi."""
    return Written(TRUE if meets_in(call.record) else None)


@function("edfi_implied", read=lambda call: Read(call.argument))
def implied(_: Call) -> Written:
    """Write nothing. Read: that this stands here says what the argument says."""
    return Written()


def _listed(_: Call) -> Read:
    text = "the shortest session that lists a grading period is taken for the term above it"
    return Read({"markingTerm": TRUE}, (Note(INFERRED, text),))


@function("edfi_listed", read=_listed)
def listed(_: Call) -> Written:
    """Write nothing. Read: a term that a session lists is one for marks, and lies in it."""
    return Written()


@function("edfi_grading_period")
def grading_period(call: Call) -> Written:
    """Write the kind of a grading period with its place among those of its school's year."""
    word = period_word(call.record, call.graph)
    if word is None:
        return Written(None, (Note(NARROWED, "Ed-Fi has no grading period of this kind"),))
    return Written(uri("GradingPeriod", word))


def period_word(term: Record, graph: Graph | None) -> str | None:
    """The kind of grading period a term is, such as `First Semester`; None where Ed-Fi has none."""
    kind = _PERIODS.get(text_of(term, "type"))
    if kind is None or graph is None:
        return None
    alike = [
        each
        for each in graph.referring("Session", "school", text_of(term, "school"))
        if each.get("type") == term.get("type") and _year(each, graph) == _year(term, graph)
    ]
    alike.sort(key=lambda each: (text_of(each, "startDate"), text_of(each, "code")))
    place = [key(each) for each in alike].index(key(term)) if alike else 0
    return f"{_ORDINALS[place]} {kind}" if place < len(_ORDINALS) else None


def _year(term: Record, graph: Graph) -> str:
    told = text_of(term, "schoolYear")
    return told or text_of(graph.get("SchoolYear", text_of(term, "year")) or {}, "schoolYear")


def _year_of_term(call: Call) -> Read:
    graph, told = call.graph, text_of(call.record, "schoolYear")
    years = graph.referring("SchoolYear", "school", text_of(call.record, "school")) if graph else ()
    found = [key(each) for each in years if text_of(each, "schoolYear") == told]
    if len(found) != 1:
        return Read()
    return Read(found[0], (Note(INFERRED, "school and school year tell it"),))


@function("edfi_year_of_term", read=_year_of_term, late=True)
def year_of_term(_: Call) -> Written:
    """Write nothing: school and school year say it. Read: the school's year among what is known."""
    return Written()


@function("edfi_period_place")
def period_place(call: Call) -> Written:
    """Write the place of a grading period among those of its kind, from 1 (Data Standard 4)."""
    return Written(place_of(call.record, call.graph))


def place_of(term: Record, graph: Graph | None) -> int | None:
    """The number at the beginning of a grading period's name; None where it has none."""
    word = period_word(term, graph)
    return _ORDINALS.index(word.partition(" ")[0]) + 1 if word else None


@function("edfi_grading_periods")
def grading_periods(call: Call) -> Written:
    """Write the terms for marks that lie in this one: by the links from a term to the one above,
    and by their days, marked as inferred."""
    graph, number = call.graph, _number(call)
    if graph is None or number is None:
        return Written()
    terms = graph.referring("Session", "school", text_of(call.record, "school"))
    linked = {key(each) for each in _below(call.record, graph)}
    inside = [x for x in terms if key(x) in linked or _is_within(x, call.record)]
    found: list[dict[str, Any]] = []
    is_guess = False
    for each in inside:
        word = period_word(each, graph)
        if each.get("markingTerm") == TRUE and word and text_of(each, "code"):
            reference = {
                "gradingPeriodDescriptor": uri("GradingPeriod", word),
                "schoolId": number,
                "schoolYear": int(_year(each, graph) or 0),
                **_name_or_place(call, each),
            }
            found.append({"gradingPeriodReference": reference})
            is_guess = is_guess or key(each) not in linked
    found.sort(key=lambda each: str(each["gradingPeriodReference"]))
    note = Note(INFERRED, "a term names none above it; one whose days lie in this one is meant")
    return Written(found or None, (note,) if is_guess else ())


def _is_within(term: Record, outer: Record) -> bool:
    days = text_of(term, "startDate"), text_of(term, "endDate")
    first, last = text_of(outer, "startDate"), text_of(outer, "endDate")
    return key(term) != key(outer) and "" not in days and first <= days[0] <= days[1] <= last


def _name_or_place(call: Call, term: Record) -> dict[str, Any]:
    # Data Standard 4 counts grading periods, later ones name them.
    if call.argument == "place":
        return {"periodSequence": place_of(term, call.graph)}
    return {"gradingPeriodName": " ".join(text_of(term, "code").split())}


def _number(call: Call) -> int | None:
    numbers: Mapping[str, Any] = call.settings.get("organizations", {})
    school = call.graph.get("School", text_of(call.record, "school")) if call.graph else None
    told = (text_of(school, "refId"), text_of(school, "localId")) if school else ()
    return next((int(numbers[each]) for each in told if each in numbers), None)


def _below(term: Record, graph: Graph, depth: int = 0) -> Iterator[Record]:
    # Terms that point to each other in a circle must not hold the hub up.
    for each in graph.referring("Session", "parent", key(term)) if depth < 8 else ():
        yield each
        yield from _below(each, graph, depth + 1)


def _period_type_read(call: Call) -> Read:
    word = word_of("GradingPeriod", str(call.values[0]))
    kind = word.partition(" ")[2]
    return Read(next((name for name, each in _PERIODS.items() if each == kind), None))


@function("edfi_period_type", read=_period_type_read)
def period_type(_: Call) -> Written:
    """Write nothing: the descriptor of the grading period says it. Read: the kind of term."""
    return Written()


@function("edfi_days")
def days(call: Call) -> Written:
    """Write the number of days of instruction of a term, counted in the calendar of its school.

    Without a calendar the number the district states (`instructional_days`: a number for each code
    of a term, or `weekdays`), marked as inferred; without that nothing, and the term is held.
    """
    told = fields_of(call)
    first, last = as_day(told.get("startDate") or ""), as_day(told.get("endDate") or "")
    if first is None or last is None:
        return Written()
    known = list(_school_days(call))
    if known:
        return Written(sum(first <= day <= last for day in known))
    stated = call.settings.get("instructional_days")
    note = Note(INFERRED, "the calendar is not known; counted by the district's rule")
    if stated == _WEEKDAYS:
        span = (first + timedelta(day) for day in range((last - first).days + 1))
        return Written(sum(day.weekday() < 5 for day in span), (note,))
    if isinstance(stated, Mapping) and text_of(call.record, "code") in stated:
        return Written(int(stated[text_of(call.record, "code")]), (note,))
    return Written()


def _school_days(call: Call) -> Iterator[date]:
    graph = call.graph
    years = [text_of(call.record, "year")]
    school = text_of(call.record, "school")
    found = graph.referring("CalendarDay", "school", school) if graph and school else ()
    if graph and not found:
        found = [x for y in years if y for x in graph.referring("CalendarDay", "year", y)]
    for each in found:
        day = as_day(text_of(each, "date"))
        if day and _teaches(each):
            yield day


def _teaches(each: Record) -> bool:
    told = each.get("instructional")
    return told == TRUE if told else each.get("type") in (None, "Instructional")


def _event_read(call: Call) -> Read:
    told = call.meanings.get(str(call.values[0]))
    return Read((told, TRUE if told == "Instructional" else "false"))


@function("edfi_calendar_event", read=_event_read)
def calendar_event(call: Call) -> Written:
    """Write what a day is: its event, or that it is a day of instruction. Fields: type ;
    instructional."""
    told, teaches = call.values
    if told:
        expected = TRUE if told == "Instructional" else "false"
        lost = (Note(NARROWED, "Ed-Fi tells the event only", 1),) if teaches != expected else ()
        return Written(call.codes.get(told), lost if teaches else ())
    return Written(call.codes.get("Instructional") if teaches == TRUE else None)


# Sections


def _of_session(call: Call) -> list[tuple[int, Mapping[str, str]]]:
    """The meetings of a section in the session of the row, with their number."""
    session = key(call.it) if call.it else ""
    known = enumerate(items_in(call.record.get("meetings")))
    return [(at, each) for at, each in known if each.get("session", session) == session]


def _period_read(call: Call) -> Read:
    sessions = call.record.get("sessions")
    session = sessions[0] if isinstance(sessions, list) and sessions else None
    rooms = [x for x in (_room_of(call.node),) if x]
    times: Mapping[tuple[str, str], tuple[str, str]] = call.settings.get("class_periods", {})
    found = []
    for node in call.values:
        told = node.get("classPeriodReference") if isinstance(node, Mapping) else None
        if not isinstance(told, Mapping):
            continue
        name = str(told.get("classPeriodName", ""))
        meeting = {"period": name, **({"session": str(session)} if session else {})}
        hours = times.get((str(told.get("schoolId", "")), name))
        if hours:
            meeting |= {"startTime": hours[0], "endTime": hours[1]}
        found.append(meeting | ({"room": rooms[0]} if rooms else {}))
    return Read(found or None)


def _room_of(node: Mapping[str, Any]) -> str:
    told = node.get("locationReference")
    return str(told.get("classroomIdentificationCode", "")) if isinstance(told, Mapping) else ""


@function("edfi_class_periods", read=_period_read, raw=True, late=True)
def class_periods(call: Call) -> Written:
    """Write the periods in which a section meets in the session, each once."""
    number = _number(call)
    names = [" ".join(each["period"].split()) for _, each in _of_session(call) if "period" in each]
    if number is None or not names:
        return Written()
    return Written(
        [
            {"classPeriodReference": {"classPeriodName": name, "schoolId": number}}
            for name in dict.fromkeys(names)
        ]
    )


@function("edfi_room")
def room(call: Call) -> Written:
    """Write the first room of a section in the session; Ed-Fi has a place for one. Fields:
    meetings.room ; meetings.session ; rooms.number ; rooms, the last two where no lesson names a
    room."""
    numbers, listed = (*call.values[2:], None, None)[:2]
    told = [(at, each["room"]) for at, each in _of_session(call) if each.get("room", "").strip()]
    if not told:
        rooms = numbers if isinstance(numbers, list) else [numbers]
        told = [(-1, name) for name in rooms if name and name.strip()]
    if not told:
        return Written()
    text = "Ed-Fi has a place for one room"
    spare = [Note(MULTI_TO_ONE, text, item=at) for at, name in told if name != told[0][1]]
    if listed:
        spare.append(Note(NARROWED, "a room goes by its number", 3))
    return Written(" ".join(told[0][1].split()), tuple(spare))


@function("edfi_place_of_room")
def place_of_room(call: Call) -> Written:
    """Write the school's number beside a room; nothing where the section has none."""
    return Written(_number(call) if room(call).value else None)


@function("edfi_hours")
def hours(call: Call) -> Written:
    """Write begin and end of a period, both or nothing."""
    begins, ends = call.values
    if not begins or not ends:
        return Written()
    return Written([{"startTime": _clock(begins), "endTime": _clock(ends)}])


def _clock(told: str) -> str:
    return told if len(told) >= 8 else f"{told}:00"
