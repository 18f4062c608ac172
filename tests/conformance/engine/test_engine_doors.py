"""Addresses by TLS, unusual secrets and Bearer tokens of a target file."""

from __future__ import annotations

from typing import Any

import pytest

from conformance import target
from conformance.problems import TargetError
from conformance.target_doors import OFFLINE
from tests.conformance.engine.conftest import config_for, table

URL = "http://127.0.0.1:8090/sif3"
COLON = {"key": "c", "secret": "open:sesame"}
LETTERS = {"key": "l", "secret": "schlüssel"}

FAULTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("tls", {"url": "http://a/b"}, r"\[tls\] url", "https://"),
    ("tls", {"clear_url": "https://a/b"}, r"\[tls\] clear_url", "http://"),
    ("tls", {"clear": "x"}, r"\[tls\] clear", "clear_url"),
    ("secret_with_colon", COLON | {"secret": "sesame"}, "secret_with_colon", "open:sesame"),
    ("secret_with_colon", COLON | {"secret": ":sesame"}, "secret_with_colon", "open:sesame"),
    ("secret_with_colon", COLON | {"secret": "ö:ffne"}, "secret_with_colon", "ASCII"),
    ("secret_with_letters", LETTERS | {"secret": "key"}, "secret_with_letters", "such as ä"),
    ("secret_with_letters", LETTERS | {"secret": "ö:f"}, "secret_with_letters", "such as ä"),
    ("secret_with_letters", LETTERS | {"methods": ["Digest"]}, "methods", "SIF_HMACSHA256"),
    ("secret_with_letters", {"key": "l"}, "secret_with_letters", "exactly one"),
    ("bearer", {"secret_env": "NOT_SET"}, r"\[bearer\] secret_env", "export NOT_SET="),
]


@pytest.mark.parametrize(("name", "told", "key", "fix"), FAULTS)
def test_a_fault_of_these_tables_is_named(
    name: str, told: dict[str, Any], key: str, fix: str
) -> None:
    with pytest.raises(TargetError, match=key) as caught:
        target.from_table(table(URL, **{name: told}), environ={})
    assert fix in caught.value.fix


def test_a_refused_secret_is_not_shown() -> None:
    told = LETTERS | {"secret": "hush-hush"}
    with pytest.raises(TargetError) as caught:
        target.from_table(table(URL, secret_with_letters=told), environ={})
    assert "hush" not in str(caught.value)


def test_without_the_tables_no_door_is_declared() -> None:
    doors = config_for(URL).doors
    assert (doors.secure, doors.clear, doors.bearer, doors.registered) == ("", "", "", {})


def test_the_address_by_tls_is_that_of_the_endpoint_or_one_beside_it() -> None:
    assert config_for("https://a.example/sif3/").doors.secure == "https://a.example/sif3"
    beside = config_for(URL, tls={"url": "https://b.example/sif3/"})
    assert beside.doors.secure == "https://b.example/sif3"


def test_a_replay_knows_none_of_the_secrets() -> None:
    told = {"secret_with_colon": COLON, "secret_with_letters": LETTERS}
    doors = config_for(URL, bearer={"secret": "token"}, **told).doors.offline()
    seen = [one.secret for one in doors.registered.values()] + [doors.bearer]
    assert seen == list(OFFLINE.values())
