"""The Privacy Obligations Document as the hub keeps it: who, until when, and what it grants."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from reference_hub.model.scope import Scope

DRAFT = "Draft"
PENDING = "Pending"
LIVE = "Live"
EXPIRED = "Expired"

# How a vendor acknowledges, as the district chose: the first use of the token does, or only an
# explicit receipt does.
BY_MARKER, BY_RECEIPT = "marker", "receipt"

ROW_FILTER, DELETE, NULL, MASK = "ROW_FILTER", "DELETE", "NULL", "MASK"
HASH, GENERALISE, ENCRYPT, PURPOSE = "HASH", "GENERALISE", "ENCRYPT", "PURPOSE"


@dataclass(frozen=True, slots=True)
class Condition:
    """One entry of a conditionList in our own language (the standard leaves it open).

    `kind`: one of the words above, or what the POD says. `op` of a ROW_FILTER: in, not-in, eq, ne,
    lt, le, gt, ge, present, absent; of GENERALISE: year, month, prefix. `value` of in and not-in:
    words with commas.
    """

    kind: str
    path: str = ""
    op: str = ""
    value: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """One privacy entry of a POD: for whom it is, and what it grants.

    Empty selectors mean any. `places` are (zoneId, contextId). `granted` holds paths such as
    `xStudent/name/givenName`, each grants its subtree; `writable` those of them with RW. Both days
    of the contract count, in district time.
    """

    is_default: bool = True
    app_ids: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()
    endpoints: tuple[str, ...] = ()
    namespace: str = ""
    version_min: str = ""
    version_max: str = ""
    starts: date | None = None
    ends: date | None = None
    granted: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Pod:
    """One POD of one vendor in one zone, for one of its applications or, with '', for all.

    `document` is the `pod` element as XML bytes (infrastructure 3.3). The fields from `granted` on
    are what the gate chose for one caller: the terms of one entry, the folded ids of people whom
    the vendor never hears of, and the vendor's own key for pseudonyms.
    """

    id: str
    vendor_id: int
    scope: Scope
    version: str
    token: str
    status: str
    starts: date
    ends: date | None
    document: bytes
    acknowledged: datetime | None
    entries: tuple[Terms, ...] = ()
    app_id: str = ""
    agreement_id: str = ""
    content: str = ""
    granted: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    excluded: frozenset[str] = frozenset()
    key: bytes = b""

    @property
    def objects(self) -> tuple[str, ...]:
        """The object types of which any entry grants something, sorted."""
        paths = (path for entry in self.entries for path in entry.granted)
        return tuple(sorted({path.strip("/ ").partition("/")[0] for path in paths}))

    def under(self, terms: Terms) -> Pod:
        """The same POD as one caller has it."""
        return replace(
            self,
            granted=terms.granted,
            writable=terms.writable,
            conditions=terms.conditions,
        )

    def for_vendor(self, excluded: frozenset[str], key: bytes) -> Pod:
        """The same POD with what the store holds of its vendor."""
        return replace(self, excluded=excluded, key=key)
