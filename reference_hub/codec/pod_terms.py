"""What a POD lets a vendor have, read fail closed: what cannot be read or honoured grants nothing.

The standard leaves open how fields and conditions are written; the language read here is our
profile: paths such as `xStudent/name/givenName`, conditions with the properties path, op, value.
An entry that grants nothing keeps its place, so that no broader entry is chosen instead of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeAlias

from lxml.etree import _Element

from reference_hub.codec.pod_grammar import POD
from reference_hub.codec.pod_schema import day_of, faults
from reference_hub.codec.pod_xml import tree_of
from reference_hub.codec.xml import local_name, read
from reference_hub.model.pod import (
    DELETE,
    GENERALISE,
    HASH,
    MASK,
    NULL,
    PURPOSE,
    ROW_FILTER,
    Condition,
    Terms,
)

COMPARISONS = ("in", "not-in", "eq", "ne", "lt", "le", "gt", "ge")
_TESTS = ("present", "absent")
_CUTS = ("year", "month")
_PREFIX = "prefix"
_NAME = r"[^\W\d][\w.\-]*"
_PATH = re.compile(rf"{_NAME}(?:/{_NAME})*(?:/@{_NAME})?")
_LENGTH = re.compile("[1-9][0-9]{0,3}")
_PROPERTIES = ("path", "op", "value")


class Unreadable(ValueError):
    """Says which part of an entry cannot be read or honoured, without its value."""


def read_terms(pod: _Element) -> tuple[Terms, ...]:
    """The entries of a `pod` of any version, in its order; () for one that is not valid."""
    if local_name(pod) != POD or faults(pod):
        return ()
    return tuple(map(_terms, tree_of(pod)["privacyList"].get("privacy", [])))


def days_to_confirm(document: bytes) -> int | None:
    """Within how many days the vendor has to confirm that it deleted; None where it need not.

    Where an entry names no term for that, its days of retention count; of several the fewest.
    """
    entries = tree_of(read(document))["privacyList"].get("privacy", [])
    duties = (_technical(entry).get("dataDeletion", {}) for entry in entries)
    return min(
        (
            each.get("respondInDays", each.get("dataRetention", 0))
            for each in duties
            if each.get("deleteData") == "Y"
        ),
        default=None,
    )


def problems_of(entry: Mapping[str, Any]) -> list[str]:
    """Why an entry (of the mapping that `tree_of` gives) grants nothing; none: it may grant."""
    found = [
        f"{name}: names nobody; leave it out where anybody is meant"
        for name, inner, read in _LISTS.values()
        if name in entry and not _listed(entry, name, inner, read)
    ]
    for part in (_dates, _conditions):
        try:
            part(entry)
        except Unreadable as error:
            found.append(str(error))
    return found


def conditions_of(entry: Mapping[str, Any]) -> tuple[Condition, ...]:
    """The conditions of an entry, () where one of them cannot be read or honoured."""
    try:
        found: tuple[Condition, ...] = _conditions(entry)["conditions"]
    except Unreadable:
        return ()
    return found


def path_of(name: str) -> str:
    """A field's path in our syntax without blanks and leading stroke; '' for what is none."""
    bare = name.strip().removeprefix("/")
    return bare if _PATH.fullmatch(bare) else ""


def _terms(entry: Mapping[str, Any]) -> Terms:
    told: dict[str, Any] = {key: _listed(entry, *each) for key, each in _LISTS.items()}
    told |= {key: entry.get(name, "").strip() for key, name in _WORDS.items()}
    if not problems_of(entry):
        told |= _dates(entry) | _conditions(entry) | _fields(entry)
    return Terms(is_default=entry["default"] == "Y", **told)


def _listed(entry: Mapping[str, Any], name: str, inner: str, read: _Read) -> tuple[Any, ...]:
    # A blank word, or a place of two blanks, holds nothing.
    return tuple(filter(any, map(read, entry.get(name, {}).get(inner, []))))


