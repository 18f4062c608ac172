"""Runs that were recorded of a simulated product, for tests that judge them again."""

from __future__ import annotations

from pathlib import Path

from conformance import runfile
from conformance.runfile import Run
from conformance.target import TargetConfig
from tests.conformance.judging import SEED
from tests.conformance.products import running


def recorded(
    role: str, out: Path, mistakes: tuple[str, ...], *only: str
) -> tuple[Run, TargetConfig]:
    """A run on disk, read again, and its target; the product is gone."""
    with running(role, mistakes) as up:
        folder = up.judged(seed=SEED, out=out, only=only).directory
    assert folder is not None
    return runfile.read_run(folder / "run.jsonl"), up.config
