"""Sections: lessons of a roster against the schedule of a SectionInfo, teachers, rooms, courses.

xPress lists lessons, each with the code of its session; a classic groups them by term. Source:
Unity 4.3, xRoster, SectionInfo, StaffSectionAssignment, SchoolCourseInfo.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fixtures import codesets
from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.canonical import UNKNOWN_CODE, Record, key, key_of
from reference_hub.translate.functions_plain import NOT_A_CODE, one_text
from reference_hub.translate.functions_sif_lists import UNSPECIFIED, XPRESS, nothing
from reference_hub.translate.identity import minted
from reference_hub.translate.ledger import INFERRED, MULTI_TO_ONE, NARROWED, UNMAPPED_CODE

NOT_YET = "its session is not known here"
_INSTRUCTIONAL = "Instructional"
_OTHER, _OWN_WORD = "9999", "InstructionalDay"


def _lessons(record: Record) -> list[dict[str, str]]:
    found = record.get("meetings")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _sessions(record: Record) -> list[str]:
    found = record.get("sessions")
    own = [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
    of_lessons = [each["session"] for each in _lessons(record) if "session" in each]
    return list(dict.fromkeys([*own, *of_lessons]))


def session_key(record: Record, code: str) -> str:
    """The key of a session that only a code names: that of the calendar of school and year."""
    of = [str(record.get(name, "")) for name in ("school", "schoolYear")]
    return minted("Session", *of, " ".join(code.split()))


def _code_of(call: Call, session: Any) -> str:
    held = call.graph.get("Session", session) if call.graph and isinstance(session, str) else None
    code = held.get("code") if held else None
    return code if isinstance(code, str) else ""


@function("session_code", read=lambda call: Read(session_key(call.record, call.values[0])))
def session_code(call: Call) -> Written:
    """Write the code of a lesson's session. Read: the key that the calendar makes of it."""
    code = _code_of(call, call.value)
    return Written(code or None, () if code else (Note(NARROWED, NOT_YET),))


@function("session_calendar")
def session_calendar(call: Call) -> Written:
    """Write the calendar of a lesson's session."""
    held = call.graph.get("Session", call.value) if call.graph and call.value else None
    if held is None or call.graph is None or held.get("year"):
        return Written(held.get("year") if held else None)
    years = call.graph.referring("SchoolYear", "school", str(held.get("school", "")))
    of = (key(each) for each in years if each.get("schoolYear") == held.get("schoolYear"))
    return Written(next(of, None))


@function("lesson_room", read=one_text)
def lesson_room(call: Call) -> Written:
    """Write the room of a lesson; without one the only room of the section."""
    rooms = call.record.get("rooms")
    if call.value or call.graph is None or not isinstance(rooms, list) or not rooms:
        return Written(call.value)
    room = call.graph.get("Room", str(rooms[0]))
    if len(rooms) > 1 or room is None:
        return Written(None, (Note(NARROWED, "which of the rooms it is in is not known"),))
    return Written(room.get("number"))


def _roster_sessions(call: Call) -> Read:
    codes = dict.fromkeys(each for place in call.values for each in place)
    keys = [session_key(call.record, code) for code in codes]
    if len(keys) == 1:
        # NA 3.3 names the session once for the whole roster.
        for lesson in _lessons(call.record):
            lesson.setdefault("session", keys[0])
    return Read(keys or None)


@function("roster_sessions", read=_roster_sessions, late=True, all_places=True)
def roster_sessions(call: Call) -> Written:
    """Write the sessions in which no lesson stands, each as a lesson that says no more."""
    placed = {each.get("session") for each in _lessons(call.record)}
    codes = [_code_of(call, each) for each in _sessions(call.record) if each not in placed]
    notes = (Note(NARROWED, NOT_YET),) if "" in codes else ()
    return Written([each for each in codes if each] or None, notes)


def room_key(school: Any, number: Any) -> str:
    """The key of a room that only a number names."""
    return minted("Room", str(school), " ".join(str(number).split()))


def _schedule_read(call: Call) -> Read:
    sessions, lessons, rooms = [], [], []
    for node in call.values:
        session = key_of(str(node.get("@TermInfoRefId", "")).strip())
        held = [
            key_of(str(each).strip()) for each in _under(node, "SectionRoomList", "RoomInfoRefId")
        ]
        sessions.append(session)
        rooms.extend(held)
        for lesson in _under(node, "MeetingTimeList", "MeetingTime"):
            lessons.append({"session": session, **_lesson(lesson), **_room(call, held)})
    found: dict[str, Any] = {"sessions": sessions, "meetings": lessons, "rooms": rooms}
    return Read({name: list(_once(each)) for name, each in found.items() if each})


