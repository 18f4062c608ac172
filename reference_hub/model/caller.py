"""Who asks for data, or to whom it is pushed, as far as the choice of a privacy entry needs it."""

from __future__ import annotations

from dataclasses import dataclass

from reference_hub.model.environment import Environment
from reference_hub.model.party import Application, Subscriber, Vendor
from reference_hub.model.scope import Scope


@dataclass(frozen=True, slots=True)
class Caller:
    """A vendor's application on one connection. '' stands for not known.

    `fingerprint`: of its environment. `namespace`: of the data model it declared. `endpoint`: the
    address that the hub pushes to. `policy`: required | offered | off. `acknowledge_by`: marker |
    receipt. `undecided_key`: the key of an application that gets data only after the district's
    decision, which the gate looks up.
    """

    vendor_id: int
    scope: Scope
    policy: str = "required"
    acknowledge_by: str = "marker"
    app_id: str = ""
    fingerprint: str = ""
    namespace: str = ""
    endpoint: str = ""
    undecided_key: str = ""


def asking(environment: Environment, vendor: Vendor) -> Caller:
    """The vendor behind a session with the hub."""
    return Caller(
        vendor.id,
        vendor.scope,
        vendor.pod_policy,
        vendor.acknowledge_by,
        app_id=environment.application.app_id,
        fingerprint=environment.fingerprint,
        namespace=environment.data_model_namespace,
        undecided_key=undecided_key(environment.application),
    )


def undecided_key(application: Application) -> str:
    """The key of an application that its district may still have to decide about, else ''."""
    return application.key if application.decision else ""


def reached(vendor: Vendor, to: Subscriber) -> Caller:
    """The vendor at the end of a connection that the hub pushes to."""
    return Caller(
        vendor.id,
        to.scope,
        vendor.pod_policy,
        vendor.acknowledge_by,
        app_id=to.app_id,
        endpoint=to.url,
    )
