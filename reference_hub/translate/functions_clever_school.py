"""Functions of the tables for Clever and Microsoft SDS files: sections, staff and places."""

from __future__ import annotations

from collections.abc import Mapping

from fixtures import codesets
from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.canonical import KEY, UNKNOWN_CODE, Record, key, key_of
from reference_hub.translate.functions_oneroster import username
from reference_hub.translate.functions_oneroster_school import found, preferably, refer, text_of
from reference_hub.translate.functions_plain import NOT_A_CODE, as_day, one_text
from reference_hub.translate.identity import minted
from reference_hub.translate.ledger import INFERRED, MULTI_TO_ONE, NARROWED, UNMAPPED_CODE

MOST_TEACHERS = 10
_TEACHERS = "teachers.csv"
# What a file says of a teacher: not which kind of the many that SIF knows.
_SOME_TEACHER = UNKNOWN_CODE + "teacher"


def _is_over(call: Call, last: str) -> bool:
    today, end = str(call.settings.get("today", "")), as_day(last) if last else None
    return end is not None and end.isoformat() < today[:10]


def item_of(call: Call) -> Record:
    """The item a row is made for, else the record."""
    return call.it or call.record


@function("current_place")
def current_place(call: Call) -> Written:
    """Write the local id of the school; no row for what is over: only the present has a place.

    The last day is the second field of the row.
    """
    last = text_of(item_of(call), "exitDate") or text_of(item_of(call), "endDate")
    if _is_over(call, last):
        note = Note(NARROWED, "left out: it is over, and only the present is sent", field=1)
        return Written(None, (note,))
    return Written(call.value[0] if isinstance(call.value, list) else call.value)


def home_stay(call: Call) -> Record | None:
    """The enrollment at the student's home school, else another one; none that is over."""
    stays = refer(call, "SchoolEnrollment", "student", key(call.record))
    present = [each for each in stays if not _is_over(call, text_of(each, "exitDate"))]
    told = sorted(present, key=lambda x: (x.get("membership") != "Home", "exitDate" in x))
    return told[0] if told else None


# Sections and staff


def teachers_of(call: Call, section: str) -> list[str]:
    """The keys of the staff of a section: the main teacher first, each once."""
    links = refer(call, "StaffSection", "section", section)
    rank: Mapping[str | None, int] = {"true": 0}

    def place(link: Record) -> tuple[int, int, str]:
        told = link.get("primary"), link.get("teacherOfRecord")
        first, record = (rank.get(x if isinstance(x, str) else None, 1) for x in told)
        return record, first, key(link)

    told = [text_of(each, "staff") for each in sorted(links, key=place)]
    return list(dict.fromkeys(filter(None, told)))


def _order_alone(call: Call, told: list[str]) -> list[Note]:
    """Notes for what the order of the teachers, the first of whom is the main one, does not say."""
    text = "only their order tells: the teacher of record, else the main one, is the first"
    links = refer(call, "StaffSection", "section", key(call.record))
    known = [(text_of(x, "primary"), text_of(x, "staff") == told[0]) for x in links if told]
    notes = [Note(NARROWED, text, field=2)] if any(call.values[2] or ()) else []
    if any(flag and (flag == "true") != first for flag, first in known):
        notes.append(Note(NARROWED, text, field=1))
    return notes


@function("teacher_at", read=lambda call: Read(key_of(call.values[0])))
def teacher_at(call: Call) -> Written:
    """Write the n-th teacher of a section: `teacher_at(1)` the teacher of record."""
    told = teachers_of(call, key(call.record))
    place = int(call.argument)
    notes: list[Note] = []
    if place == 1:
        notes += _order_alone(call, told)
        if len(told) > MOST_TEACHERS:
            notes.append(Note(MULTI_TO_ONE, f"left out beyond the {MOST_TEACHERS}th teacher"))
    return Written(told[place - 1] if len(told) >= place else None, tuple(notes))


def _term_read(call: Call) -> Read:
    start = str(call.node.get("Term_start", ""))
    parts = start.split("/")
    if len(parts) != 3:
        return Read(None, (Note(NARROWED, "without a first day it is not told from others"),))
    day = f"{parts[2]}-{int(parts[0]):02d}-{int(parts[1]):02d}"
    school, code = text_of(call.record, "school"), call.values[0].strip()
    return Read({"sessions": [minted("Session", school, code, day)]})


