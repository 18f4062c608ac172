"""What is judged: `conformance.toml`, checked key by key before anything is sent."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec

from conformance import target_network
from conformance.auth import METHODS
from conformance.catalogue import TIERS
from conformance.claims import CAPABILITIES, ROLES
from conformance.problems import TargetError
from conformance.route import DIRECT, Route
from conformance.target_doors import NO_DOORS, Application, Bearer, Doors, Tls, doors_of
from conformance.target_edfi import NO_EDFI, Edfi, refuse_edfi
from conformance.target_files import NO_FILES, Files, refuse_files
from conformance.target_lines import located
from conformance.target_profile import (
    NOTHING_DECLARED,
    Profile,
    refuse_parts,
    refuse_profile,
    refuse_readback,
)
from conformance.target_publisher import NO_PUBLISHER, Publisher, refuse_publisher
from conformance.target_roster import NO_ROSTER, Roster, refuse_roster
from conformance.target_rostering import USUAL, Rostering, refuse_rostering
from conformance.target_secrets import secret_of
from conformance.target_tables import (
    Attestation,
    Consumer,
    Credentials,
    Endpoint,
    Fidelity,
    Listener,
    Network,
    Offer,
    Operator,
    PodParty,
    Readback,
    Second,
    Vendor,
    Waiver,
)
from conformance.target_values import refuse_addresses, refuse_numbers, refuse_terms, refuse_texts
from conformance.target_variants import (
    endpoint_of,
    in_force,
    notes_of,
    refuse_notation,
    variants_of,
)

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


_TOML_TYPES = {"str": str, "int": int, "float": float, "bool": bool, "array": list, "object": dict}

ANYTHING_LESS_FAILS = Fidelity()
NO_OFFER = Offer()
NOTHING_BETWEEN = Network()


class File(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file, table by table."""

    vendor: Vendor
    endpoint: Endpoint = Endpoint()
    network: Network = Network()
    credentials: Credentials
    capabilities: dict[str, bool] = {}
    variants: dict[str, str] = {}
    readback: Readback = Readback()
    fidelity: Fidelity = Fidelity()
    profile: Profile = NOTHING_DECLARED
    listener: Listener = Listener()
    pod: PodParty = PodParty()
    consumer: Consumer = Consumer()
    second: Second = Second()
    tls: Tls = Tls()
    secret_with_colon: Application = Application()
    secret_with_letters: Application = Application()
    bearer: Bearer = Bearer()
    operator: Operator = Operator()
    offer: Offer = Offer()
    files: Files = NO_FILES
    oneroster: Rostering = USUAL
    publisher: Publisher = NO_PUBLISHER
    roster: Roster = NO_ROSTER
    edfi: Edfi = NO_EDFI
    attestation: Attestation = Attestation()
    waiver: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetConfig:
    """The checked target file with its secret resolved; `notes` deserve attention all the same.

    `by_profile`: hold the vendor against its own `profile` and not against the standard. `keep`:
    leave at the target what the run created. `load`: how many requests come at the same time, at
    the least those that a check needs.
    """

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
    consumer: Consumer
    second: Second
    operator: Operator
    second_secret: str = ""
    doors: Doors = NO_DOORS
    offer: Offer = NO_OFFER
    files: Files = NO_FILES
    oneroster: Rostering = USUAL
    publisher: Publisher = NO_PUBLISHER
    roster: Roster = NO_ROSTER
    edfi: Edfi = NO_EDFI
    attestation: str = ""
    fidelity: Fidelity = ANYTHING_LESS_FAILS
    profile: Profile = NOTHING_DECLARED
    by_profile: bool = False
    keep: bool = False
    load: int = 0
    network: Network = NOTHING_BETWEEN
    route: Route = DIRECT
    path: str = ""
    notes: tuple[str, ...] = ()

    @property
    def base(self) -> str:
        """The endpoint URL without a slash at its end."""
        return self.endpoint.url.rstrip("/")

    @property
    def party(self) -> str:
        """The party id for PODs."""
        return self.pod.party or self.vendor.name

    def url(self, path: str) -> str:
        """An absolute URL for a path below the base, or the URL itself."""
        return path if "://" in path else f"{self.base}/{path.lstrip('/')}"


def _beside(path: str, name: str) -> str:
    return str(Path(path).parent / name) if name else ""


