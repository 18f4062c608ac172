"""The hub's settings: a TOML file, overridden by HUB_<TABLE>_<KEY>; an unknown key is an error."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from reference_hub.problems import SetupError

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the hub listens. `max_body` in bytes; `public_url` when a proxy stands in front."""

    host: str = "127.0.0.1"
    port: Port = 8080
    workers: Positive = 1
    threads: Positive = 8
    public_url: str = ""
    max_body: Positive = 50 * 1024 * 1024


class Database(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`url` (or DATABASE_URL) of a server; without one, an embedded server in `directory`."""

    url: str = ""
    directory: str = ".hub/postgres"


class Worker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Delivery: how long a claim lasts, how much it takes, how often the queue is looked at."""

    lease_seconds: Seconds = 60.0
    batch: Positive = 50
    poll_seconds: Seconds = 1.0
    timeout_seconds: Seconds = 30.0
    file_delay_seconds: float = 2.0


class Schemas(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """File that lists the registered schemas."""

    registry: str = ".hub/schemas.toml"


class Zone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A district: its description and the data model its documents are judged by."""

    description: str = ""
    model: str = ""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings with their defaults; `zones` maps zone id to Zone."""

    server: Server = msgspec.field(default_factory=Server)
    database: Database = msgspec.field(default_factory=Database)
    worker: Worker = msgspec.field(default_factory=Worker)
    schemas: Schemas = msgspec.field(default_factory=Schemas)
    zones: dict[str, Zone] = msgspec.field(
        default_factory=lambda: {"demo-district": Zone("Demo district")}
    )
    utility_zone: str = "environment-global"


_TABLES: dict[str, type[msgspec.Struct]] = {
    "server": Server,
    "database": Database,
    "worker": Worker,
    "schemas": Schemas,
}


def load(path: Path | None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the file (None: defaults), apply the environment; SetupError names the faulty key."""
    raw = _read(path) if path else {}
    _refuse_unknown(raw, path)
    for key, value in environ.items():
        _override(raw, key, value)
    if environ.get("DATABASE_URL"):
        raw.setdefault("database", {}).setdefault("url", environ["DATABASE_URL"])
    try:
        return msgspec.convert(raw, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SetupError(
            f"{path or 'The environment'} has a setting of the wrong kind: {error}"
        ) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise SetupError(
            f"There is no settings file {path}; name one with --settings, or leave it out."
        ) from error
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"{path} is not readable TOML: {error}") from error


def _override(raw: dict[str, Any], key: str, value: str) -> None:
    for table, struct in _TABLES.items():
        prefix = f"HUB_{table.upper()}_"
        if key.startswith(prefix):
            field = key.removeprefix(prefix).lower()
            if field not in struct.__struct_fields__:
                raise SetupError(
                    f"{key} is no setting of the hub{_nearest(field, struct.__struct_fields__)}"
                )
            body = raw.setdefault(table, {})
            if not isinstance(body, dict):
                raise SetupError(f"The setting '{table}' is not a table; write [{table}] above it.")
            body[field] = value


def _refuse_unknown(raw: dict[str, Any], path: Path | None) -> None:
    for table, body in raw.items():
        known = Settings.__struct_fields__
        if table not in known:
            raise SetupError(f"{path} has the unknown key '{table}'{_nearest(table, known)}")
        fields = _TABLES[table].__struct_fields__ if table in _TABLES else ()
        for field in body if fields and isinstance(body, dict) else ():
            if field not in fields:
                raise SetupError(
                    f"{path} has the unknown key '{table}.{field}'{_nearest(field, fields)}"
                )


def _nearest(word: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else f"; known are {', '.join(known)}."
