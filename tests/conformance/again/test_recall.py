"""What a mask in an answer stands for is known from the request, or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conformance.player import is_partial
from conformance.recall import Memory
from conformance.runfile import Message

OLD = "1111111a-2222-4333-8444-55555555555b"
NEW = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"


def remembering(recorded: str, present: str) -> Memory:
    memory = Memory()
    assert memory.same_body(recorded, present.encode())
    return memory


def test_a_mask_is_told_where_it_was_sent() -> None:
    memory = remembering(
        "<a><familyName>Xx#0a1b2c</familyName></a>", "<a><familyName>Li</familyName></a>"
    )
    assert memory.body("<b><n>Xx#0a1b2c</n></b>") == "<b><n>Li</n></b>"
    assert memory.told('"Xx#0a1b2c",7') == '"Li",7'


def test_what_identifies_a_person_is_remembered_as_such() -> None:
    memory = remembering(
        "<a><familyName>Xx#0a1b2c</familyName><kind>xxx#0f0f0f</kind></a>",
        "<a><familyName>Li</familyName><kind>own</kind></a>",
    )
    assert memory.telling == {"#0a1b2c"}


def test_a_mask_that_was_never_sent_stays() -> None:
    memory = Memory()
    assert memory.body("<n>Xx#0a1b2c</n>") == "<n>Xx#0a1b2c</n>"
    assert memory.unknown("<n>Xx#0a1b2c</n>") == 1
    assert memory.unknown("<sessionToken>[secret]#0a1b2c</sessionToken>") == 0


def test_a_fresh_id_is_told_in_either_case() -> None:
    memory = remembering(f'{{"id": "{OLD.upper()}"}}', f'{{"id": "{NEW.upper()}"}}')
    assert memory.told(f"/x/{OLD}") == f"/x/{NEW}"
    assert memory.recorded(f"/x/{NEW}") == f"/x/{OLD}"


def test_a_token_is_told_whole() -> None:
    cut, whole = "abcd1234…#0a1b2c (12 characters)", "abcd12345678"
    memory = Memory()
    assert memory.alike(cut, whole)
    assert memory.told(cut) == whole


def test_times_of_the_present_move_with_the_clock_and_birthdays_do_not() -> None:
    memory = Memory(ahead=timedelta(days=1))
    assert memory.told("2026-11-26T10:00:00.500Z") == "2026-11-27T10:00:00.500Z"
    assert memory.told("Thu, 26 Nov 2026 10:00:00 GMT") == "Fri, 27 Nov 2026 10:00:00 GMT"
    assert memory.told("2010-05-06") == "2010-05-06"


@pytest.mark.parametrize(
    ("recorded", "present"),
    [
        ("<a><b>one</b></a>", "<a><b>two</b></a>"),
        ("<a><b>one</b></a>", "<a><c>one</c></a>"),
        ('{"a": 1}', '{"a": 1, "b": 2}'),
        ("<a/>", ""),
    ],
)
def test_another_body_is_another_request(recorded: str, present: str) -> None:
    assert not Memory().same_body(recorded, present.encode())


@pytest.mark.parametrize(
    ("body", "size", "partial"),
    [
        ("<a/>", 4, False),
        ("<a/>\n[3 more elements]", 900, True),
        ("[zip]\nusers.csv 9 bytes", 400, True),
        ("x" * 300, 5_000, True),
        ("x" * 300, 300, False),
        ('{"users": [' + "1, " * 49 + "1]}", 200, True),
        ('{"users": [1]}', 14, False),
        ("a,b\n" * 200, 900, True),
        ("<a>" + "x" * 65_533, 90_000, True),
    ],
)
def test_a_body_that_may_be_cut_is_known_as_such(body: str, size: int, partial: bool) -> None:
    message = Message(start="HTTP/1.1 200 OK", headers=[], body=body, body_bytes=size)
    assert is_partial(message) is partial