def load(
    path: Path, environ: Mapping[str, str] | None = None, role: str | None = None
) -> TargetConfig:
    """Read and check a target file; raises TargetError naming file, line, key, value and fix.

    `role` takes the place of the one in the file.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        table = tomllib.loads(text)
    except FileNotFoundError:
        raise TargetError(
            str(path), "there is no such file.", "Write one with: conformance init"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        seen = f"it is not readable TOML: {error}."
        raise TargetError(str(path), seen, _cure_of(error)) from None
    if role is not None and isinstance(table.get("vendor"), dict):
        table["vendor"]["role"] = role
    try:
        return from_table(table, str(path), environ)
    except TargetError as error:
        raise located(error, str(path), text) from None


def _cure_of(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "Save it as UTF-8."
    if "Unescaped '\\'" in str(error) or "hex value" in str(error):
        return "Write / for \\ in a path, or put the path into single quotes."
    return "Correct it."


def from_table(
    table: Mapping[str, Any],
    path: str = "conformance.toml",
    environ: Mapping[str, str] | None = None,
) -> TargetConfig:
    """Check a table that has the shape of the file."""
    _refuse_unknown(path, "", table, File)
    try:
        file = msgspec.convert(table, File)
    except msgspec.ValidationError as error:
        raise _wrong_type(path, table, str(error)) from None
    file = msgspec.structs.replace(file, endpoint=endpoint_of(path, file.endpoint))
    _refuse_values(path, file)
    _refuse_missing(path, "[attestation] file", file.attestation.file)
    environ = os.environ if environ is None else environ
    way = target_network.route(path, file.endpoint, file.network, environ)
    secret, note = secret_of(path, "credentials", file.credentials, environ)
    second = secret_of(path, "second", file.second, environ)[0] if file.second.key else ""
    return TargetConfig(
        vendor=file.vendor,
        endpoint=file.endpoint,
        credentials=file.credentials,
        secret=secret,
        capabilities=in_force(file),
        variants=file.variants | variants_of(file),
        readback=file.readback,
        listener=file.listener,
        pod=file.pod,
        waivers=file.waiver,
        consumer=file.consumer,
        second=file.second,
        operator=file.operator,
        offer=file.offer,
        oneroster=file.oneroster,
        files=file.files,
        publisher=file.publisher,
        roster=file.roster,
        edfi=file.edfi,
        second_secret=second,
        doors=doors_of(path, file, environ),
        attestation=_beside(path, file.attestation.file),
        fidelity=file.fidelity,
        profile=file.profile,
        network=file.network,
        route=way,
        path=path,
        notes=tuple(filter(None, (note, *way.notes, *notes_of(file)))),
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
    name, key, number = _key(table, where, fault)
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


def _key(table: Mapping[str, Any], where: str, fault: str) -> tuple[str, str, int | None]:
    """Table, key and index of `endpoint.url`, `waiver[1].until` or `profile.longest[...]`."""
    if where.endswith("[...]"):
        name, values = where.replace("[...]", ""), table
        for step in name.split("."):
            values = values[step]
        got = _TOML_TYPES.get(fault.rpartition("got `")[2].rstrip("`"), object)
        wrong = (key for key, value in _entries(values) if type(value) is got)
        return name, next(wrong, ""), None
    place, _, key = where.partition(".")
    name, _, number = place.rstrip("]").partition("[")
    return name, key, int(number) if number else None


def _entries(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The keys of a table with their values, those of the tables in it after them."""
    yield from values.items()
    for value in values.values():
        if isinstance(value, Mapping):
            yield from value.items()


def _nearest(word: str, words: Mapping[str, object]) -> str:
    near = get_close_matches(word, list(words), 1, 0.5)
    if near:
        return f"Did you mean {near[0]}?"
    return f"Known are: {', '.join(sorted(words))}."


def _refuse_values(path: str, file: File) -> None:
    for name in file.capabilities:
        if name not in CAPABILITIES:
            place = f"{path}, [capabilities] {name}"
            raise TargetError(place, "there is no such capability.", _nearest(name, CAPABILITIES))
    allowed: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("[vendor] role", file.vendor.role, tuple(ROLES)),
        ("[vendor] tier", file.vendor.tier, TIERS),
        ("[credentials] method", file.credentials.method, METHODS),
        ("[second] method", file.second.method, METHODS),
    )
    for key, value, words in allowed:
        if value not in words:
            fix = f"Use one of: {', '.join(words)}."
            raise TargetError(f"{path}, {key}", f"the value is {value!r}.", fix)
    refuse_addresses(path, file)
    refuse_texts(path, file)
    refuse_notation(path, file)
    refuse_numbers(path, file)
    refuse_terms(path, file.pod)
    refuse_readback(path, file.readback)
    refuse_parts(path, file.fidelity)
    refuse_profile(path, file.profile)
    refuse_rostering(path, file.oneroster)
    refuse_publisher(path, file.publisher)
    refuse_roster(path, file.roster)
    if file.vendor.role == "edfi-receiver":
        refuse_edfi(path, file.edfi)
    refuse_files(path, file.vendor.role, file.files, file.capabilities)


def _refuse_missing(path: str, key: str, name: str) -> None:
    if name and not (Path(path).parent / name).is_file():
        raise TargetError(f"{path}, {key}", f"there is no file {name!r}.", "Correct the path.")
