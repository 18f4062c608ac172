"""The district's operator: JSON by POST, one verb each. For tests only: it asks for no password.

{"verb": "load", "document": "<xStudents .../>"}
{"verb": "publish" | "draft", "vendor": key, "document": "<pod .../>"}
{"verb": "end", "vendor": key}
{"verb": "policy", "vendor": key, "policy": "marker" | "receipt"}
{"verb": "bar", "vendor": key, "refid": id}     a person who is not to be shared
{"verb": "audit"}                               answered with one JSON object a line
"""

from __future__ import annotations

import json

from lxml import etree

from conformance.simulators.documents import parse, refuse_doctype
from conformance.simulators.hub.privacy import Privacy
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal


class Operated(Privacy):
    """Obeys the operator."""

    def operate(self, request: Request) -> Response:
        """POST operator."""
        told = {str(name): str(value) for name, value in json.loads(request.body).items()}
        match told.pop("verb", ""):
            case "load":
                self.load(self.read_document(told))
            case "publish":
                self.publish(self.vendor_named(told), self.read_document(told))
            case "draft":
                self.draft(self.vendor_named(told), self.read_document(told))
            case "end":
                self.end(self.vendor_named(told))
            case "policy":
                self.held.policies[self.vendor_named(told)] = told["policy"]
            case "audit":
                lines = [json.dumps(line) for line in self.held.audit]
                return Response(200, "\n".join(lines).encode(), "application/x-ndjson")
            case _:
                raise Refusal(400, "The operator has no such verb.")
        return Response(204)

    def read_document(self, told: dict[str, str]) -> etree._Element:
        """The document of a wish, without a document type."""
        data = told["document"].encode()
        refuse_doctype(data)
        return parse(data)

    def vendor_named(self, told: dict[str, str]) -> str:
        """The key of a vendor; 404 for none."""
        if told.get("vendor") not in self.vendors:
            raise Refusal(404, "No vendor has this name.")
        return told["vendor"]
