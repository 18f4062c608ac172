"""The objects every environment has rights for. A collection is its object's name plus `s`.

Any other object is served as soon as a registered schema declares it or the zone holds one.
"""

from __future__ import annotations

from fixtures import standards

# Objects of Unity that the kit's schema does not have and that are served all the same.
WITHOUT_A_KIT_SCHEMA = ("xIndividualizedEducationPlan", "xTransferIep", "StudentPeriodAttendance")

OBJECTS = (*standards.MODELS["unity-4.3-kit"].objects, *WITHOUT_A_KIT_SCHEMA)
_BY_COLLECTION = {f"{name}s": name for name in OBJECTS}


def object_of(collection: str) -> str | None:
    """The object of one of these collections, else None; names are case-sensitive."""
    return _BY_COLLECTION.get(collection)


def key_of(object_type: str) -> str:
    """The key attribute: `refId` on lower-camel objects (xStudent, k12School), else `RefId`."""
    return "refId" if object_type[:1].islower() else "RefId"


# Prose and schema spell two of them differently (contradictions C-06 to C-08); both are taken.
UTILITIES = ("zones", "providers", "namespaces", "codeSets", "xquerys", "alerts", "pods")
_SPELLINGS = {name: name for name in UTILITIES} | {
    "nameSpaces": "namespaces",
    "xQueryTemplates": "xquerys",
}


def utility_of(collection: str) -> str | None:
    """The utility service of this name as the schema spells it, None for an object service."""
    return _SPELLINGS.get(collection)
