"""A badge that says its counts and its date, and is grey when it is too old to say anything.

A picture cannot look at the clock of who sees it: it is grey or not on the day it is drawn, so it
names the day of the test, and a build draws it anew. Shape and text tell what colour tells.
"""

from __future__ import annotations

from datetime import date, timedelta

from lxml import etree

from conformance.runfile import FAIL, NOT_VERIFIED, OUR_FAULT, PASS
from reports.source import Source
from reports.visible import visible

OLD_DAYS = 365  # where the run does not say itself until when it is good
# White text on each of these has a contrast of 4.5 to 1 or more (WCAG 2.2, 1.4.3).
COLOURS = {"conforms": "#1c5a34", "does not conform": "#8c1d18", "could not decide": "#6b4700"}
_SVG = "http://www.w3.org/2000/svg"
GREY = "#5b5b5b"
_HEIGHT, _PAD, _WIDE = 20, 8, 6.6  # pixels; the last is a character of the font at 11 pixels


def badge(source: Source, today: date) -> str:
    """The badge of a run as SVG, as it looks on a day."""
    old = is_old(source, today)
    left, right = _label(source), _message(source, old=old)
    colour = GREY if old or source.verdict.only else COLOURS[source.verdict.outcome]
    return _drawn(left, right, colour)


def is_old(source: Source, today: date) -> bool:
    """Whether the result is past the day until which it is good."""
    return today > good_until(source)


def good_until(source: Source) -> date:
    """The last day on which the result says something."""
    header = source.run.header
    if header.valid_until:
        return date.fromisoformat(header.valid_until)
    return date.fromisoformat(header.started[:10]) + timedelta(days=OLD_DAYS)


def _label(source: Source) -> str:
    return f"SIF {source.run.header.role}"


def _message(source: Source, *, old: bool) -> str:
    counts = source.verdict.counts
    told = [f"{counts.get(PASS, 0)} met"]
    told += [f"{counts[FAIL]} not met"] if counts.get(FAIL) else []
    if unsure := counts.get(NOT_VERIFIED, 0) + counts.get(OUR_FAULT, 0):
        told.append(f"{unsure} not decided")
    part = "part only: " if source.verdict.only else ""
    day = source.run.header.started[:10]
    return f"{part}{', '.join(told)} · {'out of date, ' if old else ''}{day}"


def _drawn(left: str, right: str, colour: str) -> str:
    first, second = (round(len(text) * _WIDE) + 2 * _PAD for text in (left, right))
    title = visible(f"{left}: {right}")
    size = {"width": str(first + second), "height": str(_HEIGHT)}
    svg = etree.Element("svg", {"xmlns": _SVG, **size, "role": "img", "aria-label": title})
    etree.SubElement(svg, "title").text = title
    for x, width, fill in ((0, first, "#333333"), (first, second, colour)):
        place = {"x": str(x), "width": str(width), "height": str(_HEIGHT), "fill": fill}
        etree.SubElement(svg, "rect", place)
    font = {"fill": "#ffffff", "font-family": "Verdana, DejaVu Sans, sans-serif", "font-size": "11"}
    for x, width, text in ((0, first, left), (first, second, right)):
        place = {"x": str(x + _PAD), "y": "14", "textLength": str(width - 2 * _PAD)}
        etree.SubElement(svg, "text", {**font, **place}).text = visible(text)
    return etree.tostring(svg, encoding="unicode", pretty_print=True)
