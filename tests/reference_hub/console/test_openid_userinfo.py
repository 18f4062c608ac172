"""Groups that stand at the provider's userinfo end point, or deeper in a claim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from structlog.testing import capture_logs
from werkzeug.wrappers import Response

from reference_hub.vendors.openid import LARGEST_ANSWER
from tests.reference_hub.console.openid_door import Door, door
from tests.reference_hub.console.openid_provider import CLIENT, GROUP, OpenIdServer

__all__ = ["door"]

STRANGER = ec.generate_private_key(ec.SECP256R1())
ABOUT: dict[str, Any] = {"sub": "4711", "groups": [GROUP]}
Change = Callable[[OpenIdServer], object]


@pytest.fixture
def thin(door: Door) -> Door:
    """A provider whose ID token names no groups; userinfo does."""
    del door.provider.person["groups"]
    door.provider.info = dict(ABOUT)
    return door


def refused(door: Door) -> tuple[int, str]:
    """The answer to a sign-in that ends nowhere, and what the log says of it."""
    with capture_logs() as logs:
        page = door.come()
    assert not door.is_in()
    (said,) = [each["said"] for each in logs if "refused" in each["event"]]
    return page.status_code, str(said)


def test_groups_are_asked_for_where_the_id_token_has_none(thin: Door) -> None:
    thin.provider.info = ABOUT | {"preferred_username": "somebody.else", "email": "a@b.example"}
    assert thin.come().status_code == 200
    assert thin.desk.run("SELECT name, role FROM console_account") == [("ana.ruiz", "manager")]
    assert thin.provider.asked.count("/userinfo") == 1


def test_a_name_that_only_userinfo_says_is_the_accounts(thin: Door) -> None:
    del thin.provider.person["preferred_username"]
    thin.provider.info = ABOUT | {"preferred_username": "ana.r"}
    thin.come()
    assert thin.desk.run("SELECT name FROM console_account") == [("ana.r",)]


@pytest.mark.parametrize("groups", [[GROUP], [], ["Nobody"]])
def test_what_the_id_token_says_is_enough(door: Door, groups: list[str]) -> None:
    door.provider.person["groups"] = groups
    door.provider.info = ABOUT | {"groups": ["Chiefs"]}
    assert door.come().status_code == (200 if GROUP in groups else 403)
    assert "/userinfo" not in door.provider.asked


@pytest.mark.parametrize("more", [{}, {"iss": "-", "aud": [CLIENT]}, {"exp": 9e9, "iat": 1}])
def test_signed_userinfo_is_proven_by_the_keys_of_the_provider(
    thin: Door, more: dict[str, Any]
) -> None:
    told = more | ({"iss": thin.provider.issuer} if "iss" in more else {})
    thin.provider.info = ABOUT | told
    thin.provider.info_signs, thin.provider.lists = "second", ["first", "second"]
    assert thin.come().status_code == 200


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sub": "4712"}, "speaks of another person"),
        ({"sub": None}, "speaks of another person"),
        ({"sub": 4711}, "speaks of another person"),
    ],
)
def test_groups_of_another_person_are_worth_nothing(
    thin: Door, change: dict[str, Any], said: str
) -> None:
    thin.provider.info = ABOUT | change
    status, why = refused(thin)
    assert (status, said in why) == (403, True)
    assert thin.refusals() == ["proof"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"iss": "https://another.example"}, "is of another issuer"),
        ({"aud": "another-client"}, "is for another client"),
        ({"exp": 1}, "userinfo has expired"),
        ({"iat": 9e9}, "userinfo is of the future"),
        ({"sub": "4712"}, "speaks of another person"),
    ],
)
def test_signed_userinfo_that_proves_nothing_lets_nobody_in(
    thin: Door, change: dict[str, Any], said: str
) -> None:
    thin.provider.info, thin.provider.info_signs = ABOUT | change, "first"
    status, why = refused(thin)
    assert (status, said in why) == (403, True)


def test_userinfo_that_a_stranger_signed_proves_nothing(thin: Door) -> None:
    thin.provider.info_signs = "stranger"
    assert "a key that the provider does not list" in refused(thin)[1]
    thin.provider.info_signs, thin.provider.info_key = "first", STRANGER
    assert "the signature of userinfo is wrong" in refused(thin)[1]


def answer(*given: Any, **more: Any) -> Change:
    """Have userinfo answer so."""

    def change(provider: OpenIdServer) -> None:
        provider.info_answer = Response(*given, **more)

    return change


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        (answer("", 500), 502, "the provider answered 500 for userinfo"),
        (answer("[]"), 502, "userinfo is no JSON object"),
        (answer("<html>"), 502, "userinfo is no JSON object"),
        (answer("x" * (LARGEST_ANSWER + 1)), 502, "larger than 1 MiB"),
        (answer("", 302, {"Location": "/elsewhere"}), 502, "answered 302 for userinfo"),
        (answer("", 403), 403, "refuses its own access token at userinfo (403)"),
        (answer("a.b.c.d.e", content_type="application/jwt"), 403, "signed userinfo cannot be us"),
        (lambda provider: provider.given.clear() or provider.more.update(
            userinfo_endpoint="http://far.example/userinfo"), 502, "that is not https"),
    ],
)  # fmt: skip
def test_a_fault_at_userinfo_is_told_in_clear_words(
    thin: Door, change: Change, status: int, said: str
) -> None:
    change(thin.provider)
    found, why = refused(thin)
    assert (found, said in why) == (status, True), why


@pytest.mark.parametrize(
    "change",
    [
        lambda provider: setattr(provider, "info", None),
        lambda provider: setattr(provider, "token_type", "DPoP"),
        lambda provider: setattr(provider, "info", {"sub": "4711"}),
    ],
)
def test_where_nobody_says_the_groups_the_log_names_the_claim(thin: Door, change: Change) -> None:
    change(thin.provider)
    status, why = refused(thin)
    assert (status, why) == (403, "neither the ID token nor userinfo has the claim groups")
    assert thin.refusals() == ["role"]


@pytest.mark.parametrize("where", ["person", "info"])
def test_groups_may_lie_deeper_in_either(thin: Door, where: str) -> None:
    thin.claim("realm_access.roles")
    getattr(thin.provider, where)["realm_access"] = {"roles": [GROUP]}
    assert thin.come().status_code == 200


def test_a_claim_of_that_very_name_stands_before_a_deeper_one(thin: Door) -> None:
    thin.claim("realm_access.roles")
    thin.provider.person |= {"realm_access": {"roles": ["Chiefs"]}, "realm_access.roles": [GROUP]}
    thin.come()
    assert thin.desk.run("SELECT role FROM console_account") == [("manager",)]


def test_half_a_path_in_the_id_token_does_not_hide_userinfo(thin: Door) -> None:
    thin.claim("realm_access.roles")
    thin.provider.person["realm_access"] = {"other": 1}
    thin.provider.info = {"sub": "4711", "realm_access": {"roles": [GROUP]}}
    assert thin.come().status_code == 200
