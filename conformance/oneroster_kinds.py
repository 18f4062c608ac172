"""What OneRoster says of its collections: names, members, references, words.

Source: 1EdTech OneRoster 1.2 rostering, REST binding (OpenAPI 3.0 document); 1.1, sections 3 and 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.target_rostering import V1_1

Names = tuple[str, ...]
COMMON: Names = ("sourcedId", "status", "dateLastModified")
TRUTH = frozenset({"true", "false"})
STATUS = frozenset({"active", "tobedeleted"})
EXTENSION = re.compile(r"ext:[A-Za-z0-9._-]+")
_RACES: Names = (
    "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican",
    "nativeHawaiianOrOtherPacificIslander", "white", "demographicRaceTwoOrMoreRaces",
    "hispanicOrLatinoEthnicity",
)  # fmt: skip
SESSION_TYPES = frozenset({"gradingPeriod", "semester", "schoolYear", "term"})
ORG_TYPES = frozenset({"department", "school", "district", "local", "state", "national"})
SEAT_ROLES = frozenset({"administrator", "proctor", "student", "teacher"})
ROLES_1_1 = frozenset(
    {"administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher"}
)
ROLES_1_2 = frozenset(
    {"aide", "counselor", "districtAdministrator", "guardian", "parent", "principal", "proctor",
     "relative", "siteAdministrator", "student", "systemAdministrator", "teacher"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object: its collection, the name of one, and what its members are.

    `links` name the kind that a reference, or each of a list, points to. `words` are closed lists,
    `open_words` those that 1.2 lets grow by `ext:`.
    """

    collection: str
    one: str
    needed: Names
    others: Names
    links: Mapping[str, str]
    words: Mapping[str, frozenset[str]]
    open_words: Mapping[str, frozenset[str]]
    days: Names = ()


KINDS: Mapping[str, Kind] = {
    kind.one: kind
    for kind in (
        Kind(
            "orgs", "org", ("name", "type", "identifier"), ("parent", "children"),
            {"parent": "org", "children": "org"}, {}, {"type": ORG_TYPES},
        ),
        Kind(
            "academicSessions", "academicSession",
            ("title", "type", "startDate", "endDate", "schoolYear"), ("parent", "children"),
            {"parent": "academicSession", "children": "academicSession"}, {},
            {"type": SESSION_TYPES}, ("startDate", "endDate"),
        ),
        Kind(
            "courses", "course", ("title", "courseCode"),
            ("schoolYear", "grades", "subjects", "org", "subjectCodes", "resources"),
            {"schoolYear": "academicSession", "org": "org"}, {}, {},
        ),
        Kind(
            "classes", "class", ("title", "course", "school", "terms"),
            ("classCode", "classType", "location", "grades", "subjects", "subjectCodes", "periods",
             "resources"),
            {"course": "course", "school": "org", "terms": "academicSession"}, {},
            {"classType": frozenset({"homeroom", "scheduled"})},
        ),
        Kind(
            "users", "user", ("enabledUser", "givenName", "familyName", "roles"),
            ("userMasterIdentifier", "username", "userIds", "middleName", "preferredFirstName",
             "preferredMiddleName", "preferredLastName", "pronouns", "userProfiles", "primaryOrg",
             "identifier", "email", "sms", "phone", "agents", "grades", "password", "resources"),
            {"primaryOrg": "org", "agents": "user", "orgs": "org"}, {"enabledUser": TRUTH},
            {},
        ),
        Kind(
            "enrollments", "enrollment", ("user", "class", "school", "role"),
            ("primary", "beginDate", "endDate"),
            {"user": "user", "class": "class", "school": "org"}, {"primary": TRUTH},
            {"role": SEAT_ROLES}, ("beginDate", "endDate"),
        ),
        Kind(
            "demographics", "demographics", (),
            ("birthDate", "sex", *_RACES, "countryOfBirthCode", "stateOfBirthAbbreviation",
             "cityOfBirth", "publicSchoolResidenceStatus"),
            {}, dict.fromkeys(_RACES, TRUTH),
            {"sex": frozenset({"male", "female", "unspecified", "other"})}, ("birthDate",),
        ),
    )
}  # fmt: skip
ROLE_NEEDED: Names = ("roleType", "role", "org")
ROLE_WORDS = {"roleType": frozenset({"primary", "secondary"}), "role": ROLES_1_2}
# 1.1: a user has one role and the orgs of all, and not the newer members.
_USER_1_1 = ("enabledUser", "givenName", "familyName", "role", "orgs", "username")
# Collection: the kind of its objects, and for a view the member and the word that choose them.
VIEWS: Mapping[str, tuple[str, str, str]] = {
    "orgs": ("org", "", ""),
    "schools": ("org", "type", "school"),
    "academicSessions": ("academicSession", "", ""),
    "terms": ("academicSession", "type", "term"),
    "gradingPeriods": ("academicSession", "type", "gradingPeriod"),
    "courses": ("course", "", ""),
    "classes": ("class", "", ""),
    "users": ("user", "", ""),
    "students": ("user", "role", "student"),
    "teachers": ("user", "role", "teacher"),
    "enrollments": ("enrollment", "", ""),
    "demographics": ("demographics", "", ""),
}
WHOLE: Names = tuple(kind.collection for kind in KINDS.values())
MINORS = frozenset(
    {"fullsuccess", "invalid_filter_field", "invalid_selection_field", "invaliddata",
     "unauthorisedrequest", "forbidden", "server_busy", "unknownobject", "internal_server_error"}
)  # fmt: skip


def kind_of(collection: str) -> Kind:
    """The kind of the objects of a collection."""
    return KINDS[VIEWS[collection][0]]


def needed(kind: Kind, version: str) -> Names:
    """The members that every object of a kind must have; 1.1 leaves more open."""
    if version == V1_1:
        if kind.one == "user":
            return (*COMMON, *_USER_1_1)
        return (*COMMON, *(name for name in kind.needed if name not in ("identifier",
                                                                        "courseCode")))  # fmt: skip
    return (*COMMON, *kind.needed)


def known(kind: Kind) -> frozenset[str]:
    """Every member that an object of 1.2 may have."""
    return frozenset((*COMMON, "metadata", *kind.needed, *kind.others))


def words(kind: Kind, version: str) -> Mapping[str, frozenset[str]]:
    """The words that a member may hold, apart from those of an extension."""
    found = {"status": STATUS, **kind.words, **kind.open_words}
    if version == V1_1 and kind.one == "user":
        found["role"] = ROLES_1_1
    if version == V1_1 and kind.one == "demographics":
        found["sex"] = frozenset({"male", "female"})
    return found
