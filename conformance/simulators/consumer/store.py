"""The students that the client holds, by zone and id, and the CSV export that shows them."""

from __future__ import annotations

import base64
import csv
import hmac
import io
from collections.abc import Iterable
from copy import deepcopy
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

COLUMNS = ("sourcedId", "status", "givenName", "familyName", "identifier", "email")
# Ids are compared without regard to case.
Key = tuple[str, str]


class Store:
    """Students as they were told."""

    def __init__(self) -> None:
        self.held: dict[Key, etree._Element] = {}

    def has(self, zone: str, refid: str) -> bool:
        """Whether a student is there."""
        return (zone, refid.lower()) in self.held

    def put(self, zone: str, student: etree._Element) -> None:
        """Keep a whole student."""
        self.held[zone, (student.get("refId") or "").lower()] = deepcopy(student)

    def merge(self, zone: str, change: etree._Element) -> None:
        """Put each child of the change in the place of the children of its name."""
        there = self.held[zone, (change.get("refId") or "").lower()]
        names = {one.tag for one in change}
        for old in [one for one in there if one.tag in names]:
            there.remove(old)
        there.extend(deepcopy(list(change)))

    def remove(self, zone: str, refid: str) -> None:
        """Forget a student."""
        self.held.pop((zone, refid.lower()), None)

    def clear(self, zone: str) -> None:
        """Forget the students of a zone."""
        for key in [one for one in self.held if one[0] == zone]:
            del self.held[key]

    def rows(self) -> Iterable[dict[str, str]]:
        """The rows of users.csv."""
        for (_, refid), student in self.held.items():
            yield {
                "sourcedId": refid,
                "status": "active",
                "givenName": _text(student, "name/{*}givenName"),
                "familyName": _text(student, "name/{*}familyName"),
                "identifier": _text(student, "localId"),
            }


def _text(student: etree._Element, name: str) -> str:
    found = student.find(f"{{*}}{name}")
    return (found.text or "").strip() if found is not None else ""


class Shown:
    """GET /export/users.csv, for the one who knows key and secret (Basic)."""

    def __init__(self, store: Store, key: str, secret: str) -> None:
        self._store = store
        self._proof = "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one call."""
        if not hmac.compare_digest(environ.get("HTTP_AUTHORIZATION", ""), self._proof):
            start("401 Unauthorized", [("Content-Length", "0")])
            return [b""]
        if environ.get("PATH_INFO") != "/export/users.csv":
            start("404 Not Found", [("Content-Length", "0")])
            return [b""]
        written = io.StringIO(newline="")
        writer = csv.DictWriter(written, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(self._store.rows())
        data = written.getvalue().encode("utf-8")
        start("200 OK", [("Content-Type", "text/csv"), ("Content-Length", str(len(data)))])
        return [data]