def _lesson(node: Any) -> dict[str, str]:
    names = (("day", "TimetableDay"), ("period", "TimetablePeriod"))
    held = node if isinstance(node, dict) else {}
    return {name: " ".join(str(held[tag]).split()) for name, tag in names if tag in held}


def _room(call: Call, rooms: list[str]) -> dict[str, str]:
    # Lessons have no room of their own here: only a single one is that of each of them.
    held = call.graph.get("Room", rooms[0]) if call.graph and len(rooms) == 1 else None
    return {"room": str(held["number"])} if held and "number" in held else {}


def _under(node: Any, wrapper: str, name: str) -> list[Any]:
    inside = node.get(wrapper) if isinstance(node, dict) else None
    found = inside.get(name, []) if isinstance(inside, dict) else []
    return found if isinstance(found, list) else [found]


def _once(values: list[Any]) -> Iterator[Any]:
    seen: list[Any] = []
    for each in values:
        if each not in seen:
            seen.append(each)
            yield each


@function("schedule", read=_schedule_read, raw=True)
def schedule(call: Call) -> Written:
    """Write one ScheduleInfo for each session: its teachers, rooms and lessons."""
    sessions = _sessions(call.record)
    made = [_schedule_info(call, each, alone=len(sessions) == 1) for each in sessions]
    lessons = _lessons(call.record)
    placed = sum(len(_under(each, "MeetingTimeList", "MeetingTime")) for each in made)
    notes = []
    if len(sessions) != 1 and any("session" not in each for each in lessons):
        notes.append(Note(NARROWED, "a lesson without a session has no place", 1))
    elif placed < len(lessons):
        notes.append(Note(MULTI_TO_ONE, "lessons that differ in weekday or hour only are one", 1))
    return Written(made or None, tuple(notes))


def _schedule_info(call: Call, session: str, *, alone: bool) -> dict[str, Any]:
    record = call.record
    lessons = [
        each
        for each in _lessons(record)
        if each.get("session") == session or (alone and "session" not in each)
    ]
    times = [_time(each) for each in lessons if "day" in each or "period" in each]
    found = {
        "TeacherList": ("StaffPersonalRefId", _teachers(call, session)),
        "SectionRoomList": ("RoomInfoRefId", _rooms(record, lessons)),
        "MeetingTimeList": ("MeetingTime", times),
    }
    lists = {name: {tag: list(_once(held))} for name, (tag, held) in found.items() if held}
    return {"@TermInfoRefId": session, **lists}


def _time(lesson: dict[str, str]) -> dict[str, str]:
    names = (("TimetableDay", "day"), ("TimetablePeriod", "period"))
    return {tag: lesson[name] for tag, name in names if name in lesson}


def _teachers(call: Call, session: str) -> list[Any]:
    found = call.graph.referring("StaffSection", "section", key(call.record)) if call.graph else ()
    held = [each for each in found if each.get("session") in (None, session) and each.get("staff")]
    return [each["staff"] for each in sorted(held, key=lambda each: each.get("primary") != "true")]


def _rooms(record: Record, lessons: list[dict[str, str]]) -> list[Any]:
    held = record.get("rooms")
    if isinstance(held, list) and held:
        return list(held)
    return [room_key(record.get("school"), each["room"]) for each in lessons if "room" in each]


@function("room_of_lessons")
def room_of_lessons(call: Call) -> Written:
    """Write the key of a room that lessons name by number; nothing when it is a record of its own.

    Fields: the number, the school, the numbers of rooms that are records.
    """
    number, school, known = call.values
    if not number or number in (known or []):
        return Written()
    return Written(room_key(school, number))


def _school_of_course(call: Call) -> Read:
    course = call.graph.get("Course", key_of(call.values[0].strip())) if call.graph else None
    return Read(course.get("school") if course else None)


# A section is in the school of its course; that school is read when the course is known.
function("school_of_course", read=_school_of_course)(nothing)


_ROLES = {
    "teacher of record": "Teacher",
    "co-teacher": "Teacher",
    "assistant": "Aide",
    "substitute": "Substitute",
}


def _position_read(call: Call) -> Read:
    found = one_text(call)
    word = call.values[0].strip() if call.values else ""
    if word in ("", UNSPECIFIED):
        return Read(None, found.notes)
    if word == "Teacher":
        of_record = call.record.get("teacherOfRecord") == "true"
        return Read("teacher of record" if of_record else "co-teacher", found.notes)
    known = {role: position for position, role in _ROLES.items()}
    return Read(known.get(word, UNKNOWN_CODE + word), found.notes)


@function("classroom_role", read=_position_read, late=True)
def classroom_role(call: Call) -> Written:
    """Write the role in the classroom; the teacher of record is a teacher, else it is not known."""
    role, of_record = call.values[0], call.values[1]
    if role in _ROLES:
        return Written(_ROLES[role])
    lost = (Note(UNMAPPED_CODE, NOT_A_CODE),) if role else ()
    return Written("Teacher" if of_record == "true" else UNSPECIFIED, lost)


