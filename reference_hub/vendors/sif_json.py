"""SIF in JSON on the way to a vendor and back: everything behind this speaks XML.

The media type does not tell the two notations apart, so Content-Profile and Accept-Profile do
(SIF Infrastructure 3.3, Version Indication and Negotiation; INF-FMT-018, INF-FMT-023).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lxml.etree import _Element

from reference_hub.codec import json_goessner, json_pesc, negotiate
from reference_hub.codec.json_evidence import evidence
from reference_hub.codec.json_text import dumps, loads
from reference_hub.codec.json_tree import declared, root_of
from reference_hub.codec.negotiate import GOESSNER, JSON_MEDIA, PESC, Asked
from reference_hub.codec.pesc_shape_infrastructure import infrastructure_shapes
from reference_hub.codec.pod_json import is_pod, write_json
from reference_hub.codec.shape_book import ShapeBook
from reference_hub.codec.xml import MalformedDocument, namespace_of, read, tostring
from reference_hub.model.infrastructure import INFRASTRUCTURE
from reference_hub.model.party import Subscriber
from reference_hub.vendors.connection_terms import NOTATION, NOTATIONS
from reference_hub.workers.transport import Answer, Exchange


@dataclass(frozen=True, slots=True)
class Speech:
    """What JSON needs to know of schemas; `models`: the data model of each zone, where told."""

    book: ShapeBook = field(default_factory=ShapeBook)
    models: Mapping[str, str] = field(default_factory=dict)

    def over(self, http: Exchange, to: Subscriber) -> Exchange:
        """The same way to a vendor, in the notation of its connection."""
        notation = str(to.delivery.get(NOTATION, ""))
        if notation not in NOTATIONS:
            return http
        return InJson(http, notation, self.book, self.models.get(to.scope.zone_id, ""))


@dataclass(frozen=True, slots=True)
class InJson:
    """Sends in JSON what is written in XML, and gives answers in JSON back in XML."""

    http: Exchange
    notation: str
    book: ShapeBook
    model: str

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """One request and its answer. Raises Unreachable."""
        said = {**headers, "Accept": JSON_MEDIA, "Accept-Profile": self._taken()}
        if body:
            root = read(body)
            said["Content-Type"] = JSON_MEDIA
            said["Content-Profile"] = negotiate.profile_of(namespace_of(root), self.notation)
            body = self._written(root)
        return self._heard(self.http.send(method, url, said, body))

    def _taken(self) -> str:
        known = (self._namespace(), INFRASTRUCTURE)
        return ",".join(negotiate.profile_of(each, self.notation) for each in known)

    def _namespace(self) -> str:
        return self.book.namespace_of(self.model) or self.book.kit

    def _written(self, root: _Element) -> bytes:
        if self.notation == GOESSNER:
            return dumps(json_goessner.write(root))
        if is_pod(root):
            return write_json(root)
        return dumps(json_pesc.write(root, self.book.of(namespace_of(root), self.model)))

    def _heard(self, answer: Answer) -> Answer:
        # A vendor may answer in XML all the same, and what stands before it in no notation at all.
        if answer.body.lstrip()[:1] not in (b"{", b"["):
            return answer
        try:
            element = self._read(answer)
        except (MalformedDocument, ValueError):
            # No SIF document; the record that acknowledges a POD is none either.
            return answer
        return replace(answer, body=tostring(element))

    def _read(self, answer: Answer) -> _Element:
        value = loads(answer.body)
        name, content = root_of(value)
        usual = INFRASTRUCTURE if name in infrastructure_shapes().roots else self._namespace()
        namespace = declared(content) or usual
        shapes = self.book.of(namespace, self.model)
        if self._notation(answer, evidence(value, shapes)) == PESC:
            return json_pesc.read(value, namespace, shapes)
        return json_goessner.read(value, namespace, shapes)

    def _notation(self, answer: Answer, shown: str) -> str:
        told = negotiate.profiles(answer.header("Content-Profile"))
        asked = Asked(content_profiles=told, configured=shown or self.notation)
        return negotiate.body_notation(asked, "")
