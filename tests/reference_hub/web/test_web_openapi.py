"""The description against what is served: it names all that is there, and nothing else."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from reference_hub.app import create_app
from reference_hub.codec.schema import Judge
from reference_hub.model.scope import Scope
from reference_hub.model.served import OBJECTS, UTILITIES
from reference_hub.settings import Database, Server, Settings
from reference_hub.store import vendors

METHODS = ("get", "post", "put", "delete")
ID = "00000000-0000-4000-8000-000000000001"
SAMPLES = {
    "objects": "xStudents",
    "object": "xStudent",
    "parents": "xSchools",
    "service": "rosterValidations",
    "serviceSingular": "rosterValidation",
    "phase": "validation",
}


@pytest.fixture
def client(store: Engine) -> FlaskClient:
    """A hub behind a proxy."""
    server = Server(public_url="https://hub.example/sif/")
    settings = Settings(server=server, database=Database(url="unused"))
    return create_app(settings, store, judge=Judge()).test_client()


@pytest.fixture
def described(client: FlaskClient) -> Any:
    """The document as it is served."""
    answer = client.get("/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return json.loads(answer.data)


def operations(described: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in described["paths"].items():
        yield from ((path, method, item[method]) for method in METHODS if method in item)


def nodes(value: Any) -> Iterator[Any]:
    yield value
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for child in children:
            yield from nodes(child)


def sample(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda match: SAMPLES.get(match[1], ID), path)


def test_it_is_the_frame_of_an_openapi_3_1_document(described: Any) -> None:
    assert described["openapi"] == "3.1.0"
    assert {"title", "version"} <= set(described["info"])
    assert described["servers"] == [{"url": "https://hub.example/sif"}]
    known = {"openapi", "info", "servers", "security", "paths", "components"}
    assert set(described) == known
    assert all(path.startswith("/") for path in described["paths"])


def test_every_reference_leads_somewhere(described: Any) -> None:
    references = {
        each["$ref"] for each in nodes(described) if isinstance(each, dict) and "$ref" in each
    }
    assert len(references) > 30
    for reference in references:
        found = described
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


def test_every_answer_has_a_description_and_every_operation_one_name(described: Any) -> None:
    refusal = described["components"]["responses"]["refusal"]
    assert refusal["description"]
    names = []
    for path, method, operation in operations(described):
        names.append(operation["operationId"])
        assert operation["summary"].endswith("."), (path, method)
        assert [key for key in operation["responses"] if key.startswith("2")], (path, method)
        for answer in operation["responses"].values():
            assert answer.get("description") or "$ref" in answer
    assert len(names) == len(set(names)) > 100


def test_every_part_in_braces_is_described_once(described: Any) -> None:
    for path, item in described["paths"].items():
        named = [each["name"] for each in item.get("parameters", [])]
        assert named == re.findall(r"{(\w+)}", path)
        assert all(each["required"] for each in item.get("parameters", []))


def test_security_names_schemes_that_are_described(described: Any) -> None:
    schemes = described["components"]["securitySchemes"]
    assert {name for each in described["security"] for name in each} == set(schemes)
    free = {path for path, _, each in operations(described) if each.get("security") == []}
    operation = {"/healthz", "/metrics", "/openapi.json"}
    assert free == operation | {"/oauth/token", "/privacy/acknowledge/{link}"}


# Pages, which no program is meant to read.
FOR_PEOPLE = ("/console/", "/public/")


def test_every_route_and_method_of_the_application_is_described(
    client: FlaskClient, described: Any
) -> None:
    missing = []
    for rule in client.application.url_map.iter_rules():
        if rule.rule.startswith(FOR_PEOPLE):
            continue
        fixed = rule.rule.partition("<")[0].rstrip("/")
        paths = [path for path in described["paths"] if f"{path}/".startswith(f"{fixed}/")]
        offered = {
            method.upper()
            for path in paths
            for method in METHODS
            if method in described["paths"][path]
        }
        # A connector takes every method and refuses by resource; HEAD goes with GET.
        if not paths or ("<" not in rule.rule and not offered):
            missing.append(rule.rule)
        if rule.methods and rule.endpoint.startswith("operations"):
            assert rule.methods - {"HEAD"} == offered
    assert missing == []


def test_every_known_object_and_utility_has_its_paths(described: Any) -> None:
    paths = described["paths"]
    for name in OBJECTS:
        assert set(METHODS[:3]) <= set(paths[f"/requests/{name}s"])
        assert f"/requests/{name}s/{name}" in paths
        assert {"get", "put", "delete"} <= set(paths[f"/requests/{name}s/{{id}}"])
    assert all(f"/requests/{name}" in paths for name in UTILITIES)


def test_what_is_described_asks_for_credentials_unless_it_says_otherwise(
    client: FlaskClient, described: Any
) -> None:
    for path, method, operation in operations(described):
        status = client.open(sample(path), method=method.upper()).status_code
        if operation.get("security") == []:
            assert str(status) in operation["responses"], (path, method)
        else:
            assert status == 401, (path, method)


def session(client: FlaskClient, store: Engine) -> dict[str, str]:
    """Headers of a source that has opened an environment."""
    with store.begin() as connection:
        vendors.add_application(connection, "sis", "a-secret", Scope("demo-district"))

    def basic(user: str) -> dict[str, str]:
        token = base64.b64encode(f"{user}:a-secret".encode()).decode()
        return {"Authorization": f"Basic {token}", "Content-Type": "application/xml"}

    made = client.post("/environments/environment", headers=basic("sis"))
    return basic(made.text.partition("<sessionToken>")[2].partition("<")[0])


def test_what_is_described_is_offered_and_nothing_else_is(
    client: FlaskClient, store: Engine, described: Any
) -> None:
    headers = session(client, store)
    wrong = []
    for path, item in described["paths"].items():
        # A source may not register as a provider, which the hub tells by 405 too.
        if "/providers" in path or [each for each in item.values() if "security" in each]:
            continue
        for method in METHODS:
            override = {"post": "GET", "put": "DELETE"}.get(method, "")
            asks = "#/components/parameters/methodOverride" in str(item.get(method, ""))
            said = headers | ({"methodOverride": override} if asks else {})
            status = client.open(sample(path), method=method.upper(), headers=said).status_code
            missing = status == 405 if method in item else status not in (404, 405)
            if missing or status >= 500:
                wrong.append((method, path, status))
    assert wrong == []
