"""`conformance doctor` on a terminal, in a pipe and for a machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import main
from conformance.problems import TargetError
from conformance.target_lines import line_of, located, with_line
from tests.conformance.doctor.world import World
from tests.conformance.engine.conftest import SECRET


@pytest.fixture
def target(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Write a target file with these tables changed; its path."""
    monkeypatch.setenv("CONFORMANCE_SECRET", SECRET)

    def write(**tables: Any) -> str:
        world.config(tables)
        return str(world.folder / "conformance.toml")

    return write


def test_a_fault_is_three_lines_and_exit_code_3(
    target: Any, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--target", target(endpoint={"url": world.url + "x"})]) == 3
    key, seen, fix = capsys.readouterr().err.splitlines()
    assert key.startswith("FAULT ")
    assert f"conformance.toml, line 5, [endpoint] url = '{world.url}x'" in key
    assert (seen[:6], fix[:6]) == ("seen  ", "fix   ")


def test_a_fault_for_a_machine(
    target: Any, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    path = target(readback={"users": "export/nobody.csv"})
    assert main(["doctor", "--target", path, "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert (told["can_be_judged"], told["exit_code"], told["ok"]) == (False, 3, [])
    assert "[readback] users = 'export/nobody.csv'" in told["fault"]["key"]
    assert set(told["fault"]) == {"key", "seen", "fix"}


def test_a_file_that_cannot_be_used_is_told_in_the_same_form(
    target: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = target()
    monkeypatch.delenv("CONFORMANCE_SECRET")
    assert main(["doctor", "--target", path, "--json"]) == 3
    fault = json.loads(capsys.readouterr().out)["fault"]
    assert "[credentials] secret_env" in fault["key"]
    assert fault["fix"] == "Set it: export CONFORMANCE_SECRET=..."


def test_a_target_that_is_fine(target: Any, capsys: pytest.CaptureFixture[str]) -> None:
    path = target()
    assert main(["doctor", "--target", path]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["ok", "ok", "The"]
    assert main(["doctor", "--target", path, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["can_be_judged"], told["exit_code"], told["fault"]) == (True, 0, None)


@pytest.mark.parametrize(("value", "coloured"), [("1", False), ("", True)])
def test_no_color_is_obeyed(
    target: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    value: str, coloured: bool,
) -> None:  # fmt: skip
    monkeypatch.setenv("NO_COLOR", value)
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda _, color: color is False)
    main(["doctor", "--target", target()])
    shown = capsys.readouterr().out
    assert ("\x1b[" in shown) == coloured


def test_another_role_is_looked_at(target: Any) -> None:
    assert main(["doctor", "--target", target(), "--role", "sender"]) == 64


TEXT = """\
[vendor]
name = "A"

[[waiver]]
requirement = "A"

[[waiver]]  # the second
"until" = 5
"""


@pytest.mark.parametrize(
    ("table", "key", "number", "line"),
    [
        ("[vendor]", "name", 1, 2),
        ("[vendor]", "", 1, 1),
        ("[vendor]", "role", 1, 1),
        ("[[waiver]]", "requirement", 1, 5),
        ("[[waiver]]", "until", 2, 8),
        ("[network]", "proxy", 1, 0),
    ],
)
def test_the_line_of_a_key_is_found(table: str, key: str, number: int, line: int) -> None:
    assert line_of(TEXT, table, key, number) == line


def test_a_fault_gets_its_line() -> None:
    fault = TargetError("c.toml, [[waiver]] number 2, until", "it is 5.", "Write a date.")
    told = located(fault, "c.toml", TEXT)
    assert told.key == "c.toml, line 8, [[waiver]] number 2, until"


def test_a_place_without_a_file_stays(tmp_path: Path) -> None:
    place = f"{tmp_path / 'none.toml'}, [endpoint] url = 'x'"
    assert with_line(place) == place
