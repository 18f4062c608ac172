"""A client in a browser: cross-origin checks, infrastructure 3.2.1, answers read by pattern."""

from __future__ import annotations

import re
import uuid

import pytest

from tests.system.flows.browser_client import HITS, Browser, split
from tests.system.flows.conftest import Serve, Served, application

METHODS = pytest.mark.parametrize("method", ["Basic", "SIF_HMACSHA256"])


@pytest.fixture(scope="module")
def hub(serve: Serve) -> Served:
    """A hub that lets scripts of one origin read."""
    settings = f'[server]\ncors_origins = ["{HITS}"]\n'
    return serve(settings + application("hits", environment="DIRECT"))


def joined(hub: Served, method: str = "Basic") -> Browser:
    """A new user of the application, connected."""
    browser = Browser(hub.url, "hits", method=method, user=str(uuid.uuid4()))
    assert browser.connect().status == 201
    return browser


@METHODS
def test_it_connects_and_reads_its_environment(hub: Served, method: str) -> None:
    browser = joined(hub, method)
    page = browser.ask("GET", f"/environments/{browser.environment_id}")
    assert page.status == 200
    assert f"<sessionToken>{browser.token}</sessionToken>" in page.text
    assert 'xmlns="http://www.sifassociation.org/infrastructure/3.2.1"' in page.text


def test_the_id_it_finds_first_is_that_of_the_environment(hub: Served) -> None:
    browser = Browser(hub.url, "hits", user=str(uuid.uuid4()))
    page = browser.connect()
    assert page.headers["content-type"].startswith("application/xml")
    assert uuid.UUID(browser.environment_id)
    assert re.findall(r'<environment [^>]*\bid="([^"]*)"', page.text) == [browser.environment_id]
    assert re.findall(r"</?\w+:", page.text) == []


@METHODS
@pytest.mark.requirement("INF-ENV-008", "INF-ENV-006", "NEG-003")
def test_conflict_is_success(hub: Served, method: str) -> None:
    browser = joined(hub, method)
    again = Browser(hub.url, "hits", method=method, user=browser.user)
    assert again.connect().status == 409
    assert (again.environment_id, again.token) == (browser.environment_id, browser.token)
    another = joined(hub, method)
    assert another.token != browser.token


@pytest.mark.requirement("INF-ENV-021")
def test_the_user_token_is_not_told_back(hub: Served) -> None:
    browser = Browser(hub.url, "hits", user=str(uuid.uuid4()))
    assert browser.user not in browser.connect().text


@METHODS
def test_it_works_with_objects(hub: Served, method: str) -> None:
    browser = joined(hub, method)
    refid = str(uuid.uuid4()).upper()
    body = (
        '<xStudent xmlns="http://www.sifassociation.org/datamodel/na/4.x" '
        f'refId="{refid}"><name><familyName>Qvexley</familyName><givenName>Abra</givenName>'
        "</name></xStudent>"
    )
    made = browser.ask("POST", "/requests/xStudents/xStudent", body)
    one = f"/requests/xStudents/{refid}"
    seen = [browser.ask(verb, one).status for verb in ("GET", "DELETE")]
    assert (made.status, seen) == (201, [200, 204])
    assert browser.ask("GET", one).status == 404


def test_the_script_may_read_what_it_pages_by(hub: Served) -> None:
    page = joined(hub).ask("GET", "/requests/xStudents?navigationPage=1&navigationPageSize=1")
    exposed = split(page.headers["access-control-expose-headers"])
    assert {"navigationlastpage", "navigationcount", "messageid", "relativeservicepath"} <= exposed


def test_an_error_is_shown_to_the_script_too(hub: Served) -> None:
    page = Browser(hub.url, "hits", token="nobody").ask("GET", "/requests/xStudents")
    assert page.status == 401
    assert "<code>401</code>" in page.text


def test_the_check_needs_no_credentials_and_tells_nothing(hub: Served) -> None:
    browser = joined(hub)
    assert {page.status for page in browser.preflights} == {204}
    assert [page.text for page in browser.preflights if page.text] == []


def test_another_origin_gets_no_permission(hub: Served) -> None:
    stranger = Browser(hub.url, "hits", origin="https://other.example")
    with pytest.raises(PermissionError):
        stranger.connect()
