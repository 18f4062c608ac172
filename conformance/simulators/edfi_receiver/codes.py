"""The descriptors of a simulated host: full URIs, those of the shipped code sets and some more."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from fixtures import codesets

# Values of the default descriptors that no code set of ours has.
_MORE = """AcademicSubject#English Language Arts
AcademicSubject#Mathematics
CourseIdentificationSystem#LEA course code
CourseIdentificationSystem#Other
Country#US
Country#DO
Language#eng
Language#spa
StateAbbreviation#MA
StateAbbreviation#NH
StudentIdentificationSystem#District
StudentIdentificationSystem#Local
StudentIdentificationSystem#State
Term#Fall Semester
Term#Spring Semester
Term#Semester"""


@cache
def usual() -> frozenset[str]:
    """The URIs that the host knows at first."""
    found = {
        uri
        for name in codesets.NAMES
        for uri in codesets.words(name, "edfi_descriptor", "canonical")
        if uri.startswith("uri://")
    }
    return frozenset(found | set(uris(_MORE.splitlines())))


def uris(lines: Iterable[str]) -> Iterable[str]:
    """`Term#Semester` as `uri://ed-fi.org/TermDescriptor#Semester`."""
    return ("uri://ed-fi.org/" + one.replace("#", "Descriptor#", 1) for one in lines)


def resource_of(uri: str) -> str:
    """The collection that a descriptor stands in: `sexDescriptors`."""
    name = uri.partition("#")[0].rpartition("/")[2]
    return f"{name[:1].lower()}{name[1:]}s"