@function("first_term", read=_term_read)
def first_term(call: Call) -> Written:
    """Write what the first term of a section is called."""
    held = call.record.get("sessions")
    sessions = [found(call, "Session", x) for x in held] if isinstance(held, list) else []  # type: ignore[arg-type]  # refs are texts
    told = [x for x in sessions if x]
    first = min(told, key=lambda x: text_of(x, "startDate"), default=None)
    notes = [Note(MULTI_TO_ONE, "one term has a place")] if len(told) > 1 else []
    code, title = text_of(first, "code"), text_of(first, "title")
    if title:
        text = "the code stands there, not the title" if code else "the title stands for a code"
        notes.append(Note(NARROWED, text, field=2))
    return Written(code or title or None, tuple(notes))


def _meetings(record: Record) -> list[dict[str, str]]:
    held = record.get("meetings")
    return [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []


@function("first_period", read=lambda call: Read({"meetings": [{"period": call.values[0]}]}))
def first_period(call: Call) -> Written:
    """Write the periods of a section in one text."""
    told = [each.get("period", "") for each in _meetings(call.record)]
    periods = list(dict.fromkeys(filter(None, told)))
    note = Note(NARROWED, "several periods stand in one text")
    return Written(", ".join(periods) or None, (note,) if len(periods) > 1 else ())


@function("course_by_code", read=lambda call: _course_read(call))
def course_by_code(call: Call) -> Written:
    """Write the code of the section's course."""
    return Written(call.value)


def _course_read(call: Call) -> Read:
    school = text_of(call.record, "school")
    return Read({"course": minted("Course", school, call.values[0].strip())})


def is_teacher(call: Call, staff: str) -> bool:
    """Whether a staff member belongs into the teachers: by job, else by teaching a section."""
    posts = refer(call, "StaffAssignment", "staff", staff)
    files = codesets.words("staffrole", "canonical", "clever")
    jobs = {text_of(each, "jobFunction") for each in posts}
    told = {files.get(each, "") for each in jobs}
    return (
        _TEACHERS in told
        or _SOME_TEACHER in jobs
        or bool(refer(call, "StaffSection", "staff", staff))
    )


@function("teacher_place")
def teacher_place(call: Call) -> Written:
    """Write the school of a post where the staff member is a teacher."""
    if not is_teacher(call, key(call.record)):
        return Written()
    made, job = current_place(call), call.fields.index("jobFunction")
    note = Note(NARROWED, "whoever teaches is a teacher there; the job is not told", field=job)
    return Written(made.value, (*made.notes, note) if call.values[job] else made.notes)


@function("staff_place")
def staff_place(call: Call) -> Written:
    """Write the school of a post where the staff member is no teacher."""
    if is_teacher(call, key(call.record)):
        return Written()
    made = current_place(call)
    only = ("localId", "stateId", "middleName")
    told = [at for at, name in enumerate(call.fields) if at and name in only and call.values[at]]
    text = "only teachers have a place for it"
    return Written(made.value, (*made.notes, *(Note(NARROWED, text, field=at) for at in told)))


@function("graduation", read=lambda call: Read({"graduationYear": call.values[0].strip()}))
def graduation(call: Call) -> Written:
    """Write the year of graduation: of the enrollment, else of the student."""
    told = [x[0] if isinstance(x, list) and x else x or None for x in call.values]
    note = Note(NARROWED, "the year of the enrollment is told", field=1)
    differ = all(told) and len(set(told)) > 1
    return Written(next((each for each in told if each), None), (note,) if differ else ())


@function("section_subject", read=one_text)
def section_subject(call: Call) -> Written:
    """Write the subject of a section, else of its course."""
    own, course = ((x[0] if x else None) if isinstance(x, list) else x for x in call.values)
    if own and course and own != course:
        return Written(own, (Note(NARROWED, "the subject of the section is told", field=1),))
    return preferably(call)


# Read only: what the files leave to be concluded


def _concluded_read(call: Call) -> Read:
    note = Note(INFERRED, "concluded from where it stands")
    return Read(call.argument, (note,)) if text_of(call.record, KEY) else Read()


def _taken_over_read(call: Call) -> Read:
    note = Note(INFERRED, "taken over from the record in the same row")
    return Read(call.values[0].strip(), (note,))


@function("concluded", read=_concluded_read, late=True)
def concluded(_: Call) -> Written:
    """Write nothing. Read: the argument, marked as inferred; only for a record with a key."""
    return Written()


@function("taken_over", read=_taken_over_read)
def taken_over(_: Call) -> Written:
    """Write nothing. Read: what the row says of another record, marked as inferred."""
    return Written()


# Microsoft SDS


@function("upper_flag", read=lambda call: Read(call.values[0].strip().lower()))
def upper_flag(call: Call) -> Written:
    """Write TRUE or FALSE."""
    return Written(call.value.upper() if call.value in ("true", "false") else None)


@function("year_of_start", read=lambda call: Read(str(int(call.values[0]) + 1)))
def year_of_start(call: Call) -> Written:
    """Write the year in which the school year begins, as the published files do (inferred)."""
    note = Note(NARROWED, "which calendar it is of is not told", field=1)
    told = str(int(call.value) - 1) if str(call.value).isdigit() else None
    return Written(told, (note,) if any(call.values[1:]) else ())


@function("is_true")
def is_true(call: Call) -> Written:
    """Decide: only yes has a row; no and unknown have none."""
    note = Note(NARROWED, "no and unknown are both without a row")
    return Written(
        "yes" if call.value == "true" else None, (note,) if call.value == "false" else ()
    )


@function("sds_username", read=one_text)
def sds_username(call: Call) -> Written:
    """Write the login as OneRoster does; a local id has no other place than to stand for one."""
    made, at = username(call), call.fields.index("localId")
    note = Note(NARROWED, "the files have no local id", field=at)
    return Written(made.value, (*made.notes, note) if call.values[at] else made.notes)


@function(
    "race_codes", read=lambda call: Read([_word_of(call, x) for x in call.values[0].split(",")])
)
def race_codes(call: Call) -> Written:
    """Write the races in one text, parted by commas."""
    told = call.value if isinstance(call.value, list) else [call.value]
    strange = [at for at, each in enumerate(told) if each not in call.codes]
    notes = tuple(Note(UNMAPPED_CODE, NOT_A_CODE, item=at) for at in strange)
    known = [call.codes[each] for each in told if each in call.codes]
    return Written(",".join(known) or None, notes)


def _word_of(call: Call, text: str) -> str:
    return call.meanings.get(text.strip()) or UNKNOWN_CODE + text.strip()


@function("ethnicity", read=lambda call: Read("true" if call.values[0].strip() else None))
def ethnicity(call: Call) -> Written:
    """Write the word for Hispanic or Latino; no and unknown are both blank."""
    if call.value == "true":
        return Written("hispanicOrLatinoEthnicity")
    note = Note(NARROWED, "no and unknown are both blank")
    return Written(None, (note,) if call.value == "false" else ())


@function("home_flag", read=lambda call: Read("Home" if call.values[0] == "TRUE" else None))
def home_flag(call: Call) -> Written:
    """Write TRUE for the enrollment of the home school, FALSE for any other; blank when unknown."""
    kind = call.record.get("membership")
    if not kind:
        return Written()
    note = Note(NARROWED, "only the home school is told from the others")
    return Written("TRUE") if kind == "Home" else Written("FALSE", (note,))


@function("link_key", read=lambda call: _link_key_read(call), late=True)
def link_key(_: Call) -> Written:
    """Write nothing: the link has no id there."""
    return Written()


def _link_key_read(call: Call) -> Read:
    ends = text_of(call.record, "student"), text_of(call.record, "contact")
    return Read(minted("ContactLink", *ends) if all(ends) else None)


def _made_of_read(call: Call) -> Read:
    parts = [text_of(call.record, name.strip()) for name in call.argument.split(",")]
    return Read(minted(call.entity, *parts) if all(parts) else None)


@function("made_of", read=_made_of_read, late=True)
def made_of(_: Call) -> Written:
    """Write nothing: there is no column for the key. Read: it is made of the fields named, when all
    of them are known."""
    return Written()
