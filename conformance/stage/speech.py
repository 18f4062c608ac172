"""What the suite's own hub says and hears in JSON: XML inside, the notation of the target outside.

A client says by Accept what it reads and by Content-Type what it writes, call by call. Documents of
privacy go in the shape that infrastructure 3.6 has for them where the notation is PESC.
"""

from __future__ import annotations

import json
from dataclasses import replace

from lxml import etree

from conformance import notations, pod_forms, trees
from conformance.notations import PESC
from conformance.stage.calls import Asked, Given
from conformance.target_tables import Endpoint

DEFAULT_MODEL = "xpress-4.3"


class Speech:
    """The notation of a run; a run in XML speaks nothing else."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.notation = endpoint.notation
        self.media = endpoint.media
        self._model = endpoint.model or DEFAULT_MODEL

    def heard(self, asked: Asked) -> Asked:
        """The call with its JSON as XML; what is not of the notation stays what it is."""
        told = asked.headers.get("Content-Type").lower()
        own = asked.steps[:1] == ("privacy",)
        if self.notation == notations.XML or own or not asked.body or "json" not in told:
            return asked
        try:
            root = notations.read(asked.body, self.notation, self._model)
        except ValueError:
            return asked
        return replace(asked, body=trees.tostring(root))

    def said(self, asked: Asked, given: Given) -> Given:
        """The answer, in JSON too where that is asked for."""
        is_xml = given.line("Content-Type").lower().startswith("application/xml")
        if not is_xml or not given.body or not self._asked_for(asked):
            return given
        lines = tuple(
            (name, self.media if name.lower() == "content-type" else value)
            for name, value in given.headers
        )
        return replace(given, headers=lines, spoken=self._written(given.body))

    def _asked_for(self, asked: Asked) -> bool:
        if self.notation == notations.XML:
            return False
        wishes = asked.headers.get("Accept") or asked.headers.get("Content-Type")
        first = (one for one in wishes.lower().split(",") if "json" in one or "xml" in one)
        return "json" in next(first, "")

    def _written(self, body: bytes) -> bytes:
        try:
            root = trees.parse(body)
        except trees.Unreadable:
            # Meant to be broken: it is broken in JSON as well.
            return body
        name = trees.local(root)
        if self.notation == PESC and name in ("pod", "pods"):
            pods: list[etree._Element] = [root] if name == "pod" else list(root)
            told = [{"pod": pod_forms.members(one)} for one in pods]
            return json.dumps(told, ensure_ascii=False).encode()
        return notations.written(root, self.notation, self._model)
