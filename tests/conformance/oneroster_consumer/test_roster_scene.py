"""What a check sees of a client: what it was given, what it lacks, what it never asked."""

from __future__ import annotations

import pytest

from conformance.problems import SetupFault, TimedOut
from conformance.simulators.oneroster_consumer import RosterClient
from conformance.stage import oneroster_first_call
from conformance.stage.oneroster_play import RosterTheatre, Scene, good, ids_of
from conformance.stage.oneroster_tricks import about, refuse
from tests.conformance.oneroster_consumer.judging import judged


def test_a_whole_reading_lacks_nothing(scene: Scene) -> None:
    calls = scene.synchronise()
    users = [one for one in calls if one.given.zone == "users"]
    assert scene.missing(calls) == {}
    assert sum(len(ids_of(one)) for one in users) == 7


def test_a_page_that_is_not_read_is_missed(scene: Scene) -> None:
    users = [one for one in scene.synchronise() if one.given.zone == "users"]
    assert [len(ids) for ids in scene.missing(users[:-1]).values()] == [1]


def test_what_is_refused_counts_as_not_given(scene: Scene) -> None:
    scene.play(refuse(about("courses"), 403))
    calls = scene.synchronise()
    assert {one.given.zone for one in calls if good(one)} >= {"users", "orgs"}
    assert [key.partition(" ")[0] for key in scene.missing(calls)] == ["courses"]


def test_a_client_that_asks_for_changes_is_to_be_given_all_that_changed(scene: Scene) -> None:
    scene.synchronise()
    scene.renew()
    calls = scene.synchronise()
    asked = [one for one in calls if one.given.zone == "classes"]
    assert "dateLastModified>=" in asked[0].asked.given["filter"]
    assert list(scene.missing([one for one in calls if one not in asked])) == []
    assert scene.whole(calls)


class Silent(RosterClient):
    """Makes no call."""

    def synchronise(self) -> None:
        pass


def test_a_client_that_never_calls_could_not_be_verified_for_want_of_time() -> None:
    checks = judged(Silent("http://127.0.0.1"), ["DAT-ORC-020", "DAT-ORC-021"])
    assert {one.verdict for one in checks} == {"could not verify"}
    assert all(one.reason.startswith("timeout: the client ") for one in checks)


def test_a_silent_client_is_told_the_address(
    theatre: RosterTheatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object, **__: object) -> None:
        raise TimedOut("the client made no call in 0.05 s")

    monkeypatch.setattr(Scene, "synchronise", silent)
    with pytest.raises(SetupFault, match=r"Point the client to http://127\.0\.0\.1") as caught:
        oneroster_first_call.examine(theatre)
    assert "[consumer]" in caught.value.key
