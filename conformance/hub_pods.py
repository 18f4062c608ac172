"""PODs for the vendors at a hub: what the operator publishes, and how one is read back.

The hub gives id, token and version; those of the document are placeholders.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, timedelta

from lxml import etree

from conformance import trees
from conformance.pods import fresh_id
from conformance.trees import inf

PENDING, LIVE, EXPIRED = "Pending", "Live", "Expired"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a grant: `ROW_FILTER` or `DELETE` with path, op and value."""

    kind: str
    path: str
    op: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One `privacy` of a POD; empty means any. Days are inclusive, paths like `xStudent/name`."""

    fields: tuple[str, ...]
    writable: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    app: str = ""
    zone: str = ""
    context: str = ""
    namespace: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A POD as the hub shows it."""

    element: etree._Element = field(repr=False)
    id: str
    status: str
    token: str
    version: str

    @property
    def contract(self) -> str:
        """The address of the agreement, empty if none is named."""
        found = trees.every(self.element, "contractURI")
        return (found[0].text or "").strip() if found else ""


def seen(element: etree._Element) -> Seen:
    """Read a `pod` element; what is missing is empty."""
    names = ("podStatus", "podToken", "podVersion")
    status, token, version = (trees.text(element, one) for one in names)
    return Seen(element, element.get("id") or "", status, token, version)


def document(party: str, *entries: Entry) -> bytes:
    """A `pod` of infrastructure 3.3 about a new agreement with this party."""
    contract = f"urn:uuid:{fresh_id()}"
    element = inf(
        "pod",
        inf("podStatus", PENDING),
        inf("podToken", "given-by-the-hub"),
        inf("podVersion", "1.0.0"),
        inf("partyId", party),
        inf("privacyList", *(_privacy(party, contract, one) for one in entries)),
        id=fresh_id(),
    )
    return trees.tostring(element)


def _privacy(party: str, contract: str, entry: Entry) -> etree._Element:
    parts = [inf("default", "Y")]
    if entry.app:
        parts.append(inf("appIDList", inf("appID", entry.app)))
    if entry.zone or entry.context:
        told = (("zoneId", entry.zone), ("contextId", entry.context))
        place = inf("zoneContext", *(inf(name, value) for name, value in told if value))
        parts.append(inf("zoneContextList", place))
    if entry.namespace:
        parts.append(inf("dataModelNamespace", entry.namespace))
    obligations = inf(
        "privacyObligationsDocument",
        _contract(contract, entry),
        _technical(entry),
        inf(
            "dataController",
            inf("dataControllerName", "Synthetic School District"),
            inf("privacyPolicyURL", "https://district.example/privacy"),
            _contact("privacyContact", "Office"),
            _contact("privacyContact", "Board"),
        ),
        inf(
            "dataProcessor",
            inf("dataProcessorName", party),
            inf("privacyPolicyURL", "https://vendor.example/privacy"),
            inf("purposeList", inf("purpose", "Conformance testing with synthetic students")),
            inf("dataUsageMarketingAllowed", "N"),
        ),
    )
    return inf("privacy", *parts, obligations)


def _contact(name: str, who: str) -> etree._Element:
    return inf(name, inf("name", inf("familyName", who)))


def _contract(uri: str, entry: Entry) -> etree._Element:
    today = date.today()  # noqa: DTZ011  # a contract runs on the calendar of the district
    first = entry.first or today - timedelta(days=30)
    last = entry.last or today + timedelta(days=365)
    law = inf("law", inf("lawName", "FERPA"), inf("lawDescription", "20 USC 1232g; 34 CFR 99"))
    return inf(
        "contract",
        inf("contractURI", uri),
        inf("contractName", "Conformance test agreement"),
        inf("dateValidFrom", first.isoformat()),
        inf("dateValidTo", last.isoformat()),
        inf("lawList", law),
    )


def _technical(entry: Entry) -> etree._Element:
    rights = [(one, "RW" if one in entry.writable else "R") for one in entry.fields]
    listed = [inf("field", inf("fieldName", a), inf("controlrights", b)) for a, b in rights]
    parts = [inf("dataAccess", inf("fieldList", *listed))]
    if entry.conditions:
        parts.append(inf("conditionList", *map(_condition, entry.conditions)))
    deletion = inf("dataDeletion", inf("deleteData", "Y"), inf("dataRetention", "60"))
    return inf("technicalRequirements", *parts, deletion)


def _condition(one: Condition) -> etree._Element:
    told = (("path", one.path), ("op", one.op), ("value", one.value))
    properties = [
        inf("property", inf("propertyName", name), inf("propertyValue", value))
        for name, value in told
        if value
    ]
    return inf(
        "condition",
        inf("typeOfCondition", one.kind),
        inf("conditionName", "conformance"),
        inf("propertyList", *properties),
    )


def hash_of(table: dict[str, object]) -> str:
    """`sha256:` and the digest of a POD in PESC JSON without its status, keys sorted, dense."""
    bare = {name: value for name, value in table.items() if name != "podStatus"}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
