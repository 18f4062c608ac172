"""Every command of the page on states works as it stands there, at the side that it names."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.processes import BIN, ROOT, Processes, free_port

PAGE = (ROOT / "docs" / "state.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n# at the (state|district)\n(.*?)^```", PAGE, re.M | re.S)


class Sides:
    """A folder for each side; blocks are typed on a free port, servers in a shell of their own."""

    def __init__(self, kits: dict[str, Processes]) -> None:
        self.kits = kits
        self.port = str(free_port())
        self.exports = dict.fromkeys(kits, "")

    def types(self, side: str, block: str) -> None:
        """Run the lines of one block."""
        block = re.sub(r"\\\n\s*", "", block.replace("8090", self.port))
        for line in filter(None, map(str.strip, block.splitlines())):
            self.exports[side] += f"{line}\n" if line.startswith("export ") else ""
            words = line.split()
            if "serve" in words:
                self.kits[side].start(*words, port=int(self.port))
            elif words[1:] == ["work"]:
                self.kits[side].start(*words)
            else:
                self.runs(side, line)

    def runs(self, side: str, line: str) -> None:
        """Run one line; a comment may name its exit code or what it prints."""
        kit, wanted = self.kits[side], re.search(r"# exit code (\d+)", line)
        done = subprocess.run(
            ["bash", "-c", f"{self.exports[side]}{line}"],
            cwd=kit.folder,
            env=kit.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        told = f"{line}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == (int(wanted[1]) if wanted else 0), told
        printed = re.search(r"# prints (.+)", line)
        assert not printed or printed[1] in done.stdout, told


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[Sides]:
    """Two empty folders; the state's has the rule file of the page."""
    environ = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    folders = {name: tmp_path / name for name in ("state", "district")}
    for folder in folders.values():
        folder.mkdir()
    (rules,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.M | re.S)
    (folders["state"] / "our-checks.toml").write_text(rules, "utf-8")
    with (
        Processes(folders["state"], environ) as state,
        Processes(folders["district"], environ) as district,
    ):
        yield Sides({"state": state, "district": district})


@pytest.mark.soak
def test_every_command_of_the_page_works_in_order(sides: Sides) -> None:
    assert len(BLOCKS) == PAGE.count("```sh\n") == 14
    for side, block in BLOCKS:
        sides.types(side, block)
