"""Health, figures and the description of the hub, without authentication and without secrets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, create_engine, text

from reference_hub import __version__
from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.settings import Database, Server, Settings

NOWHERE = "postgresql+psycopg://canary:canary@127.0.0.1:1/canary"
NOW = datetime(2027, 1, 1, tzinfo=UTC)


def client(engine: Engine, **server: Any) -> FlaskClient:
    """A hub in this process whose clock stands still."""
    settings = Settings(server=Server(**server), database=Database(url=NOWHERE))
    return create_app(settings, engine, Clock(now=lambda: NOW), judge=Judge()).test_client()


def samples(page: str) -> dict[tuple[str, ...], float]:
    """Every sample by its name and label values in the order of the label names."""
    return {
        (each.name, *(each.labels[name] for name in sorted(each.labels))): each.value
        for family in text_string_to_metric_families(page)
        for each in family.samples
    }


def test_a_well_hub_says_so_with_its_version(store: Engine) -> None:
    answer = client(store).get("/healthz")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json == {"status": "ok", "store": "up", "version": __version__}


def test_a_hub_without_its_store_is_503_and_names_no_secret() -> None:
    answer = client(create_engine(NOWHERE)).get("/healthz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json == {"status": "unavailable", "store": "away", "version": __version__}
    assert "canary" not in answer.text + str(answer.headers)


def test_a_scrape_without_the_store_says_that_it_is_down() -> None:
    answer = client(create_engine(NOWHERE)).get("/metrics")
    assert (answer.status_code, samples(answer.text)[("hub_store_up",)]) == (200, 0.0)


def test_a_scrape_tells_what_the_store_holds(store: Engine) -> None:
    with store.begin() as connection:
        for statement in (
            "INSERT INTO object_tally VALUES ('z1', 'DEFAULT', 'xStudent', 9, 4)",
            "INSERT INTO object_tally VALUES ('z2', 'DEFAULT', 'xStudent', 9, 3)",
            "INSERT INTO vendor (name, party_id, zone_id, context_id) VALUES ('v', 'p', 'z1', 'c')",
            "INSERT INTO subscriber (vendor_id, name, zone_id, context_id, format, transport, url,"
            " credentials, objects) VALUES (1, 's', 'z1', 'c', 'f', 't', 'u', '{}', '{}')",
        ):
            connection.execute(text(statement))
        for age, state in ((30, "waiting"), (90, "waiting"), (400, "held"), (500, "done")):
            connection.execute(
                text(
                    "INSERT INTO message (zone_id, context_id, subscriber_id, kind, action,"
                    " object_type, state, created)"
                    " VALUES ('z1', 'c', 1, 'event', 'CREATE', 'xStudent', :state, :created)"
                ),
                {"state": state, "created": NOW - timedelta(seconds=age)},
            )
    page = client(store).get("/metrics").text
    found = samples(page)
    assert found[("hub_store_up",)] == 1
    assert found[("hub_objects", "xStudent")] == 7
    assert found[("hub_messages", "event", "waiting", "push")] == 2
    assert found[("hub_messages", "event", "held", "push")] == 1
    assert found[("hub_oldest_message_age_seconds", "push")] == 90
    assert not {name for name in ("z1", "z2") if name in page}


@pytest.mark.parametrize(
    ("admitted", "headers", "address", "status"),
    [
        ("local", {}, "127.0.0.1", 200),
        ("local", {}, "::1", 200),
        ("local", {}, "192.0.2.7", 404),
        ("local", {"X-Forwarded-For": "192.0.2.7"}, "127.0.0.1", 404),
        ("any", {"X-Forwarded-For": "192.0.2.7"}, "192.0.2.7", 200),
        ("off", {}, "127.0.0.1", 404),
    ],
)
def test_figures_are_for_those_whom_the_setting_admits(
    store: Engine, admitted: str, headers: dict[str, str], address: str, status: int
) -> None:
    environ = {"REMOTE_ADDR": address}
    answer = client(store, metrics=admitted).get(
        "/metrics", headers=headers, environ_overrides=environ
    )
    assert answer.status_code == status


def test_requests_are_counted_by_service_method_and_status(store: Engine) -> None:
    hub = client(store)
    hub.get("/requests/xStudents/canary?access_token=canary")
    hub.open("/requests/xStudents", method="CANARY")
    hub.get("/canary/canary")
    page = hub.get("/metrics").text
    found = samples(page)
    assert found[("hub_requests_total", "GET", "requests", "401")] == 1
    assert found[("hub_requests_total", "other", "none", "405")] == 1
    assert found[("hub_requests_total", "GET", "none", "404")] == 1
    assert "canary" not in page.lower()
