"""What a vendor writes back over REST: scores, what they are given for, and categories.

The vendor may choose its own ids. Where one is no UUID the RefId is made from it, always the same,
and the connection's id map leads back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from flask import Response, request

from reference_hub.codec.xml import fold
from reference_hub.journeys.accept import AlreadyThere
from reference_hub.journeys.own_ids import Ancestor
from reference_hub.journeys.roster_read import refuse_missing
from reference_hub.journeys.stored_graph import StoredGraph
from reference_hub.journeys.take_back import (
    QUARANTINED,
    REFUSED,
    Taken,
    Taker,
    bound_by,
    object_type_of,
    take_away,
    take_back,
    taker_of,
)
from reference_hub.problems import Refusal
from reference_hub.store import id_maps, losses, target_reading
from reference_hub.translate import tables
from reference_hub.translate.canonical import Record
from reference_hub.translate.identity import as_uuid, minted
from reference_hub.translate.ledger import Loss
from reference_hub.translate.reading import TableReader
from reference_hub.web import answers
from reference_hub.web.bodies import body_bytes
from reference_hub.web.oneroster import cells, faults
from reference_hub.web.oneroster.callers import Client
from reference_hub.web.oneroster.cells import Cells
from reference_hub.web.oneroster.resources import Operation
from reference_hub.web.services import services

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCOPE = "Way back"
TABLE = "oneroster-1.2"
ATTEMPTS = 3
ENTITY = {"categories": "Category", "lineItems": "Assignment", "results": "Score"}
# Ids that the vendor may have chosen; those of classes and students are the hub's.
_OWN_IDS = {
    "sourcedId": "",
    "lineItemSourcedId": "Assignment",
    "categorySourcedId": "Category",
}
# Where the path of a POST names an object, the column that it goes into.
_OF_PATH = {"classes": "classSourcedId", "lineItems": "lineItemSourcedId"}


def write(client: Client, found: Operation, version: str) -> Response:
    """PUT 201, DELETE 204, POST 201 with pairs of ids. Raises Refusal 400 to 422."""
    collection = found.view.collection
    # First, so that nobody whom the gate stops learns how a body was judged.
    _done(client, lambda connection, taker: _open(connection, taker, ENTITY[collection]))
    if found.verb == "DELETE":
        outcome = _done(client, lambda connection, taker: _deleted(connection, taker, found))
        _refuse(outcome)
        return answers.empty()
    body = body_bytes(request) if client.body is None else client.body
    rows = cells.objects(body, version, collection, many=found.verb == "POST")
    supplied = [str(each["sourcedId"]) for each in rows]
    if found.verb == "PUT" and supplied != [found.sourced_id]:
        text = "The sourcedId of the object is not the one of the path; make them equal."
        raise Refusal(422, SCOPE, text, "invaliddata")
    outcomes = _done(client, lambda connection, taker: _taken(connection, taker, found, rows))
    _refuse(outcomes)
    if found.verb == "PUT":
        return answers.verbatim(b"", "", 201, {})
    names = [_key(client, ENTITY[collection], _posted(found, each)) for each in supplied]
    return _pairs(supplied, names)


def _pairs(supplied: Sequence[str], allocated: Sequence[str]) -> Response:
    pairs = [
        {"suppliedSourcedId": one, "allocatedSourcedId": other}
        for one, other in zip(supplied, allocated, strict=True)
    ]
    content = json.dumps({"sourcedIdPairs": pairs}).encode()
    return answers.verbatim(content, faults.JSON, 201, {"Cache-Control": "no-store"})


def _done(client: Client, work: Callable[[Connection, Taker], list[Taken]]) -> list[Taken]:
    hub = services()
    for _ in range(ATTEMPTS):
        try:
            with hub.engine.begin() as connection:
                return work(connection, _taker(connection, client))
        except AlreadyThere:
            continue
    raise Refusal(503, SCOPE, "Others are writing the same objects; try again later.")


def _taker(connection: Connection, client: Client) -> Taker:
    hub, reader = services(), client.reader
    at = (reader.to, reader.caller, reader.key)
    return taker_of(connection, *at, hub.settings, hub.judge, hub.clock)


def _open(connection: Connection, taker: Taker, entity: str) -> list[Taken]:
    bound_by(connection, taker, object_type_of(entity))
    return []


def _deleted(connection: Connection, taker: Taker, found: Operation) -> list[Taken]:
    entity = ENTITY[found.view.collection]
    return [take_away(connection, taker, entity, _own_key(taker, entity, found.sourced_id))]


def _taken(
    connection: Connection, taker: Taker, found: Operation, rows: Sequence[Cells]
) -> list[Taken]:
    collection = found.view.collection
    entity, hub = ENTITY[collection], services()
    ancestors = [
        Ancestor(each.name, each.view.collection, _path_key(taker, each.name, each.id))
        for each in found.parents
    ]
    refuse_missing(connection, taker.to, ancestors, hub.clock)
    records: list[tuple[str, Record]] = []
    lost: dict[Loss, None] = {}
    for each in rows:
        told = _placed(taker, found, each)
        _refuse_contradiction(connection, taker, told)
        reading = TableReader(tables.load(TABLE)).read(told, collection, only=entity)
        records += reading.records
        lost |= dict.fromkeys(reading.losses)
        _remember(connection, taker, entity, str(each["sourcedId"]), str(told["sourcedId"]))
    losses.record(connection, taker.to, hub.clock.new_uuid(), lost, hub.clock.now())
    return take_back(connection, taker, records)


def _placed(taker: Taker, found: Operation, told: Cells) -> Cells:
    """The cells with the hub's ids, and with what the path of a POST says. Raises Refusal 422."""
    entity = ENTITY[found.view.collection]
    if found.verb == "POST":
        told = told | {"sourcedId": _posted(found, str(told["sourcedId"]))}
        for name, id_ in zip(found.names, found.ids, strict=False):
            column = _OF_PATH.get(name, "")
            if told.get(column, id_) != id_:
                raise Refusal(
                    422, SCOPE, "An object is of another place than the path.", "invaliddata"
                )
            if column in told:
                told = told | {column: id_}
    named = {
        column: _own_key(taker, kind or entity, str(told[column]))
        for column, kind in _OWN_IDS.items()
        if column in told
    }
    return told | named


