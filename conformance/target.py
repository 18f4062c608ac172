"""What is judged: `conformance.toml`, checked key by key before anything is sent."""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec

from conformance.auth import METHODS
from conformance.problems import TargetError
from conformance.trees import NA4

CAPABILITIES = {
    "create": "takes new objects, one or many",
    "update": "takes partial updates, one or many",
    "delete": "takes deletions, one or many",
    "query": "answers GET on objects and collections",
    "paging": "answers page by page",
    "head": "answers HEAD",
    "pod": "takes privacy obligation documents and demands their marker",
    "readback": "shows what it stored in its own form",
    "bundle": "takes OneRoster CSV bundles by PUT",
}
ROLES = ("receiver",)
_PLACE = re.compile(r"(?P<fault>.*?)(?: - at `\$\.?(?P<path>.*)`)?")
_MISSING = re.compile(r"Object missing required field `(?P<key>.*)`")
_TOML_WORDS = {
    "`object`": "a table",
    "`array`": "a list",
    "`float`": "a number",
    "`int`": "a whole number",
    "`bool`": "true or false",
    "`str`": "text in quotes",
    "Invalid RFC3339 encoded date": "expected a date such as 2027-06-30",
    "Expected `date`": "expected a date such as 2027-06-30",
    "Expected ": "expected ",
}


class Vendor(msgspec.Struct, frozen=True, kw_only=True):
    """`[vendor]`: who is judged, in which role, up to which tier."""

    name: str
    product: str = ""
    version: str = ""
    role: str = "receiver"
    tier: str = "full"


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """`[endpoint]`: where requests go, and how long to wait (seconds)."""

    url: str
    ca_file: str = ""
    infrastructure: str = "3.3"
    data_model: str = NA4
    zone: str = ""
    context: str = ""
    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    total_seconds: float = 30.0
    largest_body_mb: float = 10.0


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """`[credentials]`: the application key and, in one of three places, its secret."""

    key: str
    method: str = "SIF_HMACSHA256"
    secret_env: str = ""
    secret_file: str = ""
    secret: str = ""


class Readback(msgspec.Struct, frozen=True, kw_only=True):
    """`[readback]`: where the vendor shows what it stored; `wait_seconds` until it shows."""

    users: str = "export/users.csv"
    demographics: str = "export/demographics.csv"
    wait_seconds: float = 0.0


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """`[listener]`: the address under which the vendor reaches our listener."""

    host: str = "127.0.0.1"
    port: int = 0
    public_url: str = ""


class PodParty(msgspec.Struct, frozen=True, kw_only=True):
    """`[pod]`: the names by which the vendor recognises its own obligations document."""

    party: str = ""
    app: str = ""


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """`[[waiver]]`: a failure somebody answers for; shown beside the verdict, never instead."""

    requirement: str
    owner: str
    reason: str
    until: date

    def line(self, today: date | None = None) -> str:
        """One line for the report; from the day after `until` (UTC) it says expired."""
        over = self.until < (today or datetime.now(UTC).date())
        expired = " (expired)" if over else ""
        return f"waived by {self.owner} until {self.until}{expired}: {self.reason}"


class _File(msgspec.Struct, frozen=True, kw_only=True):
    vendor: Vendor
    endpoint: Endpoint
    credentials: Credentials
    capabilities: dict[str, bool] = {}
    variants: dict[str, str] = {}
    readback: Readback = Readback()
    listener: Listener = Listener()
    pod: PodParty = PodParty()
    waiver: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetConfig:
    """The checked target file with its secret resolved; `secret_note` warns about its place."""

    vendor: Vendor
    endpoint: Endpoint
    credentials: Credentials
    secret: str
    capabilities: frozenset[str]
    variants: Mapping[str, str]
    readback: Readback
    listener: Listener
    pod: PodParty
    waivers: tuple[Waiver, ...]
    path: str = ""
    secret_note: str = ""

    @property
    def base(self) -> str:
        """The endpoint URL without a slash at its end."""
        return self.endpoint.url.rstrip("/")

    @property
    def party(self) -> str:
        """The party id for PODs."""
        return self.pod.party or self.vendor.name

    @property
    def ca_file(self) -> str:
        """The issuer's certificate file, found beside the target file; empty if none is named."""
        named = self.endpoint.ca_file
        return str(Path(self.path).parent / named) if named else ""

    def url(self, path: str) -> str:
        """An absolute URL for a path below the base, or the URL itself."""
        return path if "://" in path else f"{self.base}/{path.lstrip('/')}"


