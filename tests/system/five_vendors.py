"""Five vendors in five formats at one hub, and what each should hold, worked out from the store.

The second way shares nothing with the rows that the hub keeps: every object is read anew, under the
POD of the moment, into one graph in memory, and that is written by the tables.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from lxml import etree
from sqlalchemy import Connection, Engine

from conformance.simulators.message import Request, Response
from conformance.simulators.receiver import Receiver
from reference_hub.clock import Clock
from reference_hub.codec import tree, xml
from reference_hub.journeys import project
from reference_hub.journeys.prepare import granted_part, may_go
from reference_hub.model.caller import reached
from reference_hub.model.party import Subscriber
from reference_hub.store import objects, vendors
from reference_hub.translate import trees
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.plans import reader_for
from reference_hub.translate.writing import TableWriter, TargetRow

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
Held = dict[str, dict[str, tuple[object, ...]]]
# What is compared of each collection, beside the ids.
ONEROSTER: Mapping[str, tuple[str, ...]] = {
    "orgs": ("name", "type"),
    "academicSessions": ("title", "startDate", "endDate"),
    "courses": ("title",),
    "classes": ("title",),
    "users": ("givenName", "familyName"),
    "demographics": ("birthDate", "sex"),
    "enrollments": ("role", "primary"),
}
EDFI: Mapping[str, tuple[str, ...]] = {
    "students": ("studentUniqueId", "firstName", "lastSurname", "birthDate"),
    "schools": ("schoolId", "nameOfInstitution"),
    "courses": ("courseCode", "courseTitle"),
    "sections": ("sectionIdentifier",),
    "studentSchoolAssociations": ("entryDate",),
    "studentSectionAssociations": ("beginDate",),
}


class Keeper(Receiver):
    """A SIF receiver that keeps objects of any type, whole, and every request."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[tuple[str, str], bytes] = {}
        self.seen: list[tuple[str, str, str]] = []
        self.fails: list[Response] = []

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        """PODs as any vendor; objects of any type; keep, replace or drop what the path names."""
        if path[0] == "pods":
            return super().route_connector(request, path)
        self.authenticate_session(request)
        if self.fails:
            return self.fails.pop(0)
        if len(path) == 1:
            return self.many(request, path[0][:-1])
        last = path[-1]
        name = xml.local_name(xml.read(request.body)) if request.body else path[0][:-1]
        refid = xml.refid_of(xml.read(request.body)) if request.body else last
        return Response(self.take(request.method, name, refid, request.body), request.body)

    def take(self, method: str, name: str, refid: str, body: bytes) -> int:
        """Keep, replace or drop one object; the status that says so."""
        at = (name, xml.fold(refid))
        self.seen.append((method, *at))
        if method == "POST" and at in self.objects:
            return 409
        if method in ("PUT", "DELETE") and at not in self.objects:
            return 404
        if method == "DELETE":
            del self.objects[at]
            return 204
        self.objects[at] = body
        return 201 if method == "POST" else 204

    def many(self, request: Request, name: str) -> Response:
        """The objects of one request, each with its own result."""
        action = request.header("requestAction") or ""
        method = {"CREATE": "POST", "UPDATE": "PUT"}.get(action, "DELETE")
        root = tree.root(f"{action.lower()}Response")
        results = tree.branch(root, f"{action.lower()}s")
        told = xml.read(request.body)
        for each in told[0] if method == "DELETE" else told:
            refid = each.get("id") or xml.refid_of(each)
            ids = {"id": refid} | ({"advisoryId": refid} if method == "POST" else {})
            status = self.take(method, name, refid, xml.tostring(each))
            tree.branch(results, action.lower(), **ids, statusCode=str(status))
        return Response(200, xml.tostring(root))


@dataclass
class Should:
    """What a connection should hold now; `rows` by collection and key."""

    rows: dict[tuple[str, str], TargetRow] = field(default_factory=dict)

    def facts(self, chosen: Mapping[str, tuple[str, ...]]) -> Held:
        """The chosen values of each row, by collection and key."""
        found: Held = {name: {} for name in chosen}
        for (collection, key), row in self.rows.items():
            if collection in chosen:
                found[collection][key] = tuple(row.body.get(x) for x in chosen[collection])
        return found


def connection_named(connection: Connection, name: str) -> Subscriber:
    """A connection by its name."""
    number = connection.exec_driver_sql(
        "SELECT vendor_id FROM subscriber WHERE name = %s", (name,)
    ).scalar_one()
    return next(x for x in vendors.subscribers_of(connection, number) if x.name == name)


def granted(engine: Engine, name: str) -> tuple[Subscriber, list[tuple[str, etree._Element]]]:
    """What a connection may be given of every object now."""
    found = []
    with engine.connect() as connection:
        to = connection_named(connection, name)
        owner = vendors.vendor_by_id(connection, to.vendor_id)
        assert owner is not None
        for kind in to.objects:
            verdict = may_go(connection, reached(owner, to), kind, Clock())
            if verdict.reason:
                continue
            for each in objects.page(connection, to.scope, kind, limit=100_000, offset=0):
                element = granted_part(xml.read(each.body), verdict.pod)
                if element is not None:
                    found.append((kind, element))
    return to, found


