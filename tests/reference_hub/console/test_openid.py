"""Signing in at an OpenID provider: who is let in, as what, and every proof that is not one."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from structlog.testing import capture_logs

from reference_hub.problems import SetupError
from reference_hub.settings import OpenId, OpenIdRole, Settings
from reference_hub.vendors.openid import provider_of
from tests.reference_hub.console.conftest import PASSWORD, Desk, Web
from tests.reference_hub.console.openid_door import ROLES, Door, door
from tests.reference_hub.console.openid_provider import CLIENT, GROUP
from tests.reference_hub.console.reading import parsed, rows

__all__ = ["door"]

_REFUSED = "sign-in by the OpenID provider refused"
STRANGER = ec.generate_private_key(ec.SECP256R1())


def test_somebody_the_provider_knows_is_let_in_with_the_role_of_the_group(door: Door) -> None:
    page = door.come()
    assert (page.status_code, "You are signed in" in page.text) == (200, True)
    account = door.web.get("/account").text
    assert "ana.ruiz, data manager" in account
    assert "passwords are changed there" in account
    assert door.desk.run("SELECT name, role, zone_id, subject FROM console_account") == [
        ("ana.ruiz", "manager", "", "4711")
    ]
    assert door.desk.run(
        "SELECT actor, detail->>'by' FROM audit WHERE action = 'console signed in'"
    ) == [("console:ana.ruiz", "openid")]


def test_the_browser_goes_on_to_the_page_it_came_for(door: Door) -> None:
    address = door.leave(next="/console/vendors?q=a").headers["Location"]
    page = door.web.get(door.answered(address))
    [link] = parsed(page.text).xpath("//main//a/@href")
    assert link == "/console/vendors?q=a"
    elsewhere = door.leave(next="https://elsewhere.example/").headers["Location"]
    page = door.web.get(door.answered(elsewhere))
    assert parsed(page.text).xpath("//main//a/@href") == ["/console/overview"]


def test_the_provider_is_asked_with_challenge_state_and_nonce(door: Door) -> None:
    asked = parse_qs(urlsplit(door.leave().headers["Location"]).query)
    assert asked["tenant"] == ["demo"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{door.desk.base}/console/openid/back"]
    [(kept,)] = door.desk.run("SELECT console_openid::text FROM console_openid")
    assert asked["nonce"][0] in str(kept)
    assert asked["state"][0] not in str(kept)
    assert asked["code_challenge"][0] not in str(kept)


def test_a_second_sign_in_is_the_same_account_with_the_groups_of_now(door: Door) -> None:
    door.come()
    door.provider.person |= {"preferred_username": "renamed", "groups": ["North", "Nobody"]}
    door.come()
    assert door.desk.run("SELECT name, role, zone_id FROM console_account") == [
        ("ana.ruiz", "viewer", "other-district")
    ]
    door.provider.person["groups"] = ["North", "Chiefs", GROUP]
    door.come()
    assert door.desk.run("SELECT role, zone_id FROM console_account") == [("admin", "")]


def test_an_account_with_a_password_is_never_taken_over_by_name(door: Door) -> None:
    door.desk.account("Ana.Ruiz")
    door.come()
    assert door.desk.run("SELECT name, role, subject FROM console_account ORDER BY id") == [
        ("Ana.Ruiz", "admin", ""),
        ("ana.ruiz (localhost)", "manager", "4711"),
    ]
    assert door.desk.web().sign_in("ana.ruiz (localhost)").status_code == 401


@pytest.mark.parametrize("groups", [[], ["Everybody"], "Everybody", {GROUP: True}, None])
def test_whoever_has_no_group_of_the_settings_gets_no_access(door: Door, groups: Any) -> None:
    door.provider.person["groups"] = groups
    page = door.come()
    assert (page.status_code, "none of your groups has access" in page.text) == (403, True)
    assert not door.is_in()
    assert door.desk.run("SELECT count(*) FROM console_account") == [(0,)]
    assert door.refusals() == ["role"]


def test_whoever_loses_the_group_loses_the_sessions_too(door: Door) -> None:
    door.come()
    other = Door(door.desk, door.provider, Web(door.desk.base))
    door.provider.person["groups"] = []
    assert other.come().status_code == 403
    assert not door.is_in()


def test_a_disabled_account_is_not_let_in(door: Door) -> None:
    door.come()
    door.desk.run("UPDATE console_account SET disabled = true")
    assert "is disabled" in door.come().text
    assert door.refusals() == ["disabled"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"nonce": "another"}, "its nonce differs"),
        ({"aud": "another-client"}, "is for another client"),
        ({"iss": "https://another.example"}, "is of another issuer"),
        ({"exp": 1}, "has expired"),
    ],
)
def test_a_token_that_proves_nothing_lets_nobody_in(
    door: Door, wrong: dict[str, Any], said: str
) -> None:
    door.provider.wrong = wrong
    with capture_logs() as logs:
        page = door.come()
    [why] = [each["said"] for each in logs if each["event"] == _REFUSED]
    assert said in why
    assert (page.status_code, "does not prove who you are" in page.text) == (403, True)
    assert not door.is_in()
    assert door.refusals() == ["proof"]


def test_a_key_that_the_provider_does_not_list_proves_nothing(door: Door) -> None:
    door.provider.signs = "stranger"
    assert door.come().status_code == 403
    assert not door.is_in()


def test_a_stranger_who_names_a_known_key_proves_nothing(door: Door) -> None:
    door.provider.keys["first"] = STRANGER
    assert door.come().status_code == 403
    assert not door.is_in()


def test_a_provider_may_change_its_keys(door: Door) -> None:
    door.come()
    door.desk.run("DELETE FROM console_session")
    door.provider.signs, door.provider.lists = "second", ["first", "second"]
    assert door.come().status_code == 200
    assert door.is_in()
    assert door.provider.asked.count("/keys") == 2


def test_what_came_back_once_does_not_come_back_again(door: Door) -> None:
    back = door.answered(door.leave().headers["Location"])
    cookies = dict(door.web.http.cookies.items())
    assert door.web.get(back).status_code == 200
    again = Web(door.desk.base)
    again.http.cookies.update(cookies)
    page = again.get(back)
    assert (page.status_code, "was used before" in page.text) == (403, True)
    assert again.get("/account").status_code == 303


def test_another_browser_cannot_end_a_sign_in(door: Door) -> None:
    back = door.answered(door.leave().headers["Location"])
    other = Web(door.desk.base)
    assert other.get(back).status_code == 403
    assert other.get("/account").status_code == 303
    assert door.desk.run("SELECT count(*) FROM console_session") == [(0,)]


def test_a_sign_in_ends_within_ten_minutes(door: Door) -> None:
    back = door.answered(door.leave().headers["Location"])
    door.desk.later(minutes=10)
    assert "over ten minutes old" in door.web.get(back).text


def test_whoever_turns_back_at_the_provider_is_told_so(door: Door) -> None:
    state = parse_qs(urlsplit(door.leave().headers["Location"]).query)["state"][0]
    page = door.web.get("/openid/back", params={"state": state, "error": "access_denied"})
    assert (page.status_code, "you turned back there" in page.text) == (403, True)


def test_an_answer_of_another_issuer_is_refused(door: Door) -> None:
    back = door.answered(door.leave().headers["Location"])
    mixed = back.rpartition("&iss=")[0] + "&iss=https%3A%2F%2Fanother.example"
    assert door.web.get(mixed).status_code == 403
    assert door.provider.asked.count("/token") == 0


def test_a_code_that_another_sign_in_got_is_worth_nothing(door: Door) -> None:
    other = Door(door.desk, door.provider, Web(door.desk.base))
    stolen = parse_qs(urlsplit(other.answered(other.leave().headers["Location"])).query)["code"][0]
    own = parse_qs(urlsplit(door.answered(door.leave().headers["Location"])).query)["state"][0]
    assert door.web.get("/openid/back", params={"state": own, "code": stolen}).status_code == 403
    assert not door.is_in()


@pytest.mark.parametrize("when", ["before", "between"])
def test_a_provider_that_is_down_keeps_nobody_from_using_a_password(door: Door, when: str) -> None:
    door.provider.down = when == "before"
    answer = door.leave()
    if when == "between":
        back = door.answered(answer.headers["Location"])
        door.provider.down = True
        answer = door.web.get(back)
    assert (answer.status_code, "no usable answer at present" in answer.text) == (502, True)
    assert door.web.sign_in(door.desk.account()).status_code == 303


@pytest.mark.parametrize(
    "more",
    [
        {"issuer": "https://another.example"},
        {"token_endpoint": None},
        {"authorization_endpoint": "http://far.example/authorize"},
    ],
)
def test_a_document_that_cannot_be_trusted_leads_nowhere(door: Door, more: dict[str, Any]) -> None:
    door.provider.more = more
    assert door.leave().status_code == 502


def test_one_address_cannot_begin_for_ever(door: Door) -> None:
    most = door.desk.settings.console.address_failures
    codes = [door.leave().status_code for _ in range(most + 1)]
    assert codes == [303] * most + [429]
    door.desk.later(minutes=2)
    assert door.come().status_code == 200


def test_signing_out_ends_the_session_and_offers_to_sign_out_there(door: Door) -> None:
    door.come()
    out = door.web.post("/sign-out", page="/account")
    page = door.web.get(out.headers["Location"].removeprefix("/console"))
    assert "Sign out of Demo Schools as well" in page.text
    assert not door.is_in()
    there = door.web.get("/openid/out").headers["Location"]
    assert there.startswith(f"{door.provider.issuer}/out?client_id={CLIENT}&post_logout")
    assert door.desk.run("SELECT actor FROM audit WHERE action = 'console signed out'") == [
        ("console:ana.ruiz",)
    ]


@pytest.mark.parametrize(("language", "words"), [("en", "Sign in with"), ("es", "Entrar con")])
def test_the_sign_in_page_offers_the_provider_before_any_account(
    door: Door, language: str, words: str
) -> None:
    page = door.web.get("/sign-in", params={"next": "/console/runs", "lang": language})
    [link] = parsed(page.text).xpath(f"//a[text()='{words} Demo Schools']/@href")
    assert link == "/console/openid/start?next=/console/runs"


def test_without_a_provider_there_is_no_such_page(desk: Desk) -> None:
    desk.account()
    assert "Sign in with" not in desk.web().get("/sign-in").text
    codes = [desk.web().get(f"/openid/{page}").status_code for page in ("start", "back", "out")]
    assert codes == [404, 404, 404]


def test_no_password_opens_or_is_given_to_such_an_account(door: Door) -> None:
    door.come()
    admin = door.desk.signed_in("admin")
    [(number,)] = door.desk.run("SELECT id FROM console_account WHERE subject <> ''")
    fields = {"password": PASSWORD, "csrf": admin.csrf("/account")}
    answer = admin.post(f"/accounts/{number}", fields)
    assert "It has no password here" in answer.text
    assert rows(admin.get("/accounts").text)["ana.ruiz"][0].endswith("by groups at the provider")
    assert door.desk.web().sign_in("ana.ruiz").status_code == 401


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"issuer": "http://login.example"}, "https://"),
        ({"client_id": ""}, "client_id"),
        ({"roles": {}}, "openid.roles"),
        ({"scope": "profile"}, "the word openid"),
        ({"secret_env": "NOT_SET_HERE"}, "NOT_SET_HERE"),
        ({"roles": {"a": OpenIdRole("admin", "nowhere")}}, "the zone 'nowhere'"),
    ],
)
def test_half_a_provider_is_refused_at_the_start(change: dict[str, Any], said: str) -> None:
    right = OpenId(issuer="https://login.example", client_id="x", roles=ROLES)
    roles = {GROUP: OpenIdRole("manager")}
    given = msgspec.structs.replace(right, **({"roles": roles} | change))
    with pytest.raises(SetupError, match=said):
        provider_of(Settings(openid=given))
