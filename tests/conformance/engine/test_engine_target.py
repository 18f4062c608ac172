"""Every fault of a target file is named with the key, the value and the fix."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from conformance import target
from conformance.claims import CAPABILITIES, ROLES, SPOKEN_OF
from conformance.problems import TargetError
from tests.conformance.engine.conftest import config_for, table

URL = "http://127.0.0.1:8090/sif3"
TEMPLATE = Path(str(resources.files("conformance"))) / "target_template.toml"
TEMPLATES = {role: TEMPLATE.with_name(f"target_template_{role}.toml") for role in ROLES}
TEMPLATES["receiver"] = TEMPLATE
SECRETS = {
    "CONFORMANCE_SECRET": "s",
    "CONFORMANCE_SECOND_SECRET": "t",
    "CONFORMANCE_COLON_SECRET": "open:sesame",
    "CONFORMANCE_LETTERS_SECRET": "schlüssel",
    "CONFORMANCE_BEARER_TOKEN": "u",
}

FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"endpoint": {"ulr": "x"}}, r"\[endpoint\] ulr", "Did you mean url?"),
    ({"endpiont": {"url": "x"}}, r"\[endpiont\]", "Did you mean endpoint?"),
    ({"capabilities": {"querry": True}}, r"\[capabilities\] querry", "Did you mean query?"),
    ({"vendor": {"role": "sender"}}, r"\[vendor\] role", "receiver"),
    ({"vendor": {"tier": "gold"}}, r"\[vendor\] tier", "minimal, core, full"),
    ({"credentials": {"method": "Digest"}}, r"\[credentials\] method", "Basic"),
    ({"endpoint": {"url": "localhost:80"}}, r"\[endpoint\] url", "http://"),
    ({"credentials": {"secret": ""}}, r"\[credentials\]", "exactly one"),
    ({"credentials": {"secret_env": "A"}}, r"\[credentials\]", "exactly one"),
    ({"credentials": {"secret": "", "secret_env": "NOT_SET"}}, "secret_env", "export NOT_SET="),
    ({"credentials": {"secret": "", "secret_file": "no.txt"}}, "secret_file", "Name a text file"),
    ({"endpoint": {"ca_file": "none.pem"}}, "ca_file", "Correct the path"),
    ({"network": {"proxi": "x"}}, r"\[network\] proxi", "Did you mean proxy?"),
    ({"network": {"longest_pause_seconds": -1}}, "longest_pause_seconds", "Write 0 or"),
    ({"network": {"client_key": "a.key"}}, r"\[network\] client_key", "Correct the path"),
    ({"readback": {"wait_seconds": "long"}}, r"\[readback\] wait_seconds", "conformance init"),
    ({"capabilities": {"pod": "yes"}}, r"\[capabilities\] pod", "expected true or false"),
    ({"variants": {"build": 3}}, r"\[variants\] build", "expected text in quotes"),
    ({"endpoint": {"url": f"{URL}?a=b"}}, r"\[endpoint\] url", "a query follows"),
    ({"endpoint": {"connect_seconds": 0}}, r"\[endpoint\] connect_seconds", "0.0. Write"),
    ({"endpoint": {"read_seconds": float("nan")}}, r"\[endpoint\] read_seconds", "nan"),
    ({"endpoint": {"total_seconds": float("inf")}}, r"\[endpoint\] total_seconds", "inf"),
    ({"endpoint": {"largest_body_mb": -1}}, r"\[endpoint\] largest_body_mb", "above 0"),
    ({"readback": {"wait_seconds": -1}}, r"\[readback\] wait_seconds", "Write 0 or"),
    ({"endpoint": {"infrastructure": "3."}}, r"\[endpoint\] infrastructure", "version number"),
    ({"vendor": {"name": " "}}, r"\[vendor\] name", "must not be empty"),
    ({"credentials": {"key": ""}}, r"\[credentials\] key", "must not be empty"),
]


@pytest.mark.parametrize(("changes", "key", "fix"), FAULTS)
def test_a_fault_is_named_with_key_and_fix(changes: dict[str, Any], key: str, fix: str) -> None:
    with pytest.raises(TargetError, match=key) as caught:
        target.from_table(table(URL, **changes), environ={})
    assert fix in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_missing_table_is_named() -> None:
    with pytest.raises(TargetError, match="endpoint"):
        target.from_table({"vendor": {"name": "x"}, "credentials": {"key": "k", "secret": "s"}})


def test_a_waiver_with_an_unknown_key_is_refused() -> None:
    given = table(URL) | {"waiver": [{"requirement": "A", "reasn": "b"}]}
    with pytest.raises(TargetError, match="Did you mean reason"):
        target.from_table(given)


WAIVER = {"requirement": "A", "owner": "Jo", "reason": "b"}


@pytest.mark.parametrize("until", ["soon", "2027-6-30", "2027-02-30", 5])
def test_a_waiver_without_an_end_is_refused(until: object) -> None:
    given = table(URL) | {"waiver": [WAIVER | {"until": until}]}
    with pytest.raises(TargetError, match=r"\[\[waiver\]\] number 1, until") as caught:
        target.from_table(given)
    assert repr(str(until)) in caught.value.seen
    assert "2027-06-30" in caught.value.seen


@pytest.mark.parametrize("until", ["2027-06-30", date(2027, 6, 30)])
def test_a_waiver_expires_after_its_last_day(until: object) -> None:
    given = table(URL) | {"waiver": [WAIVER | {"until": until}]}
    (waiver,) = target.from_table(given).waivers
    assert waiver.line(date(2027, 6, 30)) == "waived by Jo until 2027-06-30: b"
    assert waiver.line(date(2027, 7, 1)) == "waived by Jo until 2027-06-30 (expired): b"


def test_a_wrong_type_does_not_show_the_secret() -> None:
    with pytest.raises(TargetError, match=r"\[credentials\] secret") as caught:
        target.from_table(table(URL, credentials={"secret": 77123}))
    assert "77123" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="conformance init"):
        target.load(tmp_path / "none.toml")


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[vendor\n", "utf-8")
    with pytest.raises(TargetError, match="not readable TOML"):
        target.load(tmp_path / "a.toml")


def test_the_secret_comes_from_the_environment() -> None:
    given = table(URL, credentials={"secret": "", "secret_env": "S"})
    assert target.from_table(given, environ={"S": "hush"}).secret == "hush"


def test_the_secret_comes_from_a_file_beside_the_target(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("hush\n", "utf-8")
    given = table(URL, credentials={"secret": "", "secret_file": "secret.txt"})
    assert target.from_table(given, str(tmp_path / "c.toml")).secret == "hush"


def test_a_secret_in_the_file_is_noted() -> None:
    assert "secret_env" in config_for(URL).notes[0]


def test_the_template_is_a_target_for_the_simulator() -> None:
    text = TEMPLATE.read_text("utf-8")
    config = target.from_table(tomllib.loads(text), environ=SECRETS)
    assert (config.base, config.credentials.key) == (URL, "demo-vendor")


@pytest.mark.parametrize("role", ROLES)
def test_the_template_of_a_role_claims_all_that_the_role_can(role: str) -> None:
    table = tomllib.loads(TEMPLATES[role].read_text("utf-8"))
    config = target.from_table(table, environ=SECRETS)
    assert config.vendor.role == role
    assert sorted(table["capabilities"]) == sorted(SPOKEN_OF[role])
    assert config.capabilities == frozenset(SPOKEN_OF[role])


def test_every_capability_belongs_to_a_role() -> None:
    assert sorted({one for words in SPOKEN_OF.values() for one in words}) == sorted(CAPABILITIES)


@pytest.mark.parametrize("role", ROLES)
def test_every_line_a_template_leaves_out_is_a_valid_key(role: str) -> None:
    lines = [uncommented(line) for line in TEMPLATES[role].read_text("utf-8").splitlines()]
    given = tomllib.loads("\n".join(lines).replace('secret_env = "CONFORMANCE_SECRET"', ""))
    given["endpoint"] |= {"data_model": "http://example.org", "ca_file": ""}
    if "network" in given:
        given["network"] |= dict.fromkeys(("client_certificate", "client_key"), "")
    del given["credentials"]["secret_file"]
    given["credentials"]["secret"] = "s"
    assert target.from_table(given, environ=SECRETS).waivers[0].owner == "Jo Example"


def test_a_consumer_needs_no_address_of_its_own() -> None:
    given = table("", vendor={"role": "consumer"})
    assert target.from_table(given).vendor.role == "consumer"
    with pytest.raises(TargetError, match=r"\[endpoint\] url"):
        target.from_table(table(""))


def test_the_second_vendor_of_a_hub_has_a_secret_of_its_own() -> None:
    second = {"key": "other", "secret_env": "T"}
    config = target.from_table(table(URL, second=second), environ={"T": "whisper"})
    assert config.second_secret == "whisper"
    with pytest.raises(TargetError, match=r"\[second\]: no secret given"):
        target.from_table(table(URL, second={"key": "other"}))


def uncommented(line: str) -> str:
    """The line with the `# ` before a key or a table taken off."""
    bare = line.removeprefix("# ")
    is_key = bare.startswith("[") or (bare.partition(" = ")[0].isidentifier() and " = " in bare)
    return bare if is_key else line
