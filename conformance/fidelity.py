"""What OneRoster 1.2 rows a student must become: the judge's own expectation, and the comparison.

A field is `kept`, `changed` (another value), `lost` (blank though sent) or `invented` (a value
though nothing was sent). Where the formats leave a choice every legal value is allowed: a known
race set may show the other races as false or blank, an e-mail may be any of the preferred kind.

The local id may stand in `identifier`, `userIds` or both; `users.userIds` stands for all of them.
Text compares under NFC; dates are calendar days without their zone; ids fold case and hyphens.
Source: OneRoster 1.2 CSV binding, and the translation profile of this suite.

The facts of every target (`conformance.crosswalk`) are compared as well: `compare_facts` judges
them one by one, `require_facts` raises for the first that was not kept, `rendered` prints the table
of `crosswalk.losses.table`: what was kept, changed, lost, invented, and what no vendor can keep.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from conformance import trees
from conformance.crosswalk.compared import CHANGED, INVENTED, KEPT, LOST, UNSEEN, Outcome
from conformance.crosswalk.compared import compare as compare_facts
from conformance.crosswalk.losses import Line
from conformance.problems import Finding

__all__ = [
    "CHANGED",
    "INVENTED",
    "KEPT",
    "LOST",
    "UNSEEN",
    "Expected",
    "Judged",
    "compare",
    "compare_facts",
    "enrollments_home_first",
    "expectations",
    "known_ids",
    "moved",
    "outcome",
    "plain",
    "rendered",
    "require",
    "require_facts",
]

Row = Mapping[str, str]

TWO_OR_MORE = "DemographicRaceTwoOrMoreRaces"
FLAGS = {
    "AmericanIndianOrAlaskaNative": "americanIndianOrAlaskaNative",
    "Asian": "asian",
    "BlackOrAfricanAmerican": "blackOrAfricanAmerican",
    "NativeHawaiianOrOtherPacificIslander": "nativeHawaiianOrOtherPacificIslander",
    "White": "white",
}
PREFERRED_KINDS = ("Organizational", "Work", "Home", "Other", "")
MOBILE_KINDS = ("Mobile", "Text")
IDS = ("users.sourcedId", "users.primaryOrgSourcedId")


@dataclass(frozen=True, slots=True)
class Expected:
    """One cell: `users.givenName`, the element it stems from, and every value it may hold."""

    field: str
    element: str
    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one cell."""

    expected: Expected
    actual: str
    outcome: str


def expectations(student: etree._Element) -> tuple[Expected, ...]:
    """All judged cells of the user row and the demographics row of an xStudent."""
    return (
        Expected("users.sourcedId", "xStudent/@refId", (trees.refid(student),)),
        *_names(student),
        *_login(student),
        *_addresses(student),
        *_enrollments(student),
        *_birth(student),
        *_races(student),
    )


def compare(
    student: etree._Element, user: Row, demographics: Row, fields: Iterable[str] = ()
) -> list[Judged]:
    """Judge every cell, or the named ones; a missing column counts as blank."""
    wanted = set(fields)
    judged = []
    for expected in expectations(student):
        table, _, column = expected.field.partition(".")
        row = user if table == "users" else demographics
        actual = plain(row.get(column, ""))
        if column == "userIds":
            known = known_ids(user)
            actual = next(
                (one for one in expected.allowed if one in known), ",".join(sorted(known))
            )
        if not wanted or expected.field in wanted:
            judged.append(Judged(expected, actual, outcome(expected, actual)))
    return judged


def outcome(expected: Expected, actual: str) -> str:
    """`kept`, `changed`, `lost` or `invented`."""
    if _form(expected.field, actual) in {_form(expected.field, one) for one in expected.allowed}:
        return KEPT
    if not any(expected.allowed):
        return INVENTED
    return CHANGED if actual else LOST


def require(
    student: etree._Element, user: Row, demographics: Row, fields: Iterable[str] = ()
) -> None:
    """Raise a Finding for the first cell that was not kept, naming element and column."""
    for judged in compare(student, user, demographics, fields):
        if judged.outcome != KEPT:
            raise Finding(
                f"{judged.expected.element} was {judged.outcome}: {judged.expected.field} is not"
                " what it should be",
                " or ".join(one or "blank" for one in judged.expected.allowed),
                judged.actual or "blank",
                path=judged.expected.element,
            )


