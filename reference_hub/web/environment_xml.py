"""The `environment` element, read leniently and written in schema order (INF-ENV-027)."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml.etree import _Element

from reference_hub.codec.xml import children, local_name, namespace_of
from reference_hub.model.environment import Environment, Wanted
from reference_hub.model.pod_document import INFRASTRUCTURE
from reference_hub.model.served import OBJECTS
from reference_hub.problems import Refusal
from reference_hub.web.answers import branch, infrastructure, leaf

SCOPE = "Create environment"
_NAMESPACE = re.compile(
    r"https?://(www\.)?sifassociation\.org/infrastructure/(3(\.\d+)*)", re.ASCII
)
# The element came with infrastructure 3.2.1; older schemas refuse it.
_WITHOUT_FINGERPRINT = ("3.0", "3.0.1", "3.1", "3.2")
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
    return Wanted(namespace or INFRASTRUCTURE, **values)


def write(environment: Environment, url: str) -> _Element:
    """The whole environment; `url` is the hub's root without a trailing slash."""
    root = infrastructure("environment", type="DIRECT", id=environment.id)
    if _version(environment.namespace) not in _WITHOUT_FINGERPRINT:
        leaf(root, "fingerprint", environment.fingerprint)
    leaf(root, "sessionToken", environment.session_token)
    _optional(root, "solutionId", environment.solution_id)
    branch(root, "defaultZone", id=environment.scope.zone_id)
    leaf(root, "authenticationMethod", environment.authentication_method)
    _optional(root, "instanceId", environment.instance_id)
    _optional(root, "consumerName", environment.consumer_name)
    _write_application(root, environment)
    services = branch(root, "infrastructureServices")
    own = f"{url}/environments/{environment.id}"
    leaf(services, "infrastructureService", own, name="environment")
    leaf(services, "infrastructureService", f"{url}/requests", name="requestsConnector")
    _write_zones(root, environment)
    return root


def _payload(root: _Element) -> dict[str, str]:
    namespace = namespace_of(root)
    if local_name(root) != "environment" or (namespace and not _NAMESPACE.fullmatch(namespace)):
        text = f"The body must be an environment in {INFRASTRUCTURE}, or be empty."
        raise Refusal(400, SCOPE, text, "400-01")
    # Reversed, so that of two elements of one name the first wins.
    leaves = [child for child in root.iter("*") if not children(child)]
    return {local_name(each): (each.text or "").strip() for each in reversed(leaves)}


def _version(namespace: str) -> str:
    found = _NAMESPACE.fullmatch(namespace)
    return found.group(2) if found else ""


def _optional(parent: _Element, name: str, text: str) -> None:
    if text:
        leaf(parent, name, text)


def _write_application(root: _Element, environment: Environment) -> None:
    info = branch(root, "applicationInfo")
    leaf(info, "applicationKey", environment.application.key)
    leaf(info, "supportedInfrastructureVersion", environment.infrastructure_version)
    _optional(info, "dataModelNamespace", environment.data_model_namespace)
    leaf(info, "transport", "REST")


def _write_zones(root: _Element, environment: Environment) -> None:
    zone = branch(branch(root, "provisionedZones"), "provisionedZone", id=environment.scope.zone_id)
    services = branch(zone, "services")
    writing = "REJECTED" if environment.is_vendor else "APPROVED"
    changes = dict.fromkeys(("CREATE", "UPDATE", "DELETE"), writing)
    for name in OBJECTS:
        _write_service(services, environment, "OBJECT", f"{name}s", {"QUERY": "APPROVED"} | changes)
    if environment.is_vendor:
        refused = dict.fromkeys(changes, "UNSUPPORTED")
        _write_service(services, environment, "UTILITY", "pods", {"QUERY": "APPROVED"} | refused)


def _write_service(
    services: _Element, environment: Environment, kind: str, name: str, rights: dict[str, str]
) -> None:
    context = environment.scope.context_id
    service = branch(services, "service", type=kind, name=name, contextId=context)
    listed = branch(service, "rights")
    for right, value in rights.items():
        leaf(listed, "right", value, type=right)