def load(path: Path, environ: Mapping[str, str] | None = None) -> TargetConfig:
    """Read and check a target file; raises TargetError naming file, key, value and fix."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TargetError(
            str(path), "there is no such file.", "Write one with: conformance init"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TargetError(str(path), f"it is not readable TOML: {error}.", "Correct it.") from None
    return from_table(table, str(path), environ)


def from_table(
    table: Mapping[str, Any],
    path: str = "conformance.toml",
    environ: Mapping[str, str] | None = None,
) -> TargetConfig:
    """Check a table that has the shape of the file."""
    _refuse_unknown(path, "", table, _File)
    try:
        file = msgspec.convert(table, _File)
    except msgspec.ValidationError as error:
        raise _wrong_type(path, table, str(error)) from None
    _refuse_values(path, file)
    _refuse_missing(path, "[endpoint] ca_file", file.endpoint.ca_file)
    secret, note = _secret(path, file.credentials, os.environ if environ is None else environ)
    return TargetConfig(
        vendor=file.vendor,
        endpoint=file.endpoint,
        credentials=file.credentials,
        secret=secret,
        capabilities=frozenset(name for name, on in file.capabilities.items() if on),
        variants=file.variants,
        readback=file.readback,
        listener=file.listener,
        pod=file.pod,
        waivers=file.waiver,
        path=path,
        secret_note=note,
    )


def _refuse_unknown(path: str, where: str, table: object, kind: type[msgspec.Struct]) -> None:
    if not isinstance(table, Mapping):
        return
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for key, value in table.items():
        if key not in fields:
            place = f"[{where}] {key}" if where else f"[{key}]"
            raise TargetError(f"{path}, {place}", "there is no such key.", _nearest(key, fields))
        inner = fields[key]
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            _refuse_unknown(path, key, value, inner)
        elif key == "waiver" and isinstance(value, list):
            for one in value:
                _refuse_unknown(path, key, one, Waiver)


def _wrong_type(path: str, table: Mapping[str, Any], said: str) -> TargetError:
    """What msgspec said in words of TOML; no values but dates, because one may be the secret."""
    found = _PLACE.fullmatch(said)
    fault, where = (found["fault"], found["path"] or "") if found else (said, "")
    missing = _MISSING.fullmatch(fault)
    name, key, number = _key(table, where)
    if missing:
        name, key = (name, missing["key"]) if name else (missing["key"], "")
        fault = "it is missing"
    elif key == "until":
        fault = f"the value is {str(table[name][number][key])!r}, {fault}"
    for word, plain in _TOML_WORDS.items():
        fault = fault.replace(word, plain)
    bare = f"[{name}]" if number is None else f"[[{name}]] number {number + 1},"
    place = f"{path}, {bare} {key}".rstrip(" ,")
    return TargetError(place, f"{fault}.", "conformance init shows every key.")


def _key(table: Mapping[str, Any], where: str) -> tuple[str, str, int | None]:
    """Table, key and index of `endpoint.url`, `waiver[1].until` or `variants[...]`."""
    if where.endswith("[...]"):
        name = where.removesuffix("[...]")
        wanted = bool if name == "capabilities" else str
        wrong = (key for key, value in table[name].items() if not isinstance(value, wanted))
        return name, next(wrong, ""), None
    place, _, key = where.partition(".")
    name, _, number = place.rstrip("]").partition("[")
    return name, key, int(number) if number else None


def _nearest(word: str, words: Mapping[str, object]) -> str:
    near = get_close_matches(word, list(words), 1, 0.5)
    if near:
        return f"Did you mean {near[0]}?"
    return f"Known are: {', '.join(sorted(words))}."


def _refuse_values(path: str, file: _File) -> None:
    for name in file.capabilities:
        if name not in CAPABILITIES:
            place = f"{path}, [capabilities] {name}"
            raise TargetError(place, "there is no such capability.", _nearest(name, CAPABILITIES))
    allowed: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("[vendor] role", file.vendor.role, ROLES),
        ("[vendor] tier", file.vendor.tier, ("core", "full")),
        ("[credentials] method", file.credentials.method, METHODS),
    )
    for key, value, words in allowed:
        if value not in words:
            fix = f"Use one of: {', '.join(words)}."
            raise TargetError(f"{path}, {key}", f"the value is {value!r}.", fix)
    _refuse_address(f"{path}, [endpoint] url", file.endpoint.url)
    _refuse_texts(path, file)
    _refuse_numbers(path, file)


def _refuse_address(place: str, url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise TargetError(place, f"the value is {url!r}.", "It starts with http:// or https://.")
    if "?" in url:
        # The query may hold a secret, so it is not shown.
        plain = url.partition("?")[0]
        raise TargetError(place, f"a query follows {plain!r}.", "Leave off the ? and the rest.")


def _refuse_texts(path: str, file: _File) -> None:
    infrastructure = file.endpoint.infrastructure
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)*", infrastructure):
        seen = f"the value is {infrastructure!r}."
        place = f"{path}, [endpoint] infrastructure"
        raise TargetError(place, seen, 'Write a version number, for example "3.3".')
    named = (("[vendor] name", file.vendor.name), ("[credentials] key", file.credentials.key))
    for key, value in named:
        if not value.strip():
            raise TargetError(f"{path}, {key}", f"the value is {value!r}.", "It must not be empty.")


def _refuse_numbers(path: str, file: _File) -> None:
    for key in ("connect_seconds", "read_seconds", "total_seconds", "largest_body_mb"):
        value = getattr(file.endpoint, key)
        if not (math.isfinite(value) and value > 0):
            seen = f"the value is {value!r}."
            raise TargetError(f"{path}, [endpoint] {key}", seen, "Write a number above 0.")
    wait = file.readback.wait_seconds
    if not (math.isfinite(wait) and wait >= 0):
        place = f"{path}, [readback] wait_seconds"
        raise TargetError(place, f"the value is {wait!r}.", "Write 0 or a number above 0.")


def _refuse_missing(path: str, key: str, name: str) -> None:
    if name and not (Path(path).parent / name).is_file():
        raise TargetError(f"{path}, {key}", f"there is no file {name!r}.", "Correct the path.")


def _secret(path: str, credentials: Credentials, environ: Mapping[str, str]) -> tuple[str, str]:
    given = [name for name in ("secret_env", "secret_file", "secret") if getattr(credentials, name)]
    if len(given) != 1:
        seen = f"{' and '.join(given) or 'no secret'} given."
        fix = "Give exactly one of secret_env, secret_file, secret."
        raise TargetError(f"{path}, [credentials]", seen, fix)
    place = f"{path}, [credentials] {given[0]}"
    if credentials.secret_env:
        return _from_environment(place, credentials.secret_env, environ), ""
    if credentials.secret_file:
        return _from_file(place, Path(path).parent / credentials.secret_file), ""
    return credentials.secret, f"{place}: the secret stands in the file; secret_env keeps it out."


def _from_environment(place: str, name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "")
    if not value:
        seen = f"the environment variable {name} is not set."
        raise TargetError(place, seen, f"Set it: export {name}=...")
    return value


def _from_file(place: str, file: Path) -> str:
    try:
        value = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise TargetError(place, f"{file} cannot be read.", "Name a text file.") from None
    if not value:
        raise TargetError(place, f"{file} is empty.", "Write the secret into it.")
    return value
