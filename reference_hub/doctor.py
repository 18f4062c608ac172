"""What can be wrong before and while a hub runs, each with what to do about it."""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from reference_hub import tls
from reference_hub.clock import Clock
from reference_hub.codec.schema import open_judge
from reference_hub.journeys.decisions import HELD_CURE, held_words
from reference_hub.journeys.register import register
from reference_hub.problems import SetupError
from reference_hub.server import refuse_taken
from reference_hub.settings import Server, Settings
from reference_hub.store import figures, held_applications, overviews, revisions
from reference_hub.store.db import STORE_LOST, connect
from reference_hub.workers.transport import Http, Unreachable

if TYPE_CHECKING:
    from sqlalchemy import Connection

OK, WARN, FAIL = "ok", "warn", "fail"
_OVERDUE = timedelta(minutes=1)
_SKEW = timedelta(seconds=5)
_SOON = timedelta(days=30)
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 not bound here


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `level` ok, warn or fail; `cure` says what to do, '' when nothing."""

    subject: str
    level: str
    text: str
    cure: str = ""


def examine(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Look at everything, one after the other; no fault hides a later one."""
    yield from _store(settings, clock)
    yield _found("schemas", lambda: _schemas(settings))
    yield _found("tls", lambda: _tls(settings.server, clock.now()))
    yield _port(settings.server)
    yield from _settings(settings)


def _found(subject: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except SetupError as error:
        text, _, cure = str(error).partition("; ")
        return Finding(subject, FAIL, text, cure)


def _store(settings: Settings, clock: Clock) -> Iterator[Finding]:
    try:
        engine = connect(settings)
    except SetupError as error:
        text, _, cure = str(error).partition("; ")
        yield Finding("store", FAIL, text, cure)
        return
    try:
        with engine.connect() as connection:
            yield _server(connection, settings)
            yield _clock(connection, clock.now())
            schema = _found("tables", lambda: _tables(revisions.current(connection)))
            yield schema
            if schema.level == OK:
                yield _worker(connection, clock.now())
                if settings.applications:
                    yield _found("apps", lambda: _applications(connection, settings))
    except STORE_LOST:
        yield Finding("store", FAIL, "PostgreSQL went away", "look at the server's own log")
    finally:
        engine.dispose()


def _server(connection: Connection, settings: Settings) -> Finding:
    version = overviews.server_version(connection)
    if settings.database.url:
        return Finding("store", OK, f"PostgreSQL {version} answers")
    where = settings.database.directory
    return Finding("store", OK, f"PostgreSQL {version}, embedded, keeps its data in {where}")


def _clock(connection: Connection, now: datetime) -> Finding:
    skew = abs(overviews.server_time(connection) - now)
    text = f"this clock and PostgreSQL's differ by {skew.total_seconds():.1f} s"
    if skew <= _SKEW:
        return Finding("clock", OK, text)
    return Finding("clock", WARN, text, "let both machines follow a time server")


def _tables(revision: str) -> Finding:
    revisions.refuse_newer(revision)
    head = revisions.head()
    if not revision:
        return Finding("tables", OK, f"the database is empty; serve or work creates schema {head}")
    if revision == head:
        return Finding("tables", OK, f"schema {head}")
    cure = "stop all programs of the old version, then run reference-hub migrate"
    return Finding("tables", WARN, f"schema {revision} is older than {head}", cure)


def _worker(connection: Connection, now: datetime) -> Finding:
    due = figures.oldest_due(connection)
    if due is None or now - due < _OVERDUE:
        return Finding("worker", OK, "no delivery is overdue")
    minutes = int((now - due).total_seconds() // 60)
    cure = "start reference-hub work, or look at its log"
    long = "a minute" if minutes == 1 else f"{minutes} minutes"
    return Finding("worker", WARN, f"a delivery is overdue for {long}", cure)


def _applications(connection: Connection, settings: Settings) -> Finding:
    try:
        keys = register(connection, settings.applications, settings.zones, os.environ)
        held = held_applications.every(connection)
    finally:
        connection.rollback()
    if held:
        text = "; ".join(map(held_words, held))
        return Finding("apps", WARN, text, HELD_CURE.format(vendor="NAME"))
    return Finding("apps", OK, f"the settings register {', '.join(keys)}")


def _schemas(settings: Settings) -> Finding:
    judge = open_judge(settings)
    judge.refuse_ambiguity(zone.model for zone in settings.zones.values())
    return Finding("schemas", OK, f"{', '.join(judge.models())} ({settings.schemas.registry})")


def _tls(server: Server, now: datetime) -> Finding:
    if not tls.is_on(server):
        return Finding("tls", OK, "off")
    tls.context(server.certificate, server.private_key)
    held = tls.leaf(server.certificate)
    left = held.not_valid_after_utc - now
    if left <= timedelta() or held.not_valid_before_utc > now:
        text, cure = "the certificate is not valid today", "replace it, then restart the hub"
        return Finding("tls", FAIL, text, cure)
    text = f"{ssl.OPENSSL_VERSION}; the certificate is valid for {left.days} days"
    if left < _SOON:
        return Finding("tls", WARN, text, "renew it, then restart the hub")
    return Finding("tls", OK, text)


def _port(server: Server) -> Finding:
    where = f"{server.host}:{server.port}"
    try:
        refuse_taken(server.host, server.port)
    except SetupError as error:
        if version := _hub_at(server):
            return Finding("port", OK, f"a hub of version {version} answers at {where}")
        text, _, cure = str(error).partition("; ")
        return Finding("port", FAIL, text, cure)
    return Finding("port", OK, f"{where} is free")


def _hub_at(server: Server) -> str:
    scheme = "https" if server.certificate else "http"
    host = _ANY_ADDRESS.get(server.host, server.host)
    named = f"[{host}]" if ":" in host else host
    http = Http(5.0)
    try:
        answer = http.send("GET", f"{scheme}://{named}:{server.port}/healthz", {})
        return str(json.loads(answer.body)["version"])
    except Unreachable as error:
        # Its name may be another one than this address; that it speaks TLS must do.
        return "unknown (TLS)" if "certificate" in str(error) else ""
    except (ValueError, KeyError, TypeError):
        return ""
    finally:
        http.close()


def _settings(settings: Settings) -> Iterator[Finding]:
    server = settings.server
    secured = bool(server.certificate) or server.public_url.startswith("https:")
    near = _is_near(server.host)
    if not near and not secured:
        text = f"secrets and students cross the network in the clear ({server.host}, no TLS)"
        cure = "set server.certificate and server.private_key, or public_url of a TLS proxy"
        yield Finding("settings", WARN, text, cure)
    if "*" in server.cors_origins:
        text = "browsers of any web site may talk to the hub (cors_origins has *)"
        yield Finding("settings", WARN, text, "name the origins that need it")
    if server.metrics == "any" and not near:
        text = "anybody may read the figures (server.metrics is any)"
        yield Finding("settings", WARN, text, "set local, or let a firewall decide")


def _is_near(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
