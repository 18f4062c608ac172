"""The help of every command teaches: what it does, each option, an example."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from reference_hub.cli import cli


def walk(command: click.Command, *words: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below this one, groups among them, with the words that call it."""
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from walk(child, *words, name)


COMMANDS = dict(walk(cli))
LEAVES = [words for words, command in COMMANDS.items() if not isinstance(command, click.Group)]


def helped(words: tuple[str, ...]) -> str:
    shown = CliRunner().invoke(cli, [*words, "--help"], terminal_width=80)
    assert shown.exit_code == 0, shown.output
    return shown.output


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_fits_a_terminal_and_no_summary_is_cut(words: tuple[str, ...]) -> None:
    _, *lines = helped(words).splitlines()
    assert [line for line in lines if len(line) > 80 or line.endswith("...")] == []


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_every_command_shows_an_example_of_itself(words: tuple[str, ...]) -> None:
    text = helped(words)
    assert "Example" in text
    assert f"reference-hub {' '.join(words)}" in text.split("Example", 1)[1]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_option_is_explained(words: tuple[str, ...]) -> None:
    options = [each for each in COMMANDS[words].params if isinstance(each, click.Option)]
    assert [each.name for each in options if not each.help] == []


def test_every_list_is_there_as_json_too() -> None:
    names = ("list", "requests", "deliveries", "losses", "sessions")
    lists = [words for words in LEAVES if words[-1] in names]
    assert len(lists) == 17
    assert [words for words in lists if "--json" not in helped(words)] == []


def test_a_command_is_imported_only_when_it_is_asked_for() -> None:
    program = "import sys, reference_hub.cli; print({'sqlalchemy', 'lxml'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.strip() == b"set()"
