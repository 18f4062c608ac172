"""Functions of the OneRoster tables for roles and the links between people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from fixtures import codesets
from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.canonical import UNKNOWN_CODE, Record, key, key_of
from reference_hub.translate.functions_oneroster_school import found, refer, text_of
from reference_hub.translate.ledger import INFERRED, MULTI_TO_ONE, NARROWED, UNMAPPED_CODE, WITHHELD

HOME = "Home"
PARENTS = ("parent", "guardian", "relative")
_NO_ROLE = "OneRoster has no role for this"
_ADMINISTRATORS = {"districtAdministrator", "principal", "siteAdministrator", "systemAdministrator"}


# Students at schools


def stays(call: Call, student: str) -> Sequence[Record]:
    """The enrollments of a student: the home school's first, one not ended before one that is."""

    found_ones = refer(call, "SchoolEnrollment", "student", student)
    return sorted(found_ones, key=_stay_rank) if len(found_ones) > 1 else found_ones


def _stay_rank(stay: Record) -> tuple[bool, bool, bool]:
    home = stay.get("membership") == HOME
    return not home, stay.get("exitDate") is not None, stay.get("main") != "true"


@function("grades", whole=True)
def grades(call: Call) -> Written:
    """Write the grades of all enrollments, the home school's first, each once."""
    told = [text_of(each, "gradeLevel") for each in stays(call, key(call.record))]
    codes = call.codes
    known = list(dict.fromkeys([codes[each] for each in told if each in codes]))
    strange = [place for place, each in enumerate(filter(None, told)) if each not in codes]
    notes = [Note(UNMAPPED_CODE, "the value is not in the code set", item=x) for x in strange]
    if len(known) > 1:
        notes.append(Note(NARROWED, "which school a grade belongs to is not told"))
    return Written(known or None, tuple(notes))


@function("grade_of_user", read=lambda call: _grade_read(call))
def grade_of_user(_: Call) -> Written:
    """Write nothing: the grade of an enrollment stands at the user."""
    return Written()


def _grade_read(call: Call) -> Read:
    told = [call.meanings.get(each.strip()) or UNKNOWN_CODE + each.strip() for each in call.values]
    if len(told) == 1:
        return Read(told[0])
    # Several grades of several schools: only the first is known to be that of the home school.
    home = call.record.get("membership") == HOME
    note = Note(NARROWED, "which school a grade belongs to is not told")
    return Read(told[0] if home else None, (note,))


@function("home_school", whole=True)
def home_school(call: Call) -> Written:
    """Write the school of the home enrollment; another one is marked as inferred."""
    for stay in stays(call, key(call.record)):
        if school := text_of(stay, "school"):
            at_home = stay.get("membership") == HOME
            note = Note(INFERRED, "no enrollment is said to be that of the home school")
            return Written(school, () if at_home else (note,))
    return Written()


@function("membership", read=lambda call: _membership_read(call))
def membership(call: Call) -> Written:
    """Write primary for the first role at a school, secondary for a further one there."""
    record = call.record
    school, all_stays = text_of(record, "school"), stays(call, text_of(record, "student"))
    there = [x for x in all_stays if text_of(x, "school") == school]
    first = not there or key(there[0]) == key(record)
    home = text_of(all_stays[0], "school") if all_stays else ""
    notes: tuple[Note, ...] = ()
    kind = text_of(record, "membership")
    if kind and not (kind == HOME and first and school == home):
        place = call.fields.index("membership")
        notes = (Note(NARROWED, "only the home school is told from the others", field=place),)
    return Written("primary" if first else "secondary", notes)


def _membership_read(call: Call) -> Read:
    # The rows of a bundle are put together so that a role knows its user's primary organisation.
    home = call.node.get("primaryOrgSourcedId")
    there = bool(home) and home == call.node.get("orgSourcedId")
    return Read({"membership": HOME} if there and call.values[0] == "primary" else None)


@function("schools")
def schools(call: Call) -> Written:
    """Write all schools of a person, the home school's first (1.1 has no roles)."""
    told = call.value if isinstance(call.value, list) else [call.value] if call.value else []
    if call.entity == "Student":
        told = [text_of(each, "school") for each in stays(call, key(call.record))]
    if call.entity == "Staff":
        told = [place_of(each) for each in posts(call, key(call.record)) if job_word(call, each)]
    every = list(dict.fromkeys(filter(None, told)))
    # The order, the kind and the dates that decide have no place in 1.1.
    text = "1.1 has a list of schools and no roles"
    further = [
        at for at, x in enumerate(call.values) if at and any(x if isinstance(x, list) else [x])
    ]
    notes = [Note(NARROWED, text, field=at) for at in further]
    if len(every) > 1:
        notes.append(Note(NARROWED, "which of them is the home school is not told"))
    return Written(every or None, tuple(notes))


