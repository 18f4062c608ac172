"""Who is let into the console, for how long, and what guessing costs."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from reference_hub.journeys.console_accounts import hashed
from tests.reference_hub.console.conftest import PASSWORD, Desk

COOKIE = "reference_hub_console"


def test_before_the_first_account_the_page_says_which_command_makes_it(desk: Desk) -> None:
    answer = desk.web().get("/", allow_redirects=True)
    assert answer.status_code == 200
    assert "reference-hub console account add maria --role admin" in answer.text


def test_whoever_knows_the_password_is_let_in(desk: Desk) -> None:
    web = desk.web()
    answer = web.sign_in(desk.account("María López"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/overview")
    assert "María López, administrator" in web.get("/overview").text


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(desk: Desk) -> None:
    said = desk.web().sign_in(desk.account()).headers["Set-Cookie"]
    session = next(part for part in said.split(", ") if part.startswith(f"{COOKIE}="))
    assert "HttpOnly" in session
    assert "SameSite=Strict" in session
    assert "Path=/console" in session
    assert "Secure" not in session


def test_behind_tls_the_cookie_goes_over_tls_only(another_desk: Desk) -> None:
    another_desk.account("maria")
    web = another_desk.web()
    form = web.get("/sign-in")
    token = form.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    fields = {"name": "maria", "password": PASSWORD, "csrf": token}
    headers = {"Cookie": f"{COOKIE}_form={token}", "Origin": "https://hub.example"}
    said = web.post("/sign-in", fields, headers=headers).headers["Set-Cookie"]
    session = next(part for part in said.split(", ") if part.startswith(f"{COOKIE}="))
    assert "Secure" in session


def test_the_store_keeps_neither_password_nor_token(desk: Desk) -> None:
    web = desk.web()
    web.sign_in(desk.account())
    kept = str(desk.run("SELECT * FROM console_account")) + str(
        desk.run("SELECT * FROM console_session")
    )
    assert PASSWORD not in kept
    assert web.http.cookies[COOKIE] not in kept
    assert "scrypt:" in kept


def test_an_unknown_name_and_a_wrong_password_get_the_same_words(desk: Desk) -> None:
    desk.account("maria")
    one, other = desk.web().sign_in("maria", "wrong"), desk.web().sign_in("pedro", "wrong")
    assert one.status_code == other.status_code == 401
    assert "The name or the password is not right" in one.text
    assert "The name or the password is not right" in other.text


def test_an_unknown_name_takes_as_long_as_a_wrong_password(desk: Desk) -> None:
    desk.account("maria", hashed=hashed(PASSWORD))
    desk.web().sign_in("nobody", "wrong")
    web = desk.web()
    csrf = web.csrf("/sign-in")

    def took(name: str) -> float:
        begun = time.perf_counter()
        web.post("/sign-in", {"name": name, "password": "wrong", "csrf": csrf})
        return time.perf_counter() - begun

    known, unknown = took("maria"), took("pedro")
    assert unknown > known / 4


@pytest.mark.parametrize("name", ["maria", "somebody-unknown"])
def test_a_name_is_locked_after_some_failures_and_opens_with_time(desk: Desk, name: str) -> None:
    desk.account("maria")
    web = desk.web()
    assert [web.sign_in(name, "wrong").status_code for _ in range(4)] == [401, 401, 401, 429]
    locked = web.sign_in(name)
    assert locked.status_code == 429
    assert "Try again in 1 minute." in locked.text
    assert int(locked.headers["Retry-After"]) in range(50, 61)
    desk.later(seconds=61)
    assert web.sign_in(name).status_code == (303 if name == "maria" else 401)


def test_each_failure_after_the_lock_doubles_it(desk: Desk) -> None:
    desk.account("maria")
    web = desk.web()
    for _ in range(3):
        web.sign_in("maria", "wrong")
    desk.later(seconds=61)
    web.sign_in("maria", "wrong")
    assert "Try again in 2 minutes." in web.sign_in("maria", "wrong").text


def test_an_address_that_tries_many_names_is_locked_too(desk: Desk) -> None:
    desk.account("maria")
    web = desk.web()
    csrf = web.csrf("/sign-in")
    answers = [web.sign_in(f"name-{at}", "wrong", csrf=csrf).status_code for at in range(8)]
    assert answers == [401] * 8
    assert web.sign_in("maria").status_code == 429


def test_the_right_password_begins_the_count_anew(desk: Desk) -> None:
    desk.account("maria")
    web = desk.web()
    for password in ("wrong", "wrong", PASSWORD, "wrong", "wrong"):
        answer = web.sign_in("maria", password)
    assert answer.status_code == 401
    assert web.sign_in("maria").status_code == 303


def test_a_session_ends_when_it_stands_still(desk: Desk) -> None:
    web = desk.signed_in()
    desk.later(minutes=29)
    assert web.get("/overview").status_code == 200
    desk.later(minutes=29)
    assert web.get("/overview").status_code == 200
    desk.later(minutes=31)
    answer = web.get("/overview?zone=x")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/console/sign-in?next=/console/overview?zone%3Dx"


def test_a_session_ends_after_half_a_day_however_much_it_is_used(desk: Desk) -> None:
    web = desk.signed_in()
    for _ in range(25):
        desk.later(minutes=28)
        assert web.get("/overview").status_code == 200
    desk.later(minutes=28)
    assert web.get("/overview").status_code == 303


def test_signing_out_ends_the_session_in_the_store(desk: Desk) -> None:
    web = desk.signed_in()
    token = web.http.cookies[COOKIE]
    assert web.post("/sign-out", page="/overview").status_code == 303
    web.http.cookies.set(COOKIE, token, path="/console")
    assert web.get("/overview").status_code == 303
    assert desk.run("SELECT count(*) FROM console_session") == [(0,)]


def test_a_disabled_account_is_out_at_once(desk: Desk) -> None:
    web = desk.signed_in()
    desk.run("UPDATE console_account SET disabled = true")
    assert web.get("/overview").status_code == 303
    name = str(desk.run("SELECT name FROM console_account")[0][0])
    assert web.sign_in(name).status_code == 401


def test_signing_in_goes_back_to_the_page_that_was_asked_for(desk: Desk) -> None:
    desk.account("maria")
    web = desk.web()
    first = web.sign_in("maria", next="/console/vendors?q=a")
    assert first.headers["Location"] == "/console/vendors?q=a"


@pytest.mark.parametrize(
    "place",
    ["https://evil.example/console/", "//evil.example/console/", "/console/\\evil", "/requests",
     "javascript:alert(1)", "/console", "\t//evil.example"],
)  # fmt: skip
def test_signing_in_never_leads_to_another_site(desk: Desk, place: str) -> None:
    desk.account("maria")
    answer = desk.web().sign_in("maria", next=place)
    assert answer.headers["Location"] == "/console/overview"


def test_another_password_ends_the_other_sessions(desk: Desk) -> None:
    name = desk.account("maria")
    here, there = desk.web(), desk.web()
    here.sign_in(name)
    there.sign_in(name)
    new = "another long phrase"
    fields = {"password_old": PASSWORD, "password": new, "password_again": new}
    assert here.post("/account", fields).status_code == 303
    assert here.get("/overview").status_code == 200
    assert there.get("/overview").status_code == 303
    assert desk.web().sign_in(name, new).status_code == 303


def test_a_password_that_is_weak_is_said_next_to_its_field(desk: Desk) -> None:
    web = desk.signed_in()
    fields = {
        "password_old": "wrong",
        "password": "short",
        "password_again": "x",
    }
    answer = web.post("/account", fields)
    assert answer.status_code == 422
    assert 'id="password-fault">Choose a password of at least 12 characters' in answer.text
    assert 'id="password_old-fault">This is not your present password.' in answer.text
    assert 'id="password_again-fault">The two new passwords differ.' in answer.text
    assert "short" not in answer.text


def test_signing_in_is_audited(desk: Desk) -> None:
    desk.web().sign_in(desk.account("maria"))
    found = desk.run("SELECT actor, action FROM audit")
    assert found == [("console:maria", "console signed in")]


def test_many_guesses_at_the_same_time_count_as_many(desk: Desk) -> None:
    desk.account("maria")
    web = desk.web()
    csrf = web.csrf("/sign-in")

    def guess(number: int) -> int:
        fields = {"name": "maria", "password": f"guess {number}", "csrf": csrf}
        cookies = {f"{COOKIE}_form": csrf}
        address = f"{desk.base}/console/sign-in"
        answer = requests.post(address, fields, cookies=cookies, timeout=20, allow_redirects=False)
        return answer.status_code

    with ThreadPoolExecutor(6) as pool:
        answers = Counter(pool.map(guess, range(6)))
    assert answers == {401: 3, 429: 3}
