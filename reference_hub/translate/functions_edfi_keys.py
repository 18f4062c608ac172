"""Functions of the Ed-Fi tables for what tells records apart: organisations, ids, references.

Sources: Ed-Fi Data Standards 4.0, 5.0, 6.0 and the ODS/API's rules. Settings of a connection that
they look at: `organizations` (local id or RefId to the host's number), `unique_id` (local | state),
`namespace` (of the district's tests); on reading `keys` (places of the natural key of each
resource) and `known` ((resource, key) to RefId).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.identity import minted
from reference_hub.translate.ledger import INFERRED, NARROWED

UNIQUE = 32
_ORGANIZATION = "educationOrganizationId"
_HEX = re.compile(r"[0-9a-f]{32}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What a reference may call a part of the key it names.
_ALIASES = {
    "schoolId": _ORGANIZATION,
    "localEducationAgencyId": _ORGANIZATION,
    _ORGANIZATION: "schoolId",
    "courseCode": "localCourseCode",
}
# One record stands in several rows, one for each session: the session is no part of who it is.
_PER_SESSION = ("sections", "studentSectionAssociations", "staffSectionAssociations")
_SESSION = {"sessionName", "beginDate"}
# Two resources that tell of one record, and the parts of the key they share.
_ONE_RECORD = {
    "gradingPeriods": ("sessions", ("gradingPeriodName", "schoolId", "schoolYear")),
    "sessions": ("sessions", ("sessionName", "schoolId", "schoolYear")),
    "studentEducationOrganizationResponsibilityAssociations": (
        "studentSchoolAssociations",
        ("studentUniqueId", _ORGANIZATION, "beginDate"),
    ),
}


def every(value: Any) -> list[Any]:
    """The values of a field, known ones only."""
    return [each for each in (value if isinstance(value, list) else [value]) if each is not None]


def known_in(call: Call) -> list[tuple[int, Any]]:
    """All known values with the position of their field."""
    return [(place, each) for place, value in enumerate(call.values) for each in every(value)]


# Organisations


def _organization_read(call: Call) -> Read:
    number = str(call.values[0])
    numbers: Mapping[str, Any] = call.settings.get("organizations", {})
    found = next((name for name, each in numbers.items() if str(each) == number), None)
    if found is None or UUID.fullmatch(found):
        return Read()
    return Read(tuple(found if name == "localId" else None for name in call.fields))


@function("edfi_organization", read=_organization_read)
def organization(call: Call) -> Written:
    """Write the number that the connection's settings give an organisation; never one made up."""
    numbers: Mapping[str, Any] = call.settings.get("organizations", {})
    for place, each in known_in(call):
        if each in numbers:
            # The first two fields are the record's own organisation.
            is_own = place < 2 or call.argument != "inferred"
            note = Note(INFERRED, "the record names none; that of the district stands there", place)
            return Written(int(numbers[each]), () if is_own else (note,))
    text = "the settings of the connection (organizations) have no number for this organisation"
    return Written(None, (Note(NARROWED, text),))


@function("edfi_number_of")
def number_of(call: Call) -> Written:
    """Like `organization`, where nothing is to be read back."""
    return organization(call)


# Keys and references


def record_key(settings: Mapping[str, Any], collection: str, parts: Mapping[str, Any]) -> str:
    """The canonical key of the record with this natural key: as it is known in the hub, else the
    RefId that the unique id spells, else one made from the key; '' for a key with gaps."""
    names = [place.rpartition("/")[2] for place in settings.get("keys", {}).get(collection, ())]
    values = [str(_part(parts, name)) for name in names]
    if not names or not all(values):
        return ""
    found = settings.get("known", {}).get((collection, "|".join(values)))
    if found:
        return str(found)
    if len(values) == 1 and _HEX.fullmatch(values[0]):
        return str(uuid.UUID(values[0]))
    return _made(collection, dict(zip(names, values, strict=True)))


def _part(parts: Mapping[str, Any], name: str) -> Any:
    found = parts.get(name)
    return parts.get(_ALIASES.get(name, ""), "") if found is None else found


def _made(collection: str, parts: Mapping[str, str]) -> str:
    if collection in _ONE_RECORD:
        name, shared = _ONE_RECORD[collection]
        return minted("edfi", name, *(parts.get(part, "") for part in shared))
    if collection in _PER_SESSION:
        is_section = collection == "sections"
        dropped = _SESSION if is_section else {"sessionName"}
        parts = {name: each for name, each in parts.items() if name not in dropped}
    return minted("edfi", collection, *parts.values())


def parts_of(node: Mapping[str, Any], places: Sequence[str]) -> dict[str, Any]:
    """The parts of a natural key in a body, by the last name of their place."""
    found: dict[str, Any] = {}
    for place in places:
        value: Any = node
        for step in place.split("/"):
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is not None:
            found[place.rpartition("/")[2]] = value
    return found


