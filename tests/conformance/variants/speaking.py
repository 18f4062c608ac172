"""Simulated products that speak one release of the infrastructure and nothing that came later."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Any

from lxml import etree

from conformance.simulators.documents import INF, child_text
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.tokens import Credentials
from conformance.versions import namespace, reaches

# What the schema of 3.0.1 demands and later ones do not.
_DEMANDED = (("authenticationMethod",), ("consumerName",), ("applicationInfo", "applicationKey"),
             ("applicationInfo", "supportedInfrastructureVersion"),
             ("applicationInfo", "dataModelNamespace"),
             ("applicationInfo", "applicationProduct", "productName"))  # fmt: skip

# Parameters of a query that 3.0.1 knows or that its rules for addresses refuse.
_OLD = ("where", "zoneId", "contextId")


def speaking(product: type[Any], version: str) -> Any:
    """A product of this class whose messages stand in the namespace of one release."""
    knows = partial(reaches, version)

    class Speaks(product):  # type: ignore[misc]
        """Counts in which namespaces it is spoken to, by the name of the root."""

        def __init__(self) -> None:
            super().__init__(**({"needs_pod": knows("3.3")} if product is Receiver else {}))
            self.heard: Counter[tuple[str, str]] = Counter()
            self.bodies: list[bytes] = []

        def read_xml(self, request: Request) -> etree._Element:
            element: etree._Element = super().read_xml(request)
            name = etree.QName(element)
            if "/infrastructure/" in (name.namespace or ""):
                self.heard[name.localname, name.namespace] += 1
                self.bodies.append(request.body)
                if name.localname != "environment" and name.namespace != namespace(version):
                    raise Refusal(400, "The body is of another release.")
            return element

        def read_asked(self, request: Request) -> dict[str, str]:
            if not knows("3.1"):
                element = super().read_xml(replace(request, body=request.body or b"<none/>"))
                if not all(child_text(element, *path) for path in _DEMANDED):
                    raise Refusal(400, "The environment lacks what this release demands.")
            return dict(super().read_asked(request))

        def credentials(self, request: Request) -> Credentials:
            if not knows("3.1") and request.header("Authorization") is None:
                raise Refusal(401, "There is no Authorization header.")
            found: Credentials = super().credentials(request)
            return found

        def fingerprint(self, environment_id: str) -> str:
            return str(super().fingerprint(environment_id)) if knows("3.2.1") else ""

        def route_pods(self, request: Request, path: tuple[str, ...]) -> Response:
            if not knows("3.3"):
                raise self.no_provider()
            answer: Response = super().route_pods(request, path)
            return answer

        def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
            if request.method == "HEAD" and not knows("3.2"):
                raise self.unsupported()
            if not knows("3.1"):
                kept = {name: value for name, value in request.query.items() if name in _OLD}
                request = replace(request, query=kept)
            answer: Response = super().route_connector(request, path)
            return answer

        def finish(self, request: Request, response: Response) -> Response:
            body = response.body.replace(INF.encode(), namespace(version).encode())
            answer: Response = super().finish(request, replace(response, body=body))
            return answer

    return Speaks()
