"""The fields and conditions of one entry: those nobody has, those that can never be sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reference_hub.codec.pod_terms import conditions_of, path_of
from reference_hub.privacy import conditions, forms
from reference_hub.privacy.findings import ERROR, NOTE, WARNING, Finding

_KEYS = ("@refId", "@RefId")
# A lint knows no vendor, so no key; hashing needs one at work only.
_ANY_KEY = b"-"


def lint_fields(entry: Mapping[str, Any], path: str) -> Iterator[Finding]:
    """What stands against the fieldList and conditionList of an entry of `tree_of`."""
    document = entry.get("privacyObligationsDocument", {})
    technical = document.get("technicalRequirements", {})
    fields = technical.get("dataAccess", {}).get("fieldList", {}).get("field", [])
    place = f"{path}/dataAccess/fieldList"
    if not fields:
        yield Finding(ERROR, place, "name at least one field; without one nothing is granted")
    granted: dict[str, str] = {}
    for number, field in enumerate(fields, start=1):
        yield from _field(field, granted, f"{place}/field[{number}]")
    yield from _clashes(granted, entry.get("dataModelNamespace", ""), place)
    yield from _conditions(entry, granted, f"{path}/conditionList")


def _field(field: Mapping[str, str], granted: dict[str, str], place: str) -> Iterator[Finding]:
    name, right = path_of(field.get("fieldName", "")), field.get("controlrights", "R")
    if not name:
        advice = "write a path such as xStudent/name/givenName, without prefixes or predicates"
        yield Finding(ERROR, place, f"{advice}; as it stands it grants nothing")
        return
    if granted.get(name, right) != right:
        yield Finding(WARNING, place, f"{name} is named twice with other rights; R counts")
    elif name in granted:
        yield Finding(NOTE, place, f"{name} is named twice; leave one out")
    granted.setdefault(name, right)
    object_type = name.partition("/")[0]
    if not forms.known(object_type):
        yield Finding(
            NOTE, place, f"{object_type} is in no data model of the kit; check it by hand"
        )
    elif not forms.exists(name):
        yield Finding(WARNING, place, f"{name} is in no data model of the kit; correct the path")


def _clashes(granted: Iterable[str], namespace: str, place: str) -> Iterator[Finding]:
    """Elements that the model demands beside a field, and that are not granted."""
    told = set()
    for path in granted:
        object_type, *steps = path.split("/")
        form = forms.form_of(namespace, object_type)
        for depth in range(len(steps)):
            around = "/".join((object_type, *steps[:depth]))
            inner = form.at(steps[:depth]) if form else None
            for name in inner.required if inner else ():
                needed = f"{around}/{name}"
                if needed not in told and not _is_sent(needed, name, granted):
                    told.add(needed)
                    advice = f"grant {needed} too; the data model demands it in {around}"
                    yield Finding(WARNING, place, f"{advice}, so {path} may never be sent")


def _is_sent(needed: str, name: str, granted: Iterable[str]) -> bool:
    # Ids that are not granted are replaced by pseudonyms, so they stand in the way of nothing.
    return name in _KEYS or any(
        f"{needed}/".startswith(f"{each}/") or each.startswith(f"{needed}/") for each in granted
    )


def _conditions(entry: Mapping[str, Any], granted: Iterable[str], place: str) -> Iterator[Finding]:
    found = conditions_of(entry)
    for condition, why in conditions.faults(found, _ANY_KEY).items():
        yield Finding(ERROR, place, f"{condition.kind} of {condition.path or 'no path'}: {why}")
    objects = {each.partition("/")[0] for each in granted}
    for condition in found:
        object_type = condition.path.partition("/")[0]
        if object_type and object_type not in objects:
            advice = f"grants nothing of {object_type}; the condition is without effect"
            yield Finding(NOTE, place, f"{condition.kind} of {condition.path}: the entry {advice}")
