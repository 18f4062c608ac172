"""The console's lists with 5,000 vendors and 200,000 deliveries: the slowest page counts."""

from __future__ import annotations

import http.cookiejar
import re
import statistics
import time
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, text
from werkzeug.security import generate_password_hash

from reference_hub.settings import load
from reference_hub.store import console_accounts
from reference_hub.store.db import open_engine
from tests.bench.figures import Figure
from tests.bench.running import running

VENDORS, DELIVERIES, BUSY = 5000, 200_000, 80_000
ROUNDS = 9
GOAL = 150.0
# No list: a page that is to be seen within this time.
FIRST_PAINT = 300.0
PASSWORD = "correct horse battery"
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_FILL = (
    """
    INSERT INTO vendor (name, party_id, zone_id, context_id)
    SELECT 'vendor ' || lpad(n::text, 5, '0'), 'Company ' || n, 'demo-district', 'DEFAULT'
    FROM generate_series(1, :vendors) n
    """,
    """
    INSERT INTO subscriber (vendor_id, name, zone_id, context_id, format, transport, url,
                            credentials, objects)
    SELECT id, name || ' sif', zone_id, context_id, 'sif-xml', 'sif_push', 'https://v.example/',
           '{}', '["xStudent"]' FROM vendor
    """,
    """
    INSERT INTO pod (id, vendor_id, zone_id, context_id, version, token, status, starts, ends,
                     document, acknowledged, acknowledged_how, entries, objects, agreement_id)
    SELECT gen_random_uuid(), id, zone_id, context_id, '1.0.0', gen_random_uuid()::text, 'Live',
           '2025-07-01', '2035-06-30', :document, now(), 'form',
           '[{"granted": ["xStudent/@refId", "xStudent/name", "xStudent/localId"]}]',
           '{xStudent}', 'NDPA-' || id FROM vendor
    """,
    """
    INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type, state,
                         reason, attempts, created, settled)
    SELECT 'demo-district', 'DEFAULT', each.subscriber_id, 'event', 'CREATE', 'xStudent', state,
           CASE state WHEN 'dead' THEN 'the vendor answered 400' ELSE '' END, 1, at,
           CASE WHEN state IN ('done', 'dead') THEN at END
    FROM (SELECT (SELECT min(id) FROM subscriber)
                   + CASE WHEN n <= :busy THEN 0 ELSE n % :vendors END AS subscriber_id,
                 CASE WHEN n % 50 = 0 THEN 'dead' WHEN n % 20 = 0 THEN 'waiting' ELSE 'done' END
                   AS state,
                 now() - n * interval '1 second' AS at
          FROM generate_series(1, :deliveries) n) each
    """,
    """
    INSERT INTO audit (zone_id, context_id, at, actor, action, object_type, count, detail)
    SELECT 'demo-district', 'DEFAULT', now() - (:deliveries - n) * interval '2 seconds',
           CASE WHEN n % 3 = 0 THEN 'district-sis' ELSE 'delivery' END,
           CASE WHEN n % 3 = 0 THEN 'accepted CREATE' ELSE 'delivered CREATE' END, 'xStudent', 7,
           jsonb_build_object('connection', 'vendor ' || lpad((n % :vendors)::text, 5, '0')
                              || ' sif', 'fields', jsonb_build_object('xStudent/localId', 7))
    FROM generate_series(1, :deliveries) n
    """,
    """
    INSERT INTO console_case (zone_id, context_id, kind, vendor_id, reason, asked, asked_by,
                              changed, changed_by)
    SELECT zone_id, context_id, 'vendor', id, 'contract ended', now(), 'maria', now(), 'maria'
    FROM vendor
    """,
)
_TABLES = ("vendor", "subscriber", "pod", "message", "audit", "console_case")
PAGES = {
    "vendors": "/console/vendors",
    "vendors found": "/console/vendors?q=company+49",
    "vendors with a problem": "/console/vendors?problem=dead",
    "arrived": "/console/vendors/{first}/deliveries?which=settled",
    "open": "/console/vendors/{first}/deliveries",
    "given up": "/console/vendors/{first}/deliveries?which=dead",
    "audit": "/console/audit",
    "audit found": "/console/audit?who=sis&what=accepted",
    "audit, nobody": "/console/audit?who=nobody",
    "deletions": "/console/deletions",
    "public": "/public/demo-district",
}


def measure(folder: Path) -> list[Figure]:
    """Medians in milliseconds: of the slowest list, and of the page that adds up the whole day."""
    with running(folder / "console") as bench:
        engine = open_engine(load(None, {"DATABASE_URL": bench.url}))
        with engine.begin() as connection:
            first = fill(connection)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in _TABLES:
                connection.execute(text(f"VACUUM ANALYZE {table}"))
        engine.dispose()
        desk = Desk(f"http://127.0.0.1:{bench.hub}")
        desk.sign_in()
        found = {name: desk.median(path.format(first=first)) for name, path in PAGES.items()}
        overview = desk.median("/console/overview")
    slowest = max(found, key=lambda name: found[name])
    told = ", ".join(f"{name} {found[name]:.0f}" for name in PAGES)
    return [
        Figure("console_list_ms", found[slowest], GOAL, "lower", f"ms; {told}"),
        Figure("console_overview_ms", overview, FIRST_PAINT, "lower", "ms; all vendors of the day"),
    ]


def fill(connection: Connection) -> int:
    """Vendors, deliveries, their audit, and an account; the id of the first vendor."""
    given = {
        "vendors": VENDORS,
        "deliveries": DELIVERIES,
        "busy": BUSY,
        "document": b"",
    }
    for statement in _FILL:
        wanted = {name: value for name, value in given.items() if f":{name}" in statement}
        connection.execute(text(statement), wanted)
    hashed = generate_password_hash(PASSWORD)
    console_accounts.add(connection, "maria", "admin", "", None, hashed, datetime.now(UTC))
    return int(connection.execute(text("SELECT min(id) FROM vendor")).scalar_one())


class Desk:
    """A browser without scripts."""

    def __init__(self, base: str) -> None:
        self.base = base
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)

    def get(self, path: str) -> str:
        """A page that must be there."""
        with self.opener.open(self.base + path, timeout=60) as answer:
            return str(answer.read().decode())

    def sign_in(self) -> None:
        """Send the form."""
        found = _CSRF.search(self.get("/console/sign-in"))
        fields = {"csrf": found[1] if found else "", "name": "maria", "password": PASSWORD}
        body = urllib.parse.urlencode(fields).encode()
        with self.opener.open(f"{self.base}/console/sign-in", body, timeout=60) as answer:
            if "sign-in" in answer.url:
                raise RuntimeError("the console did not let the bench sign in")

    def median(self, path: str) -> float:
        """Milliseconds of one request, after one that warms up."""
        self.get(path)
        took = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            self.get(path)
            took.append((time.perf_counter() - began) * 1000)
        return statistics.median(took)
