"""The command that connects a vendor: what is stored, what is refused in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from reference_hub.cli import cli
from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store.db import url_of
from tests.reference_hub.delivery.district import District, change, roster

KEY = "SHA256:" + "a" * 43
PUSH = ("--format", "sif-xml", "--url", "https://vendor.example/sif3")
DROP = ("--format", "oneroster-1.2-csv", "--url", "sftp://sftp.vendor.example//roster")
SECRET = ("--secret-env", "S")
Command = Callable[..., str]


@pytest.fixture
def connect(district: District, hub_settings: Settings) -> Command:
    """Run `vendor connect reading` with a key; a refusal raises."""
    district.vendor()
    url = url_of(hub_settings).replace("+psycopg", "")

    def run(*words: str) -> str:
        command = ["vendor", "connect", "reading", "--key", "district", *words]
        done = CliRunner().invoke(cli, command, env={"DATABASE_URL": url, "S": "a secret"})
        if done.exception:
            raise done.exception
        return done.output

    return run


def stored(district: District, column: str) -> object:
    """One column of the only connection."""
    ((found,),) = district.query(f"SELECT {column} FROM subscriber")
    return found


def test_of_a_secret_only_the_place_is_stored(district: District, connect: Command) -> None:
    assert "a secret" not in connect(*PUSH, *SECRET)
    assert stored(district, "credentials") == {
        "key": "district",
        "secret": "env:S",
        "method": "SIF_HMACSHA256",
    }


def test_a_secret_file_is_stored_by_its_whole_path(
    district: District, connect: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("a secret", "utf-8")
    monkeypatch.chdir(tmp_path)
    connect(*PUSH, "--secret-file", "secret")
    assert stored(district, "credentials->>'secret'") == f"file:{tmp_path / 'secret'}"


def test_a_folder_is_connected_by_sftp_with_its_terms(district: District, connect: Command) -> None:
    more = ("--keep", "2", "--beside", "sha256", "--files", "each", "--window", "60")
    connect(*DROP, *SECRET, "--host-key", KEY, *more, "--results", "results/*.csv")
    assert stored(district, "transport") == "sftp"
    assert stored(district, "delivery") == {
        "host_keys": [KEY],
        "keep": 2,
        "beside": ["sha256"],
        "files": "each",
        "results": "results/*.csv",
        "window_seconds": 60.0,
    }


def test_form_and_times_are_stored_as_told(district: District, connect: Command) -> None:
    connect(*PUSH, *SECRET, "--notation", "pesc")
    assert stored(district, "delivery") == {"notation": "pesc"}


def test_times_of_day_are_stored_in_their_order(district: District, connect: Command) -> None:
    connect(*DROP, *SECRET, "--host-key", KEY, "--at", "13:30", "--at", "02:00")
    assert stored(district, "delivery -> 'at'") == ["13:30", "02:00"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*DROP, *SECRET), "give --host-key"),
        ((*DROP, *SECRET, "--host-key", "nonsense"), "known_hosts"),
        ((*DROP, *SECRET, "--host-key", KEY, "--results", "../*.csv"), "below the folder"),
        ((*PUSH, *SECRET, "--host-key", KEY), "--host-key goes with an address"),
        ((*PUSH, *SECRET, "--keep", "2"), "--keep goes with an address"),
        ((*PUSH,), "No secret given"),
        ((*PUSH, *SECRET, "--files", "each"), "files goes with a connection that takes files"),
        ((*PUSH, *SECRET, "--at", "02:00"), "at goes with a connection that takes files"),
        ((*DROP, *SECRET, "--host-key", KEY, "--notation", "pesc"), "SIF objects are pushed"),
        ((*DROP, *SECRET, "--host-key", KEY, "--at", "2 am"), "lists times of day"),
        ((*PUSH, "--secret-env", "NOT_THERE"), "NOT_THERE is not set"),
        ((*PUSH[:3], "sftp://v.example/x", *SECRET), "must begin with http:// or https://"),
        ((*PUSH[:3], "https://u:p@v.example/", *SECRET), "holds a user or a password"),
        ((*PUSH[:3], "https://192.168.0.7/", *SECRET), "private network"),
    ],
)
def test_what_cannot_work_is_refused(connect: Command, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(SetupError, match=said):
        connect(*words)


def test_a_file_waits_for_the_window_of_its_connection(district: District) -> None:
    bundles = {"format": "oneroster-1.2-csv", "transport": "http_put", "objects": ["xStudent"]}
    vendor_id = district.vendor(policy="off")
    for name, delivery in (("usual", {}), ("patient", {"window_seconds": 600})):
        url = "http://127.0.0.1:9/"
        district.connect(vendor_id, url, name=name, delivery=delivery, **bundles)
    district.accept(*roster(2), change(50))
    waits = district.query(
        "SELECT s.name, round(extract(epoch FROM m.not_before - now())) > 500"
        " FROM message m JOIN subscriber s ON s.id = m.subscriber_id ORDER BY m.id"
    )
    assert waits == [("usual", False), ("patient", True)]
