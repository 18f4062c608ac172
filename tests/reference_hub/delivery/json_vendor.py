"""A vendor that speaks SIF in JSON only: it notes what comes and shares no code with the hub."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CONNECTOR = "/requests"
SECRET = "demo-secret-1"


@dataclass(frozen=True)
class Heard:
    """One request: path without zone and context, header names in lower case, body as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        """What the JSON of the body says."""
        return json.loads(self.body)


@dataclass
class JsonVendor:
    """`notation`: pesc or goessner; `answers` are given first, a status and a JSON value each;
    `signs`: a POD is answered by a signed record, not by its token alone."""

    notation: str
    answers: list[tuple[int, Any]] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    signs: bool = False

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """WSGI entry."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_") or name == "CONTENT_TYPE"
        }
        body = environ["wsgi.input"].read(length)
        request = Heard(environ["REQUEST_METHOD"], _path(environ), headers, body)
        self.heard.append(request)
        status, told = self._answer(request, environ["HTTP_HOST"])
        written = b"" if told is None else json.dumps(told).encode()
        said = self._acknowledged(request, written)
        start(f"{status} x", [("Content-Type", "application/json"), *said])
        return [written]

    def data(self) -> list[Heard]:
        """The requests about objects."""
        return [
            each
            for each in self.heard
            if each.path.startswith(CONNECTOR) and "pods" not in each.path
        ]

    def _answer(self, request: Heard, host: str) -> tuple[int, Any]:
        if "environments" in request.path:
            return 201, {"environment": self._environment(f"http://{host}")}
        if self.answers:
            return self.answers.pop(0)
        if "pods" in request.path:
            return 200, self._record(request) if self.signs else None
        if request.method != "POST":
            return 200, None
        is_one = request.path.count("/") == CONNECTOR.count("/") + 2
        return 201, request.told if is_one else self._taken(request)

    def _taken(self, request: Heard) -> Any:
        """What became of each object of a collection (INF-CRE-002)."""
        mark = "" if self.notation == "pesc" else "@"
        ((_, (members,)),) = [(k, v.values()) for k, v in request.told.items()]
        creates = [
            {f"{mark}{name}": value for name, value in told.items()}
            for each in members
            for refid in [each.get(f"{mark}RefId", each.get(f"{mark}refId"))]
            for told in [{"id": refid, "advisoryId": refid, "statusCode": "201"}]
        ]
        return {"createResponse": {"creates": {"create": creates}}}

    def _acknowledged(self, request: Heard, written: bytes) -> list[tuple[str, str]]:
        if "pods" not in request.path:
            return []
        if self.signs:
            mac = hmac.digest(SECRET.encode(), written, "sha256").hex()
            return [("podReceiptSignature", f"sha256={mac}")]
        return [("dataPrivacyMarker", self._pod(request)["podToken"])]

    def _record(self, request: Heard) -> dict[str, str]:
        """The acknowledgement record over the POD as it came, without its status."""
        pod = self._pod(request)
        kept = {name: value for name, value in pod.items() if name != "podStatus"}
        text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return {
            "podId": pod["id"],
            "podVersion": pod["podVersion"],
            "podToken": pod["podToken"],
            "podHash": f"sha256:{hashlib.sha256(text.encode()).hexdigest()}",
            "decision": "ACKNOWLEDGED",
        }

    def _pod(self, request: Heard) -> dict[str, Any]:
        told = request.told[0] if self.notation == "pesc" else request.told
        found: dict[str, Any] = told["pod"]
        return found

    def _environment(self, base: str) -> dict[str, Any]:
        name, text = ("name", "value") if self.notation == "pesc" else ("@name", "#text")
        places = {"environment": "/environments/1", "requestsConnector": CONNECTOR}
        told = [{name: key, text: f"{base}{path}"} for key, path in places.items()]
        return {
            "sessionToken": "a token",
            "infrastructureServices": {"infrastructureService": told},
        }


def _path(environ: WSGIEnvironment) -> str:
    return str(environ["PATH_INFO"]).partition(";")[0]
