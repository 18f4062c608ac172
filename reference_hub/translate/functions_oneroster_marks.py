"""Functions of the OneRoster tables for the staff of a class, for work and marks."""

from __future__ import annotations

from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.canonical import Record, key, key_of
from reference_hub.translate.functions_oneroster_school import found, refer, text_of
from reference_hub.translate.functions_plain import as_day, one_text
from reference_hub.translate.identity import minted
from reference_hub.translate.ledger import INFERRED, MULTI_TO_ONE, NARROWED

AIDE = "ext:aide"


def _position_read(call: Call) -> Read:
    return Read({"role": "assistant"} if call.values[0].strip() == AIDE else None)


@function("position", read=_position_read)
def position(call: Call) -> Written:
    """Write teacher, or for an aide the word of 1.2 where the receiver declared it
    (`extensions` of its settings); `position(1.1)` has no such word."""
    kind = text_of(call.record, "role")
    declared = AIDE in call.settings.get("extensions", ())
    if kind == "assistant" and declared and call.argument != "1.1":
        return Written(AIDE)
    note = Note(NARROWED, "OneRoster calls the role teacher", field=len(call.fields) - 1)
    return Written("teacher", (note,) if kind else ())


def _claims(link: Record) -> str:
    told = text_of(link, "teacherOfRecord") or text_of(link, "primary")
    return "false" if told and link.get("role") == "assistant" else told


@function("primary_teacher", read=lambda call: _primary_read(call))
def primary_teacher(call: Call) -> Written:
    """Write true for one teacher of a class: the teacher of record, else the primary one."""
    told = _claims(call.record)
    if not told:
        return Written()
    notes: list[Note] = []
    others = refer(call, "StaffSection", "section", text_of(call.record, "section"))
    rivals = sorted(
        (each for each in others if _claims(each) == "true"),
        key=lambda each: (each.get("primary") != "true", key(each)),
    )
    # The same person may teach it twice, before and after a gap.
    if told == "true" and rivals and rivals[0].get("staff") != call.record.get("staff"):
        told = "false"
        notes.append(Note(MULTI_TO_ONE, "one teacher of a class is the primary one"))
    primary = text_of(call.record, "primary")
    if primary:
        notes.append(Note(NARROWED, "the teacher of record is told instead", field=1))
    if primary and not text_of(call.record, "teacherOfRecord"):
        notes.append(Note(INFERRED, "whether teacher of record is not known", field=1))
    return Written(told, tuple(notes))


def _primary_read(call: Call) -> Read:
    told = call.values[0].strip()
    return Read(told if told in ("true", "false") else None)


# Marks


@function("session_of", read=lambda _: Read())
def session_of(call: Call) -> Written:
    """Write the session that a piece of work is due in; `session_of(marks)` a grading period."""
    section = found(call, "Section", text_of(call.record, "section"))
    told = section.get("sessions") if section else None
    held = (
        [found(call, "Session", x) for x in told if isinstance(x, str)]
        if isinstance(told, list)
        else []
    )
    sessions = [each for each in held if each]
    if call.argument == "marks":
        years = {text_of(each, "year") for each in sessions}
        near = [x for year in sorted(years) for x in refer(call, "Session", "year", year)]
        sessions = [each for each in near if each.get("markingTerm") == "true"]
    due = text_of(call.record, "dueDate")
    within = [each for each in sessions if _covers(each, due)] or sessions
    if not within:
        return Written()
    notes = (Note(INFERRED, "the session of the class in which it is due", field=0),)
    return Written(_marked(within[0], call.argument), notes)


def _covers(session: Record, day: str) -> bool:
    first, last = text_of(session, "startDate"), text_of(session, "endDate")
    return bool(as_day(day)) and first <= day <= last


def _marked(session: Record, argument: str) -> str:
    both = session.get("markingTerm") == session.get("schedulingTerm") == "true"
    return minted("gradingPeriod", key(session)) if both and argument == "marks" else key(session)


@function("score_status", read=one_text)
def score_status(call: Call) -> Written:
    """Write the status; SIF has none, so a score that is there is fully graded (inferred)."""
    if call.value:
        return Written(call.value)
    place = next((at for at, each in enumerate(call.values) if each), None)
    if place is None:
        return Written()
    return Written("fully graded", (Note(INFERRED, "a score is there", field=place),))


@function("grading_period")
def grading_period(call: Call) -> Written:
    """Write the grading period that a session is, or that a term for classes and marks has."""
    session = found(call, "Session", str(call.value))
    return Written(_marked(session, "marks") if session else None)


@function("of_line_item", read=lambda call: Read(key_of(call.values[0])))
def of_line_item(_: Call) -> Written:
    """Write nothing: the line item of a mark tells its section and session."""
    return Written()
