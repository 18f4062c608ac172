"""Bodies of Ed-Fi data standard 5 for one student, as the receiver shows them.

Names, birth and races come from the rows that the receiver exports, so that every way of showing
them wrongly shows here as well; all else comes from the student.
Source: Ed-Fi data standard 5, resources of the domain Enrollment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from lxml import etree

from conformance.simulators.oneroster import Row
from conformance.simulators.students import all_at, token_at
from fixtures import codesets

Body = dict[str, Any]
_RACES = {
    "americanIndianOrAlaskaNative": "American Indian or Alaska Native",
    "asian": "Asian",
    "blackOrAfricanAmerican": "Black or African American",
    "nativeHawaiianOrOtherPacificIslander": "Native Hawaiian or Pacific Islander",
    "white": "White",
}
# Ed-Fi has the bibliographic code of ISO 639-2 where there are two.
_LANGUAGES = {"fra": "fre", "zho": "chi"}


def filled(**members: object) -> Body:
    """The members that say something."""
    return {name: value for name, value in members.items() if value not in ("", None, [])}


def number(refid: str) -> int:
    """The number of a school or district, made of its RefId."""
    return int(refid.replace("-", "")[:7] or "0", 16)


@cache
def _words(name: str) -> Mapping[str, str]:
    rows = codesets.load(name)
    return {row["sif_xpress"]: row["edfi_descriptor"] for row in rows if row["sif_xpress"]}


def student(row: Row, facts: Mapping[str, str], tree: etree._Element) -> Body:
    """`students`: names and birth."""
    country = facts.get("countryOfBirthCode", "")
    return filled(
        studentUniqueId=row["identifier"],
        firstName=row["givenName"],
        lastSurname=row["familyName"],
        middleName=row["middleName"],
        personalTitlePrefix=token_at(tree, "name/prefix"),
        generationCodeSuffix=token_at(tree, "name/suffix"),
        preferredFirstName=row["preferredGivenName"],
        preferredLastSurname=row["preferredFamilyName"],
        birthDate=facts.get("birthDate", ""),
        birthCountryDescriptor=country and f"uri://ed-fi.org/CountryDescriptor#{country}",
    )


def known(row: Row, facts: Mapping[str, str], tree: etree._Element) -> Body:
    """`studentEducationOrganizationAssociations`: what the district knows of a student."""
    district = number(token_at(tree, "enrollment/leaRefId"))
    sex = facts.get("sex", "")
    told = facts.get("hispanicOrLatinoEthnicity")
    body = filled(
        studentReference={"studentUniqueId": row["identifier"]},
        educationOrganizationReference={"educationOrganizationId": district},
        loginId=token_at(tree, "loginId"),
        sexDescriptor=sex and f"uri://ed-fi.org/SexDescriptor#{sex.capitalize()}",
        races=[
            {"raceDescriptor": f"uri://ed-fi.org/RaceDescriptor#{word}"}
            for column, word in _RACES.items()
            if facts.get(column) == "true"
        ],
        languages=list(_languages(tree)),
        studentIdentificationCodes=list(_ids(tree, str(district))),
        addresses=list(_addresses(tree)),
        telephones=list(_telephones(tree)),
        electronicMails=list(_mails(row, tree)),
    )
    return body | ({"hispanicLatinoEthnicity": told == "true"} if told else {})


def stays(row: Row, tree: etree._Element) -> Iterator[Body]:
    """`studentSchoolAssociations`: one for each enrolment, grades as the receiver shows them."""
    enrollments = [*all_at(tree, "enrollment"), *all_at(tree, "otherEnrollments/enrollment")]
    shown = [one for one in row["grades"].split(",") if one]
    home_first = sorted(enrollments, key=lambda one: token_at(one, "membershipType") != "Home")
    grades = dict.fromkeys(filter(None, (token_at(one, "gradeLevel") for one in home_first)))
    as_shown = dict(zip(grades, shown, strict=False))
    for one in enrollments:
        kind = token_at(one, "membershipType")
        year = token_at(one, "projectedGraduationYear")
        grade = as_shown.get(token_at(one, "gradeLevel"), "")
        yield filled(
            studentReference={"studentUniqueId": row["identifier"]},
            schoolReference={"schoolId": number(token_at(one, "schoolRefId"))},
            entryDate=token_at(one, "entryDate"),
            entryGradeLevelDescriptor=grade and _words("grade").get(grade, f"#{grade}"),
            exitWithdrawDate=token_at(one, "exitDate"),
            exitWithdrawTypeDescriptor=_words("exittype").get(
                token_at(one, "exitOrWithdrawalType")
            ),
            primarySchool=kind == "Home",
            enrollmentTypeDescriptor=_words("membership").get(kind),
            classOfSchoolYearTypeReference=year and {"schoolYear": int(year)},
        )


def _languages(tree: etree._Element) -> Iterator[Body]:
    """Each language with its uses."""
    uses: dict[str, list[str]] = {}
    for one in all_at(tree, "languages/language"):
        uses.setdefault(token_at(one, "code"), []).append(token_at(one, "type"))
    for code, kinds in uses.items():
        words = [_words("languageuse").get(kind) for kind in kinds]
        yield filled(
            languageDescriptor=f"uri://ed-fi.org/LanguageDescriptor#{_LANGUAGES.get(code, code)}",
            uses=[{"languageUseDescriptor": word} for word in words if word],
        )


def _ids(tree: etree._Element, district: str) -> Iterator[Body]:
    kinds = [("Local", token_at(tree, "localId")), ("State", token_at(tree, "stateProvinceId"))]
    kinds += [
        (_words("idsystem").get(token_at(one, "type"), "").rpartition("#")[2], token_at(one, "id"))
        for one in all_at(tree, "otherIds/otherId")
        if token_at(one, "type") != "SSN"
    ]
    for word, value in kinds:
        if word and value:
            descriptor = f"uri://ed-fi.org/StudentIdentificationSystemDescriptor#{word}"
            yield {
                "assigningOrganizationIdentificationCode": district,
                "studentIdentificationSystemDescriptor": descriptor,
                "identificationCode": value,
            }


def _addresses(tree: etree._Element) -> Iterator[Body]:
    for one in [*all_at(tree, "address"), *all_at(tree, "otherAddresses/name")]:
        state = token_at(one, "stateProvince")
        yield filled(
            addressTypeDescriptor=_words("addresstype").get(token_at(one, "addressType")),
            streetNumberName=token_at(one, "line1"),
            apartmentRoomSuiteNumber=token_at(one, "line2"),
            city=token_at(one, "city"),
            stateAbbreviationDescriptor=f"uri://ed-fi.org/StateAbbreviationDescriptor#{state}",
            postalCode=token_at(one, "postalCode"),
        )


def _telephones(tree: etree._Element) -> Iterator[Body]:
    numbers = [*all_at(tree, "phoneNumber"), *all_at(tree, "otherPhoneNumbers/phoneNumber")]
    for place, one in enumerate(numbers, 1):
        yield {
            "telephoneNumber": token_at(one, "number"),
            "telephoneNumberTypeDescriptor": _words("phonetype").get(
                token_at(one, "phoneNumberType")
            ),
            "orderOfPriority": place,
        }


def _mails(row: Row, tree: etree._Element) -> Iterator[Body]:
    """Every address of the student; one that only the receiver shows is there as well."""
    told = [
        (token_at(one, "emailType"), token_at(one, "emailAddress"))
        for one in [*all_at(tree, "email"), *all_at(tree, "otherEmails/email")]
    ]
    if row["email"] and row["email"] not in [address for _, address in told]:
        told = [("Organizational", row["email"])]
    for kind, address in told:
        yield {
            "electronicMailAddress": address,
            "electronicMailTypeDescriptor": _words("emailtype").get(kind),
        }
