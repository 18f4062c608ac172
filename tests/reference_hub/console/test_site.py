"""What every page of the console has in common: forms of its own only, headers, languages."""

from __future__ import annotations

import gzip
import html
import re

import pytest
import requests
from sqlalchemy import create_engine

from reference_hub.app import create_app
from reference_hub.codec.schema import Judge
from tests.reference_hub.console.conftest import SCOPE, Desk, Web
from tests.reference_hub.console.district import District
from tests.reference_hub.listening import listening_at

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@pytest.fixture
def paused(desk: Desk) -> tuple[Web, str]:
    """A data manager, and the address of a form about a vendor."""
    vendor_id = desk.vendor("reading")
    District(desk).connection(vendor_id, "reading-sif")
    return desk.signed_in("manager"), f"/vendors/{vendor_id}/pause"


def is_paused(desk: Desk) -> bool:
    return desk.run("SELECT paused IS NOT NULL FROM subscriber") == [(True,)]


@pytest.mark.parametrize("path", ["/sign-in", "/overview", "/vendors/99", "/no/such/page"])
def test_every_answer_lets_nothing_foreign_in(desk: Desk, path: str) -> None:
    headers = desk.signed_in().get(path).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


def test_a_page_that_is_not_there_says_so_as_a_page(desk: Desk) -> None:
    answer = desk.signed_in().get("/no/such/page")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "There is no such page" in answer.text


def test_a_form_without_the_token_does_nothing(desk: Desk, paused: tuple[Web, str]) -> None:
    web, path = paused
    answer = web.post(path, {"why": "because", "csrf": ""})
    assert answer.status_code == 403
    assert not is_paused(desk)


