"""Browsers on another origin, as the client of a vendor's test page works: preflight, then ask."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from reference_hub.app import create_app
from reference_hub.codec.schema import Judge
from reference_hub.model.scope import Scope
from reference_hub.settings import Database, Server, Settings
from reference_hub.store import vendors

ORIGIN = "https://client.example"
ASKED = "messageid, requestid, timestamp, authorization, authenticateduser"
ENVIRONMENT = (
    '<environment xmlns="http://www.sifassociation.org/infrastructure/3.2.1">'
    "<applicationInfo><applicationKey>browser</applicationKey></applicationInfo></environment>"
)


def browser(engine: Engine, *origins: str) -> FlaskClient:
    """A hub that lets these origins in."""
    settings = Settings(server=Server(cors_origins=list(origins)), database=Database(url="unused"))
    return create_app(settings, engine, judge=Judge()).test_client()


def preflight(hub: FlaskClient, path: str = "/requests/xStudents", **changed: str) -> TestResponse:
    headers = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": ASKED,
    } | {name.replace("_", "-"): value for name, value in changed.items()}
    return hub.options(path, headers=headers)


def credentials(user: str) -> dict[str, str]:
    token = base64.b64encode(f"{user}:a-secret".encode()).decode()
    return {"Authorization": f"Basic {token}", "Content-Type": "application/xml", "Origin": ORIGIN}


def listed(answer: TestResponse, name: str) -> list[str]:
    return [each.strip() for each in answer.headers[name].split(",")]


def permissions(answer: TestResponse) -> set[str]:
    return {name for name in dict(answer.headers) if name.startswith("Access-Control")}


@pytest.mark.requirement("INF-TRN-013")
def test_without_the_setting_no_origin_may_read(store: Engine) -> None:
    hub = browser(store)
    asked = preflight(hub)
    answer = hub.get("/requests/xStudents", headers={"Origin": ORIGIN})
    for each in (asked, answer):
        assert not permissions(each)
    assert asked.status_code == 405


@pytest.mark.requirement("INF-TRN-013")
@pytest.mark.parametrize(
    "path",
    ["/environments/environment", "/requests/xStudents/1", "/queues", "/queues/1/messages", "/"],
)
def test_a_preflight_is_answered_without_authentication(store: Engine, path: str) -> None:
    answer = preflight(browser(store, ORIGIN), path)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    methods = listed(answer, "Access-Control-Allow-Methods")
    assert {"GET", "POST", "PUT", "DELETE", "HEAD"} == set(methods)
    assert listed(answer, "Access-Control-Allow-Headers") == ASKED.split(", ")
    assert int(answer.headers["Access-Control-Max-Age"]) > 0
    assert "Origin" in answer.headers["Vary"]


def test_another_origin_gets_no_permission_and_no_hint(store: Engine) -> None:
    hub = browser(store, ORIGIN)
    for answer in (
        preflight(hub, Origin="https://other.example"),
        hub.get("/requests/xStudents", headers={"Origin": "https://other.example"}),
    ):
        assert not permissions(answer)
        assert "Origin" in answer.headers["Vary"]


def test_a_star_lets_every_origin_in_but_never_with_credentials(store: Engine) -> None:
    hub = browser(store, "*")
    for answer in (preflight(hub), hub.get("/queues", headers={"Origin": "https://any.example"})):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("names", ["a b", "a\x7fb, c", "x" * 200, "(a)", ",".join(["a"] * 200)])
def test_header_names_that_are_none_are_not_repeated(store: Engine, names: str) -> None:
    answer = preflight(browser(store, ORIGIN), Access_Control_Request_Headers=names)
    assert answer.status_code == 204
    assert "Access-Control-Allow-Headers" not in answer.headers


def test_options_that_is_no_preflight_is_not_offered(store: Engine) -> None:
    assert browser(store, ORIGIN).options("/requests/xStudents").status_code == 405


def test_a_browser_client_opens_an_environment_and_reads_on(store: Engine) -> None:
    with store.begin() as connection:
        vendors.add_application(connection, "browser", "a-secret", Scope("demo-district"))
    hub = browser(store, ORIGIN)
    assert preflight(hub, "/environments/environment").status_code == 204
    made = hub.post("/environments/environment", data=ENVIRONMENT, headers=credentials("browser"))
    token = made.text.partition("<sessionToken>")[2].partition("</sessionToken>")[0]
    assert (made.status_code, made.text.count("<sessionToken>")) == (201, 1)
    read = hub.get("/requests/xStudents?navigationPageSize=1", headers=credentials(token))
    assert read.status_code in (200, 204)
    for answer in (made, read):
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        exposed = listed(answer, "Access-Control-Expose-Headers")
        assert {"timestamp", "messageId", "navigationLastPage", "minWaitTime"} <= set(exposed)


def test_errors_can_be_read_by_the_browser_too(store: Engine) -> None:
    answer: Any = browser(store, ORIGIN).get("/queues/1", headers={"Origin": ORIGIN})
    assert answer.status_code in (401, 404)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_every_header_that_the_hub_sends_is_exposed(store: Engine) -> None:
    answer = browser(store, ORIGIN).get("/requests/xStudents", headers={"Origin": ORIGIN})
    unread = {"Content-Type", "Content-Length", "Vary"}
    exposed = {name.lower() for name in listed(answer, "Access-Control-Expose-Headers")}
    sent = set(dict(answer.headers)) - permissions(answer)
    assert {name for name in sent - unread if name.lower() not in exposed} == set()
