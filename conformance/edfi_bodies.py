"""The bodies that the suite sends to an Ed-Fi host, drawn from the seed.

Every natural key begins with `sck-`, so that a vendor can find test data. The same seed and check
give the same bodies.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from conformance import codes
from conformance.edfi_shapes import OLDER_RACES, Body, people_at_home, uri
from conformance.evidence import Evidence
from conformance.target import TargetConfig
from fixtures import generate
from fixtures.model import Student
from fixtures.writers.edfi import parts
from fixtures.writers.edfi.descriptors import coded

MARKER = "sck"
_NOT_PERSONAL = ("Title", "Code", "Id", "sessionName", "sectionName", "sectionIdentifier")
_FIRST = 60_000  # Students nobody draws in checks of another role.


class Bodies:
    """Bodies of one check; each call gives a record nobody has yet."""

    def __init__(self, config: TargetConfig, evidence: Evidence, seed: int, check: str) -> None:
        self._told = config.edfi
        self._evidence = evidence
        self._seed = seed
        digest = hashlib.blake2b(f"{seed}:{check}".encode(), digest_size=4)
        self._mark = digest.hexdigest()
        self._first = _FIRST + int(self._mark, 16) % 1_000_000
        self._count = itertools.count(1)

    @property
    def year(self) -> int:
        """The school year of all that is sent."""
        return self._told.school_year

    @property
    def school(self) -> int:
        """The school that is written to."""
        return self._told.school

    @property
    def second_school(self) -> int:
        """Another one, 0 if there is none."""
        return self._told.second_school

    def mark(self) -> str:
        """A new key: `sck-0a1b2c3d-7`."""
        return f"{MARKER}-{self._mark}-{next(self._count)}"

    def drawn(self, number: int = 0) -> Student:
        """A student of the generator."""
        return generate.student(self._seed, self._first + number)

    def day(self, month: int, number: int) -> str:
        """A day of the school year; before July it is in the year that names it."""
        return date(self.year - (month > 6), month, number).isoformat()

    # -- people ------------------------------------------------------------------------------

    def student(self, **members: object) -> Body:
        """`students`; a member that is None is left out."""
        key = self.mark()
        one = self.drawn(int(key.rpartition("-")[2]))
        body: Body = {
            "studentUniqueId": key,
            **parts.names(one.name),
            "birthDate": parts.day(one.birth_date) or "2012-03-04",
            "birthCity": "Lawrence",
        }
        if self._told.data_standard != "4":
            body |= {"preferredFirstName": "Mika"}
        body["firstName"] = body.get("firstName") or "Alex"
        body["lastSurname"] = body.get("lastSurname") or "Example"
        return self.finished(body | members)

    def stay(self, student: Mapping[str, Any], school: int = 0, **members: object) -> Body:
        """`studentSchoolAssociations` of a student, from the first day of the year on."""
        body: Body = {
            "studentReference": whom(student),
            "schoolReference": {"schoolId": school or self.school},
            "entryDate": self.day(9, 1),
            "entryGradeLevelDescriptor": uri("GradeLevel", "Seventh grade"),
        }
        return self.finished(body | members)

    def known(self, student: Mapping[str, Any], **members: object) -> Body:
        """`studentEducationOrganizationAssociations`: what the district knows of a student."""
        one = self.drawn(1)
        giver = str(self._told.district)
        body: Body = {
            "studentReference": whom(student),
            "educationOrganizationReference": {"educationOrganizationId": self._told.district},
            "sexDescriptor": uri("Sex", "Female"),
            "studentIdentificationCodes": [
                {
                    "studentIdentificationSystemDescriptor": uri(
                        "StudentIdentificationSystem", "State"
                    ),
                    "identificationCode": f"00{one.local_id or '4711'}",
                    "assigningOrganizationIdentificationCode": giver,
                }
            ],
        }
        return self.finished(body | members)

    def races(self, *words: str) -> list[Body]:
        """`races` of these words, as the data standard spells them."""
        spelled = [OLDER_RACES.get(word, word) for word in words]
        chosen = spelled if self._told.data_standard == "4" else words
        return [{"raceDescriptor": uri("Race", word)} for word in chosen]

    def contact(self, **members: object) -> tuple[str, Body]:
        """`contacts`, or `parents` of data standard 4: resource and body."""
        name, _, noun = people_at_home(self._told.data_standard)
        body: Body = {f"{noun}UniqueId": self.mark(), "firstName": "Robin", "lastSurname": "Ex"}
        return name, self.finished(body | members)

    def tie(
        self, student: Mapping[str, Any], contact: Mapping[str, Any], **members: object
    ) -> tuple[str, Body]:
        """The tie between a student and a contact: resource and body."""
        _, name, noun = people_at_home(self._told.data_standard)
        key = f"{noun}UniqueId"
        body: Body = {
            "studentReference": whom(student),
            f"{noun}Reference": {key: contact[key]},
            "relationDescriptor": coded("relationship", "01") or uri("Relation", "Mother"),
        }
        return name, self.finished(body | members)

    # -- lessons -----------------------------------------------------------------------------

    def course(self, **members: object) -> Body:
        """`courses` of the district."""
        key = self.mark()
        subject = uri("AcademicSubject", "Mathematics")
        body: Body = {
            "courseCode": key,
            "courseTitle": f"Test {key}",
            "numberOfParts": 1,
            "educationOrganizationReference": {"educationOrganizationId": self._told.district},
            "identificationCodes": [
                {
                    "courseIdentificationSystemDescriptor": uri(
                        "CourseIdentificationSystem", "LEA course code"
                    ),
                    "identificationCode": key,
                }
            ],
        }
        if self._told.data_standard == "4":
            body["academicSubjectDescriptor"] = subject
        else:
            body["academicSubjects"] = [{"academicSubjectDescriptor": subject}]
        return self.finished(body | members)

    def session(self, term: str, begin: str, end: str) -> Body:
        """`sessions` of the school."""
        return self.finished(
            {
                "sessionName": self.mark(),
                "schoolReference": {"schoolId": self.school},
                "schoolYearTypeReference": {"schoolYear": self.year},
                "termDescriptor": uri("Term", term),
                "beginDate": begin,
                "endDate": end,
                "totalInstructionalDays": 90,
            }
        )

    def offering(self, course: Mapping[str, Any], session: Mapping[str, Any]) -> Body:
        """`courseOfferings`: a course in a session."""
        return {
            "localCourseCode": course["courseCode"],
            "courseReference": {
                "courseCode": course["courseCode"],
                **course["educationOrganizationReference"],
            },
            "schoolReference": session["schoolReference"],
            "sessionReference": term_of(session),
        }

    def section(self, offering: Mapping[str, Any], **members: object) -> Body:
        """`sections` of an offering."""
        body: Body = {
            "sectionIdentifier": self.mark(),
            "courseOfferingReference": {
                "localCourseCode": offering["localCourseCode"],
                **offering["sessionReference"],
            },
        }
        return self.finished(body | members)

    def seat(self, student: Mapping[str, Any], section: Mapping[str, Any], begin: str) -> Body:
        """`studentSectionAssociations`: a place in a section."""
        return {
            "studentReference": whom(student),
            "sectionReference": {
                "sectionIdentifier": section["sectionIdentifier"],
                **section["courseOfferingReference"],
            },
            "beginDate": begin,
        }

    def finished(self, body: Mapping[str, Any]) -> Body:
        """Without what is None, with the codes of the host; its values are known to the run."""
        made: Body = _with_codes(
            {name: value for name, value in body.items() if value is not None},
            self._told.descriptors,
        )
        self._evidence.register(*personal(made))
        return made


def whom(student: Mapping[str, Any]) -> Body:
    """A reference to a student."""
    return {"studentUniqueId": student["studentUniqueId"]}


def term_of(session: Mapping[str, Any]) -> Body:
    """A reference to a session."""
    return {
        **session["schoolReference"],
        "schoolYear": session["schoolYearTypeReference"]["schoolYear"],
        "sessionName": session["sessionName"],
    }


def personal(body: object, name: str = "") -> Iterator[str]:
    """The values of a body that would give a person away."""
    if isinstance(body, Mapping):
        for member, value in body.items():
            yield from personal(value, member)
    elif isinstance(body, list):
        for value in body:
            yield from personal(value, name)
    elif isinstance(body, str) and is_personal(name) and not body.startswith(MARKER):
        yield body


def is_personal(name: str) -> bool:
    """Whether a member of this name holds what identifies a person."""
    return not name.endswith(_NOT_PERSONAL) and (
        codes.telling(name) or name in ("lastSurname", "preferredLastSurname", "birthCity")
    )


def _with_codes(body: Any, own: Mapping[str, str]) -> Any:
    if isinstance(body, Mapping):
        return {member: _with_codes(value, own) for member, value in body.items()}
    if isinstance(body, list):
        return [_with_codes(value, own) for value in body]
    return own.get(body, body) if isinstance(body, str) else body
