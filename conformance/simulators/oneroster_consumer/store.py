"""What the client read, by collection and sourcedId, and the CSV export that shows it."""

from __future__ import annotations

import base64
import csv
import hmac
import io
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Body = dict[str, Any]
COLUMNS = {
    "academicSessions": ("title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear"),
    "orgs": ("name", "type", "identifier", "parentSourcedId"),
    "courses": ("title", "courseCode", "orgSourcedId"),
    "classes": ("title", "courseSourcedId", "classCode", "classType", "schoolSourcedId",
                "termSourcedIds"),
    "users": ("enabledUser", "username", "userIds", "givenName", "familyName", "middleName",
              "identifier", "email", "grades"),
    "roles": ("userSourcedId", "roleType", "role", "orgSourcedId"),
    "enrollments": ("classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary",
                    "beginDate", "endDate"),
    "demographics": ("birthDate", "sex"),
}  # fmt: skip
_COMMON = ("sourcedId", "status", "dateLastModified")


class Store:
    """The objects of a product; what was removed is gone."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Body]] = {}

    def put(self, collection: str, bodies: Iterable[Body]) -> None:
        """Create or replace objects, and remove those that are to be deleted."""
        kept = self.objects.setdefault(collection, {})
        for body in bodies:
            if self.is_deleted(collection, body):
                kept.pop(body["sourcedId"], None)
            else:
                kept[body["sourcedId"]] = body

    def is_deleted(self, collection: str, body: Body) -> bool:  # noqa: ARG002
        """Whether an object is to be deleted; `inactive` is the old word for it."""
        return body.get("status") in ("tobedeleted", "inactive")

    def replace(self, collection: str, bodies: Iterable[Body]) -> None:
        """Take these objects in place of all that were known."""
        self.objects[collection] = {}
        self.put(collection, bodies)

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of a table of OneRoster CSV."""
        if name == "roles":
            users = self.objects.get("users", {}).values()
            return [role for user in users for role in _roles(user)]
        return [_row(name, body) for body in self.objects.get(name, {}).values()]


def _roles(user: Body) -> list[dict[str, str]]:
    told = user.get("roles") or [
        {"roleType": "primary", "role": user.get("role", ""), "org": org}
        for org in user.get("orgs", ())
    ]
    owner = str(user["sourcedId"])
    return [
        {"sourcedId": f"{owner}/{place}", "userSourcedId": owner, "status": "active"}
        | {name: _cell(one, name) for name in COLUMNS["roles"][1:]}
        for place, one in enumerate(told)
    ]


def _row(name: str, body: Body) -> dict[str, str]:
    return {column: _cell(body, column) for column in (*_COMMON, *COLUMNS[name])}


def _cell(body: Body, column: str) -> str:
    if column == "termSourcedIds":
        return ",".join(one["sourcedId"] for one in body.get("terms") or ())
    if column == "userIds":
        pairs = body.get("userIds") or ()
        return ",".join(f"{{{one['type']}:{one['identifier']}}}" for one in pairs)
    if column.endswith("SourcedId"):
        return str((body.get(column.removesuffix("SourcedId")) or {}).get("sourcedId", ""))
    value = body.get(column)
    return ",".join(map(str, value)) if isinstance(value, list) else str(value or "")


class Export:
    """A WSGI application that shows a store as OneRoster CSV, to who knows key and secret."""

    base = ""

    def __init__(self, store: Store, key: str, secret: str) -> None:
        self._store = store
        self._proof = "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """GET /export/{name}.csv."""
        named = re.fullmatch(r"/export/(\w+)\.csv", environ.get("PATH_INFO", ""))
        proof = environ.get("HTTP_AUTHORIZATION", "")
        if not hmac.compare_digest(proof, self._proof):
            start("401 Unauthorized", [("Content-Length", "0")])
            return [b""]
        if named is None or named[1] not in COLUMNS:
            start("404 Not Found", [("Content-Length", "0")])
            return [b""]
        data = self.text(named[1]).encode("utf-8")
        start("200 OK", [("Content-Type", "text/csv"), ("Content-Length", str(len(data)))])
        return [data]

    def text(self, name: str) -> str:
        """One file, header line first."""
        written = io.StringIO(newline="")
        writer = csv.DictWriter(written, (*_COMMON, *COLUMNS[name]), restval="")
        writer.writeheader()
        writer.writerows(self._store.rows(name))
        return written.getvalue()
