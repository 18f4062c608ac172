"""Contrast of every text colour against every ground it stands on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import reports

CSS = (Path(reports.__file__).parent / "templates" / "page.css").read_text(encoding="utf-8")
BLOCKS = [dict(re.findall(r"--(\w+): (#\w+);", block)) for block in CSS.split(":root {")[1:3]]
INKS = ("ink", "quiet", "link", "pass", "fail", "unsure", "none", "ours")


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "well"])
@pytest.mark.parametrize("ink", INKS)
def test_text_stands_out_from_its_ground(scheme: int, ground: str, ink: str) -> None:
    assert _contrast(BLOCKS[scheme][ink], BLOCKS[scheme][ground]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_marked_text_stands_out(scheme: int) -> None:
    assert _contrast(BLOCKS[scheme]["ink"], BLOCKS[scheme]["mark"]) >= 4.5
