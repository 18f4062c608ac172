"""Ed-Fi resources read as rows, as far as they hold the same facts.

`students` has the names, `studentEducationOrganizationAssociations` sex, races and addresses,
`studentSchoolAssociations` the grade. Ed-Fi has no place for a RefId: people are found by their
local id (`studentUniqueId`). A descriptor is read by what follows its last `#`.
Source: Ed-Fi data standard 5, resources of the domain Enrollment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conformance.readback_forms import Row, Source, walked
from conformance.readback_rest import listed

Body = Mapping[str, object]
STUDENTS = "ed-fi/students"
KNOWN = "ed-fi/studentEducationOrganizationAssociations"
STAYS = "ed-fi/studentSchoolAssociations"
SEEN = frozenset(
    {
        *(f"users.{name}" for name in (
            "givenName", "familyName", "middleName", "preferredGivenName", "preferredFamilyName",
            "username", "identifier", "userIds", "email", "phone", "sms", "grades",
        )),
        *(f"demographics.{name}" for name in (
            "birthDate", "sex", "americanIndianOrAlaskaNative", "asian", "white",
            "blackOrAfricanAmerican", "nativeHawaiianOrOtherPacificIslander",
            "hispanicOrLatinoEthnicity", "countryOfBirthCode",
        )),
    }
)  # fmt: skip
# What this standard has no place for, so that nothing can be asked of it.
NO_PLACE = frozenset(
    {
        "users.sourcedId",
        "users.agentSourcedIds",
        "users.primaryOrgSourcedId",
        "roles",
        "demographics.demographicRaceTwoOrMoreRaces",
    }
)
_RACES = {
    # The words of data standard 4, then those of 5 where they differ.
    "American Indian - Alaska Native": "americanIndianOrAlaskaNative",
    "Asian": "asian",
    "Black - African American": "blackOrAfricanAmerican",
    "Native Hawaiian - Pacific Islander": "nativeHawaiianOrOtherPacificIslander",
    "American Indian or Alaska Native": "americanIndianOrAlaskaNative",
    "Black or African American": "blackOrAfricanAmerican",
    "Native Hawaiian or Pacific Islander": "nativeHawaiianOrOtherPacificIslander",
    "White": "white",
}
_MAILS = ("Organization", "Work", "Home/Personal", "Other")
_GRADES = {
    "Infant/toddler": "IT", "Preschool/Prekindergarten": "PK", "Preschool": "PR",
    "Prekindergarten": "PK", "Transitional Kindergarten": "TK",
    "Kindergarten": "KG", "First grade": "01", "Second grade": "02", "Third grade": "03",
    "Fourth grade": "04", "Fifth grade": "05", "Sixth grade": "06", "Seventh grade": "07",
    "Eighth grade": "08", "Ninth grade": "09", "Tenth grade": "10", "Eleventh grade": "11",
    "Twelfth grade": "12", "Grade 13": "13", "Postsecondary": "PS", "Ungraded": "UG",
    "Other": "Other",
}  # fmt: skip


def table(source: Source, name: str) -> list[Row]:
    """Rows of users or demographics; Ed-Fi has no roles."""
    if name == "roles":
        return []
    start = source.told.address.rstrip("/")
    people = walked(source, f"{start}/{STUDENTS}", "")
    known = _by_person(walked(source, f"{start}/{KNOWN}", ""))
    stays = _by_person(walked(source, f"{start}/{STAYS}", "")) if name == "users" else {}
    made = []
    for person in people:
        who = str(person.get("studentUniqueId", ""))
        about = known.get(who, [])
        made.append(
            user(person, about, stays.get(who, [])) if name == "users" else facts(person, about)
        )
    return made


def user(person: Body, known: Iterable[Body], stays: Iterable[Body]) -> Row:
    """The cells of users that a student and its associations tell."""
    about = list(known)
    who = str(person.get("studentUniqueId", ""))
    mails = {
        word(one.get("electronicMailTypeDescriptor")): str(one.get("electronicMailAddress", ""))
        for one in _members(about, "electronicMails")
    }
    best = next((mails[kind] for kind in _MAILS if kind in mails), "")
    main_first = sorted(stays, key=lambda one: one.get("primarySchool") is not True)
    grades = [word(one.get("entryGradeLevelDescriptor")) for one in main_first]
    names = {
        "givenName": "firstName",
        "familyName": "lastSurname",
        "middleName": "middleName",
        "preferredGivenName": "preferredFirstName",
        "preferredFamilyName": "preferredLastSurname",
    }
    return {
        "identifier": who,
        "userIds": f"{{local:{who}}}",
        "username": next((str(body["loginId"]) for body in about if body.get("loginId")), ""),
        "email": best,
        "grades": ",".join(dict.fromkeys(_GRADES.get(one, one) for one in grades if one)),
        **{ours: str(person.get(theirs) or "") for ours, theirs in names.items()},
        **_numbers(about),
    }


def _numbers(known: Iterable[Body]) -> Row:
    """The first mobile number, and of the others the one of the highest priority."""
    ranked = sorted(
        _members(known, "telephones"), key=lambda one: int(str(one.get("orderOfPriority") or 99))
    )
    told = [
        (word(one.get("telephoneNumberTypeDescriptor")), str(one.get("telephoneNumber", "")))
        for one in ranked
    ]
    return {
        "sms": next((number for kind, number in told if kind == "Mobile"), ""),
        "phone": next((number for kind, number in told if kind != "Mobile"), ""),
    }


def _members(known: Iterable[Body], name: str) -> list[Body]:
    return [one for body in known for one in listed(body, name) if isinstance(one, Mapping)]


def facts(person: Body, known: Iterable[Body]) -> Row:
    """The cells of demographics that a student and its associations tell."""
    about = list(known)
    races = [word(one.get("raceDescriptor")) for one in _members(about, "races")]
    told = next((body for body in about), {})
    answer = told.get("hispanicLatinoEthnicity")
    row = {
        "identifier": str(person.get("studentUniqueId", "")),
        "birthDate": str(person.get("birthDate") or ""),
        "sex": word(told.get("sexDescriptor")).lower(),
        "hispanicOrLatinoEthnicity": "" if answer is None else str(answer).lower(),
        "countryOfBirthCode": word(person.get("birthCountryDescriptor")),
    }
    return row | {_RACES.get(one, one): "true" for one in races}


def word(descriptor: object) -> str:
    """The code of a descriptor, empty for none."""
    return str(descriptor or "").rpartition("#")[2]


def student_of(body: Body) -> str:
    """The number of the student that a body is, or is about; empty for none."""
    reference = body.get("studentReference")
    about = reference if isinstance(reference, Mapping) else body
    return str(about.get("studentUniqueId", ""))


def _by_person(bodies: Iterable[Body]) -> dict[str, list[Body]]:
    found: dict[str, list[Body]] = {}
    for body in bodies:
        found.setdefault(student_of(body), []).append(body)
    return found
