"""English and Spanish say the same: same keys, same places to fill in, nothing left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reference_hub.web.console import texts

FOLDER = Path(texts.__file__).parent
PLACES = re.compile(r"\{\w+\}")
USED = re.compile(r"""["']([a-z_]+(?:\.[a-z0-9_]+)+)(\.?)["']""")


def test_every_language_has_every_text() -> None:
    assert texts.texts("es").keys() == texts.texts("en").keys()
    assert len(texts.texts("en")) > 100


def test_every_text_has_the_same_places_in_both_languages() -> None:
    english, spanish = texts.texts("en"), texts.texts("es")
    assert [
        key
        for key in english
        if sorted(PLACES.findall(english[key])) != sorted(PLACES.findall(spanish[key]))
    ] == []


def test_no_text_is_left_untranslated() -> None:
    # What reads the same in both.
    same = re.compile(r"[\W\d_]*|.*\{day\}.*|PDF|XML|JSON|Total|Error|No|POD.*")
    english, spanish = texts.texts("en"), texts.texts("es")
    alike = [key for key in english if english[key] == spanish[key]]
    assert [key for key in alike if not same.fullmatch(english[key])] == []


def test_every_text_that_a_page_names_is_there() -> None:
    known = texts.texts("en")
    topics = {key.partition(".")[0] for key in known}
    files = [*FOLDER.rglob("*.html"), *FOLDER.rglob("*.py")]
    named = {
        (file.name, key, more)
        for file in files
        for key, more in USED.findall(file.read_text("utf-8"))
        if key.partition(".")[0] in topics and not key.endswith((".html", ".toml"))
    }
    faults = [
        (name, key)
        for name, key, more in sorted(named)
        if not any(each == key or each.startswith(f"{key}.") for each in known)
    ]
    assert faults == []
    assert len(named) > 50


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("es-MX,es;q=0.9", "es"), ("en-US", "en"), ("fr, es;q=0.5", "es"), ("fr", "en"), ("", "en")],
)
def test_a_browser_gets_the_first_language_that_is_known(accepted: str, language: str) -> None:
    assert texts.preferred(accepted) == language


def test_a_text_counts() -> None:
    assert texts.say("en", "shared.days", n=1) == "1 day"
    assert texts.say("en", "shared.days", n=1200) == "1,200 days"
    assert texts.say("es", "shared.days", n=0) == "0 días"
