"""What a registry tells, as the hub's own records, and the ways a registry can fail.

RegistryError (a HubError)
├── RegistryUnreachable   no complete answer; what was known before goes on holding
└── RegistryRefused       an answer that is not what `docs/registry.md` describes

Days are days of the district. Empty tuples and texts mean that nothing was said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from reference_hub.problems import HubError

DRAFT, ACTIVE, EXPIRED, TERMINATED = "DRAFT", "ACTIVE", "EXPIRED", "TERMINATED"
EXHIBIT_E = "exhibitE"


class RegistryError(HubError):
    """The registry could not be read; no POD changes because of it."""


class RegistryUnreachable(RegistryError):
    """No complete answer came in time, or the registry said that it cannot answer now."""


class RegistryRefused(RegistryError):
    """The registry refused the key, or what it sent cannot be understood."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or a desk (then `family` is its name) that can be reached."""

    family: str
    given: str = ""
    position: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class District:
    """A data controller; `zone` and `contexts` are where the hub serves it."""

    id: str
    name: str
    zone: str
    time_zone: str
    privacy_policy_url: str
    contexts: tuple[str, ...] = ("DEFAULT",)
    contacts: tuple[Contact, ...] = ()
    issue_contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Vendor:
    """A data processor; `name` is the partyId of its PODs."""

    id: str
    name: str
    privacy_policy_url: str
    contacts: tuple[Contact, ...] = ()
    access_contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address where a product takes data."""

    url: str
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """What a vendor offers (Exhibit A); empty lists limit nothing."""

    id: str
    name: str
    vendor: str
    app_ids: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    namespace: str = ""
    version_min: str = ""
    version_max: str = ""


@dataclass(frozen=True, slots=True)
class Law:
    """A law that an agreement rests on."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Term:
    """A condition on rows or fields; words as in `reference_hub.model.pod.Condition`."""

    kind: str
    path: str
    op: str = ""
    value: str = ""
    name: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Framework:
    """A security framework or technology (Exhibit F)."""

    name: str
    description: str = ""
    url: str = ""
    version_min: str = ""


@dataclass(frozen=True, slots=True)
class SecurityTest:
    """A security test that the processor has made."""

    kind: str
    frequency: str = ""
    remediation_days: int | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Country:
    """Where data is stored or used, and for what."""

    country: str
    usage: str = ""


@dataclass(frozen=True, slots=True)
class SubProcessor:
    """Who works for the processor."""

    name: str
    privacy_policy_url: str
    purposes: tuple[str, ...] = ()
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """A duty in own words, or the number of a clause of the form; `url` leads to more."""

    label: str
    reference: str = ""
    text: str = ""
    obligation: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Deletion:
    """What happens to the data at the end."""

    delete: bool
    retention_days: int | None = None
    delete_by: date | None = None
    respond_days: int | None = None
    organisation: str = ""
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """Requests of parents: days to answer, whether data can be taken along, whether the district
    is told of each."""

    respond_days: int | None = None
    portable: bool | None = None
    forward: bool | None = None


@dataclass(frozen=True, slots=True)
class Breach:
    """Within how many hours a breach is told, and who tells it."""

    hours: int | None = None
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Something with a name and an address."""

    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Staff:
    """Duties of the processor's staff."""

    bound: bool | None = None
    confidentiality: bool | None = None
    trainings: tuple[Page, ...] = ()
    password_standard: Page | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """A contract between a district and a vendor on one product.

    `exhibit_b`: the ticked lines; `structural`: bundles of pointers, `extra` further paths that no
    tick names; `withheld`: paths that a tick would open; `writable`: paths with controlrights RW.
    `expires` counts as the last day; None: no end is agreed.
    """

    id: str
    name: str
    uri: str
    district: str
    vendor: str
    product: str
    type: str
    version: str
    status: str
    effective: date
    purposes: tuple[str, ...]
    laws: tuple[Law, ...]
    exhibit_b: tuple[str, ...]
    document_url: str = ""
    originator: str = ""
    signed: date | None = None
    expires: date | None = None
    ip_rights: str = ""
    alternate_purposes: tuple[str, ...] = ()
    deidentified_purposes: tuple[str, ...] = ()
    marketing: bool = False
    refresh_days: int | None = None
    structural: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    conditions: tuple[Term, ...] = ()
    exhibit_f: tuple[Framework, ...] = ()
    tests: tuple[SecurityTest, ...] = ()
    countries: tuple[Country, ...] = ()
    subprocessors: tuple[SubProcessor, ...] = ()
    clauses: tuple[Clause, ...] = ()
    deletion: Deletion | None = None
    access: Access = Access()
    breach: Breach | None = None
    staff: Staff = Staff()


@dataclass(frozen=True, slots=True)
class Fault:
    """An agreement that the hub cannot use as it stands; `status` as it says, '' if unreadable."""

    id: str
    status: str
    text: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A registry at one moment: records by id, and the agreements that cannot be used."""

    districts: Mapping[str, District]
    vendors: Mapping[str, Vendor]
    products: Mapping[str, Product]
    agreements: Mapping[str, Agreement]
    faults: tuple[Fault, ...] = ()


class RegistryClient(Protocol):
    """A way to read a registry. One call gives all of it: an agreement is missing from a list only
    when the list is complete, and a missing one ends its POD."""

    def read(self) -> Snapshot:
        """The registry as it is now; raises RegistryError."""
        ...