# Staff


def posts(call: Call, staff: str) -> list[Record]:
    """The assignments of a staff member, the primary one first."""
    found_ones = refer(call, "StaffAssignment", "staff", staff)
    return sorted(found_ones, key=lambda post: post.get("primary") != "true")


def place_of(post: Record) -> str:
    """Where a post is held: the school, else the district."""
    return text_of(post, "school") or text_of(post, "lea")


def _words(call: Call) -> Mapping[str, str]:
    column = "oneroster_1_1" if call.argument == "1.1" else "oneroster"
    return codesets.words("staffrole", "canonical", column)


def job_word(call: Call, post: Record) -> str:
    """The role of a post; '' when OneRoster, or the receiver's own words, have none for it.

    Of an administrator SIF does not say which one: at a school it is that of the site.
    """
    kind = text_of(post, "jobFunction")
    word = _words(call).get(kind, "")
    if kind.startswith(UNKNOWN_CODE):
        word = _as_told(kind[1:], _words(call).values())
    elif not kind and refer(call, "StaffSection", "staff", text_of(post, "staff")):
        word = "teacher"
    if "|" in word:
        word = "siteAdministrator" if text_of(post, "school") else "districtAdministrator"
    if word.startswith("ext:") and word not in call.settings.get("extensions", ()):
        return ""
    return word


def _as_told(role: str, words: Iterable[str]) -> str:
    """A role that came from OneRoster, among the words of this version: as it is, or that of an
    administrator in the other version's way; '' when it is no role there."""
    plain = {each for word in words for each in word.split("|")}
    if role in plain:
        return role
    if role == "administrator":
        return "siteAdministrator|districtAdministrator"
    return "administrator" if role in _ADMINISTRATORS else ""


@function("job", read=lambda call: Read(UNKNOWN_CODE + call.values[0].strip()))
def job(call: Call) -> Written:
    """Write the role of a post; `job(1.1)` in the words of that version.

    A person without a job who teaches a section is a teacher, marked as inferred.
    """
    word = job_word(call, call.record)
    kind = text_of(call.record, "jobFunction")
    if not word:
        return Written(None, (Note(UNMAPPED_CODE, _NO_ROLE + " job", field=0),) if kind else ())
    if not kind:
        return Written(word, (Note(INFERRED, "teaches a section", field=len(call.fields) - 1),))
    return Written(word, (Note(NARROWED, f"OneRoster calls the job {word}"),))


@function("main_role")
def main_role(call: Call) -> Written:
    """Write the role of the main post (1.1 has one role for a person)."""
    told = [word for each in posts(call, key(call.record)) if (word := job_word(call, each))]
    several = len(set(told)) > 1
    note = Note(MULTI_TO_ONE, "a person has one role in OneRoster 1.1")
    return Written(told[0] if told else None, (note,) if several else ())


@function("main_post")
def main_post(call: Call) -> Written:
    """Write where the main of the posts that are roles is held."""
    told = [each for each in posts(call, key(call.record)) if job_word(call, each)]
    return Written(next(filter(None, map(place_of, told)), None))


@function("post_rank", read=lambda call: Read({"primary": "true"} if _first_post(call) else None))
def post_rank(call: Call) -> Written:
    """Write primary for the first post at a place, secondary for a further one there."""
    staff, place = text_of(call.record, "staff"), place_of(call.record)
    there = [each for each in posts(call, staff) if place_of(each) == place]
    first = not there or key(there[0]) == key(call.record)
    return Written("primary" if first else "secondary")


def _first_post(call: Call) -> bool:
    home = call.node.get("primaryOrgSourcedId")
    return bool(home) and home == call.node.get("orgSourcedId") and call.values[0] == "primary"


@function("place", read=lambda call: _place_read(call))
def place(call: Call) -> Written:
    """Write the school of a post or course, else the district."""
    school, lea = call.values[0], call.values[1]
    note = Note(NARROWED, "the district is reached through the school", field=1)
    return Written(school or lea, (note,) if school and lea else ())


def _place_read(call: Call) -> Read:
    at = key_of(call.values[0])
    return Read({"lea" if found(call, "LEA", at) else "school": at})


# Contacts


