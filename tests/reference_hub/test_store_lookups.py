"""Objects by key: quick without statistics, and right after a wait for another writer."""

from __future__ import annotations

import threading
import uuid

from sqlalchemy import Engine, text

from reference_hub.model.change import CREATE, UPDATE, Change
from reference_hub.model.scope import Scope
from reference_hub.store import listings, objects

SCOPE = Scope("demo-district")


def fill(store: Engine, number: int) -> list[str]:
    """Many objects at once, in a store that was never analysed."""
    refids = [uuid.uuid4().hex for _ in range(number)]
    with store.begin() as connection:
        changes = [Change(CREATE, "xStudent", refid, b"<a/>") for refid in refids]
        objects.store(connection, SCOPE, "sis", changes)
    return refids


def walked(store: Engine) -> int:
    """Index entries of the listing that were read so far."""
    query = "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = :index"
    with store.connect() as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        connection.commit()
        return int(connection.execute(text(query), {"index": "ix_sif_object_listing"}).scalar_one())


def test_lookups_by_id_never_walk_the_listing(store: Engine) -> None:
    one, *rest = fill(store, 3000)
    before = walked(store)
    with store.begin() as connection:
        assert objects.existing(connection, SCOPE, "xStudent", rest[:100]) == set(rest[:100])
        assert set(objects.lock(connection, SCOPE, "xStudent", rest[:100])) == set(rest[:100])
        assert objects.get(connection, SCOPE, "xStudent", one) is not None
        assert listings.one(connection, SCOPE, "xStudent", one) is not None
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
    assert walked(store) - before < 100


def test_a_lock_that_had_to_wait_sees_what_it_waited_for(store: Engine) -> None:
    (refid,) = fill(store, 1)
    seen: list[bytes] = []

    def wait() -> None:
        with store.begin() as connection:
            found = objects.lock(connection, SCOPE, "xStudent", [refid])
            seen.extend(each.body for each in found.values())

    with store.begin() as first:
        objects.lock(first, SCOPE, "xStudent", [refid])
        waiting = threading.Thread(target=wait)
        waiting.start()
        waiting.join(0.3)
        objects.store(first, SCOPE, "sis", [Change(UPDATE, "xStudent", refid, b"<b/>")])
    waiting.join()
    assert seen == [b"<b/>"]
