"""A simulated Ed-Fi host, a connection to it, and a clock that nobody waits for."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reference_hub.clock import Clock
from reference_hub.translate.tables import load
from reference_hub.vendors.edfi_rows import Settings
from reference_hub.vendors.edfi_tables import crosswalk, key_places
from reference_hub.workers.transport import Http
from tests.reference_hub.edfi import sheet
from tests.reference_hub.edfi.host import KEY, SECRET, Host, serving
from tests.reference_hub.edfi.records import Records

# Values of the standard's default descriptors that the published samples here leave out.
MORE = """AssessmentReportingMethod#Scale score
CalendarType#School
Country#US
GradeType#Grading Period
MediumOfInstruction#Face-to-face instruction
OperationalStatus#Active
PerformanceLevel#Advanced
PerformanceLevel#Basic
PerformanceLevel#Below Basic
PerformanceLevel#Met Standard
ProgramAssignment#Regular Education
ProgramAssignment#Special Education
CohortYearType#Twelfth grade
EducationOrganizationIdentificationSystem#LEA
EducationOrganizationIdentificationSystem#NCES
EducationOrganizationIdentificationSystem#SEA
EducationOrganizationIdentificationSystem#School
InstitutionTelephoneNumberType#Fax
InstitutionTelephoneNumberType#Main
InstitutionTelephoneNumberType#Other"""


LANGUAGES = "ara chi eng fre hat khm por rus som spa tel tgl vie"
COUNTRIES = "BR CA CN CO CV DO GT HT IN KH PH PR RU SO SV US VN"


class Time:
    """A clock that moves when told, and when somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = datetime(2026, 11, 26, 12, tzinfo=UTC), 0.0

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.slept += seconds
        self.now += timedelta(seconds=seconds)

    def clock(self) -> Clock:
        """As the hub takes it."""
        return Clock(now=lambda: self.now, sleep=self.sleep)


@pytest.fixture(scope="session")
def descriptors(standards: Path) -> set[str]:
    """What the host knows."""
    extra = {"uri://ed-fi.org/" + line.replace("#", "Descriptor#") for line in MORE.splitlines()}
    languages = {f"uri://ed-fi.org/LanguageDescriptor#{code}" for code in LANGUAGES.split()}
    countries = {f"uri://ed-fi.org/CountryDescriptor#{code}" for code in COUNTRIES.split()}
    return sheet.descriptors(standards) | extra | languages | countries


@pytest.fixture
def records(standards: Path, descriptors: set[str]) -> Records:
    """What an empty host of Data Standard 5 holds."""
    return Records(sheet.resources(standards, "5.0"), set(descriptors))


@pytest.fixture
def host(records: Records) -> Iterator[Host]:
    """An empty host."""
    with serving(records) as found:
        yield found


@pytest.fixture
def http() -> Iterator[Http]:
    """How the hub sends."""
    found = Http(1.0)
    yield found
    found.close()


@pytest.fixture
def time() -> Time:
    """The clock of the connection."""
    return Time()


Connect = Callable[..., Settings]


@pytest.fixture
def connect(host: Host, time: Time) -> Connect:
    """Settings of a connection to the host."""

    def made(table: str = "edfi-5", **more: Any) -> Settings:
        known = load(table)
        given: dict[str, Any] = {
            "url": host.url,
            "key": KEY,
            "secret": SECRET,
            "data_standard": known.settings["data_standard"],
            "keys": key_places(known),
            "crosswalk": crosswalk(known),
            "clock": time.clock(),
            "rng": random.Random(1),
        }
        return Settings(**{**given, **more})

    return made
