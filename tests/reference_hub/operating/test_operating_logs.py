"""What a served hub logs: one line for each request, and nothing of what was in it."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import structlog
from lxml import etree
from sqlalchemy import Engine

from fixtures.generate import student
from fixtures.writers import xpress
from reference_hub import logs
from reference_hub.model.scope import Scope
from reference_hub.settings import Log
from reference_hub.store import vendors
from tests.reference_hub.operating.served import Served, Start

CANARY = "Canary"
SECRET = "Canary-secret"
REQUEST_ID = "11111111-2222-4333-8444-555555555555"


def lines(served: Served) -> list[dict[str, Any]]:
    """The log lines that are JSON; what a person is told at the start is not."""
    found = served.log.read_text("utf-8").splitlines()
    return [json.loads(line) for line in found if line.startswith("{")]


def basic(user: str) -> dict[str, str]:
    token = base64.b64encode(f"{user}:{SECRET}".encode()).decode()
    return {"Authorization": f"Basic {token}", "Content-Type": "application/xml"}


@pytest.fixture
def told(start: Start, store: Engine) -> tuple[Served, list[str]]:
    """A hub that logs all it can, after requests full of what must not be logged; the tokens."""
    with store.begin() as connection:
        vendors.add_application(connection, "sis", SECRET, Scope("demo-district"))
    served = start(HUB_LOG_LEVEL="debug")
    base, http = f"http://localhost:{served.port}", served.http
    made = http.post(f"{base}/environments/environment", headers=basic("sis"))
    token = made.text.partition("<sessionToken>")[2].partition("<")[0]
    assert made.status_code == 201
    pupil = xpress.student(student(1, 1))
    for leaf in pupil.iter("{*}givenName", "{*}familyName"):
        leaf.text = CANARY
    path, body = f"{base}/requests/xStudents", etree.tostring(pupil)
    known = basic(token) | {"requestId": REQUEST_ID}
    assert http.post(f"{path}/xStudent", body, headers=known).status_code == 201
    odd = known | {"requestId": CANARY, "mustUseAdvisory": CANARY, "methodOverride": CANARY}
    http.post(f"{path}/xStudent", body[:-20], headers=odd)
    http.post(f"{path}/xStudent", b"<xStudent><canary/></xStudent>", headers=known)
    http.put(f"{path}/{CANARY}", body, headers=known)
    query = {"where": f"xStudent/name='{CANARY}'", "order": CANARY, "navigationPageSize": CANARY}
    http.get(f"{path}/{CANARY};zoneId={CANARY}", params=query, headers=known)
    shown = {"access_token": known["Authorization"][6:], "authenticationMethod": "Basic"}
    assert http.get(path, params=shown).status_code == 200
    issued = http.post(f"{base}/oauth/token", {"grant_type": "client_credentials", "scope": CANARY},
                       auth=("sis", SECRET))  # fmt: skip
    http.get(f"{base}/{CANARY}?{CANARY}", headers={"User-Agent": CANARY, "Referer": CANARY})
    http.request(CANARY.upper(), f"{base}/requests/{CANARY}")
    served.stop()
    return served, [token, issued.json()["access_token"], shown["access_token"]]


def test_nothing_of_the_data_nor_of_a_secret_is_logged(told: tuple[Served, list[str]]) -> None:
    served, tokens = told
    printed = served.log.read_text("utf-8")
    assert len([line for line in lines(served) if line["event"] == "request"]) == 10
    assert CANARY.lower() not in printed.lower()
    assert [token for token in tokens if token in printed or len(token) < 30] == []
    assert "?" not in printed


def test_each_request_has_one_line_that_names_route_status_and_caller(
    told: tuple[Served, list[str]],
) -> None:
    found = [line for line in lines(told[0]) if line["event"] == "request"]
    created = found[1]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", created.pop("time"))
    assert 0 < created.pop("ms") < 60_000
    assert created == {
        "level": "info",
        "event": "request",
        "method": "POST",
        "route": "/requests/<path:_>",
        "status": 201,
        "application": "sis",
        "requestId": REQUEST_ID,
    }
    assert [line["status"] for line in found[-2:]] == [404, 405]
    assert [line.get("application") for line in found[-2:]] == [None, None]


def test_the_level_of_the_settings_holds(start: Start) -> None:
    served = start(HUB_LOG_LEVEL="error")
    served.get("/requests/xStudents")
    served.stop()
    assert lines(served) == []


def written(log: Log, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is printed for one event with a fault whose text must not be shown."""
    stream, before = io.StringIO(), structlog.get_config()
    monkeypatch.setattr(sys, "stderr", stream)
    try:
        logs.configure(log)
        try:
            raise ValueError(CANARY)
        except ValueError:
            structlog.get_logger().error("it failed", exc_info=True, thing=Path(CANARY))
    finally:
        structlog.configure(**before)
    return stream.getvalue()


def test_a_fault_shows_its_kind_and_place_never_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    line = json.loads(written(Log(format="json"), monkeypatch))
    assert (line["error"], line["thing"]) == ("ValueError", "PosixPath")
    assert line["where"][0].startswith("written:")
    text = written(Log(format="text"), monkeypatch)
    assert ("it failed" in text, CANARY in text.replace(f"PosixPath('{CANARY}')", "")) == (
        True,
        False,
    )


def test_the_servers_own_lines_have_the_same_form() -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        record = logging.LogRecord(
            "gunicorn.error", logging.ERROR, "", 1, "Failed: %s", ("it",), sys.exc_info()
        )
    line = json.loads(logs.formatter(Log(format="json")).format(record))
    assert (line["event"], line["level"], line["error"]) == ("Failed: it", "error", "ValueError")
    assert CANARY not in str(line)
