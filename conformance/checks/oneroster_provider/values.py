"""Members and values of what is offered (OneRoster 1.2 rostering, data model; 1.1, section 4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from conformance import expect
from conformance import oneroster_kinds as kinds
from conformance.checks.oneroster_provider.judged import DAY, MOMENT
from conformance.oneroster_offer import Body, Roster, ids, inner
from conformance.problems import Finding
from conformance.reply import Reply
from conformance.target_rostering import V1_2
from conformance.verifies import verifies

Wholes = pytest.mark.parametrize("name", kinds.WHOLE)
GUID = re.compile(r"[0-9A-Za-z.\-_/@]{1,255}")
YEAR = re.compile(r"\d{4}", re.ASCII)


def fine(reply: Reply, wrong: list[str], claim: str) -> None:
    """Nothing is wrong; tells the members concerned and how many, no value."""
    named = ", ".join(sorted(set(wrong))[:8])
    expect.true(not wrong, claim, reply, f"{len(wrong)} times: {named}")


def empty(value: object) -> bool:
    """Whether a member tells nothing."""
    return value is None or value == [] or value == {}


@Wholes
@verifies("ORS-VAL-001")
def check_needed_members_are_there(roster: Roster, name: str) -> None:
    """Every object has the members that its kind demands."""
    kind = kinds.kind_of(name)
    reply, found, _ = roster.read(name)
    wrong = [
        member
        for one in found
        if one.get("status") != "tobedeleted"
        for member in kinds.needed(kind, roster.version)
        if empty(one.get(member))
    ]
    fine(reply, wrong, f"{name} have all needed members")


@Wholes
@verifies("ORS-VAL-002")
def check_no_member_is_made_up(roster: Roster, name: str) -> None:
    """An object has no member that 1.2 does not know; additions stand in metadata."""
    roster.only_in(V1_2)
    allowed = kinds.known(kinds.kind_of(name))
    reply, found, _ = roster.read(name)
    wrong = [member for one in found for member in one if member not in allowed]
    fine(reply, wrong, f"{name} have no members of their own")


@Wholes
@verifies("ORS-VAL-003")
def check_words_are_those_of_the_standard(roster: Roster, name: str) -> None:
    """Words are of their list, written as there; 1.2 lets some lists grow by ext:."""
    kind = kinds.kind_of(name)
    words = kinds.words(kind, roster.version)
    reply, found, _ = roster.read(name)
    wrong = []
    for one in found:
        wrong += bad_words(one, words, kind.open_words, roster)
        for role in inner(one, "roles"):
            wrong += bad_words(role, kinds.ROLE_WORDS, {"role": frozenset()}, roster)
    fine(reply, wrong, f"words of {name} are those of the standard")


def bad_words(
    body: Body, words: Mapping[str, frozenset[str]], growing: Mapping[str, object], roster: Roster
) -> list[str]:
    """The members whose word is none."""
    wrong = []
    for name, allowed in words.items():
        value = body.get(name)
        longer = roster.is_1_2 and name in growing and kinds.EXTENSION.fullmatch(str(value))
        if value is not None and not (isinstance(value, str) and value in allowed) and not longer:
            wrong.append(name)
    return wrong


@Wholes
@verifies("ORS-VAL-004")
def check_days_are_days(roster: Roster, name: str) -> None:
    """Days are written YYYY-MM-DD and are in the calendar."""
    kind = kinds.kind_of(name)
    reply, found, _ = roster.read(name)
    told = [(member, one.get(member)) for one in found for member in kind.days]
    roles = [role for one in found for role in inner(one, "roles")]
    told += [(member, role.get(member)) for role in roles for member in ("beginDate", "endDate")]
    wrong = [member for member, value in told if value is not None and not is_day(value)]
    fine(reply, wrong, f"days of {name} are days")


def is_day(value: object) -> bool:
    """Whether a text is a day of the calendar."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


@Wholes
@verifies("TRN-DT-09")
def check_changes_are_told_in_utc(roster: Roster, name: str) -> None:
    """dateLastModified is a moment in UTC with Z, and not ahead of the clock."""
    reply, found, _ = roster.read(name)
    latest = datetime.now(UTC) + timedelta(days=1)
    wrong = [
        "dateLastModified" for one in found if not is_moment(one.get("dateLastModified"), latest)
    ]
    fine(reply, wrong, f"{name} tell when they changed")


