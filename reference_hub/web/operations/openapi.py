"""An OpenAPI 3.1 document of everything that is served, written from the table beside this file.

It names elements, it does not repeat their schemas: those of the infrastructure are in its XSD,
those of objects in the data model that a zone is judged by.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reference_hub.model.served import OBJECTS
from reference_hub.web.oneroster import described

METHODS = ("get", "post", "put", "delete")
_TABLE = Path(__file__).with_name("openapi.toml")
_SIF = ("application/xml", "application/json")
_OTHERS = {
    "health": "application/json",
    "openapi": "application/json",
    "token": "application/json",
    "tokenRefusal": "application/json",
    "tokenRequest": "application/x-www-form-urlencoded",
    "metrics": "text/plain",
    "acknowledgement": "application/json",
    "acknowledgementRecord": "application/json",
    "markerRequest": "application/json",
    "marker": "application/json",
    "deletion": "application/json",
    "deletions": "application/json",
    "deletionConfirmation": "application/json",
    "formAnswer": "application/x-www-form-urlencoded",
    "page": "text/html",
    "oneRoster": "application/json",
}
_PHRASES = {
    200: "Done; the answer holds the result.",
    201: "Created; the answer holds what was stored.",
    202: "Taken; the result follows.",
    204: "Done, or there is nothing to answer.",
    303: "Done; look at the same address again.",
    304: "Nothing has changed.",
    400: "The request is not understood.",
    401: "The credentials are missing or wrong.",
    404: "There is no such resource.",
    409: "It exists already.",
    410: "It is over.",
    422: "Something lacks or does not fit.",
    503: "The store is away; try again later.",
}
Json = dict[str, Any]


def document(root: str, version: str) -> Json:
    """The whole document; `root` is where the hub is reached, without a trailing slash."""
    table = tomllib.loads(_TABLE.read_text("utf-8"))
    paths: dict[str, Json] = {}
    names = {"error"}
    for path, tag, suffix, methods in _paths(table):
        item = paths.setdefault(path, _item(path))
        for method, row in methods.items():
            item[method] = _operation(table, row, tag, suffix)
            names |= _named(row)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "SIF 3 reference hub",
            "version": version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": root}],
        "security": [{name: []} for name in _SECURITY],
        "paths": paths,
        "components": {
            "parameters": _parameters(table),
            "schemas": {name: _schema(name) for name in sorted(names)},
            "responses": {"refusal": _answer("Refused; the error tells why.", "error")},
            "securitySchemes": _SECURITY,
        },
    }


_SECURITY: Json = {
    "basic": {"type": "http", "scheme": "basic"},
    "hmac": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "SIF_HMACSHA256 and base64 of token:hash; the hash covers the timestamp.",
    },
    "bearer": {"type": "http", "scheme": "bearer"},
    "query": {
        "type": "apiKey",
        "in": "query",
        "name": "access_token",
        "description": "With authenticationMethod and, for SIF_HMACSHA256, timestamp beside it.",
    },
}


def _paths(table: Json) -> Iterator[tuple[str, str, str, Mapping[str, Json]]]:
    for entry in table["path"]:
        methods = {name: entry[name] for name in METHODS if name in entry}
        path: str = entry["path"]
        yield path, entry["tag"], "", methods
        if "{objects}" in path and not entry.get("once"):
            for name in OBJECTS:
                known = path.replace("{objects}", f"{name}s").replace("{object}", name)
                yield known, entry["tag"], name[0].upper() + name[1:], methods
    for name, entry in table["utilities"].items():
        yield from _utility(name, entry)
    yield from described.paths()


def _utility(name: str, entry: Json) -> Iterator[tuple[str, str, str, Mapping[str, Json]]]:
    one, plural = entry["one"], name[0].upper() + name[1:]
    uses = ["place"]
    several: Json = {
        "get": {"does": f"List {name}.", "uses": ["paging", "place"], "200": name, "204": ""},
        "post": {"does": f"Create several {name}.", "body": name, "200": "createResponse"},
        "put": {"does": f"Change several {name}.", "body": name, "200": "updateResponse"},
    }
    single: Json = {
        "get": {"does": f"Read one of the {name}.", "uses": uses, "200": one},
        "put": {"does": f"Change one of the {name}.", "uses": uses, "body": one, "204": ""},
        "delete": {"does": f"Delete one of the {name}.", "uses": uses, "204": ""},
    }
    create = {"does": f"Create one of the {name}.", "uses": uses, "body": one, "201": one}
    tag = "Utility services"
    wanted = {each: several[each] | {"id": f"{each}Several"} for each in entry["list"].split()}
    yield f"/requests/{name}", tag, plural, wanted
    if entry.get("create"):
        yield f"/requests/{name}/{one}", tag, plural, {"post": create | {"id": "createOneOf"}}
    items = {each: single[each] | {"id": f"{each}OneOf"} for each in entry["item"].split()}
    yield f"/requests/{name}/{{id}}", tag, plural, items


def _item(path: str) -> Json:
    names = re.findall(r"{(\w+)}", path)
    described = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in names
    ]
    return {"parameters": described} if described else {}


def _operation(table: Json, row: Json, tag: str, suffix: str) -> Json:
    made: Json = {"operationId": row["id"] + suffix, "summary": row["does"], "tags": [tag]}
    uses = [each for name in row.get("uses", ()) for each in table["groups"].get(name, [name])]
    if uses:
        made["parameters"] = [{"$ref": f"#/components/parameters/{name}"} for name in uses]
    if body := row.get("body"):
        made["requestBody"] = {"required": True, "content": _content(body)}
    answers = {key: _answer(_PHRASES[int(key)], row[key]) for key in sorted(row) if key.isdigit()}
    refusal = {"$ref": "#/components/responses/refusal"}
    if "security" in row:
        made["security"] = row["security"]
    if row.get("open"):
        made["security"] = []
    else:
        answers |= {"401": refusal}
    made["responses"] = answers | {"default": refusal}
    return made


def _answer(description: str, body: str) -> Json:
    return {"description": description} | ({"content": _content(body)} if body else {})


def _content(name: str) -> Json:
    kinds = (_OTHERS[name],) if name in _OTHERS else _SIF
    return {kind: {"schema": {"$ref": f"#/components/schemas/{name}"}} for kind in kinds}


def _named(row: Json) -> set[str]:
    return {row[key] for key in row if key.isdigit() or key == "body"} - {""}


def _parameters(table: Json) -> Json:
    return {
        name: {"name": name, "in": where, "description": text, "schema": {"type": kind}}
        for name, (where, kind, text) in table["parameters"].items()
    }


def _schema(name: str) -> Json:
    if name in ("metrics", "page"):
        return {"type": "string"}
    if name in _OTHERS:
        return {"type": "object"}
    if name in ("object", "objects", "message"):
        return {"description": f"Any {name.rstrip('s')} of a data model, or several in its list."}
    schema: Json = {"type": "object", "xml": {"name": name}}
    if name == "error":
        texts = ("code", "scope", "message", "description")
        schema["properties"] = {
            "id": {"type": "string", "xml": {"attribute": True}},
            **{each: {"type": "string"} for each in texts},
        }
        schema["required"] = ["code", "scope", "message"]
    return schema