def _word(value: str) -> str:
    return value.strip()


def _place(value: Mapping[str, str]) -> tuple[str, str]:
    return value.get("zoneId", "").strip(), value.get("contextId", "").strip()


def _address(value: Mapping[str, str]) -> str:
    return value.get("endpointURL", "").strip()


_Read: TypeAlias = Callable[[Any], Any]
_LISTS: Mapping[str, tuple[str, str, _Read]] = {
    "app_ids": ("appIDList", "appID", _word),
    "fingerprints": ("adapterFingerprintList", "adapterFingerprint", _word),
    "places": ("zoneContextList", "zoneContext", _place),
    "endpoints": ("endpointList", "endpoint", _address),
}
_WORDS = {
    "namespace": "dataModelNamespace",
    "version_min": "dataModelVersionMin",
    "version_max": "dataModelVersionMax",
}


def _dates(entry: Mapping[str, Any]) -> dict[str, Any]:
    contract = _document(entry).get("contract")
    if contract is None:
        raise Unreadable("contract: missing, so no day is known on which data may flow")
    return {"starts": _day(contract, "dateValidFrom"), "ends": _day(contract, "dateValidTo")}


def _day(contract: Mapping[str, str], name: str) -> date | None:
    if name not in contract:
        return None
    found = day_of(contract[name])
    if found is None:
        raise Unreadable(f"contract/{name}: no day of the years 1 to 9999")
    return found


def _fields(entry: Mapping[str, Any]) -> dict[str, Any]:
    rights: dict[str, bool] = {}
    for field in _technical(entry).get("dataAccess", {}).get("fieldList", {}).get("field", []):
        path = path_of(field.get("fieldName", ""))
        if path:
            # Named twice, the lesser right counts.
            rights[path] = rights.get(path, True) and field.get("controlrights") == "RW"
    return {"granted": tuple(rights), "writable": tuple(path for path in rights if rights[path])}


def _conditions(entry: Mapping[str, Any]) -> dict[str, Any]:
    listed = _technical(entry).get("conditionList", {}).get("condition", [])
    return {"conditions": tuple(map(_condition, listed))}


def _condition(told: Mapping[str, Any]) -> Condition:
    kind = told.get("typeOfCondition", "").strip()
    named = _properties(told.get("propertyList", {}).get("property", []))
    path, op, value = (named.get(name, "") for name in _PROPERTIES)
    if kind != PURPOSE and not path_of(path):
        raise Unreadable("conditionList: a condition has no path that can be read")
    if not _is_known(kind, op, value):
        raise Unreadable("conditionList: a condition that the filter cannot honour")
    return Condition(kind, path_of(path), op, value, told.get("conditionName", "").strip())


def _properties(listed: Iterable[Mapping[str, str]]) -> dict[str, str]:
    named: dict[str, str] = {}
    for each in listed:
        name, value = each.get("propertyName", "").strip(), each.get("propertyValue", "").strip()
        # `in` = 09,10 is the short way to say op = in, value = 09,10.
        pairs = {name: value} if name in _PROPERTIES else {"op": name, "value": value}
        if named.keys() & pairs.keys() or not name:
            raise Unreadable("conditionList: the properties of a condition contradict each other")
        named |= pairs
    return named


def _is_known(kind: str, op: str, value: str) -> bool:
    if kind == ROW_FILTER:
        return (op in COMPARISONS and bool(value)) or (op in _TESTS and not value)
    if kind == GENERALISE:
        return not value if op in _CUTS else op == _PREFIX and bool(_LENGTH.fullmatch(value))
    if kind == PURPOSE:
        return not op
    return kind in (DELETE, NULL, MASK, HASH) and not op and not value


def _document(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = entry.get("privacyObligationsDocument", {})
    return found


def _technical(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _document(entry).get("technicalRequirements", {})
    return found