def _own_key(call: Call) -> Read:
    places = call.settings.get("keys", {}).get(call.argument, ())
    return Read(record_key(call.settings, call.argument, parts_of(call.node, places)) or None)


@function("edfi_host_key", read=_own_key, late=True)
def host_key(_: Call) -> Written:
    """Write nothing: a host gives its own ids. Read: the record whose natural key this is."""
    return Written()


def _reference_read(call: Call) -> Read:
    node = call.values[0]
    if not isinstance(node, Mapping):
        return Read()
    for name in call.argument.split(","):
        found = record_key(call.settings, name.strip().removesuffix("?"), node)
        # With a question mark: only if the hub knows the record to be of that resource.
        if found and not (name.endswith("?") and found not in _known_keys(call)):
            return Read(found)
    return Read()


def _known_keys(call: Call) -> frozenset[str]:
    known: Mapping[Any, str] = call.settings.get("known", {})
    return frozenset(known.values())


@function("edfi_points_to", read=_reference_read, raw=True)
def points_to(_: Call) -> Written:
    """Write nothing: the lines of the reference's parts do. Read: the record it points to."""
    return Written()


def _sessions_read(call: Call) -> Read:
    found = _reference_read(call).value
    return Read([found] if found else None)


def _period_key(call: Call) -> Read:
    node = call.node.get("gradingPeriodReference")
    found = record_key(call.settings, "gradingPeriods", node) if isinstance(node, dict) else ""
    return Read(found or None)


@function("edfi_period_key", read=_period_key, raw=True)
def period_key(_: Call) -> Written:
    """Write nothing: the session's own line lists its grading periods. Read: the term of one."""
    return Written()


@function("edfi_points_to_some", read=_sessions_read, raw=True)
def points_to_some(_: Call) -> Written:
    """Like `points_to` for a field that holds several references."""
    return Written()


def _unique_read(call: Call) -> Read:
    value = str(call.values[0])
    if _HEX.fullmatch(value):
        return Read()
    chosen = "stateId" if call.settings.get("unique_id") == "state" else "localId"
    return Read(tuple(value if name == chosen else None for name in call.fields))


@function("edfi_unique_id", read=_unique_read)
def unique_id(call: Call) -> Written:
    """Write the local (or the state's) id of a person, else the 32 hex digits of the RefId.

    Fields: localId ; stateId ; refId. A longer id has no place (limit of 32 in all versions).
    """
    by_name = dict(zip((name.rpartition(".")[2] for name in call.fields), call.values, strict=True))
    chosen = "stateId" if call.settings.get("unique_id") == "state" else "localId"
    told = next(iter(every(by_name.get(chosen))), "")
    told = " ".join(str(told).split())
    if told and len(told) <= UNIQUE:
        return Written(told)
    refid = next(iter(every(by_name.get("refId"))), None)
    notes = (Note(NARROWED, f"longer than {UNIQUE} characters"),) if told else ()
    return Written(refid.replace("-", "")[:UNIQUE] if refid else None, notes)


@function("edfi_id_of")
def id_of(call: Call) -> Written:
    """Like `unique_id`, where nothing is to be read back."""
    return unique_id(call)


@function("edfi_hex_id")
def hex_id(call: Call) -> Written:
    """Write the 32 hex digits of a RefId."""
    return Written(str(call.value).replace("-", "")[:UNIQUE])


@function("edfi_namespace")
def namespace(call: Call) -> Written:
    """Write the namespace of the district's own tests, as the connection's settings have it."""
    return Written(call.settings.get("namespace") or None)


@function("edfi_lost")
def lost(call: Call) -> Written:
    """Write nothing, and note what the argument says of the value."""
    return Written(None, (Note(NARROWED, call.argument),))


@function("edfi_lost_no")
def lost_no(call: Call) -> Written:
    """Write nothing; a no is noted with what the argument says, a yes is told elsewhere."""
    return Written(None, () if call.value == "true" else (Note(NARROWED, call.argument),))


@function("edfi_lost_beside")
def lost_beside(call: Call) -> Written:
    """Write nothing; the first field is noted if the second is known too."""
    is_lost = None not in call.values[:2]
    return Written(None, (Note(NARROWED, call.argument),) if is_lost else ())


@function("edfi_lost_alone")
def lost_alone(call: Call) -> Written:
    """Write nothing; the first field is noted if the second is not known."""
    is_lost = call.values[0] is not None and not call.values[1]
    return Written(None, (Note(NARROWED, call.argument),) if is_lost else ())


@function("edfi_nothing")
def nothing(_: Call) -> Written:
    """Write nothing: what the line requires is known not to be there."""
    return Written()
