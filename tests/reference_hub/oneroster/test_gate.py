"""No row leaves but under the POD in force: every operation of OneRoster stands behind the gate."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import text

from reference_hub.store import audits, exclusions, pods
from reference_hub.web.oneroster import resources
from reference_hub.web.oneroster.resources import SERVICES
from tests.reference_hub.oneroster.conftest import V1_1, Puller
from tests.reference_hub.oneroster.ground import OBJECTS, SEED, Ground, settled
from tests.reference_hub.privacy.drawing import sightings
from tests.reference_hub.web.conftest import SCOPE


@pytest.fixture
def ground(puller: Callable[..., Puller]) -> Ground:
    """The district, and a vendor that may read."""
    return settled(puller)


def forms() -> list[tuple[str, str, str]]:
    """Root, method and path of every operation, the ids any."""
    return [
        (root.rstrip("/"), verb, form.replace("{}", "00000000-0000-4000-8000-000000000000"))
        for root, (service, _) in SERVICES.items()
        for verb, form in resources.forms(service)
    ]


def test_without_a_pod_every_door_is_shut(ground: Ground, puller: Callable[..., Puller]) -> None:
    old = puller("classic", "1.1", "required", OBJECTS).allowed()
    for root, verb, path in forms():
        one = old if root == V1_1 else ground.puller
        reply = one.send(verb, path, {}, root=root)
        assert reply.status_code == 403, (verb, path, reply.text)
        assert list(sightings(SEED, reply.text)) == []
    assert len(ground.noted("refused")) == len(forms())


def test_rows_that_were_not_made_under_this_pod_are_not_shown(ground: Ground) -> None:
    ground.pod()
    reply = ground.puller.get("users")
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
    assert ground.bring_up() >= 3
    shown = ground.puller.get(f"users/{ground.student}").json()["user"]
    assert shown["sourcedId"] == ground.student


def test_a_narrowed_pod_shows_less_and_nothing_before_the_rows_are_made_anew(
    ground: Ground,
) -> None:
    ground.pod()
    ground.bring_up()
    before = ground.puller.get(f"demographics/{ground.student}")
    assert before.json()["demographics"]["birthDate"]
    ground.pod("xStudent/@refId", "xStudent/name", "xStudent/localId", "xStudent/enrollment",
               "xStudent/otherEnrollments", "xSchool", "xLea")  # fmt: skip
    assert ground.puller.get(f"demographics/{ground.student}").status_code == 503
    ground.bring_up()
    after = ground.puller.get(f"demographics/{ground.student}").text
    assert before.json()["demographics"]["birthDate"] not in after
    assert ground.puller.get(f"users/{ground.student}").json()["user"]["status"] == "active"


def test_an_ended_agreement_ends_the_reading(ground: Ground) -> None:
    ground.pod()
    ground.bring_up()
    ground.pod(ends=date(2025, 12, 31))
    assert ground.puller.get("users").status_code == 410
    with ground.puller.hub.engine.begin() as connection:
        pods.expire_all(connection, ground.vendor, SCOPE)
    assert ground.puller.get("users").status_code == 410


def test_who_is_never_to_be_shared_is_told_of_by_id_only(ground: Ground) -> None:
    ground.pod()
    ground.bring_up()
    name = ground.puller.get(f"users/{ground.student}").json()["user"]["familyName"]
    with ground.puller.hub.engine.begin() as connection:
        exclusions.add(connection, SCOPE, ground.student.replace("-", ""), [None], "asked")
    assert ground.puller.get(f"users/{ground.student}").status_code == 503
    ground.bring_up()
    reply = ground.puller.get(f"users/{ground.student}")
    assert reply.json()["user"]["status"] == "tobedeleted"
    assert name not in reply.text + ground.puller.get("users", limit="400").text


def test_what_was_read_before_the_end_does_not_leave_after_it(ground: Ground) -> None:
    ground.pod()
    ground.bring_up()
    engine = ground.puller.hub.engine
    waiting = "SELECT 1 FROM pg_locks WHERE relation = 'audit'::regclass AND NOT granted"
    with ThreadPoolExecutor(1) as pool, engine.connect() as holder:
        holder.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))
        running = pool.submit(ground.puller.get, "users")
        until = time.monotonic() + 20
        while not holder.execute(text(waiting)).all():
            assert time.monotonic() < until, "nobody reads"
            time.sleep(0.01)
        with engine.begin() as connection:
            connection.execute(text("UPDATE pod SET status = 'Expired'"))
        holder.commit()
        reply = running.result(20)
    assert (reply.status_code, list(sightings(SEED, reply.text))) == (410, [])


def test_each_reading_stands_in_the_audit_trail_with_its_pod(ground: Ground) -> None:
    pod = ground.pod()
    ground.bring_up()
    number = len(ground.puller.get("users", limit="5").json()["users"])
    with ground.puller.hub.engine.connect() as connection:
        (entry,) = [each for each in audits.trail(connection, SCOPE) if each.action == "read"]
    assert (entry.actor, entry.object_type, entry.count) == ("reading", "users", number)
    assert (entry.detail["pod"], entry.detail["connection"]) == (pod.id, "reading-1.2")


def test_a_change_is_read_as_soon_as_the_worker_has_worked_it_off(ground: Ground) -> None:
    ground.pod()
    assert ground.puller.get("users").status_code == 503
    ground.work()
    before = ground.puller.get(f"users/{ground.student}").json()["user"]
    ground.rename(ground.student, "Another")
    ground.work()
    since = f"dateLastModified>'{before['dateLastModified']}'"
    (changed,) = ground.puller.get("users", filter=since).json()["users"]
    assert (changed["sourcedId"], changed["givenName"]) == (ground.student, "Another")


def test_an_application_of_the_settings_waits_for_the_decision(ground: Ground) -> None:
    ground.pod()
    ground.bring_up()
    assert ground.puller.get("users").status_code == 200
    with ground.puller.hub.engine.begin() as connection:
        connection.execute(text("UPDATE application SET decision = 'required'"))
    for root, verb, path in forms():
        if root != V1_1:
            assert ground.puller.send(verb, path, {}, root=root).status_code == 403, (verb, path)
    assert "has not decided" in ground.puller.get("users").text
