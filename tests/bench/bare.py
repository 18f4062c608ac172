"""The floor of a request: gunicorn and Flask as the hub runs them, one prepared statement each.

Run as `python -m tests.bench.bare PORT URL`; it serves `/list/OFFSET`, `/get/REFID` and `/create`
from the hub's own tables, without authentication, rights, privacy, audit or SIF headers.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import psycopg
from flask import Flask, Response, request
from gunicorn.app.base import BaseApplication

LIST = """
    SELECT string_agg(body, ''::bytea ORDER BY position) FROM (
      SELECT v.body, o.position FROM sif_object o JOIN object_version v ON v.id = o.version_id
      WHERE o.zone_id = 'demo-district' AND o.context_id = 'DEFAULT'
        AND o.object_type = 'xStudent' AND NOT o.tombstone
      ORDER BY o.position LIMIT 100 OFFSET %s) page
"""
GET = """
    SELECT v.body FROM sif_object o JOIN object_version v ON v.id = o.version_id
    WHERE o.zone_id = 'demo-district' AND o.context_id = 'DEFAULT'
      AND o.object_type = 'xStudent' AND o.refid = %s AND NOT o.tombstone
"""
TABLE = "CREATE TABLE IF NOT EXISTS bench_bare (body bytea)"
CREATE = "INSERT INTO bench_bare VALUES (%s)"
XML = "application/xml"


def bare_app(url: str) -> Flask:
    """The three handlers; each thread keeps one connection."""
    app = Flask(__name__, static_folder=None)
    local = threading.local()

    def connection() -> psycopg.Connection[Any]:
        if not hasattr(local, "connection"):
            local.connection = psycopg.connect(url, autocommit=True)
        found: psycopg.Connection[Any] = local.connection
        return found

    def one(statement: str, value: object) -> Response:
        cursor = connection().cursor(binary=True)
        row = cursor.execute(statement, (value,), prepare=True).fetchone()
        return Response(row[0] if row else b"", content_type=XML)

    @app.get("/list/<int:offset>")
    def listing(offset: int) -> Response:
        page = one(LIST, offset)
        page.set_data(b"<xStudents>" + page.get_data() + b"</xStudents>")
        return page

    @app.get("/get/<refid>")
    def instance(refid: str) -> Response:
        return one(GET, refid)

    @app.post("/create")
    def create() -> Response:
        body = request.get_data()
        with connection().transaction():
            connection().execute(CREATE, (body,), prepare=True)
        return Response(body, 201, content_type=XML)

    return app


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn as the hub configures it: one process, eight threads."""

    def __init__(self, port: int, url: str) -> None:
        self.port, self.url = port, url
        super().__init__()

    def load_config(self) -> None:
        """Hand the options over."""
        options = {"bind": f"127.0.0.1:{self.port}", "workers": 1, "threads": 8}
        options |= {"worker_class": "gthread", "keepalive": 75, "loglevel": "warning"}
        for key, value in options.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        """Called once in the worker."""
        return bare_app(self.url)


if __name__ == "__main__":
    with psycopg.connect(sys.argv[2], autocommit=True) as first:
        first.execute(TABLE)
    sys.argv, port, url = sys.argv[:1], int(sys.argv[1]), sys.argv[2]
    Server(port, url).run()
