"""What was never learned is taken out of a text: half a name, a record in another encoding."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from conformance.leftovers import PERSONAL, REMOVED, Leftovers
from fixtures import canary

SEED = 7
WORD = canary.word(SEED, canary.student_owner(65_000), "familyName")
NUMBERS = [canary.number(SEED, 41, prefix) for prefix in canary.PREFIXES]
CLEAN = Leftovers(SEED)
ENCODINGS: dict[str, Callable[[str], str]] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of a word in the middle": lambda text: base64.b64encode(f"<a>{text}".encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "percent": lambda text: "".join(f"%{one:02x}" for one in text.encode()),
    "one percent sign": lambda text: f"{text[:5]}%{ord(text[5]):02x}{text[6:]}",
    "references": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "escapes": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "wide": lambda text: "\0".join(text) + "\0",
}


@pytest.mark.parametrize("spell", [str, str.upper, str.capitalize])
def test_a_piece_of_a_name_goes_and_the_rest_stays(spell: Callable[[str], str]) -> None:
    assert CLEAN(f"Cannot read O'{spell(WORD)}, sorry") == f"Cannot read O'{PERSONAL}, sorry"


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_of_people_go(number: str) -> None:
    assert CLEAN(f"id {number} is taken") == f"id {PERSONAL} is taken"


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_text_that_hides_a_person_in_an_encoding_goes_whole(name: str) -> None:
    assert CLEAN(f"support code {ENCODINGS[name](WORD)}") == REMOVED


@pytest.mark.parametrize(
    "text",
    [
        canary.refid(SEED, "student", 3),
        canary.word(SEED + 1, canary.student_owner(3), "familyName"),
        "Xxxxx-Xxxxxxxxxxxxx#614762",
        "http://www.sifassociation.org/infrastructure/3.3",
        quote("a name that is nobody's"),
        html.escape("<no 'body' here>"),
        json.dumps({"sourcedId": "2b1c", "note": "Zürich"}),
        "",
    ],
)
def test_what_names_nobody_stays_as_it_is(text: str) -> None:
    assert CLEAN(text) == text


def test_a_person_within_an_id_is_found_after_a_like_text_that_was_clean() -> None:
    digits = next(one for one in NUMBERS if one.isdigit() and len(one) <= 12)
    known, hiding = "e0a1b2c3d4f5", digits.rjust(12, "a")
    clean = Leftovers(SEED)
    text = "id 12ab5678-1234-4123-8123-{}"
    assert clean(text.format(known)) == text.format(known)
    assert PERSONAL in clean(text.format(hiding))


def test_a_person_beside_an_id_is_found_after_a_like_text_that_was_clean() -> None:
    clean = Leftovers(SEED)
    text = "/students/{}/Xaxaxaxaxaxax"
    assert clean(text.format("12ab5678-1234-4123-8123-e0a1b2c3d4f5")).endswith("Xaxaxaxaxaxax")
    hiding = text.format("22ab5678-1234-4123-8123-e0a1b2c3d4f5").replace("Xaxaxaxaxaxax", WORD)
    assert clean(hiding).endswith(PERSONAL)
