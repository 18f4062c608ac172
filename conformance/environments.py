"""The SIF environment: what we send to get one, and what we read out of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from conformance import trees
from conformance.reply import Reply
from conformance.target import TargetConfig
from conformance.trees import inf


@dataclass(frozen=True, slots=True)
class Environment:
    """What the target answered to the environment create."""

    element: etree._Element
    id: str
    session_token: str
    zone: str
    services: Mapping[str, str]

    @property
    def requests(self) -> str:
        """The requests connector, without a slash at its end."""
        return self.services.get("requestsConnector", "").rstrip("/")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signs: application key, secret and method."""

    key: str
    secret: str
    method: str


def build(config: TargetConfig, who: Identity, instance: str) -> etree._Element:
    """An `environment` to be created, children in schema order."""
    return inf(
        "environment",
        inf("solutionId", "testing"),
        inf("authenticationMethod", who.method),
        inf("instanceId", instance),
        inf("consumerName", "SIF conformance kit"),
        inf(
            "applicationInfo",
            inf("applicationKey", who.key),
            inf("supportedInfrastructureVersion", config.endpoint.infrastructure),
            inf("dataModelNamespace", config.endpoint.data_model),
            inf("transport", "REST"),
            inf(
                "applicationProduct",
                inf("vendorName", "SIF conformance kit"),
                inf("productName", "conformance"),
            ),
        ),
    )


def read(reply: Reply) -> Environment | None:
    """The environment in a 2xx or 409 answer, None if there is none."""
    if not reply.ok and reply.status != 409:
        return None
    try:
        root = trees.parse(reply.body)
    except trees.Unreadable:
        return None
    if trees.local(root) != "environment":
        return None
    zone = trees.child(root, "defaultZone")
    services = {
        one.get("name") or "": (one.text or "").strip()
        for one in trees.every(root, "infrastructureService")
    }
    return Environment(
        element=root,
        id=root.get("id") or "",
        session_token=trees.text(root, "sessionToken"),
        zone=(zone.get("id") or "") if zone is not None else "",
        services=services,
    )