def is_moment(value: object, latest: datetime) -> bool:
    """Whether a text is a moment in UTC before the latest."""
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        return False
    try:
        return datetime.fromisoformat(value) < latest
    except ValueError:
        return False


@Wholes
@verifies("ORS-VAL-005")
def check_ids_keep_to_their_alphabet(roster: Roster, name: str) -> None:
    """Ids are unique, shorter than 256 signs, and made of the signs that are allowed."""
    reply, found, _ = roster.read(name)
    told = ids(found)
    wrong = ["sourcedId" for one in told if not GUID.fullmatch(one)]
    wrong += ["sourcedId"] * (len(told) - len(set(told)))
    fine(reply, wrong, f"ids of {name} keep to their alphabet")


@verifies("ORS-VAL-006")
def check_only_teachers_are_primary(roster: Roster) -> None:
    """Only a teacher of a class is called primary."""
    reply, found, _ = roster.read("enrollments")
    wrong = [
        "primary"
        for one in found
        if one.get("primary") == "true" and one.get("role") in ("student", "proctor")
    ]
    fine(reply, wrong, "no student is primary")


def texts(value: object) -> bool:
    """Whether a value is a list of texts without commas or blanks at their ends."""
    return isinstance(value, list) and all(
        isinstance(one, str) and "," not in one and one == one.strip() != "" for one in value
    )


@verifies("ORS-VAL-007")
def check_roles_say_where(roster: Roster) -> None:
    """Each role of a user is complete, and exactly one is primary at an org."""
    roster.only_in(V1_2)
    reply, found, _ = roster.read("users")
    wrong = []
    for user in found:
        told = inner(user, "roles")
        wrong += [name for one in told for name in kinds.ROLE_NEEDED if empty(one.get(name))]
        wrong += ["roleType"] * (not any(one.get("roleType") == "primary" for one in told))
    fine(reply, wrong, "roles are complete, and one is primary")


@verifies("TRN-PR-04")
def check_1_1_tells_nothing_newer(roster: Roster) -> None:
    """A service of 1.1 tells one role and orgs of a user, and no member of 1.2."""
    reply, found, _ = roster.in_1_1().read("users")
    newer = ("roles", "preferredFirstName", "pronouns", "userMasterIdentifier", "userProfiles")
    wrong = [name for one in found for name in newer if name in one]
    fine(reply, wrong, "users have no member of 1.2")


@verifies("TRN-DT-01")
def check_sessions_end_after_their_last_day(roster: Roster) -> None:
    """A session ends after it starts; its school year is the year of its last day."""
    reply, found, _ = roster.read("academicSessions")
    wrong = []
    for one in found:
        start, end, year = (str(one.get(key)) for key in ("startDate", "endDate", "schoolYear"))
        if not (is_day(start) and is_day(end)):
            continue
        wrong += ["endDate"] * (end <= start)
        # A calendar year ends on the first of January, for the end is exclusive.
        last = date.fromisoformat(end) - timedelta(days=1)
        if one.get("type") == "schoolYear":
            named = {str(last.year), end[:4]}
            wrong += ["schoolYear"] * (YEAR.fullmatch(year) is None or year not in named)
    fine(reply, wrong, "sessions end after they start, in their school year")


@verifies("ORS-PRV-001")
def check_no_password_is_told(roster: Roster) -> None:
    """No user has a password, nor a credential with one."""
    reply, found, _ = roster.read("users")
    wrong = ["password" for one in found if one.get("password")]
    for one in found:
        for profile in inner(one, "userProfiles"):
            for each in inner(profile, "credentials"):
                wrong += ["credentials/password"] * bool(each.get("password"))
    fine(reply, wrong, "no password is told")


@verifies("ORS-PRV-002")
def check_ids_tell_nothing_of_a_person(roster: Roster) -> None:
    """No id of a user is made of a name, an e-mail address or a login of that user."""
    reply, found, _ = roster.read("users")
    wrong = []
    for one in found:
        told = str(one.get("sourcedId")).lower()
        for member in ("givenName", "familyName", "email", "username"):
            value = str(one.get(member) or "").lower()
            if len(value) >= 4 and value in told:
                wrong.append(member)
    if wrong:
        named = ", ".join(sorted(set(wrong)))
        summary = f"{len(wrong)} ids hold a value of their person: {named}"
        raise Finding(summary, "ids without personal data", named, reply.exchange, "sourcedId")