def _refuse_contradiction(connection: Connection, taker: Taker, told: Cells) -> None:
    """Raise Refusal for a result of another class than its line item, or for one of a section's
    marks, which only the student information system gives."""
    name = told.get("lineItemSourcedId")
    since = taker.writer.clock.now()
    at = (connection, taker.to.id, "lineItems")
    row = target_reading.one(*at, name, (), since) if isinstance(name, str) else None
    if row is None:
        return
    if told.get("classSourcedId", row.body["classSourcedId"]) != row.body["classSourcedId"]:
        text = "The line item is of another class than the result; correct one of them."
        raise Refusal(422, SCOPE, text, "invaliddata")
    if StoredGraph(connection, taker.to).get("Assignment", row.key) is None:
        text = "The line item stands for marks of the class, which the district's own system gives."
        raise Refusal(403, SCOPE, text)


def _posted(found: Operation, supplied: str) -> str:
    # The same again gives the same id, so that a repeated request adds nothing.
    return "/".join((*found.ids, supplied))


def _path_key(taker: Taker, name: str, id_: str) -> str:
    return _own_key(taker, "Assignment", id_) if name == "lineItems" else id_


def _key(client: Client, entity: str, supplied: str) -> str:
    return as_uuid(supplied) or minted(str(client.reader.to.id), entity, supplied)


def _own_key(taker: Taker, entity: str, id_: str) -> str:
    return as_uuid(id_) or minted(str(taker.to.id), entity, id_)


def _remember(connection: Connection, taker: Taker, entity: str, chosen: str, made: str) -> None:
    if as_uuid(chosen) != made:
        ids = [(object_type_of(entity), fold(made), chosen)]
        id_maps.record(connection, taker.to, ids, services().clock.now())


def _refuse(outcomes: Sequence[Taken]) -> None:
    refused = [each for each in outcomes if each.state == REFUSED and each.problem]
    if refused and refused[0].problem:
        problem = refused[0].problem
        raise Refusal(problem.status, problem.scope, problem.message, problem.sub_code)
    if kept := [each for each in outcomes if each.state == QUARANTINED]:
        why = ", ".join(dict.fromkeys(each.reason for each in kept))
        text = f"{len(kept)} of {len(outcomes)} wait in quarantine ({why}) and are taken later."
        raise Refusal(422, SCOPE, text, "unknownobject")
