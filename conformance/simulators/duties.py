"""Sixth layer: what agreements ask for beside the gate: receipts, masks, an end that deletes."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from lxml import etree

from conformance.simulators.agreements import Pod
from conformance.simulators.documents import NA4
from conformance.simulators.gate import Gate
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.store import Markers, Place

JSON = "application/json"
POLICY = b"<!DOCTYPE html><title>Privacy policy</title><p>We keep what was agreed.</p>"
# What stands in for a value that is held back (fact sheet on privacy, 4.2).
PLACEHOLDERS = {"ZZREDACTED", "1582-10-15", "9999", "00000000-0000-0000-0000-000000000000"}


class Duties(Gate):
    """Everything here is a profile of the suite; the standard knows the marker only."""

    def acknowledged(self, request: Request, element: etree._Element, pod: Pod) -> Response:
        """The receipt, for callers that read JSON; else the POD as it was created."""
        if JSON not in (request.header("Accept") or "").lower():
            return super().acknowledged(request, element, pod)
        return Response(201, json.dumps(self.receipt(pod)).encode(), JSON)

    def receipt(self, pod: Pod) -> dict[str, Any]:
        """The acknowledgement as a record: which text, by its hash, in which version."""
        return {
            "podId": pod.id,
            "podVersion": pod.version,
            "podToken": pod.token,
            "podHash": self.content_hash(pod),
            "decision": "ACKNOWLEDGED",
            "reason": None,
            "acknowledgedAt": self.now().isoformat(),
            "acknowledgedBy": {"system": self.party},
        }

    def content_hash(self, pod: Pod) -> str:
        """The hash of the text that is acknowledged."""
        return pod.digest

    def keep_only_granted(self, pod: Pod) -> None:
        """Drop what came under a wider agreement and is not granted any more."""
        for place in self.places(pod) if pod.fields else ():
            for student in self.state.districts.get(place, {}).values():
                prune(student, "xStudent", pod.fields)

    def after_the_end(self, pod: Pod) -> None:
        """Delete what came under an agreement that grants no time to keep it."""
        if pod.erase:
            self.erase(self.places(pod))

    def erase(self, places: tuple[Place, ...]) -> None:
        """Forget the data of these districts, in whatever form it came."""
        for place in places:
            self.state.districts.pop(place, None)
        if (self.zone, "DEFAULT") in places:
            self.state.rows.clear()
            self.state.files.clear()

    def without_placeholders(self, student: etree._Element) -> etree._Element:
        """A copy in which masked elements are absent: their text only stands in for a value."""
        copy = deepcopy(student)
        pod = self.state.markers.current.get(self.state.place)
        for path in pod.masked if pod else ():
            steps = "/".join(f"{{{NA4}}}{step}" for step in path.split("/")[1:])
            for one in copy.findall(steps):
                parent = one.getparent()
                if parent is not None and (one.text or "").strip() in PLACEHOLDERS:
                    parent.remove(one)
        return copy

    def route_duties(self, request: Request, path: tuple[str, ...]) -> Response:
        """The published policy, and the doors of the operator."""
        if (request.method, path) == ("GET", ("privacy",)):
            return self.policy()
        self.authenticate_application(request)
        match request.method, path:
            case "POST", ("operator", "restart"):
                self.state.markers = self.remembered()
                return self.empty()
            case "POST", ("operator", "deletions"):
                return self.delete_on_demand(request)
        raise Refusal(404, "Nothing is offered under this path.")

    def policy(self) -> Response:
        """The privacy policy, for everybody."""
        return Response(200, POLICY, "text/html; charset=utf-8")

    def remembered(self) -> Markers:
        """The agreements as they are read back after a restart."""
        return self.state.markers

    def delete_on_demand(self, request: Request) -> Response:
        """An instruction to delete what came under a POD, answered with date and scope."""
        try:
            told = json.loads(request.body)
        except ValueError as error:
            raise Refusal(400, "The instruction is not JSON.") from error
        wanted = str(told.get("podId", "")).lower() if isinstance(told, dict) else ""
        pods = [pod for (name, _), pod in self.state.markers.known.items() if name == wanted]
        if not pods:
            raise Refusal(404, "No POD of this id was acknowledged here.")
        self.erase(self.places(pods[-1]))
        return Response(200, json.dumps(self.deletion(pods[-1])).encode(), JSON)

    def deletion(self, pod: Pod) -> dict[str, Any]:
        """The confirmation of a deletion."""
        scope = [f"{zone}/{context}" for zone, context in self.places(pod)]
        return {"podId": pod.id, "deletedAt": self.now().isoformat(), "scope": scope}


def prune(element: etree._Element, path: str, granted: tuple[str, ...]) -> None:
    """Remove the children that no path grants; a path grants all that is below it."""
    if any(path == one or path.startswith(f"{one}/") for one in granted):
        return
    for child in list(element):
        own = f"{path}/{etree.QName(child).localname}"
        if any(f"{one}/".startswith(f"{own}/") or own.startswith(f"{one}/") for one in granted):
            prune(child, own, granted)
        else:
            element.remove(child)
