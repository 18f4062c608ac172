"""What a vendor was asked to delete: told, confirmed once, chased when it is overdue (profile)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from reference_hub.clock import Clock
from reference_hub.journeys.acknowledge import acknowledge
from reference_hub.journeys.deletion import OVERDUE, chase, chasing
from reference_hub.journeys.end_pod import end_pods
from reference_hub.store import audits, vendors
from tests.reference_hub.acknowledge.conftest import post
from tests.reference_hub.acknowledge.test_form import Hour
from tests.reference_hub.web.conftest import SCOPE

ANSWER = {"deletedAt": "2026-11-20", "scope": "all data", "by": "Ops", "note": "and the backups"}


def ended(hub: Any) -> str:
    """End an acknowledged POD of vendor 1; the id of the deletion that is asked for."""
    pod = hub.pod(1)
    with hub.engine.begin() as connection:
        vendor = vendors.vendor_by_id(connection, 1)
        assert vendor is not None
        assert acknowledge(connection, 1, pod.token, "operator", Clock())
        assert len(end_pods(connection, vendor, "agreement ended", Clock())) == 1
        return str(connection.execute(text("SELECT id FROM deletion")).scalar_one())


def confirm(client: Any, deletion: str, **changes: object) -> Any:
    told = {name: value for name, value in (ANSWER | changes).items() if value is not None}
    return post(client, f"/privacy/deletions/{deletion}/confirmation", told)


def trail(hub: Any) -> list[tuple[str, object]]:
    with hub.engine.connect() as connection:
        return [(each.action, each.detail) for each in audits.trail(connection, SCOPE)]


def test_a_vendor_sees_what_it_was_asked_to_delete(hub: Any, reader: Any, stranger: Any) -> None:
    assert reader.send("GET", "/privacy/deletions").json() == {"deletions": []}
    deletion = ended(hub)
    (told,) = reader.send("GET", "/privacy/deletions").json()["deletions"]
    assert (told["deletionId"], told["reason"]) == (deletion, "agreement ended")
    assert "confirmedAt" not in told
    assert stranger.send("GET", "/privacy/deletions").json() == {"deletions": []}


@pytest.mark.requirement("POD-END-003")
def test_a_confirmation_is_kept_once(hub: Any, reader: Any) -> None:
    deletion = ended(hub)
    first, again = confirm(reader, deletion), confirm(reader, deletion)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["confirmation"] == ANSWER
    assert confirm(reader, deletion, by="Eve").status_code == 409
    asked, confirmed = (each for each in trail(hub) if "deletion" in str(each[1]))
    assert (asked[0], confirmed[0]) == ("asked to delete", "confirmed deletion")
    assert "Ops" not in str(confirmed)


def test_a_moment_may_stand_for_the_day_and_the_note_is_free(hub: Any, reader: Any) -> None:
    reply = confirm(reader, ended(hub), deletedAt="2026-11-20T10:00:00+01:00", note=None)
    assert reply.status_code == 201


def test_nobody_else_confirms_it(hub: Any, reader: Any, stranger: Any, sis: Any) -> None:
    deletion = ended(hub)
    assert confirm(stranger, deletion).status_code == 404
    assert confirm(reader, str(uuid.uuid4())).status_code == 404
    assert confirm(reader, "%00").status_code == 400
    assert confirm(sis, deletion).status_code == 403
    assert sis.send("GET", "/privacy/deletions").status_code == 403
    assert reader.send("PUT", f"/privacy/deletions/{deletion}/confirmation").status_code == 405


WRONG: list[dict[str, object]] = [
    *({"deletedAt": each} for each in (None, "soon", "2026-13-01", "2999-01-01", 5, "")),
    *({"deletedAt": each} for each in ("2999-01-01T00:00:00Z", "2026-11-20T10:00:00")),
    *({name: each} for name in ("scope", "by") for each in (None, "", " ", [], "\x00", "x" * 3000)),
    {"note": {"a": 1}},
]


def test_what_does_not_fit_is_422(hub: Any, reader: Any) -> None:
    deletion = ended(hub)
    for wrong in WRONG:
        reply = confirm(reader, deletion, **wrong)
        assert reply.status_code == 422, wrong
        assert next(iter(wrong)) in reply.json()["error"]["message"]
    for body in (b"", b"[]", b"{", b"\xff"):
        path = f"/privacy/deletions/{deletion}/confirmation"
        assert post(reader, path, body).status_code == 422


def alerts(hub: Any) -> list[str]:
    with hub.engine.connect() as connection:
        found = connection.execute(text("SELECT document FROM alert ORDER BY created")).scalars()
        return [bytes(each).decode() for each in found]


def test_an_overdue_deletion_raises_one_alert_a_day(hub: Any, reader: Any) -> None:
    deletion, hour = ended(hub), Hour()
    clock = Clock(now=hour.now)

    def chased() -> int:
        with hub.engine.begin() as connection:
            return chase(connection, SCOPE, clock)

    assert chased() == 0
    hour.moved = timedelta(days=62)
    assert (chased(), chased()) == (1, 0)
    hour.moved = timedelta(days=63)
    assert chased() == 1
    assert len(alerts(hub)) == 2
    assert all(
        OVERDUE in each and deletion in each and "reading" not in each for each in alerts(hub)
    )
    assert [each for each, _ in trail(hub)].count("deletion overdue") == 2


def test_a_confirmed_deletion_raises_none(hub: Any, reader: Any) -> None:
    confirm(reader, ended(hub))
    hour = Hour()
    hour.moved = timedelta(days=100)
    chasing(hub.settings, Clock(now=hour.now))(hub.engine)
    assert alerts(hub) == []


def test_the_errand_of_the_worker_looks_now_and_then(hub: Any, reader: Any) -> None:
    ended(hub)
    hour = Hour()
    hour.moved = timedelta(days=62)
    errand = chasing(hub.settings, Clock(now=hour.now))
    assert errand(hub.engine) is False
    assert len(alerts(hub)) == 1
    hour.moved = timedelta(days=63)
    errand(hub.engine)
    assert len(alerts(hub)) == 2
