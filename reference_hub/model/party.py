"""Who takes part: applications that call the hub, vendors, and the ways the hub reaches them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reference_hub.model.rights import Grant
from reference_hub.model.scope import Scope

# They carry the whole roster as a file; all others carry one object at a time.
FILE_TRANSPORTS = ("http_put", "sftp")
# The format of connections that get SIF objects as they are stored; others name a vendor profile.
NATIVE = "sif-xml"
# The transport of vendors that come for their data.
PULL = "pull"


@dataclass(frozen=True, slots=True)
class Application:
    """A registered application key.

    `kind`: `source` feeds the hub (a SIS), `vendor` acts for a vendor, `provider` answers requests
    that the hub forwards. `environment_type`: DIRECT | BROKERED. `notation`: what JSON it speaks,
    goessner | pesc, '' where its requests tell. `grants`: rights given with each environment, those
    of the kind where there are none; `requestable`: what a provisionRequest may add. `app_id`: the
    product it is, as agreements name it. `decision`: of a vendor's application that stands in the
    settings the policy of its district, required | console | optional, else ''.
    """

    key: str
    secret: str
    kind: str
    vendor_id: int | None
    scope: Scope
    environment_type: str = "DIRECT"
    notation: str = ""
    grants: tuple[Grant, ...] = ()
    requestable: tuple[Grant, ...] = ()
    app_id: str = ""
    decision: str = ""


@dataclass(frozen=True, slots=True)
class Vendor:
    """The receiving party of a POD. `pod_policy`: required | offered | off, `acknowledge_by`:
    marker | receipt, as the district chose."""

    id: int
    name: str
    party_id: str
    scope: Scope
    pod_policy: str
    acknowledge_by: str = "marker"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One connection to a vendor: format, transport, address, what it receives.

    `format`: sif-xml or the name of a vendor profile. `transport`: sif_push | http_put | sftp |
    edfi | pull. `credentials`: key, secret (or where it is: env:NAME, file:PATH), method.
    `session`: what the transport must remember between deliveries. `delivery`: settings of this
    connection alone, as reference_hub/vendors/sftp_terms.py reads them; `window_seconds` for files.
    """

    id: int
    vendor_id: int
    name: str
    scope: Scope
    format: str
    transport: str
    url: str
    credentials: Mapping[str, str]
    objects: tuple[str, ...]
    state: str
    session: Mapping[str, Any] | None
    app_id: str = ""
    delivery: Mapping[str, Any] = field(default_factory=dict)
