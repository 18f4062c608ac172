"""The floor of a bulk create: parse, validate, insert, commit, in one bare loop."""

from __future__ import annotations

import time
from collections.abc import Sequence

import psycopg
from lxml import etree

from fixtures import standards

TABLE = "CREATE TABLE IF NOT EXISTS bench_floor (refid text, body bytea)"
INSERT = "INSERT INTO bench_floor VALUES (%s, %s)"


def insert_bare(url: str, bodies: Sequence[bytes]) -> float:
    """Store each body's objects in one transaction; returns the seconds it took."""
    schema = etree.XMLSchema(etree.parse(str(standards.schema_path("unity-4.3-kit"))))
    with psycopg.connect(url) as connection:
        connection.execute(TABLE)
        connection.commit()
        began = time.perf_counter()
        for body in bodies:
            root = etree.fromstring(body)
            schema.assertValid(root)
            rows = [(member.get("refId"), etree.tostring(member)) for member in root]
            with connection.cursor() as cursor:
                cursor.executemany(INSERT, rows)
            connection.commit()
        return time.perf_counter() - began
