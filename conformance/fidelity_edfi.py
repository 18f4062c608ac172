"""The table of fidelity of a vendor that is read back as Ed-Fi, value by value of the crosswalk.

An Ed-Fi host numbers its schools and districts by itself, so those numbers are learned from what it
shows: the first number of a school is its number, another one later is a change. Descriptors are
compared by their code, whatever their namespace.
Source: Ed-Fi data standard 5, resources of the domain Enrollment; `conformance/crosswalk`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from lxml import etree

from conformance import crosswalk, trees
from conformance.crosswalk import Fact, compared, losses
from conformance.readback_edfi import KNOWN, STAYS, STUDENTS, Body, student_of
from conformance.readback_forms import Source, walked

TARGET = "edfi-5"
RESOURCES = tuple(path.partition("/")[2] for path in (STUDENTS, KNOWN, STAYS))
# Who assigned a number is for the host to say; a language may be there that no code set has.
NOT_JUDGED = "assigningOrganizationIdentificationCode"
OPEN_LIST = "languages"
# The words of data standard 4 for the same codes.
_OLDER = {
    "American Indian - Alaska Native": "American Indian or Alaska Native",
    "Black - African American": "Black or African American",
    "Native Hawaiian - Pacific Islander": "Native Hawaiian or Pacific Islander",
}


def outcomes(
    students: Sequence[etree._Element],
    documents: Sequence[etree._Element],
    source: Source,
    on: date,
) -> list[compared.Outcome]:
    """What became of each fact that an Ed-Fi host must hold of the students."""
    numbers = {trees.text(one, "localId") for one in students}
    start = source.told.address.rstrip("/")
    bodies = {
        name: [
            one for one in walked(source, f"{start}/ed-fi/{name}", "") if student_of(one) in numbers
        ]
        for name in RESOURCES
    }
    expected = crosswalk.expected(
        TARGET, documents, on=on, organizations=dict(_organizations(students, bodies))
    )
    found = (
        fact
        for name, listed in bodies.items()
        for body in listed
        for fact in crosswalk.of_body(TARGET, name, body)
    )
    judged = compared.compare(_plain(expected), _plain(found))
    return [one for one in judged if not _of_an_open_list(one)]


def table(
    judged: Sequence[compared.Outcome], documents: Iterable[etree._Element]
) -> list[losses.Line]:
    """One line for each crosswalk row."""
    return losses.table(TARGET, judged, documents)


def _organizations(
    students: Iterable[etree._Element], bodies: Mapping[str, Sequence[Body]]
) -> Iterator[tuple[str, str]]:
    """The numbers that the host has for schools and districts, by RefId; the first one counts."""
    places = (
        ("studentSchoolAssociations", "schoolReference", "schoolId", "schoolRefId"),
        ("studentEducationOrganizationAssociations", "educationOrganizationReference",
         "educationOrganizationId", "leaRefId"),
    )  # fmt: skip
    known: set[str] = set()
    for resource, reference, member, name in places:
        by_student = {student_of(body): body for body in bodies[resource]}
        for one in students:
            refid = trees.text(one, "enrollment", name)
            told = by_student.get(trees.text(one, "localId"), {}).get(reference)
            number = told.get(member) if isinstance(told, Mapping) else None
            if refid and number is not None and refid not in known:
                known.add(refid)
                yield refid, str(number)


def _plain(facts: Iterable[Fact]) -> Iterator[Fact]:
    for one in facts:
        if one.file not in RESOURCES or one.path.endswith(NOT_JUDGED):
            continue
        if one.path.endswith("Descriptor"):
            code = one.value.rpartition("#")[2]
            yield replace(one, value=_OLDER.get(code, code))
        else:
            yield one


def _of_an_open_list(one: compared.Outcome) -> bool:
    return one.outcome == compared.INVENTED and one.path.startswith(OPEN_LIST)
