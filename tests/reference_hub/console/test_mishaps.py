"""What goes wrong around a form: a hub started anew, a session that ends while others write."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reference_hub.app import create_app
from reference_hub.codec.schema import Judge
from reference_hub.wish_fulfilling import fulfilling
from tests.reference_hub.console.conftest import Desk, Web
from tests.reference_hub.console.student import WHY, School
from tests.reference_hub.listening import listening_at


@pytest.fixture
def anew(desk: Desk) -> Iterator[str]:
    """Where the hub answers after it was started anew on the same store."""
    app = create_app(desk.settings, desk.engine, desk.clock, judge=Judge())
    with listening_at(app) as base:
        yield base


@pytest.fixture
def manager(desk: Desk) -> Web:
    return desk.signed_in("manager")


def test_a_form_filled_in_before_a_restart_is_taken_after_it(
    desk: Desk, manager: Web, anew: str
) -> None:
    _, number = School(desk).student()
    csrf = manager.csrf("/people")
    again = Web(anew, manager.http)
    answer = again.post("/people", {"csrf": csrf, "local_id": number, "reason": WHY})
    assert answer.status_code == 200
    assert f"Student {number}" in answer.text


def test_what_was_asked_for_before_a_restart_is_done_after_it(
    desk: Desk, manager: Web, anew: str
) -> None:
    manager.post("/collection/ma-sims/again", {"way": "here"})
    assert fulfilling(desk.settings, desk.clock)(desk.engine) is True
    page = Web(anew, manager.http).get("/collection/ma-sims").text
    assert "The run that was asked for is done" in page


def test_words_kept_over_the_end_of_a_session_meet_what_somebody_wrote_meanwhile(
    desk: Desk, manager: Web
) -> None:
    _, number = School(desk).student()
    manager.post("/people/delete", {"local_id": number, "reason": WHY, "sure": "yes"})
    name = str(desk.run("SELECT name FROM console_account")[0][0])
    place = "/deletions/1/note"
    csrf = manager.csrf(place)
    desk.later(hours=9)
    manager.post(place, {"csrf": csrf, "version": "1", "note": "my own words"})
    desk.signed_in("admin").post(place, {"version": "1", "note": "theirs"})
    manager.sign_in(name)
    assert "my own words</textarea>" in manager.get(place).text
    answer = manager.post(place, {"version": "1", "note": "my own words"})
    assert answer.status_code == 409
    assert "theirs" in answer.text
    assert "my own words</textarea>" in answer.text


@pytest.mark.parametrize("number", ["0", "999", "2147483648", "99999999999999999999"])
def test_a_request_that_is_none_is_not_there(manager: Web, number: str) -> None:
    assert manager.get(f"/deletions/{number}").status_code == 404


@pytest.mark.parametrize("version", ["", "x", "-1", "0", "9999999999", "2"])
def test_a_version_that_is_none_changes_nothing(desk: Desk, manager: Web, version: str) -> None:
    _, number = School(desk).student()
    manager.post("/people/delete", {"local_id": number, "reason": WHY, "sure": "yes"})
    answer = manager.post("/deletions/1/note", {"version": version, "note": "mine"})
    assert answer.status_code == 409
    assert desk.run("SELECT note, version FROM console_case") == [("", 1)]


@pytest.mark.parametrize("number", ["'; DROP TABLE pod; --", "%", "_", "\\", "<b>", "0" * 65])
def test_signs_of_all_kinds_find_nobody(desk: Desk, manager: Web, number: str) -> None:
    School(desk).student()
    answer = manager.post("/people", {"local_id": number, "reason": WHY})
    assert answer.status_code == 422
    assert "<b>" not in answer.text
