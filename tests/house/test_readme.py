"""Every command of README and guide works as it stands there, block by block, in one folder."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from conformance.cli import cli as suite
from reference_hub import settings
from reference_hub.cli import cli as hub
from tests.reference_hub.command_line import run_in
from tests.system.processes import BIN, Processes, free_port

ROOT = Path(__file__).parents[2]
PROGRAMS: dict[str, click.Group] = {"reference-hub": hub, "conformance": suite}
SHELL = re.compile(r"[|&;<>$*`\\]")
SERVERS = ("conformance simulate", "reference-hub serve")


def blocks(page: str, kind: str = "sh") -> list[str]:
    """The blocks of one kind on a page, in order."""
    text = (ROOT / page).read_text("utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.M | re.S)


class Reader:
    """Somebody who types the blocks: servers in a shell of their own, exports remembered."""

    def __init__(self, kit: Processes) -> None:
        self.kit = kit
        self.ports = {"8090": str(free_port()), "8080": str(free_port())}
        self.kit.environ["HUB_SERVER_PORT"] = self.ports["8080"]
        self.server: subprocess.Popen[bytes] | None = None

    def types(self, block: str) -> None:
        """Run one block as written, on ports that are free here."""
        for port, free in self.ports.items():
            block = block.replace(f":{port}", f":{free}").replace(f"port {port}", f"port {free}")
        if block.startswith(SERVERS):
            self.serve(block.split())
        else:
            self.run(block)

    def serve(self, words: list[str]) -> None:
        """Start a server where the last one stood."""
        if self.server:
            self.server.terminate()
            self.server.wait(timeout=20)
        self.server = self.kit.start(*words, port=int(words[words.index("--port") + 1]))

    def run(self, block: str) -> None:
        """Run the lines of a block; a comment may name what its line prints, or its exit code."""
        for line in filter(None, map(str.strip, re.sub(r"\\\n\s*", "", block).splitlines())):
            if line.startswith("make "):  # it is `make` that runs this test
                line = f"make --dry-run -C {ROOT} {line.removeprefix('make ')}"
            wanted = re.search(r"# exit code (\d+)", line)
            code = int(wanted[1]) if wanted else 0
            done = self.ended(f"{line}\nenv -0" if line.startswith("export ") else line)
            assert done.returncode == code, f"{line}\n{done.stdout}\n{done.stderr}"
            printed = re.search(r"# prints (.+)", line)
            assert not printed or printed[1] in done.stdout, f"{line}\n{done.stdout}"
            if line.startswith("export "):
                named = (each.partition("=") for each in done.stdout.split("\0") if each)
                self.kit.environ.update((name, value) for name, _, value in named if name != "_")
            self.correct_port()

    def ended(self, line: str) -> subprocess.CompletedProcess[str]:
        """What a shell makes of a line; the hub's own commands need no shell and start here."""
        if line.startswith("reference-hub ") and not SHELL.search(line.partition("#")[0]):
            return run_in(self.kit.folder, self.kit.environ, *shlex.split(line, comments=True)[1:])
        return subprocess.run(
            ["bash", "-c", line],
            cwd=self.kit.folder,
            env=self.kit.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def correct_port(self) -> None:
        """Put the simulator's real port into the target files."""
        for target in self.kit.folder.glob("*.toml"):
            text = target.read_text("utf-8")
            target.write_text(text.replace(":8090", f":{self.ports['8090']}"), "utf-8")


@pytest.fixture
def reader(tmp_path: Path, standards: Path) -> Iterator[Reader]:
    """A reader in an empty folder; the target file of `init` names the reader's own port."""
    shutil.copy(standards / "schemas/patched/unity-4.3-strict/SIF_Message.xsd", tmp_path)
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": path, "NO_COLOR": "1", "CONFORMANCE_HOME": str(tmp_path / "home")}
    with Processes(tmp_path, own) as kit:
        yield Reader(kit)


# The long guides are walked through by `make soak`.
LONG = pytest.mark.soak
PAGES = [
    ("README.md", 12),
    ("docs/ci.md", 2),
    ("docs/provider.md", 2),
    pytest.param("docs/failures.md", 6, marks=LONG),
    pytest.param("docs/bundle.md", 7, marks=LONG),
    pytest.param("docs/roles.md", 8, marks=LONG),
    pytest.param("docs/readers.md", 5, marks=LONG),
    pytest.param("docs/hub.md", 20, marks=LONG),
    pytest.param("docs/translation.md", 4, marks=LONG),
]


@pytest.mark.parametrize(("page", "fewest"), PAGES)
def test_every_shell_block_runs_in_order(reader: Reader, page: str, fewest: int) -> None:
    assert len(blocks(page)) >= fewest
    for block in blocks(page):
        reader.types(block)


def test_the_settings_of_the_readme_are_the_defaults(tmp_path: Path) -> None:
    (shown,) = blocks("README.md", "toml")
    (tmp_path / "hub.toml").write_text(shown, "utf-8")
    assert settings.load(tmp_path / "hub.toml", {}) == settings.load(None, {})


def test_the_settings_of_the_guide_are_settings(tmp_path: Path) -> None:
    (shown,) = blocks("docs/hub.md", "toml")
    (tmp_path / "hub.toml").write_text(shown, "utf-8")
    assert "portal" in settings.load(tmp_path / "hub.toml", {}).applications


def test_every_make_target_of_the_readme_exists() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    targets = set(re.findall(r"^(?:    )?make (\w+)|`make (\w+)`", text, re.M))
    for target in {name for pair in targets for name in pair if name}:
        done = subprocess.run(
            ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_every_command_named_in_the_text_exists() -> None:
    text = "".join((ROOT / page).read_text("utf-8") for page in ("README.md", "docs/hub.md"))
    for program, command in sorted(
        set(re.findall(r"`(reference-hub|conformance) ([a-z-]+)", text))
    ):
        assert command in PROGRAMS[program].list_commands(click.Context(PROGRAMS[program]))
