"""A POD as the simulated hub keeps it: who it is for, what state it is in, what it allows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date

from lxml import etree

from conformance.simulators.documents import child_text
from conformance.simulators.hub.notation import pod_json

DRAFT, PENDING, LIVE, EXPIRED = "Draft", "Pending", "Live", "Expired"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a grant: its kind, and the properties path, op and value."""

    kind: str
    path: str
    op: str
    value: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One `privacy` of a POD. Empty tuples and texts mean any; both days count."""

    apps: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    namespace: str
    starts: date
    ends: date
    fields: tuple[str, ...]
    writable: tuple[str, ...]
    conditions: tuple[Condition, ...]

    def fits(self, app: str, zone: str, context: str, namespace: str) -> bool:
        """Whether the entry is for this application, place and data model."""
        placed = any(one in ("", zone) and two in ("", context) for one, two in self.places)
        return (
            (not self.apps or app in self.apps)
            and (not self.places or placed)
            and self.namespace in ("", namespace)
        )

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """What makes an entry more special than another: application, place, data model."""
        return bool(self.apps), bool(self.places), bool(self.namespace)


@dataclass(slots=True)
class Paper:
    """One POD of one vendor; `status` changes, the rest is the document's."""

    id: str
    vendor: str
    version: str
    token: str
    status: str
    document: etree._Element
    entries: tuple[Entry, ...]
    receipt: str = ""

    def shown(self) -> etree._Element:
        """The document with id, token, version and the status of now."""
        element = deepcopy(self.document)
        element.set("id", self.id)
        told = {"podStatus": self.status, "podToken": self.token, "podVersion": self.version}
        for name, value in told.items():
            found = element.find(f"{{*}}{name}")
            if found is not None:
                found.text = value
        return element

    def hash(self) -> str:
        """`sha256:` and the digest over sorted, dense JSON without the status."""
        table = pod_json(self.shown())
        table.pop("podStatus", None)
        text = json.dumps(table, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def read_entries(element: etree._Element) -> tuple[Entry, ...]:
    """The privacy entries of a `pod` element in document order."""
    return tuple(map(_entry, element.iter("{*}privacy")))


def _entry(privacy: etree._Element) -> Entry:
    obligations = ("privacyObligationsDocument", "contract")
    first = child_text(privacy, *obligations, "dateValidFrom")
    last = child_text(privacy, *obligations, "dateValidTo")
    listed = privacy.find("{*}privacyObligationsDocument/{*}technicalRequirements/{*}dataAccess")
    named = list(listed.iter("{*}field")) if listed is not None else []
    rights = {child_text(one, "fieldName"): child_text(one, "controlrights") for one in named}
    return Entry(
        apps=tuple(one.text or "" for one in privacy.iter("{*}appID")),
        places=tuple(
            (child_text(one, "zoneId"), child_text(one, "contextId"))
            for one in privacy.iter("{*}zoneContext")
        ),
        namespace=child_text(privacy, "dataModelNamespace"),
        starts=date.fromisoformat(first) if first else date.min,
        ends=date.fromisoformat(last) if last else date.max,
        fields=tuple(rights),
        writable=tuple(path for path, right in rights.items() if right == "RW"),
        conditions=tuple(_conditions(privacy)),
    )


def _conditions(privacy: etree._Element) -> Iterator[Condition]:
    for one in privacy.iter("{*}condition"):
        told = {
            child_text(each, "propertyName"): child_text(each, "propertyValue")
            for each in one.iter("{*}property")
        }
        kind = child_text(one, "typeOfCondition")
        yield Condition(kind, told.get("path", ""), told.get("op", ""), told.get("value", ""))
