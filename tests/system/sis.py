"""A district's SIS as the hub sees it: registers an environment, then posts its objects."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from itertools import islice

import requests
from lxml import etree

INFRASTRUCTURE = "{http://www.sifassociation.org/infrastructure/3.3}"
NAMESPACE = "http://www.sifassociation.org/infrastructure/3.3"


class Sis:
    """Speaks SIF_HMACSHA256 over one kept-alive connection. `key`, `secret`: its registration."""

    def __init__(self, hub: str, key: str, secret: str) -> None:
        self.secret = secret
        self.http = requests.Session()
        body = (
            f'<environment xmlns="{NAMESPACE}"><authenticationMethod>SIF_HMACSHA256'
            f"</authenticationMethod><applicationInfo><applicationKey>{key}</applicationKey>"
            "</applicationInfo></environment>"
        )
        answer = self.http.post(
            f"{hub}/environments/environment",
            data=body,
            headers={**self.signed(key), "Content-Type": "application/xml"},
            timeout=30,
        )
        answer.raise_for_status()
        environment = etree.fromstring(answer.content)
        self.token = environment.findtext(f"{INFRASTRUCTURE}sessionToken") or ""
        services = environment.iter(f"{INFRASTRUCTURE}infrastructureService")
        self.url = {each.get("name"): (each.text or "") for each in services}["requestsConnector"]

    def signed(self, user: str) -> dict[str, str]:
        """Authorization and timestamp headers for a user (Infrastructure Services 4.1.5)."""
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        mac = hmac.digest(self.secret.encode(), f"{user}:{moment}".encode(), hashlib.sha256)
        token = base64.b64encode(f"{user}:{base64.b64encode(mac).decode()}".encode()).decode()
        return {"Authorization": f"SIF_HMACSHA256 {token}", "timestamp": moment}

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> requests.Response:
        """Send one request below the requests connector."""
        given = {**self.signed(self.token), "Content-Type": "application/xml", **headers}
        return self.http.request(method, f"{self.url}/{path}", data=body, headers=given, timeout=60)

    def publish(self, collection: etree._Element, size: int = 100) -> Iterator[int]:
        """Post a collection in multi requests of `size`; yields how many were created in each."""
        members: Iterator[etree._Element] = iter(list(collection))
        while part := list(islice(members, size)):
            answer = self.send("POST", etree.QName(collection).localname, wrapped(collection, part))
            answer.raise_for_status()
            creates = etree.fromstring(answer.content).iter(f"{INFRASTRUCTURE}create")
            yield sum(each.get("statusCode") == "201" for each in creates)


def wrapped(collection: etree._Element, members: Sequence[etree._Element]) -> bytes:
    """A document with the collection's root around some of its members."""
    root = etree.Element(collection.tag, nsmap=collection.nsmap)
    root.extend(deepcopy(member) for member in members)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
