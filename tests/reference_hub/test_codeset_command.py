"""The command that stores a district's own code set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from reference_hub.cli_codes import codeset
from reference_hub.journeys.code_sets import shown
from reference_hub.settings import Settings

ZONES = ("demo-district", "environment-global")
GOOD = "code,value,description\nM,male,\nX,other,As the family says\n"


def load(settings: Settings, folder: Path, content: str, *more: str) -> Result:
    file = folder / "codes.csv"
    file.write_text(content, "utf-8")
    words = ["load", str(file), "--id", "sex-xpress", *more]
    return CliRunner().invoke(codeset, words, obj=settings)


def codes(store: Engine) -> dict[str, tuple[str, str]]:
    with store.connect() as connection:
        sets = {each.id: each for each in shown(connection, ZONES, merged=True)}
    return {item.code: (item.value, item.action) for item in sets["sex-xpress"].items}


def test_a_loaded_set_stands_in_place_of_the_general_one(
    hub_settings: Settings, store: Engine, tmp_path: Path
) -> None:
    done = load(hub_settings, tmp_path, GOOD)
    assert done.output == "sex-xpress of demo-district has version 1.0 and 2 codes.\n"
    assert codes(store) == {"M": ("male", "ADD"), "X": ("other", "ADD")}


def test_a_set_loaded_again_follows_the_file(
    hub_settings: Settings, store: Engine, tmp_path: Path
) -> None:
    load(hub_settings, tmp_path, GOOD)
    done = load(hub_settings, tmp_path, "code,value\nM,man\n")
    assert "version 1.1 and 2 codes" in done.output
    assert codes(store) == {"M": ("man", "CHANGE"), "X": ("other", "DELETE")}


@pytest.mark.parametrize(
    ("content", "more"),
    [
        ("code,value\n", ()),
        ("code\nM\n", ()),
        ("code,value\nM,male\nM,man\n", ()),
        (f"code,value\nM,{'m' * 129}\n", ()),
        (GOOD, ("--zone", "nowhere")),
        (GOOD, ("--id", "a/b")),
        (GOOD, ("--id", "a" * 129)),
    ],
)
def test_what_cannot_be_a_set_is_refused_and_changes_nothing(
    hub_settings: Settings, store: Engine, tmp_path: Path, content: str, more: tuple[str, ...]
) -> None:
    done = load(hub_settings, tmp_path, content, *more)
    assert type(done.exception).__name__ == "SetupError"
    assert set(codes(store)) == {"Male", "Female"}


def test_a_file_that_is_not_there_is_told(hub_settings: Settings, tmp_path: Path) -> None:
    words: Any = ["load", str(tmp_path / "none.csv"), "--id", "a"]
    done = CliRunner().invoke(codeset, words, obj=hub_settings)
    assert "cannot be read as CSV" in str(done.exception)
