"""The words of the page for a district: whole in both languages, plain, and mapped to all rules."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest

from conformance import catalogue
from conformance.claims import ROLES
from fixtures import pods
from reports.summary_words import LANGUAGES, words
from reports.themes import QUESTIONS, REST, cause_of, direction_of, theme_named, themes
from tests.reports.reading import grade

DIRECTIONS = ("takes", "fetches", "gives", "sends", "passes")


def leaves(table: dict[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a table with its place."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{place}{key}/")
        else:
            yield f"{place}{key}", value


def test_every_area_of_the_catalogue_belongs_to_a_theme() -> None:
    rows = catalogue.load().values()
    unmapped = {row.area for row in rows if theme_named("-", row.area) == REST}
    assert unmapped == set()


def test_an_area_belongs_to_one_theme_only() -> None:
    areas = [area for theme in themes().theme.values() for area in theme.areas]
    assert len(areas) == len(set(areas))


def test_every_start_of_an_id_takes_a_requirement() -> None:
    taken = {(row.id, theme_named(row.id, row.area)) for row in catalogue.load().values()}
    unused = {
        f"{name}: {start}"
        for name, theme in themes().theme.items()
        for start in theme.ids
        if not any(one.startswith(start) and name == to for one, to in taken)
    }
    assert unused == set()


@pytest.mark.parametrize(
    ("requirement", "area", "theme"),
    [
        ("INF-CRE-001", "objects", "records"),
        ("POD-GATE-003", "privacy", "stop"),
        ("POD-GATE-002", "privacy", "gate"),
        ("INF-TRN-005", "transport", "locked"),
        ("TRN-LC-01-S", "translation", "delete"),
        ("NEW-001", "translation", "loss"),
        ("NEW-001", "a new area", "rest"),
    ],
)
def test_the_longest_start_of_an_id_goes_before_the_area(
    requirement: str, area: str, theme: str
) -> None:
    assert theme_named(requirement, area) == theme


def test_each_theme_answers_one_of_the_five_questions() -> None:
    assert {theme.question for theme in themes().theme.values()} == set(QUESTIONS)


def test_what_a_yes_needs_belongs_to_its_question() -> None:
    known = themes()
    needed = {(q, one) for q, by in known.needs.items() for names in by.values() for one in names}
    assert {(known.theme[one].question, one) for _, one in needed} == needed
    assert {q: set(by) for q, by in known.needs.items()} == {q: set(DIRECTIONS) for q in QUESTIONS}


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_direction_and_a_name_in_each_language(role: str) -> None:
    assert role in themes().roles
    assert direction_of(role) in DIRECTIONS
    assert all(words(language).tables["role"][role] for language in LANGUAGES)


def test_all_languages_have_the_same_keys_and_fill_in_the_same_words() -> None:
    said = [dict(leaves(words(language).tables)) for language in LANGUAGES]
    gaps = [{key: set(re.findall(r"{\w+}", text)) for key, text in one.items()} for one in said]
    assert gaps[0] == gaps[1]


def test_every_theme_and_every_line_of_the_agreement_has_words() -> None:
    said = words("en").tables
    assert set(said["theme"]) == set(themes().theme)
    assert list(said["schedule"]) == [row.id for row in pods.exhibit_b()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_holds_an_acronym_or_a_percentage(language: str) -> None:
    said = " ".join(text for _, text in leaves(words(language).tables))
    assert re.findall(r"\b[A-Z]{2,}\b|%", said) == []


def test_all_english_texts_together_read_at_grade_8_or_lower() -> None:
    said = [text for place, text in leaves(words("en").tables) if not place.startswith("schedule")]
    sentences = [text for text in said if text.endswith((".", "?"))]
    assert len(sentences) > 100
    assert grade(sentences) <= 8


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("not checked from outside: people answer it: attestation form", "people"),
        ("not checked from outside: needs a TLS target; planned", "later"),
        ("not checked from outside: no time is fixed; waiting proves nothing", "outside"),
        ("the target does not declare paging", "unclaimed"),
        ("in force since 3.6; the target declares 3.3", "version"),
        ("", "other"),
    ],
)
def test_a_reason_of_the_run_becomes_a_cause_in_plain_words(reason: str, cause: str) -> None:
    assert cause_of(reason) == cause
    assert all(words(language).tables["cause"][cause] for language in LANGUAGES)


def test_the_map_is_read_strictly() -> None:
    file = resources.files("reports") / "texts" / "themes.toml"
    assert set(tomllib.loads(file.read_text("utf-8"))) == {"theme", "needs", "roles", "cause"}
