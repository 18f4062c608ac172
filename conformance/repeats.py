"""The folder `repro/` of a run: a script and a shell text for each check that failed."""

from __future__ import annotations

from pathlib import Path

from conformance import runfile
from conformance.replay import SENDING, replay
from conformance.repro import Repeat, repeat
from conformance.target import TargetConfig
from conformance.target_files import ROLE as FILES

FOLDER = "repro"
MOST_CHECKS = 100


def write_repeats(directory: Path, config: TargetConfig) -> list[Path]:
    """Write `CHECK.py` and `CHECK.sh` for the failed checks of a run; returns the scripts.

    At most a hundred checks, and only of roles in which the suite asks and a request stands alone.
    """
    run = runfile.read_run(directory / "run.jsonl")
    failed = [one.id for one in run.checks if one.verdict == runfile.FAIL][:MOST_CHECKS]
    if not failed or run.header.role not in SENDING or run.header.role == FILES:
        return []
    judged = replay(run, config, failed)
    found = [repeat(run, one, config, judged.memory) for one in judged.checks]
    return [write(directory / FOLDER, one) for one in found if one is not None]


def write(folder: Path, one: Repeat) -> Path:
    """Write both files of one check; returns the script."""
    folder.mkdir(exist_ok=True)
    script = folder / f"{one.check}.py"
    script.write_text(one.script, encoding="utf-8", newline="\n")
    (folder / f"{one.check}.sh").write_text(one.shell, encoding="utf-8", newline="\n")
    return script
