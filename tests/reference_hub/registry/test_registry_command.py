"""`reference-hub registry` as a person at a district meets it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from fixtures import registry as shipped
from reference_hub.cli_registry import registry
from reference_hub.model.scope import Scope
from reference_hub.problems import SetupError
from reference_hub.registry.folder import FolderRegistry
from reference_hub.registry.records import RegistryRefused
from reference_hub.registry_sync import client_of
from reference_hub.settings import Database, Registry, Settings, Zone
from reference_hub.store import vendors
from reference_hub.vendors.registry_http import HttpRegistry

Run = Callable[..., Result]


@pytest.fixture
def run(store: Engine) -> Run:
    """Runs one command on the store; a refusal comes up as it would reach `main`."""
    url = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    settings = Settings(database=Database(url=url))

    def run(*words: str) -> Result:
        done = CliRunner().invoke(registry, words, obj=settings)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A district's own registry: the kit's, with one agreement spoilt."""
    made = Path(shutil.copytree(Path(shipped.__file__).parent, tmp_path / "own"))
    path = made / "agreements" / "minimal.toml"
    path.write_text(path.read_text("utf-8").replace("purposes", "purpose"), "utf-8")
    return made


def labels(store: Engine) -> None:
    """Register the vendor of the minimal agreement."""
    with store.begin() as connection:
        vendors.add_vendor(connection, "labels", "Example Label Press", Scope("demo-district"))


@pytest.mark.requirement("REG-005")
def test_the_list_tells_agreement_pod_acknowledgement_and_fields(run: Run, store: Engine) -> None:
    labels(store)
    assert run("sync", "--folder", "kit").exit_code == 0
    rows = json.loads(run("list", "--folder", "kit", "--json").stdout)
    (row,) = [each for each in rows if each["agreement"] == "minimal"]
    assert (row["status"], row["pod"], row["acknowledged"]) == ("ACTIVE", "1.0.0 Pending", "no")
    assert (row["until"], row["fields"]) == ("2035-06-30", "29")
    assert len(rows) == 10


def test_without_a_setting_the_kits_own_is_shown_and_said_to_be_so(run: Run) -> None:
    done = run("list")
    assert "larkspur-maths" in done.stdout
    assert "this is the kit's own" in done.stderr


def test_show_prints_each_line_of_the_form_with_its_paths(run: Run) -> None:
    printed = run("show", "larkspur-family", "--folder", "kit").stdout
    assert "B15.4  Student identifiers: app username\n  xStudent/loginId  RW\n" in printed
    assert "  HASH xContact/@refId  (No tick of B10)\n" in printed


def test_show_can_print_the_pod(run: Run) -> None:
    printed = run("show", "minimal", "--pod").stdout
    assert "<contractURI>https://registry.example/agreements/minimal</contractURI>" in printed
    assert "<podStatus>Pending</podStatus>" in printed


def test_show_as_json_holds_terms_expansion_and_conditions(run: Run) -> None:
    told = json.loads(run("show", "minimal", "--folder", "kit", "--json").stdout)
    assert told["agreement"]["effective"] == "2025-07-01"
    assert [row["id"] for row in told["expansion"]] == ["core", "B08.1", "B16"]
    assert told["conditions"][0] == {
        "kind": "HASH",
        "path": "xStudent/@refId",
        "op": "",
        "value": "",
        "name": "No tick of B15",
        "description": "",
    }


def test_an_unknown_agreement_is_told_with_the_known_ones(run: Run) -> None:
    with pytest.raises(SetupError, match=r"'spyware' \(known: .*reading-app"):
        run("show", "spyware", "--folder", "kit")


def test_sync_tells_its_steps_and_the_vendors_that_are_missing(run: Run, store: Engine) -> None:
    labels(store)
    done = run("sync", "--folder", "kit", "--json")
    (step,) = json.loads(done.stdout)
    assert (step["step"], step["vendor"], step["version"]) == ("publish", "labels", "1.0.0")
    assert 'vendor add NAME --party "Example Rosters Ltd" --zone demo-district' in done.stderr
    again = run("sync", "--folder", "kit")
    assert "every POD says what was agreed" in again.stderr


def test_a_dry_run_leaves_the_store_alone(run: Run, store: Engine) -> None:
    labels(store)
    assert "publish" in run("sync", "--folder", "kit", "--dry-run").stdout
    assert "publish" in run("sync", "--folder", "kit", "--dry-run").stdout


def test_sync_needs_to_be_told_which_registry(run: Run) -> None:
    with pytest.raises(SetupError, match=r"write \[registry\] with folder or url"):
        run("sync")


def test_what_cannot_be_used_is_told_and_gives_exit_code_1(run: Run, folder: Path) -> None:
    for command in ("sync", "check"):
        done = run(command, "--folder", str(folder))
        assert done.exit_code == 1
        assert "unknown key 'purpose'; did you mean 'purposes'?" in done.stderr


def test_check_passes_the_kits_registry_and_names_zones_that_are_not_served(run: Run) -> None:
    done = run("check", "--folder", "kit")
    assert done.exit_code == 0
    assert "harbor-falls: the settings have no zone 'harbor-falls'." in done.stdout
    assert "10 agreements of 3 districts can be used; 0 cannot." in done.stdout


def test_check_names_a_time_zone_that_differs(store: Engine) -> None:
    zones = {"lake-prairie": Zone("Lake Prairie", time_zone="America/New_York")}
    done = CliRunner().invoke(registry, ["check", "--folder", "kit"], obj=Settings(zones=zones))
    assert "its time zone is America/Chicago, that of zone lake-prairie" in done.stdout


def test_a_registry_that_cannot_be_read_stops_the_command(run: Run, tmp_path: Path) -> None:
    with pytest.raises(RegistryRefused, match="no file"):
        run("sync", "--folder", str(tmp_path))


def test_the_settings_name_one_registry() -> None:
    assert client_of(Registry()) is None
    assert isinstance(client_of(Registry(folder="kit")), FolderRegistry)
    with pytest.raises(SetupError, match="leave one of them out"):
        client_of(Registry(folder="kit", url="https://registry.example"))


def test_the_key_of_a_registry_comes_from_the_environment() -> None:
    named = Registry(url="https://registry.example/v1", key_env="REGISTRY_KEY")
    with pytest.raises(SetupError, match="REGISTRY_KEY is not set"):
        client_of(named, {})
    client = client_of(named, {"REGISTRY_KEY": "secret"})
    assert isinstance(client, HttpRegistry)
    assert (client.url, client.key) == ("https://registry.example/v1", "secret")