def test_a_form_with_the_token_of_somebody_else_does_nothing(
    desk: Desk, paused: tuple[Web, str]
) -> None:
    web, path = paused
    foreign = desk.signed_in("admin").csrf("/account")
    assert web.post(path, {"why": "because", "csrf": foreign}).status_code == 403
    assert not is_paused(desk)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_does_nothing(
    desk: Desk, paused: tuple[Web, str], headers: dict[str, str]
) -> None:
    web, path = paused
    answer = web.post(path, {"why": "because"}, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.text
    assert not is_paused(desk)


def test_a_form_of_our_own_page_is_carried_out(desk: Desk, paused: tuple[Web, str]) -> None:
    web, path = paused
    headers = {"Origin": desk.base, "Sec-Fetch-Site": "same-origin"}
    assert web.post(path, {"why": "because"}, headers=headers).status_code == 303
    assert is_paused(desk)


def test_a_form_that_is_too_large_is_refused(desk: Desk, paused: tuple[Web, str]) -> None:
    web, path = paused
    assert web.post(path, {"why": "x" * 300_000}).status_code == 413
    assert not is_paused(desk)


def test_a_session_that_ends_in_mid_form_loses_nothing(desk: Desk, paused: tuple[Web, str]) -> None:
    web, path = paused
    name = str(desk.run("SELECT name FROM console_account")[0][0])
    csrf = web.csrf(path)
    desk.later(minutes=45)
    late = web.post(path, {"why": "They move servers — até", "csrf": csrf})
    assert late.headers["Location"] == f"/console/sign-in?next=/console{path}&why=kept"
    assert not is_paused(desk)
    back = web.sign_in(name, next=f"/console{path}").headers["Location"]
    shown = web.get(back.removeprefix("/console")).text
    assert 'value="They move servers — até"' in shown
    assert "What you had entered is back" in shown


def test_what_was_kept_is_gone_once_the_form_is_sent(desk: Desk, paused: tuple[Web, str]) -> None:
    web, path = paused
    name = str(desk.run("SELECT name FROM console_account")[0][0])
    csrf = web.csrf(path)
    desk.later(minutes=45)
    web.post(path, {"why": "They move servers", "csrf": csrf})
    web.sign_in(name)
    assert web.post(path, {"why": "They move servers"}).status_code == 303
    assert is_paused(desk)
    assert desk.run("SELECT count(*) FROM console_draft") == [(0,)]


def test_a_form_of_the_session_before_is_shown_again_with_what_it_held(
    desk: Desk, paused: tuple[Web, str]
) -> None:
    web, path = paused
    name = str(desk.run("SELECT name FROM console_account")[0][0])
    old = web.csrf(path)
    desk.later(minutes=45)
    web.sign_in(name)
    answer = web.post(path, {"why": "In another tab", "csrf": old})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/console{path}")
    assert not is_paused(desk)
    assert 'value="In another tab"' in web.get(path).text


def test_nobody_gets_what_somebody_else_had_entered(desk: Desk, paused: tuple[Web, str]) -> None:
    web, path = paused
    csrf = web.csrf(path)
    desk.later(minutes=45)
    web.post(path, {"why": "Between us", "csrf": csrf})
    other = desk.signed_in("admin")
    assert "Between us" not in other.get(path).text


def test_passwords_are_never_kept(desk: Desk) -> None:
    web = desk.signed_in()
    csrf = web.csrf("/account")
    desk.later(minutes=45)
    web.post("/account", {"password": "a new long password", "note": "kept", "csrf": csrf})
    assert desk.run("SELECT fields FROM console_draft") == [({"note": ["kept"]},)]


def test_a_button_that_comes_too_late_does_nothing_and_says_so(
    desk: Desk, paused: tuple[Web, str]
) -> None:
    web, path = paused
    page = path.removesuffix("/pause")
    csrf = web.csrf(path)
    desk.later(minutes=45)
    headers = {"Referer": f"{desk.base}/console{page}"}
    late = web.post(f"{page}/try-again", {"csrf": csrf}, headers=headers)
    assert late.headers["Location"] == f"/console/sign-in?next=/console{page}&why=undone"
    assert "Nothing was done." in web.get("/sign-in?why=undone").text


def test_the_language_is_the_browsers_until_somebody_chooses(desk: Desk) -> None:
    desk.account()
    web = desk.web()
    spanish = {"Accept-Language": "es-MX,es;q=0.9"}
    assert "Iniciar sesión" in web.get("/sign-in", headers=spanish).text
    assert '<html lang="en">' in web.get("/sign-in?lang=en", headers=spanish).text
    assert '<html lang="en">' in web.get("/sign-in", headers=spanish).text


def test_the_switch_of_languages_keeps_the_page_and_its_filters(desk: Desk) -> None:
    shown = desk.signed_in().get("/vendors?q=a%26b&agreement=live").text
    assert 'href="?q=a%26b&amp;agreement=live&amp;lang=es"' in shown


def test_what_was_done_is_said_once_on_the_next_page(desk: Desk, paused: tuple[Web, str]) -> None:
    web, path = paused
    web.post(path, {"why": "because"})
    page = path.removesuffix("/pause")
    assert "Deliveries to reading are paused." in web.get(page).text
    assert "Deliveries to reading are paused." not in web.get(page).text


def test_a_page_that_looks_again_by_itself_keeps_no_session_open(desk: Desk) -> None:
    web = desk.signed_in()
    desk.later(minutes=29)
    assert web.get("/overview", headers={"X-Console-Look": "again"}).status_code == 200
    desk.later(minutes=2)
    assert web.get("/overview").status_code == 303


def test_files_are_kept_by_browsers_under_the_address_of_their_version(desk: Desk) -> None:
    page = desk.signed_in().get("/overview").text
    address = page.partition('href="/console/static/console.css')[2].partition('"')[0]
    answer = requests.get(f"{desk.base}/console/static/console.css{address}", timeout=20)
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["Cache-Control"]
    stale = requests.get(f"{desk.base}/console/static/console.css?v=old", timeout=20)
    assert stale.headers["Cache-Control"] == "no-cache"
    assert requests.get(f"{desk.base}/console/static/../site.py", timeout=20).status_code == 404


def test_no_page_is_larger_than_200_kilobytes(desk: Desk) -> None:
    district = District(desk)
    ids = district.busy()
    for number in range(120):
        desk.vendor(f"vendor-with-a-rather-long-name-{number}")
    web = desk.signed_in()
    paths = ["/overview", "/vendors", f"/vendors/{ids['Maths Lab']}"]
    sizes = {path: len(web.get(path).content) for path in paths}
    assert [path for path, size in sizes.items() if size > 150_000] == []
    assert len(gzip.compress(web.get("/static/console.css").content)) < 10_000


def test_the_hub_itself_goes_on_answering_in_xml(desk: Desk) -> None:
    answer = requests.get(f"{desk.base}/requests/xStudents", timeout=20)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/xml"
    assert SCOPE.zone_id not in answer.text


def test_a_lost_store_is_a_page_that_says_when_to_come_back(desk: Desk) -> None:
    gone = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    app = create_app(desk.settings, gone, desk.clock, judge=Judge())
    with listening_at(app) as base:
        cookies = {"reference_hub_console": "any"}
        answer = requests.get(f"{base}/console/overview", cookies=cookies, timeout=20)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert "The hub's store is away" in html.unescape(answer.text)


def test_a_fault_of_the_hub_names_the_line_of_its_log_and_no_more(desk: Desk) -> None:
    web = desk.signed_in()
    desk.run("ALTER TABLE vendor RENAME COLUMN pod_policy TO policy")
    try:
        answer = web.get("/overview?zone=canary")
    finally:
        desk.run("ALTER TABLE vendor RENAME COLUMN policy TO pod_policy")
    assert answer.status_code == 500
    assert re.search(r"under <code>[0-9a-f-]{36}</code>", answer.text)
    assert "pod_policy" not in answer.text


@pytest.mark.parametrize(
    "path",
    ["/vendors/2147483648", "/vendors/99999999999999999999", "/vendors?q=%00", "/vendors/-1"],
)
def test_an_address_that_can_be_none_is_no_page(desk: Desk, path: str) -> None:
    assert desk.signed_in().get(path).status_code == 404


def test_odd_characters_in_a_form_reach_the_store_as_text(
    desk: Desk, paused: tuple[Web, str]
) -> None:
    web, path = paused
    assert web.post(path, {"why": "a\x00b\x1b[31m' OR 1=1 --\ud7ff"}).status_code == 303
    found = desk.run("SELECT detail ->> 'reason' FROM audit WHERE action LIKE '%paused%'")
    assert found == [("ab[31m' OR 1=1 --\ud7ff",)]
