"""The target file of the suite for a product, made of what the console knows of it.

One role for each way in which the hub speaks to vendors; the secret stands in no file of a run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from reference_hub.model.console_run import Way
from reference_hub.model.vendor_kind import EDFI, FILES, KINDS, PULL, PUSH, ROSTER
from reference_hub.settings import Console

SECRET = "CONFORMANCE_SECRET"  # noqa: S105 the name of a variable
Tables = dict[str, dict[str, object]]
SFTP, NAME = "sftp", "{name}"
# What the suite calls the forms of files, by the profiles of the hub.
_FORMS = {"oneroster-1.2-csv": "oneroster-1.2", "oneroster-1.1-csv": "oneroster-1.1"}
_ONEROSTER = tuple(_FORMS)


def target(way: Way, party: str, product: str, settings: Console) -> str:
    """The file, TOML."""
    kind = KINDS[way.kind]
    tables: Tables = {
        "vendor": {"name": party, "product": product, "version": "as tested", "role": kind.role,
                   "tier": "full"},
        "endpoint": {},
        "credentials": {"key": way.key, "secret_env": SECRET},
        "capabilities": {each: each in way.capabilities for each in kind.capabilities},
    }  # fmt: skip
    _WRITERS[way.kind](way, tables)
    if kind.comes:
        tables["listener"] = {"host": settings.listen_host, "port": settings.listen_port,
                              "public_url": settings.listen_url}  # fmt: skip
        wait = poll_seconds(way)
        tables["consumer"] = {"poll_seconds": wait, "wait_seconds": max(wait * 2, 120)}
    if way.kind != PULL:
        tables["capabilities"]["readback"] = bool(way.users)
    if way.users:
        told = {"users": way.users, "demographics": way.demographics}
        tables["readback"] = {name: value for name, value in told.items() if value}
    return _written(tables)


def poll_seconds(way: Way) -> int:
    """How often a product that comes does so by itself."""
    return int(way.more.get("poll_seconds") or 60)


def is_sftp(way: Way) -> bool:
    """Whether files go to an SFTP server."""
    return urlsplit(way.url).scheme == SFTP


def _push(way: Way, tables: Tables) -> None:
    tables["endpoint"] = {"url": way.url, "infrastructure": "3.3"}
    tables["credentials"]["method"] = way.method
    tables["capabilities"] |= {"bundle": False, "oneroster": False}


def _files(way: Way, tables: Tables) -> None:
    folder, results = way.more.get("folder", ""), way.more.get("results", "")
    form = _FORMS.get(way.format, way.format)
    place = f"{folder.rstrip('/')}/{NAME}" if folder else NAME
    found: dict[str, object] = {"form": form}
    if is_sftp(way):
        parts = urlsplit(way.url)
        found |= {"way": SFTP, "sftp": f"{parts.hostname}:{parts.port or 22}",
                  "host_key": way.more.get("host_key", ""), "incoming": place}  # fmt: skip
        found |= {"results": results} if results else {}
    else:
        tables["endpoint"] = {"url": way.url}
        found |= {"way": "http", "address": place} | ({"result": results} if results else {})
    # The hub sends every other form than OneRoster file by file, which no result tells apart.
    loose = way.format not in _ONEROSTER
    tables["files"] = found | {"loose": loose}
    tables["credentials"]["method"] = "Basic"
    tables["capabilities"] |= {
        "upload": not is_sftp(way),
        "sftp": is_sftp(way),
        "bulk": True,
        "delta": "delta" in way.capabilities and not loose,
        "outcome": "outcome" in way.capabilities and not loose and bool(results),
    }


def _edfi(way: Way, tables: Tables) -> None:
    tables["endpoint"] = {"url": way.url}
    numbers = {name: int(way.more.get(name) or 0) for name in ("district", "school")}
    second = int(way.more.get("second_school") or 0)
    standard = way.format.rpartition("-")[2]
    tables["edfi"] = {"data_standard": standard, **numbers, "second_school": second}


def _roster(way: Way, tables: Tables) -> None:
    tables["endpoint"] = {"url": way.url} if way.url else {}
    version = way.format.removeprefix("oneroster-").removesuffix("-rest")
    scopes = ["roster-core.readonly", "roster-demographics.readonly"]
    tables["roster"] = {"version": version, "scopes": scopes}


def _pull(way: Way, tables: Tables) -> None:
    tables["endpoint"] = {"infrastructure": "3.3"}
    if way.url:
        tables["endpoint"]["url"] = way.url
    tables["credentials"]["method"] = way.method
    tables["capabilities"]["readback"] = bool(way.users and way.url)


_WRITERS: Mapping[str, Callable[[Way, Tables], None]] = {
    PUSH: _push,
    FILES: _files,
    EDFI: _edfi,
    ROSTER: _roster,
    PULL: _pull,
}


def _written(tables: Tables) -> str:
    # A text, a flag, a number or a list of texts of JSON is one of TOML too.
    lines: list[str] = []
    for name, values in tables.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"
