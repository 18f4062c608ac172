"""The `environment` element, read leniently and written in schema order (INF-ENV-027)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lxml.etree import _Element

from reference_hub.codec.tree import branch, leaf
from reference_hub.codec.xml import children, local_name, namespace_of
from reference_hub.model.environment import Environment, Wanted
from reference_hub.model.infrastructure import INFRASTRUCTURE, version_of
from reference_hub.model.rights import Grant
from reference_hub.problems import Refusal
from reference_hub.web.access.provisioned_xml import write_zones
from reference_hub.web.answers import infrastructure

SCOPE = "Create environment"
# What older schemas than these know not, they refuse.
_FINGERPRINT, _JOBS = (3, 2, 1), (3, 2)
_SERVICES = {
    "environment": "environments/{id}",
    "requestsConnector": "requests",
    "queues": "queues",
    "subscriptions": "subscriptions",
    "provisionRequests": "provisionRequests",
    "eventsConnector": "eventsConnector",
    "servicesConnector": "services",
}
_PRODUCTS = ("applicationProduct", "adapterProduct")
_PRODUCT_PARTS = ("vendorName", "productName", "productVersion", "iconURI")
_FIELDS = {
    "authentication_method": "authenticationMethod",
    "application_key": "applicationKey",
    "instance_id": "instanceId",
    "user_token": "userToken",
    "consumer_name": "consumerName",
    "solution_id": "solutionId",
    "infrastructure_version": "supportedInfrastructureVersion",
    "data_model_namespace": "dataModelNamespace",
    "transport": "transport",
}


def wanted(root: _Element | None, parameter: Callable[[str], str | None]) -> Wanted:
    """What the payload asks for, and where it is silent (or absent) the parameters.

    Empty elements count as absent. Raises Refusal 400 for another root or namespace.
    """
    payload = {} if root is None else _payload(root)
    values = {
        field: payload.get(name) or (parameter(name) or "").strip()
        for field, name in _FIELDS.items()
    }
    if any("\x00" in value for value in values.values()):
        raise Refusal(400, SCOPE, "A parameter holds a NUL character; leave it out.")
    namespace = "" if root is None else namespace_of(root)
    products = {} if root is None else _products(root)
    return Wanted(namespace or INFRASTRUCTURE, products=products, **values)


def write(
    environment: Environment,
    url: str,
    zone_description: str,
    rights: Sequence[Grant],
    *,
    with_token: bool = True,
) -> _Element:
    """The whole environment; `url` is the hub's root without a trailing slash.

    `id` is the first attribute and no element has a prefix: a client reads both by pattern.
    """
    root = infrastructure("environment", id=environment.id, type=environment.type)
    version = version_of(namespace_of(root))
    if version >= _FINGERPRINT:
        leaf(root, "fingerprint", environment.fingerprint)
    if with_token:
        leaf(root, "sessionToken", environment.session_token)
    _optional(root, "solutionId", environment.solution_id)
    zone = branch(root, "defaultZone", id=environment.scope.zone_id)
    _optional(zone, "description", zone_description)
    leaf(root, "authenticationMethod", environment.authentication_method)
    _optional(root, "instanceId", environment.instance_id)
    _optional(root, "consumerName", environment.consumer_name)
    _write_application(root, environment)
    _write_services(root, environment, url, version)
    write_zones(root, rights)
    return root


def _payload(root: _Element) -> dict[str, str]:
    namespace = namespace_of(root)
    if local_name(root) != "environment" or (namespace and not version_of(namespace)):
        text = f"The body must be an environment in {INFRASTRUCTURE}, or be empty."
        raise Refusal(400, SCOPE, text, "400-01")
    # Reversed, so that of two elements of one name the first wins.
    leaves = [child for child in root.iter("*") if not children(child)]
    return {local_name(each): (each.text or "").strip() for each in reversed(leaves)}


def _products(root: _Element) -> dict[str, dict[str, str]]:
    found = {}
    for element in root.iter("*"):
        if local_name(element) in _PRODUCTS:
            told = {local_name(each): (each.text or "").strip() for each in children(element)}
            parts = {name: told[name] for name in _PRODUCT_PARTS if told.get(name)}
            # The schema wants a name; a product without one is left out of the answer.
            if "productName" in parts:
                found[local_name(element)] = parts
    return found


def _optional(parent: _Element, name: str, text: str) -> None:
    if text:
        leaf(parent, name, text)


def _write_application(root: _Element, environment: Environment) -> None:
    info = branch(root, "applicationInfo")
    leaf(info, "applicationKey", environment.application.key)
    leaf(info, "supportedInfrastructureVersion", environment.infrastructure_version)
    _optional(info, "dataModelNamespace", environment.data_model_namespace)
    leaf(info, "transport", "REST")
    for name in _PRODUCTS:
        if name in environment.products:
            product = branch(info, name)
            for part in _PRODUCT_PARTS:
                _optional(product, part, environment.products[name].get(part, ""))


def _write_services(
    root: _Element, environment: Environment, url: str, version: tuple[int, ...]
) -> None:
    services = branch(root, "infrastructureServices")
    for name, path in _SERVICES.items():
        if name == "servicesConnector" and version < _JOBS:
            continue
        if name == "eventsConnector" and not environment.is_brokered:
            continue
        address = f"{url}/{path.format(id=environment.id)}"
        leaf(services, "infrastructureService", address, name=name)
