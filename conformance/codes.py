"""Which values are codes that say nothing about a single person, and which names hold ids."""

from __future__ import annotations

import re
from functools import lru_cache

_LEVELS = {"IT", "PR", "PK", "TK", "KG", "PS", "UG", "Other"}
_GRADES = _LEVELS | {f"{grade:02}" for grade in range(1, 14)}
_SEXES = {"Male", "Female", "male", "female", "M", "F", "U", "X", "other", "unspecified"}
_RACES = {
    "AmericanIndianOrAlaskaNative",
    "Asian",
    "BlackOrAfricanAmerican",
    "NativeHawaiianOrOtherPacificIslander",
    "White",
    "DemographicRaceTwoOrMoreRaces",
    "0998",
    "0999",
    "1000",
    "1001",
    "1002",
}
_BOOLEANS = {"true", "false", "Yes", "No", "Y", "N"}

_SETS = {
    "sex": _SEXES,
    "sexcode": _SEXES,
    "gradelevel": _GRADES,
    "grade": _GRADES,
    "grades": _GRADES,
    "race": _RACES,
    "racetype": _RACES,
    "hispaniclatinoethnicity": _BOOLEANS,
}
_FILES = (
    "manifest", "orgs", "academicSessions", "courses", "users", "roles", "demographics", "classes",
    "enrollments", "schools", "students", "teachers", "sections", "staff",
)  # fmt: skip
# CSV and JSON have columns that are codes of the OneRoster vocabulary.
_COLUMNS = {
    "status": {"active", "tobedeleted", ""},
    "role": {"student", "teacher", "administrator", "aide", "guardian", "parent", "relative"},
    "enableduser": _BOOLEANS,
    # What a product says of a file that it was given: see `outcomes`.
    "outcome": {"applied", "partly", "refused", "skipped"},
    "file": {"archive", *(f"{name}.csv" for name in _FILES)},
    "row": {str(number) for number in range(1000)},
}
_ID = re.compile(r"[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}$")
_ID_NAME = re.compile(r"(?:^id|refid|sourcedids?)$", re.IGNORECASE)
# The name of an object type may stand where names do, as in the JSON form of a POD.
_OBJECT = re.compile(
    r"(?:Student|Staff)(?:Personal|Contact\w*|SchoolEnrollment|SectionEnrollment|Assignment)s?"
    r"|(?:School|LEA|Section|Term|SchoolCourse)Infos?|StudentParticipations?"
    r"|x(?:Student|Staff|Contact|School|Lea|Course|Roster|Calendar)s?"
    # The name of a data model, and the codes of Ed-Fi, which are the same for everybody.
    r"|Ed-Fi|uri://[\w.-]+/\w+Descriptor#[^\r\n]{1,80}"
)
_IMPERSONAL = re.compile(
    r"(?<!postal)(?:type|code|status|level|indicator|year|sex|race|grades?"
    r"|hispaniclatinoethnicity|language|role|controlrights)$",
    re.IGNORECASE,
)
_NAMES = re.compile(r"(?:given|family|middle|first|last|full|preferred)_?name$", re.IGNORECASE)
_TELLING = re.compile(
    r"(?:name|birth_?date|e?mail|email_?address|phone|sms|number|identifier|local_?id|user_?ids"
    r"|street|line\d|city|postal_?code)$",
    re.IGNORECASE,
)


def shown(name: str, value: str) -> bool:
    """Whether the value of this element, attribute or column may be written as it is."""
    ids = _holds_ids(name) and all(map(is_id, value.split(",")))
    return ids or value in _codes(name) or _OBJECT.fullmatch(value) is not None


@lru_cache(maxsize=4096)
def _codes(name: str) -> frozenset[str]:
    key = name.casefold()
    return frozenset({"true", "false", "", *_SETS.get(key, ()), *_COLUMNS.get(key, ())})


@lru_cache(maxsize=4096)
def _holds_ids(name: str) -> bool:
    return _ID_NAME.search(name) is not None


def is_id(value: str) -> bool:
    """Whether the value has the form of a RefId (32 hex digits, hyphens or not)."""
    return _ID.match(value) is not None


@lru_cache(maxsize=4096)
def personal(name: str) -> bool:
    """Whether values under this name are worth recognising elsewhere: not codes, not years."""
    return _IMPERSONAL.search(name) is None


@lru_cache(maxsize=4096)
def telling(name: str) -> bool:
    """Whether a column or member of this name holds what identifies a person."""
    return _TELLING.search(name) is not None


@lru_cache(maxsize=4096)
def is_name(name: str) -> bool:
    """Whether this is a part of a person's name, where two letters already tell."""
    return _NAMES.search(name) is not None