def may_be_told(link: Record) -> bool:
    """Whether a vendor may learn of a link: not against custody, restrictions or records access."""
    if link.get("custody") == "false" or link.get("recordsAccess") == "false":
        return False
    return "restrictions" not in link or not text_of(link, "restrictions").strip()


def _role_word(link: Record) -> str:
    kind = text_of(link, "relationship")
    if kind.startswith(UNKNOWN_CODE) and kind[1:] in PARENTS:
        return kind[1:]
    return codesets.words("relationship", "canonical", "oneroster").get(kind, "")


def told_links(call: Call, field: str, at: str) -> list[Record]:
    """The links of a student or a contact that may be told and are a role."""
    links = refer(call, "ContactLink", field, at)
    return [each for each in links if may_be_told(each) and _role_word(each)]


@function("link_is_told")
def link_is_told(call: Call) -> Written:
    """Decide: custody, restrictions and rights let a vendor learn of the link."""
    told = may_be_told(call.record) and _role_word(call.record)
    return Written("yes" if told and _school_of(call, call.record) else None)


@function("contact_is_told")
def contact_is_told(call: Call) -> Written:
    """Decide: at least one link of the contact may be told."""
    return Written("yes" if told_links(call, "contact", key(call.record)) else None)


_FORBIDDEN = Note(WITHHELD, "custody, restrictions or rights forbid the link")
_NO_RELATION = Note(UNMAPPED_CODE, _NO_ROLE + " relationship")
_NO_SCHOOL = Note(NARROWED, "left out: the student goes to no school")


@function("untold_link", whole=True)
def untold_link(call: Call) -> Written:
    """Write nothing, but say that a link is withheld or that OneRoster has no role for it."""
    if not may_be_told(call.record):
        return Written(None, (_FORBIDDEN,))
    if not _role_word(call.record):
        return Written(None, (_NO_RELATION,))
    return Written(None, () if _school_of(call, call.record) else (_NO_SCHOOL,))


@function("untold_contact", whole=True)
def untold_contact(call: Call) -> Written:
    """Write nothing, but say that a contact is left out because no link of it may be told."""
    note = Note(WITHHELD, "left out: no link to a student may be told")
    return Written(None, () if told_links(call, "contact", key(call.record)) else (note,))


@function("agents", whole=True)
def agents(call: Call) -> Written:
    """Write the people a user is linked with; `agents(contact)` those of a student."""
    other = call.argument
    own = "student" if other == "contact" else "contact"
    links = told_links(call, own, key(call.record))
    return Written(list(dict.fromkeys([text_of(each, other) for each in links])) or None)


def _school_of(call: Call, link: Record) -> str:
    for stay in stays(call, text_of(link, "student")):
        if school := text_of(stay, "school"):
            return school
    return ""


@function("child_school")
def child_school(call: Call) -> Written:
    """Write the school of the child that a contact is linked with."""
    return Written(_school_of(call, call.record) or None)


@function("child_schools")
def child_schools(call: Call) -> Written:
    """Write the schools of all children that a contact is linked with."""
    links = told_links(call, "contact", key(call.record))
    return Written(list(dict.fromkeys(filter(None, (_school_of(call, x) for x in links)))) or None)


@function("kinship")
def kinship(call: Call) -> Written:
    """Write parent, guardian or relative; more than thirty kinds become three."""
    word = _role_word(call.record)
    notes = [Note(NARROWED, f"OneRoster calls the relation {word}")]
    return Written(word or None, (*notes, *deciding(call)))


def deciding(call: Call) -> tuple[Note, ...]:
    """Notes for the fields after the first: they decide, and are not told themselves."""
    text = "decides what is told, and is not told itself"
    told = [at for at, each in enumerate(call.values) if at and each not in (None, [])]
    return tuple(Note(WITHHELD, text, field=at) for at in told)


@function("main_kinship")
def main_kinship(call: Call) -> Written:
    """Write the role of a contact for all children: 1.1 has one for a person."""
    told = [_role_word(each) for each in told_links(call, "contact", key(call.record))]
    first = min(told, key=PARENTS.index, default=None)
    note = Note(NARROWED, "a person has one role in OneRoster 1.1")
    return Written(first, (note, *deciding(call)))


@function("link_rank")
def link_rank(call: Call) -> Written:
    """Write primary for the first link of a contact at a school, secondary for a further one."""
    links = told_links(call, "contact", text_of(call.record, "contact"))
    there = [x for x in links if _school_of(call, x) == _school_of(call, call.record)]
    return Written("primary" if there and key(there[0]) == key(call.record) else "secondary")
