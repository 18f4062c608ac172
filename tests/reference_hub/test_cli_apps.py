"""The commands for applications: rights, kinds, requests that wait."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from reference_hub.cli import cli
from reference_hub.clock import Clock
from reference_hub.journeys.enrol import enrol
from reference_hub.journeys.provision import ask
from reference_hub.model.environment import Wanted
from reference_hub.model.rights import Grant
from reference_hub.problems import SetupError
from reference_hub.settings import Access
from reference_hub.store import environments, vendors

ENTRY = """
[applications.portal]
secret_env = "S"
zone = "demo-district"
rights = [{ name = "xStudents", rights = { QUERY = "APPROVED" } }]
"""


@pytest.fixture
def hub(store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run one command on the empty store; a SetupError comes through as it is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("S", "very-secret")
    url = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, words, catch_exceptions=False, standalone_mode=False)

    return run


def listed(hub: Any) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(hub("app", "list", "--json").stdout)
    return found


def shown(hub: Any, key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(hub("app", "show", key, "--json").stdout)
    return found


def test_kind_and_type_of_environment_are_listed(hub: Any) -> None:
    hub("app", "add", "sis", "--secret-env", "S")
    hub("app", "add", "lms", "--secret-env", "S", "--kind", "provider")
    hub("app", "add", "portal", "--secret-env", "S", "--environment", "BROKERED")
    kinds = [(each["key"], each["kind"], each["environment"]) for each in listed(hub)]
    assert kinds == [
        ("lms", "provider", "BROKERED"),
        ("portal", "source", "BROKERED"),
        ("sis", "source", "DIRECT"),
    ]


def test_rights_are_given_in_words(hub: Any) -> None:
    words = ["--grant", "OBJECT xStudents QUERY,SUBSCRIBE", "--grant", "utility alerts create"]
    more = ["--may-request", "OBJECT xStaffs QUERY", "--notation", "pesc"]
    hub("app", "add", "portal", "--secret-env", "S", *words, *more)
    found = shown(hub, "portal")
    place = {"zone": "demo-district", "context": "DEFAULT"}
    students = {"QUERY": "APPROVED", "SUBSCRIBE": "APPROVED"}
    assert found["granted"] == [
        place | {"type": "OBJECT", "name": "xStudents", "rights": students},
        place | {"type": "UTILITY", "name": "alerts", "rights": {"CREATE": "APPROVED"}},
    ]
    staff = {"type": "OBJECT", "name": "xStaffs", "rights": {"QUERY": "APPROVED"}}
    assert found["may_request"] == [place | staff]
    assert (found["notation"], found["rights"]) == ("pesc", "registered")


def test_another_secret_leaves_the_rights_as_they_are(hub: Any) -> None:
    hub("app", "add", "portal", "--secret-env", "S", "--grant", "OBJECT xStudents QUERY")
    before = shown(hub, "portal")
    hub("app", "add", "portal", "--secret-env", "S")
    assert shown(hub, "portal") == before
    hub("app", "add", "portal", "--secret-env", "S", "--default-rights")
    assert shown(hub, "portal")["rights"] == "default of a source"


def test_an_application_is_shown_for_people_too_without_its_secret(hub: Any) -> None:
    words = ["--grant", "OBJECT xStudents QUERY", "--may-request", "OBJECT xStaffs QUERY"]
    hub("app", "add", "portal", "--secret-env", "S", *words)
    text = hub("app", "show", "portal").stdout
    assert "very-secret" not in text
    assert "xStudents  QUERY APPROVED" in text
    assert text.index("may request") < text.index("xStaffs")


def test_an_application_nobody_registered_cannot_be_shown(hub: Any) -> None:
    with pytest.raises(SetupError, match="app list"):
        hub("app", "show", "nobody")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--grant", "xStudents QUERY"], "does not read TYPE NAME RIGHT"),
        (["--grant", "OBJECT x FLY"], "--grant 'OBJECT x FLY' has the unknown right FLY; known"),
        (["--grant", "MAGIC x QUERY"], "--grant 'MAGIC x QUERY' has the type MAGIC; known"),
        (["--grant", "OBJECT x ,"], "--grant 'OBJECT x ,' has no right; known are QUERY"),
        (["--may-request", "OBJECT x ADMIN"], "--may-request 'OBJECT x ADMIN' has the unknown"),
        (["--grant", "OBJECT x QUERY", "--context", "2"], "--context names the context '2'"),
        (["--vendor", "x", "--kind", "provider"], "name one"),
    ],
)
def test_what_cannot_be_granted_is_told(hub: Any, words: list[str], told: str) -> None:
    with pytest.raises(SetupError) as refused:
        hub("app", "add", "portal", "--secret-env", "S", *words)
    assert told in str(refused.value)
    assert listed(hub) == []


def test_an_empty_secret_file_is_refused(hub: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n", "utf-8")
    with pytest.raises(SetupError, match="is empty"):
        hub("app", "add", "portal", "--secret-file", "empty")


@pytest.mark.parametrize("command", [["app", "apply"], ["migrate"]])
def test_the_applications_of_the_file_are_registered(
    hub: Any, tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / "hub.toml").write_text(ENTRY, "utf-8")
    hub(*command)
    assert [each["key"] for each in listed(hub)] == ["portal"]
    assert shown(hub, "portal")["granted"][0]["name"] == "xStudents"


def test_a_file_without_applications_is_told(hub: Any) -> None:
    assert "[applications.KEY]" in hub("app", "apply").stderr


@pytest.fixture
def waiting(store: Engine, hub: Any) -> str:
    """A request for rights that nobody has decided."""
    hub("app", "add", "portal", "--secret-env", "S")
    asked = (Grant("demo-district", "DEFAULT", "OBJECT", "xNews", {"QUERY": "REQUESTED"}),)
    with store.begin() as connection:
        found = vendors.find_application(connection, "portal")
        assert found is not None
        wanted = Wanted("http://www.sifassociation.org/infrastructure/3.3")
        made = enrol(connection, found, wanted, "Basic", Clock(), Access())
        return ask(connection, made.environment, asked, Clock(), automatic=False).id


def test_requests_that_wait_are_listed(hub: Any, waiting: str) -> None:
    (row,) = json.loads(hub("app", "requests", "--json").stdout)
    asks = "OBJECT xNews QUERY in demo-district"
    assert row == {"id": waiting, "application": "portal", "asks": asks}


@pytest.mark.parametrize(
    ("choice", "completion", "value"),
    [("--approve", "ACCEPTED", "APPROVED"), ("--reject", "REJECTED", "REJECTED")],
)
def test_a_request_is_decided(
    hub: Any, store: Engine, waiting: str, choice: str, completion: str, value: str
) -> None:
    assert completion in hub("app", "decide", waiting, choice).stdout
    with store.connect() as connection:
        (session,) = environments.of_application(connection, "portal")
    assert [each.rights for each in session.provisioned] == [{"QUERY": value}]
    assert hub("app", "requests", "--json").stdout.strip() == "[]"
    with pytest.raises(SetupError, match="decided already"):
        hub("app", "decide", waiting, choice)


def test_a_decision_is_never_guessed(hub: Any, waiting: str) -> None:
    with pytest.raises(Exception, match="--approve or --reject"):
        hub("app", "decide", waiting)
