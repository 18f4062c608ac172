"""docs/registry.md says what is so."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from fixtures import registry as shipped
from reference_hub.cli_registry import registry
from reference_hub.settings import Database, Registry, Settings
from tests.reference_hub.registry.agreed import KIT

PAGE = (Path(__file__).parents[3] / "docs" / "registry.md").read_text("utf-8")
COMMANDS = re.findall(r"^reference-hub registry (.+)$", PAGE, re.M)


def block(kind: str) -> str:
    """The only block of that kind."""
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.M | re.S)
    return str(found)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_page_works(command: str, store: Engine) -> None:
    url = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    settings = Settings(database=Database(url=url))
    assert CliRunner().invoke(registry, command.split(), obj=settings).exit_code == 0


def test_the_page_shows_five_commands() -> None:
    assert len(COMMANDS) == 5


def test_the_settings_of_the_page_are_settings() -> None:
    told = tomllib.loads(block("toml").replace("# url", "url").replace("# key_env", "key_env"))
    assert msgspec.convert(told["registry"], Registry) == Registry(
        "agreements", "https://registry.example/v1", "REGISTRY_KEY", 300.0
    )


def test_the_answer_of_the_page_can_be_read() -> None:
    kit = shipped.kit()
    lists = {kind: list(getattr(kit, kind).values()) for kind in shipped.KINDS[:-1]}
    answer = json.loads(block("json"))
    found = shipped.judge({**lists, "agreements": answer["items"]})
    assert found.faults == ()
    assert answer["total"] == len(found.agreements) == 1
    assert found.agreements["minimal"]["effective"] == KIT.agreements["minimal"].effective


def test_the_page_names_every_key_that_fills_a_slot() -> None:
    shape = tomllib.loads((Path(shipped.__file__).parent / "shape.toml").read_text("utf-8"))
    plain = {"id", "name", "uri", "document_url", "district", "vendor", "version", "status"}
    plain |= {"signed", "effective", "refresh_days"}
    missing = [key for key in shape["agreement"] if key not in plain and f"`{key}`" not in PAGE]
    assert missing == []