def should(engine: Engine, name: str) -> Should:
    """The rows that a translated connection should have, from nothing but the objects."""
    to, found = granted(engine, name)
    with engine.connect() as connection:
        profile = project.profile_of(connection, to)
    today = {"today": Clock().today(to.scope.zone_id).isoformat()}
    settings = {**profile.settings, **to.delivery, **today}
    graph = MemoryGraph()
    for kind, element in found:
        reading = reader_for(kind).read(trees.node(element), kind, settings=settings)
        for entity, record in reading.records:
            graph.add(entity, record)
    writer = TableWriter(profile.table, settings)
    rows: dict[tuple[str, str], TargetRow] = {}
    for entity, record in graph.all():
        for row in writer.write(entity, record, graph).rows:
            if row.state == "ready":
                rows.setdefault((row.collection, row.key), row)
    return Should(_complete(rows))


def _complete(rows: dict[tuple[str, str], TargetRow]) -> dict[tuple[str, str], TargetRow]:
    """Without those that wait for others, wave by wave."""
    while True:
        names = {f"{collection}:{key}" for collection, key in rows}
        kept = {at: row for at, row in rows.items() if names.issuperset(row.needs)}
        if len(kept) == len(rows):
            return kept
        rows = kept


def native(engine: Engine, name: str) -> dict[tuple[str, str], bytes]:
    """The objects that a connection in the model of the store should hold."""
    _, found = granted(engine, name)
    return {(kind, xml.fold(xml.refid_of(x))): alike(x) for kind, x in found if xml.refid_of(x)}


def alike(element: etree._Element | bytes) -> bytes:
    """An object so that equal content is equal: without what is nil, then canonical."""
    root = etree.fromstring(element if isinstance(element, bytes) else etree.tostring(element))
    parser = etree.XMLParser(remove_blank_text=True)
    root = etree.fromstring(etree.tostring(root), parser)
    for each in [x for x in root.iter() if x.get(NIL) == "true"]:
        parent = each.getparent()
        if parent is not None:
            parent.remove(each)
    etree.cleanup_namespaces(root)
    return bytes(etree.tostring(root, method="c14n"))


def translated(engine: Engine, name: str) -> dict[tuple[str, str], bytes]:
    """The objects that a connection in another model should hold."""
    rows = should(engine, name).rows
    return {
        (collection, xml.fold(str(row.body.get("@RefId") or row.body["@refId"]))): alike(
            trees.xml(collection, row.body).encode()
        )
        for (collection, _), row in rows.items()
    }


def kept(vendor: Keeper) -> dict[tuple[str, str], bytes]:
    """What a SIF vendor holds."""
    return {at: alike(body) for at, body in dict(vendor.objects).items()}


def bundle(content: bytes) -> Held:
    """The facts of a package of CSV files."""
    found: Held = {name: {} for name in ONEROSTER}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name, fields in ONEROSTER.items():
            if f"{name}.csv" not in archive.namelist():
                continue
            text = io.StringIO(archive.read(f"{name}.csv").decode("utf-8"), newline="")
            for row in csv.DictReader(text):
                found[name][row["sourcedId"]] = tuple(row[x] or None for x in fields)
    return found


class Pulling:
    """A vendor that asks the hub over OneRoster REST."""

    def __init__(self, hub: str, key: str, secret: str) -> None:
        self.hub, self.http = hub, requests.Session()
        root = "https://purl.imsglobal.org/spec/or/v1p2/scope"
        scopes = f"{root}/roster.readonly {root}/roster-demographics.readonly"
        form = {"grant_type": "client_credentials", "scope": scopes}
        answer = self.http.post(f"{hub}/oauth/token", data=form, auth=(key, secret), timeout=10)
        answer.raise_for_status()
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def rows(self, name: str) -> Iterable[dict[str, Any]]:
        """Every row of a collection that is in use."""
        url: str | None = f"{self.hub}/ims/oneroster/rostering/v1p2/{name}?limit=200"
        while url:
            answer = self.http.get(url, timeout=30)
            answer.raise_for_status()
            body = answer.json()
            for each in body[next(iter(body))]:
                if each.get("status") != "tobedeleted":
                    yield each
            url = answer.links.get("next", {}).get("url")

    def holds(self) -> Held:
        """The facts of all collections."""
        return {
            name: {
                row["sourcedId"]: tuple(worded(row.get(x)) for x in fields)
                for row in self.rows(name)
            }
            for name, fields in ONEROSTER.items()
        }


def worded(value: object) -> object:
    """A value of JSON as a cell of CSV has it."""
    return str(value).lower() if isinstance(value, bool) else value or None


def documents(
    bodies: Mapping[str, Mapping[str, Mapping[str, Any]]],
) -> dict[str, list[tuple[object, ...]]]:
    """The facts of an Ed-Fi host, sorted."""
    return {
        name: sorted(tuple(each.get(x) for x in fields) for each in bodies.get(name, {}).values())
        for name, fields in EDFI.items()
    }


def documents_due(found: Should) -> dict[str, list[tuple[object, ...]]]:
    """The same of what it should hold."""
    return {
        name: sorted(
            tuple(number(x, row.body.get(x)) for x in fields)
            for (collection, _), row in found.rows.items()
            if collection == name
        )
        for name, fields in EDFI.items()
    }


def number(name: str, value: object) -> object:
    """Organisations have numbers in Ed-Fi."""
    return int(str(value)) if name == "schoolId" and value else value
