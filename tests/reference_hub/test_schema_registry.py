"""The registry of schemas and the commands that change it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reference_hub.cli_schemas import schemas
from reference_hub.problems import SetupError
from reference_hub.schemas import LAX, STRICT, Registered, add, entry_file, read, remove
from reference_hub.settings import Schemas, Settings


def entry(model: str, mode: str = STRICT, path: str = '/a "b"/é.xsd') -> Registered:
    return Registered(model, "http://example.org/na", mode, path)


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    return tmp_path / "hub" / "schemas.toml"


def run(registry: Path, *arguments: str) -> Result:
    settings = Settings(schemas=Schemas(registry=str(registry)))
    return CliRunner().invoke(schemas, [*arguments], obj=settings)


def test_no_registry_means_no_schemas(registry: Path) -> None:
    assert read(registry) == ()


def test_entries_come_back_as_they_were_added(registry: Path) -> None:
    entries = (entry("a"), entry("a", LAX), entry("b"))
    for each in entries:
        add(registry, each)
    assert read(registry) == entries


def test_an_entry_replaces_the_one_of_its_model_and_mode(registry: Path) -> None:
    add(registry, entry("a", path="/old"))
    add(registry, entry("a", path="/new"))
    assert [each.path for each in read(registry)] == ["/new"]


def test_remove_takes_one_mode_or_all(registry: Path) -> None:
    for each in (entry("a"), entry("a", LAX), entry("b")):
        add(registry, each)
    assert remove(registry, "a", LAX) == (entry("a", LAX),)
    assert remove(registry, "a") == (entry("a"),)
    assert read(registry) == (entry("b"),)


def test_removing_an_unknown_model_names_the_known_ones(registry: Path) -> None:
    add(registry, entry("a"))
    with pytest.raises(SetupError, match=r"No schema b is registered; registered: a \(strict\)"):
        remove(registry, "b")


@pytest.mark.parametrize("text", ["[[schema]", "schema = 1", '[[schema]]\nmodel = "a"\n'])
def test_a_damaged_registry_is_a_setup_fault(registry: Path, text: str) -> None:
    registry.parent.mkdir()
    registry.write_text(text)
    with pytest.raises(SetupError, match="is no list of schemas"):
        read(registry)


def test_a_folder_without_one_entry_file_is_refused(tmp_path: Path, standards: Path) -> None:
    with pytest.raises(SetupError, match="holds no XSD file"):
        entry_file(tmp_path)
    with pytest.raises(SetupError, match=r"holds alert.xsd, codeset.xsd.*name the one file"):
        entry_file(standards / "schemas/official/infrastructure-3.0.1")


def test_add_registers_a_schema_that_compiles(registry: Path, standards: Path) -> None:
    folder = standards / "schemas/patched/unity-4.3-strict"
    result = run(registry, "add", str(folder), "--model", "unity-4.3")
    assert result.output.startswith("Registered unity-4.3 (strict): 318 elements of http://www.sif")
    (added,) = read(registry)
    assert (added.model, added.path) == ("unity-4.3", str((folder / "SIF_Message.xsd").resolve()))


def test_add_takes_a_lax_schema(registry: Path, standards: Path) -> None:
    folder = standards / "schemas/official/unity-4.3/lax-annotated"
    result = run(registry, "add", str(folder), "--model", "unity-4.3", "--mode", "lax")
    assert result.exit_code == 0
    assert read(registry)[0].mode == "lax"


def test_add_registers_nothing_that_does_not_compile(registry: Path, standards: Path) -> None:
    result = run(registry, "add", str(standards / "schemas/official/na-3.3"))
    assert isinstance(result.exception, SetupError)
    assert "SIFLocale.xsd" in str(result.exception)
    assert not registry.exists()


def test_add_refuses_a_file_of_another_namespace(registry: Path, standards: Path) -> None:
    folder = str(standards / "schemas/official/na-3.2")
    result = run(registry, "add", folder, "--namespace", "http://example.org/")
    assert "is for the namespace http://www.sifassociation.org/datamodel/na/3.2, not" in str(
        result.exception
    )


def test_list_shows_what_is_registered(registry: Path) -> None:
    told = run(registry, "list").output
    assert "No schema is registered" in told
    assert "unity-4.3-kit, na-3.3-kit, au-3.4-kit" in told
    add(registry, entry("unity-4.3", path="/x.xsd"))
    assert "unity-4.3" in run(registry, "list").output
    (row,) = json.loads(run(registry, "list", "--json").output)
    assert row["model"] == "unity-4.3"


def test_remove_tells_what_is_gone(registry: Path) -> None:
    add(registry, entry("a"))
    assert run(registry, "remove", "a").output == "Removed a (strict).\n"
