"""An agreement as the console keeps it: the records of a registry that it is made of, whether they
came from a registry or were entered in a form. Both are judged by the same rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from fixtures import registry
from fixtures.pods import ExhibitRow, exhibit_b
from fixtures.problems import FixtureError
from reference_hub.codec.pod_terms import read_terms
from reference_hub.codec.pod_xml import tree_of
from reference_hub.codec.xml import tostring
from reference_hub.journeys import wording
from reference_hub.journeys.issue_pod import Build
from reference_hub.model.pod import Terms
from reference_hub.model.scope import Scope
from reference_hub.registry.expansion import idle
from reference_hub.registry.folder import snapshot
from reference_hub.registry.pod import app_ids, pod_of
from reference_hub.registry.records import ACTIVE, Agreement, District, Product, Snapshot, Vendor

if TYPE_CHECKING:
    from lxml.etree import _Element

_WORDS = re.compile(r"[^a-z0-9]+")
_LAW = {"name": "FERPA", "description": "20 USC 1232g; 34 CFR 99"}
# What the kit's conforming vendors and its suite know; the classics have more.
OBJECTS = ("xStudent",)
# What rosters are made of besides people: names of schools, courses, and the ids of classes.
BUNDLES = ("organisations", "courses", "rosters")


@dataclass(frozen=True, slots=True)
class Parts:
    """The four records that a POD is made of. `entered`: no registry knows the agreement, so none
    may end its POD."""

    agreement: Agreement
    district: District
    vendor: Vendor
    product: Product
    entered: bool = False

    @property
    def app_id(self) -> str:
        """The application that the POD is for, '' for any of the vendor."""
        return app_ids(self.product)[0]

    @property
    def registered_id(self) -> str:
        """The id of the agreement in its registry, '' where it is in none."""
        return "" if self.entered else self.agreement.id


@dataclass(frozen=True, slots=True)
class Entered:
    """What somebody typed. `ticks`: ids of lines of Exhibit B; `days`: retention; `bundles`: of
    BUNDLES, what is about no person."""

    party: str
    product: str
    purpose: str
    policy: str
    starts: str
    ends: str
    days: str
    district: str
    district_policy: str
    ticks: Sequence[str]
    bundles: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a POD says, in plain language; names and purposes are as the document has them."""

    lines: Sequence[wording.Line]
    conditions: Sequence[str]
    duties: Sequence[str]
    notes: Sequence[str]
    paths: int


class NotUsable(ValueError):
    """What was entered makes no agreement; the text says why."""


def offered(found: Snapshot, zone_id: str) -> list[Parts]:
    """The agreements of a district in force or planned, by their id."""
    return [
        parts(found, each)
        for name, each in sorted(found.agreements.items())
        if found.districts[each.district].zone == zone_id and each.status == ACTIVE
    ]


def parts(found: Snapshot, agreement: Agreement) -> Parts:
    """An agreement of a registry with the records it names."""
    return Parts(
        agreement,
        found.districts[agreement.district],
        found.vendors[agreement.vendor],
        found.products[agreement.product],
    )


def entered(told: Entered, scope: Scope, time_zone: str) -> Parts:
    """The records of what somebody typed. Raises NotUsable."""
    name = _name(f"{told.party}-{told.product}")
    agreement: dict[str, Any] = {
        "id": name, "name": f"{told.product} of {told.party}",
        "uri": f"{told.district_policy.rstrip('/')}#{name}", "district": "district",
        "vendor": "vendor", "product": "product", "type": "NDPA", "version": "2.2",
        "status": ACTIVE, "effective": told.starts, "purposes": [told.purpose], "laws": [_LAW],
        "exhibit_b": list(told.ticks), "structural": ["core", *told.bundles],
        "deletion": {"delete": True, "retention_days": int(told.days)},
    }  # fmt: skip
    if told.ends:
        agreement["expires"] = told.ends
    district: dict[str, Any] = {
        "id": "district", "name": told.district, "zone": scope.zone_id, "time_zone": time_zone,
        "contexts": [scope.context_id], "privacy_policy_url": told.district_policy,
    }  # fmt: skip
    vendor = {"id": "vendor", "name": told.party, "privacy_policy_url": told.policy}
    product = {"id": "product", "name": told.product, "vendor": "vendor"}
    lists: dict[str, list[Any]] = {
        "districts": [district],
        "vendors": [vendor],
        "products": [product],
        "agreements": [agreement],
    }
    try:
        found = snapshot(registry.judge(lists))
    except FixtureError as error:
        raise NotUsable(str(error)) from error
    if found.faults:
        raise NotUsable(found.faults[0].text)
    return replace(parts(found, found.agreements[name]), entered=True)


def _name(text: str) -> str:
    return _WORDS.sub("-", text.lower()).strip("-")[:80] or "agreement"


def stored(given: Parts) -> dict[str, Any]:
    """The records as the store keeps them."""
    found: dict[str, Any] = msgspec.to_builtins(asdict(given))
    return found


def restored(told: Mapping[str, Any]) -> Parts:
    """The records that `stored` wrote."""
    return msgspec.convert(dict(told), Parts)


def moved(given: Parts, scope: Scope, starts: date, ends: date) -> Parts:
    """The same agreement for another zone and other days: for a sandbox."""
    district = replace(given.district, zone=scope.zone_id, contexts=(scope.context_id,))
    agreement = replace(given.agreement, effective=starts, expires=ends)
    return replace(given, district=district, agreement=agreement)


def without_names(given: Parts) -> Parts:
    """The same agreement without the names of schools, so that made-up ones take the place of no
    other at a host that knows its schools by numbers."""
    kept = tuple(each for each in given.agreement.structural if each != BUNDLES[0])
    return replace(given, agreement=replace(given.agreement, structural=kept))


def document(given: Parts, pod_id: str, token: str, version: str) -> _Element:
    """The POD of an agreement for the first of the product's applications."""
    app_id = given.app_id
    product = replace(given.product, app_ids=(app_id,)) if app_id else given.product
    return pod_of(
        given.agreement,
        given.district,
        given.vendor,
        product,
        pod_id=pod_id,
        token=token,
        version=version,
    )


def build(given: Parts, version: str) -> Build:
    """A function that writes the POD for a new id and token and reads its entries."""

    def write(pod_id: str, token: str) -> tuple[bytes, tuple[Terms, ...]]:
        pod = document(given, pod_id, token, version)
        return tostring(pod), read_terms(pod)

    return write


def sample(given: Parts) -> _Element:
    """The POD as it will be, but for its id and its token, which are made when it is published."""
    return document(given, "00000000-0000-4000-8000-000000000000", "made-when-published", "1.0.0")


def preview(given: Parts, language: str = wording.ENGLISH) -> Preview:
    """The POD in plain language."""
    pod = sample(given)
    terms = read_terms(pod)[0]
    entry = tree_of(pod)["privacyList"]["privacy"][0]
    return Preview(
        wording.data_lines(terms),
        wording.conditions(terms, language),
        wording.duties(entry, language),
        list(idle(given.agreement)),
        len(terms.granted),
    )


def types(given: Parts) -> tuple[str, ...]:
    """The object types of which the agreement opens anything."""
    terms = read_terms(sample(given))
    return tuple(sorted({path.split("/")[0] for each in terms for path in each.granted}))


def lines_of_the_form() -> dict[str, list[ExhibitRow]]:
    """Exhibit B by its groups, each a part of the name of its lines."""
    groups: dict[str, list[ExhibitRow]] = {}
    for row in exhibit_b():
        groups.setdefault(row.category.partition(":")[0], []).append(row)
    return groups