def _of_record_read(call: Call) -> Read:
    found = one_text(call)
    word = call.values[0].strip() if call.values else ""
    return Read({"Yes": "true", "No": "false"}.get(word), found.notes)


@function("of_record", read=_of_record_read)
def of_record(call: Call) -> Written:
    """Write whether someone is the teacher of record; not, when another one of the section is."""
    own, others = call.values[0], call.values[1]
    if own in ("true", "false"):
        return Written("Yes" if own == "true" else "No")
    if "true" in (others if isinstance(others, list) else [others]):
        return Written("No", (Note(INFERRED, "another teacher of the section is", 1),))
    return Written()


def _day_type_read(call: Call) -> Read:
    node = call.values[0] if call.values else {}
    code = node if isinstance(node, str) else str(node.get("Code", "")) if node else ""
    words = [_text(each) for each in _under(node, "OtherCodeList", "OtherCode")]
    if code == _OTHER and _OWN_WORD in words:
        return Read(_INSTRUCTIONAL)
    notes = (Note(NARROWED, "only the first code is read"),) if words else ()
    return Read(call.meanings.get(code, UNKNOWN_CODE + code) if code else None, notes)


def _text(node: Any) -> str:
    return node if isinstance(node, str) else str(node.get("", ""))


@function("day_type", read=_day_type_read, raw=True)
def day_type(call: Call) -> Written:
    """Write the type of a calendar day; NCES has no code for a day with school, only a word."""
    code = call.codes.get(call.value)
    if call.value == _INSTRUCTIONAL and not code:
        other = {"@Codeset": "Text", "": _OWN_WORD}
        return Written({"Code": _OTHER, "OtherCodeList": {"OtherCode": other}})
    return Written(
        {"Code": code} if code else None, () if code else (Note(UNMAPPED_CODE, NOT_A_CODE),)
    )


def _job_read(call: Call) -> Read:
    node = call.values[0] if call.values else ""
    words = codesets.words("staffrole", "sif_xpress", "canonical")
    code = _text(node.get("Code", "")) if isinstance(node, dict) else node
    others = [_text(each) for each in _under(node, "OtherCodeList", "OtherCode")]
    known = next((words[each] for each in (code, *others) if each in words), "")
    beside = bool(known) and code not in words and bool(code)
    notes = (Note(NARROWED, "the code beside the word has no field"),) if beside else ()
    return Read(known or (UNKNOWN_CODE + code if code else None), notes)


@function("job", read=_job_read, raw=True)
def job(call: Call) -> Written:
    """Write the function of a post as its word, with the name of the list it is from."""
    word = codesets.words("staffrole", "canonical", "sif_xpress").get(call.value or "")
    if not word:
        return Written(None, (Note(UNMAPPED_CODE, NOT_A_CODE),) if call.value else ())
    return Written({"Code": {"@Codeset": XPRESS, "": word}})


def _overrides_read(call: Call) -> Read:
    keys = [key_of(str(each.get("@TermInfoRefId", "")).strip()) for each in call.values]
    more = any("MeetingTimeList" in each for each in call.values)
    notes = (Note(NARROWED, "lessons of one student have no field"),) if more else ()
    return Read([each for each in keys if each] or None, notes)


@function("overrides", read=_overrides_read, raw=True)
def overrides(call: Call) -> Written:
    """Write the sessions in which a student attends, where these are not all of the section."""
    keys = call.value if isinstance(call.value, list) else []
    return Written([{"@Override": "Yes", "@TermInfoRefId": each} for each in keys] or None)


def _sced_read(call: Call) -> Read:
    node = call.values[0] if call.values and isinstance(call.values[0], dict) else {}
    names = (("scedCode", "CourseDescription"), ("scedLevel", "CourseLevel"))
    found = {name: " ".join(_text(node[tag]).split()) for name, tag in names if tag in node}
    more = any(tag not in ("CourseDescription", "CourseLevel") for tag in node)
    return Read(dict(found), (Note(NARROWED, "credit and sequence have no field"),) if more else ())


@function("sced", read=_sced_read, raw=True)
def sced(call: Call) -> Written:
    """Write nothing: the element demands credit and sequence too, which have no field."""
    text = "a SCEDCode needs credit and sequence, which are not known"
    return Written(None, tuple(Note(NARROWED, text, at) for at, x in enumerate(call.values) if x))


@function("attendance_value")
def attendance_value(call: Call) -> Written:
    """Write what a day counts: one with school, nothing without."""
    return Written({"true": "1.0", "false": "0.0"}.get(call.value or ""))