def require_facts(outcomes: Iterable[Outcome]) -> None:
    """Raise a Finding for the first fact that was changed, lost or invented."""
    for one in outcomes:
        if one.outcome in (CHANGED, LOST, INVENTED):
            wanted = one.wanted
            raise Finding(
                f"{one.file}.{one.path} was {one.outcome}",
                " or ".join(each or "blank" for each in (wanted.value, *wanted.also))
                if wanted
                else "blank",
                one.seen or "blank",
                path=f"{one.file}.{one.path}",
                personal=True,
            )


def rendered(lines: Iterable[Line]) -> str:
    """Print the fidelity table; what has no place in a target is no vendor's fault."""
    head = ("element", "sent", KEPT, CHANGED, LOST, INVENTED, UNSEEN, "no place for it", "note")
    rows = [
        (line.element, line.sent, line.kept, line.changed, line.lost, line.invented, line.unseen,
         line.unavoidable, line.note)
        for line in lines
    ]  # fmt: skip
    widths = [max(len(str(row[place])) for row in (head, *rows)) for place in range(len(head))]
    return "\n".join(
        "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    )


def moved(before: Row, after: Row) -> list[str]:
    """Columns that differ between two readings of one row, bookkeeping columns aside."""
    columns = {*before, *after} - {"status", "dateLastModified"}
    return sorted(
        name for name in columns if plain(before.get(name, "")) != plain(after.get(name, ""))
    )


def plain(text: str) -> str:
    """NFC, with line ends and tabs as blanks: XML normalises them in a name anyway."""
    if text.isascii() and text.isprintable():
        return text
    return re.sub(r"\r\n|[\t\r\n]", " ", unicodedata.normalize("NFC", text))


def known_ids(user: Row) -> set[str]:
    """Every id of a person in the row: identifier, master identifier and the `userIds` pairs."""
    pairs = re.findall(r"\{[^:{}]*:([^{}]*)\}", user.get("userIds", ""))
    return {*pairs, user.get("identifier", ""), user.get("userMasterIdentifier", "")} - {""}


def enrollments_home_first(student: etree._Element) -> list[etree._Element]:
    """All enrolments, the home school first, otherwise in document order."""
    found = [
        one
        for path in (("enrollment",), ("otherEnrollments", "enrollment"))
        for one in _at(student, *path)
    ]
    return sorted(found, key=lambda one: _text(one, "membershipType") != "Home")


def _names(student: etree._Element) -> Iterator[Expected]:
    for column in ("givenName", "familyName", "middleName"):
        yield Expected(
            f"users.{column}", f"xStudent/name/{column}", (_line(student, "name", column),)
        )
    for column, kind, part in (
        ("preferredGivenName", "PreferredGivenName", "givenName"),
        ("preferredFamilyName", "PreferredFamilyName", "familyName"),
    ):
        values = tuple(
            _line(name, part)
            for name in _at(student, "otherNames", "name")
            if _text(name, "type") == kind
        )
        yield Expected(f"users.{column}", f"xStudent/otherNames/name/{part}", values or ("",))


def _login(student: etree._Element) -> Iterator[Expected]:
    login, local = _text(student, "loginId"), _text(student, "localId")
    fallback = (*_emails(student), *filter(None, (local, _text(student, "stateProvinceId"))))
    yield Expected("users.username", "xStudent/loginId", (login,) if login else fallback or ("",))
    if local:
        yield Expected("users.userIds", "xStudent/localId", (local,))
    identifiers = (local, _text(student, "stateProvinceId"), "") if local else ("",)
    yield Expected("users.identifier", "xStudent/localId", identifiers)


def _addresses(student: etree._Element) -> Iterator[Expected]:
    yield Expected("users.email", "xStudent/email/emailAddress", _emails(student) or ("",))
    mobile, other = _phones(student)
    yield Expected("users.phone", "xStudent/phoneNumber/number", other or (*mobile, ""))
    yield Expected("users.sms", "xStudent/otherPhoneNumbers/phoneNumber/number", (*mobile, ""))


def _emails(student: etree._Element) -> tuple[str, ...]:
    """The addresses of the best kind there is."""
    found = [
        (_text(mail, "emailType"), _text(mail, "emailAddress"))
        for path in (("email",), ("otherEmails", "email"))
        for mail in _at(student, *path)
    ]
    best = next((kind for kind in PREFERRED_KINDS if any(kind == one for one, _ in found)), None)
    return tuple(address for kind, address in found if kind == best)


def _phones(student: etree._Element) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Numbers for messages, and of the others the primary ones, else the main one."""
    found = [
        (phone, _text(phone, "number"))
        for path in (("phoneNumber",), ("otherPhoneNumbers", "phoneNumber"))
        for phone in _at(student, *path)
    ]
    mobile = [number for phone, number in found if _text(phone, "phoneNumberType") in MOBILE_KINDS]
    others = [
        (phone, number)
        for phone, number in found
        if _text(phone, "phoneNumberType") not in MOBILE_KINDS
    ]
    primary = [number for phone, number in others if _is_true(_text(phone, "primaryIndicator"))]
    return tuple(mobile), tuple(primary or [number for _, number in others[:1]])


def _enrollments(student: etree._Element) -> Iterator[Expected]:
    enrollments = enrollments_home_first(student)
    grades = dict.fromkeys(filter(None, (_text(one, "gradeLevel") for one in enrollments)))
    yield Expected("users.grades", "xStudent/enrollment/gradeLevel", (",".join(grades),))
    schools = tuple(_text(one, "schoolRefId") for one in enrollments[:1]) or ("",)
    yield Expected("users.primaryOrgSourcedId", "xStudent/enrollment/schoolRefId", schools)


def _birth(student: etree._Element) -> Iterator[Expected]:
    for column, name, value in (
        ("birthDate", "birthDate", _text(student, "demographics", "birthDate")[:10]),
        ("sex", "sex", _text(student, "demographics", "sex").lower()),
        ("countryOfBirthCode", "countryOfBirth", _text(student, "demographics", "countryOfBirth")),
    ):
        yield Expected(f"demographics.{column}", f"xStudent/demographics/{name}", (value,))
    told = _text(student, "demographics", "hispanicLatinoEthnicity")
    flag = "" if not told else "true" if _is_true(told) else "false"
    element = "xStudent/demographics/hispanicLatinoEthnicity"
    yield Expected("demographics.hispanicOrLatinoEthnicity", element, (flag,))


def _races(student: etree._Element) -> Iterator[Expected]:
    told = {_text(race, "race") for race in _at(student, "demographics", "races", "race")}
    parts = told - {TWO_OR_MORE}
    for race, column in FLAGS.items():
        allowed = ("true",) if race in parts else ("false", "") if parts else ("",)
        yield Expected(f"demographics.{column}", "xStudent/demographics/races/race/race", allowed)
    if len(parts) > 1 or TWO_OR_MORE in told:
        several: tuple[str, ...] = ("true",) if TWO_OR_MORE in told else ("true", "")
    else:
        several = ("false", "") if told else ("",)
    field = "demographics.demographicRaceTwoOrMoreRaces"
    yield Expected(field, "xStudent/demographics/races/race/race", several)


def _form(field: str, value: str) -> str:
    if field in IDS:
        return trees.folded(value)
    if field == "users.grades":
        return ",".join(part.strip() for part in value.split(","))
    return plain(value)


def _at(element: etree._Element, *names: str) -> list[etree._Element]:
    """All elements at this path of local names that are not nil."""
    found = [element]
    for name in names:
        found = [child for one in found for child in one if trees.local(child) == name]
    return [one for one in found if not _is_true(one.get(f"{{{trees.XSI}}}nil", ""))]


def _text(element: etree._Element, *names: str) -> str:
    """Text of the first element at a path as a token: runs of blanks made one."""
    return " ".join(_line(element, *names).split())


def _line(element: etree._Element, *names: str) -> str:
    """Text of the first element at a path with its blanks; line ends and tabs become blanks."""
    found = _at(element, *names)
    return plain(found[0].text or "") if found else ""


def _is_true(text: str) -> bool:
    return text.strip() in ("true", "1")
