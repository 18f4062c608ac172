"""Wrong input on the command line: what happened, what was expected, what to do; exit code 3."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from reference_hub import doctor
from reference_hub.cli import cli
from reference_hub.clock import Clock
from reference_hub.problems import SetupError
from reference_hub.server import refuse_taken
from reference_hub.settings import load

ENTRY = '[applications.portal]\nsecret_env = "S"\nzone = "demo-district"\n'
PROVIDER = ("provider", "add", "far", "--url", "http://u:canary@x", "--service")


@pytest.fixture
def database(store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The empty store, for commands in an empty folder; S holds a secret."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("S", "very-secret")
    url = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    return url


def run(*words: str) -> str:
    """Standard error of a command that ends well."""
    return CliRunner().invoke(cli, words, catch_exceptions=False, standalone_mode=False).stderr


def refused(*words: str) -> str:
    with pytest.raises(SetupError) as told:
        run(*words)
    return str(told.value)


def written(text: str) -> Path:
    Path("hub.toml").write_text(text, "utf-8")
    return Path("hub.toml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[applications.portal]\nsecret = "x"\n', "'applications.portal.secret'; did you mean"),
        ('[zones.mine]\ncontext = ["A"]\n', "'zones.mine.context'; did you mean 'contexts'?"),
        ('[applications.portal]\nzone = "z"\n', r"[applications.portal], has a setting of the"),
        (ENTRY + 'kind = "sis"\n', "known are source, vendor, provider."),
        ('[access]\nprovisioning = "never"\n', "known are automatic, manual."),
    ],
)
def test_a_faulty_setting_is_told_with_its_place_and_what_may_stand_there(
    database: str, text: str, told: str
) -> None:
    with pytest.raises(SetupError) as refusal:
        load(written(text), {})
    assert told in str(refusal.value)


def test_a_variable_is_told_with_the_nearest_variable() -> None:
    with pytest.raises(SetupError, match="did you mean 'HUB_SERVER_PORT'"):
        load(None, {"HUB_SERVER_PORTS": "1"})


def test_a_right_to_an_object_in_place_of_its_service_is_told(database: str) -> None:
    told = refused("app", "add", "portal", "--secret-env", "S", "--grant", "OBJECT xStudent QUERY")
    assert "its service is called 'xStudents'" in told


@pytest.mark.parametrize(
    ("service", "told"),
    [
        ("xStudent", "its service is called 'xStudents'"),
        ("x Students", "write one word"),
        ("xStudents", "--url must be an http or https address"),
    ],
)
def test_what_cannot_be_provided_is_told(database: str, service: str, told: str) -> None:
    run("app", "add", "far", "--kind", "provider", "--secret-env", "S")
    text = refused(*PROVIDER, service)
    assert (told in text, "canary" in text) == (True, False)


@pytest.mark.parametrize(
    "words",
    [
        ("app", "add", "portal", "--secret-env", "S"),
        ("vendor", "add", "reading", "--party", "Reading"),
    ],
)
def test_a_zone_that_the_settings_do_not_know_is_pointed_at(
    database: str, words: tuple[str, ...]
) -> None:
    assert "no zone 'nowhere' (known: demo-district)" in run(*words, "--zone", "nowhere")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("restore", "no.dump"), "name a file that reference-hub backup wrote"),
        (("codeset", "load", "no.csv", "--id", "x"), "There is no file no.csv"),
        (("pod", "issue", "v", "--agreement", "no.toml"), "There is no agreement file no.toml"),
    ],
)
def test_a_file_that_is_not_there_is_told(database: str, words: tuple[str, ...], told: str) -> None:
    assert told in refused(*words)


def test_the_doctor_sees_an_application_that_serve_would_refuse(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load(written(ENTRY), {"DATABASE_URL": database})
    found = {each.subject: each for each in doctor.examine(settings, Clock())}
    assert (found["apps"].level, found["apps"].text) == ("ok", "the settings register portal")
    assert run("app", "list").startswith("No application yet")
    monkeypatch.delenv("S")
    found = {each.subject: each for each in doctor.examine(settings, Clock())}
    assert (found["apps"].level, found["apps"].cure) == ("fail", "put the secret into it.")


def test_an_address_of_another_machine_is_not_mistaken_for_a_taken_port() -> None:
    with pytest.raises(SetupError, match="name an address of this machine with --host"):
        refuse_taken("192.0.2.1", 8080)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(SetupError, match="stop the program that holds the port"):
            refuse_taken("127.0.0.1", holder.getsockname()[1])


def test_what_the_hub_provides_itself_is_told_as_such(database: str) -> None:
    run("app", "add", "far", "--kind", "provider", "--secret-env", "S")
    words = ("provider", "add", "far", "--url", "http://x", "--type", "UTILITY", "--service")
    assert "The hub provides this service itself" in refused(*words, "zones")


CONNECT = (
    *("vendor", "connect", "reading", "--format", "sif-xml", "--key", "k", "--secret-env", "S"),
    "--url",
)


@pytest.mark.requirement("POD-TLS-001")
@pytest.mark.parametrize(
    "url", ["http://vendor.example/sif3", "http://10.0.0.9/", "http://[2001:db8::1]/"]
)
def test_a_vendor_elsewhere_is_not_connected_in_the_clear(database: str, url: str) -> None:
    run("vendor", "add", "reading", "--party", "Reading Inc")
    assert "must begin with https://" in refused(*CONNECT, url)


@pytest.mark.requirement("POD-TLS-001")
@pytest.mark.parametrize(
    "url", ["https://vendor.example/sif3", "http://127.0.0.1:9/", "http://[::1]:9/"]
)
def test_over_tls_or_on_this_machine_it_is(database: str, url: str) -> None:
    run("vendor", "add", "reading", "--party", "Reading Inc")
    run(*CONNECT, url)
