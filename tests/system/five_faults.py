"""What goes wrong with the hub that serves five vendors: it is killed, its disk is full.

A stage is held by a lock on a table that it writes, so that the kill hits just there.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from tests.system.five_world import World

STAGES = {"claim": "message", "projection": "target_row", "settling": "audit"}
FULL = """
CREATE OR REPLACE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END $$
"""
BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


def kill(world: World) -> None:
    """End the worker without a word."""
    os.kill(world.worker.pid, signal.SIGKILL)
    world.worker.wait(10)


def revive(world: World) -> None:
    """Another worker goes on."""
    world.worker = world.kit.start("reference-hub", "work")


def renamed(world: World, index: int, name: str) -> None:
    """The SIS gives a student another name."""
    student = world.objects["xStudents"][index]
    given = student.find("{*}name/{*}givenName")
    assert given is not None
    given.text = name
    world.send("PUT", student)


def killed_in(world: World, table: str, index: int) -> None:
    """Kill the worker while it waits to write a table, with a change in its hands."""
    kill(world)
    renamed(world, index, f"Killed {table}")
    with world.engine.connect() as connection:
        connection.execute(text(f"LOCK TABLE {table} IN SHARE MODE"))
        revive(world)
        end = time.monotonic() + 20
        while not world.district.query(BLOCKED)[0][0]:
            assert time.monotonic() < end, "the worker never came to this stage"
            time.sleep(0.02)
        kill(world)
        connection.rollback()
    revive(world)


@contextmanager
def full_disk(world: World, table: str, event: str) -> Iterator[None]:
    """Nothing can be written to a table as long as this is open."""
    with world.engine.begin() as connection:
        connection.execute(text(FULL))
        made = f"CREATE TRIGGER full_disk BEFORE {event} ON {table} FOR EACH ROW"
        connection.execute(text(f"{made} EXECUTE FUNCTION disk_full()"))
    try:
        yield
    finally:
        with world.engine.begin() as connection:
            connection.execute(text(f"DROP TRIGGER full_disk ON {table}"))
