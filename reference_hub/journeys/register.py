"""The applications of the settings file become those of the store, at each start.

An entry says all there is to know about its application: what it leaves out is the default, not
what an earlier entry said. Applications that no entry names stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from reference_hub.model import served
from reference_hub.model.rights import RIGHTS, SERVICE_TYPES, VALUES, Grant, from_rows
from reference_hub.model.scope import DEFAULT_CONTEXT, Scope
from reference_hub.problems import SetupError
from reference_hub.settings import ApplicationEntry, Zone
from reference_hub.store import vendors

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ROW = ("zone", "context", "type", "name", "rights")


def register(
    connection: Connection,
    applications: Mapping[str, ApplicationEntry],
    zones: Mapping[str, Zone],
    environ: Mapping[str, str],
) -> list[str]:
    """Register each entry and return the keys. Raises SetupError that names the faulty setting."""
    for key, entry in applications.items():
        _register(connection, key, entry, zones, environ)
    return list(applications)


def refuse_unusable_key(key: str) -> None:
    """Raise SetupError for a key that Basic authentication could not carry."""
    if not key.strip() or ":" in key or "\x00" in key:
        raise SetupError("An application key has at least one character and no colon (Basic).")


def grants_of(
    rows: Iterable[Mapping[str, Any]], where: str, scope: Scope, zones: Mapping[str, Zone]
) -> tuple[Grant, ...]:
    """Rows of `rights` or `may_request`; zone and context are those of `scope` where a row names
    none. Raises SetupError that names the row and its fault."""
    complete = []
    for number, row in enumerate(rows, 1):
        at = f"{where}, row {number}"
        _refuse_row(row, at)
        zone = row.get("zone", scope.zone_id)
        context = row.get("context", scope.context_id if zone == scope.zone_id else DEFAULT_CONTEXT)
        refuse_unknown_place(Scope(zone, context), at, zones)
        complete.append({**row, "zone": zone, "context": context})
    return from_rows(complete)


def refuse_unknown_place(scope: Scope, where: str, zones: Mapping[str, Zone]) -> None:
    """Raise SetupError for a zone or a context that the settings do not list."""
    zone = zones.get(scope.zone_id)
    if zone is None:
        known = ", ".join(zones)
        raise SetupError(f"{where} names the zone '{scope.zone_id}'; known zones are {known}.")
    if scope.context_id not in zone.contexts:
        raise SetupError(
            f"{where} names the context '{scope.context_id}', which zone {scope.zone_id} has not; "
            f"it has {', '.join(zone.contexts)} (zones.{scope.zone_id}.contexts)."
        )


def _register(
    connection: Connection,
    key: str,
    entry: ApplicationEntry,
    zones: Mapping[str, Zone],
    environ: Mapping[str, str],
) -> None:
    where = f"applications.{key}"
    refuse_unusable_key(key)
    scope = Scope(entry.zone, entry.context)
    refuse_unknown_place(scope, where, zones)
    if not environ.get(entry.secret_env):
        raise SetupError(
            f"{where}.secret_env: the environment variable {entry.secret_env} is not set; put the "
            "secret into it."
        )
    vendors.add_application(
        connection,
        key,
        environ[entry.secret_env],
        scope,
        vendor_id=_vendor(connection, where, entry),
        kind=entry.kind,
        environment_type=entry.environment or _usual_type(entry),
        notation=entry.notation,
        grants=grants_of(entry.rights, f"{where}.rights", scope, zones),
        requestable=grants_of(entry.may_request, f"{where}.may_request", scope, zones),
        app_id=entry.app_id,
        # Whoever wrote the file was asked for nothing, so the gate asks.
        decision=zones[entry.zone].decision if entry.vendor else "",
    )


def _usual_type(entry: ApplicationEntry) -> str:
    return "BROKERED" if entry.kind == "provider" else "DIRECT"


def _vendor(connection: Connection, where: str, entry: ApplicationEntry) -> int | None:
    if entry.kind == "vendor" and not entry.vendor:
        raise SetupError(f"{where} is of kind vendor; name it with {where}.vendor.")
    if not entry.vendor:
        return None
    if entry.kind == "provider":
        raise SetupError(f"{where} has a vendor but is of kind provider; leave one of them out.")
    return vendors.required_vendor(connection, entry.vendor).id


def _refuse_row(row: Mapping[str, Any], where: str) -> None:
    for key in row:
        if key not in _ROW:
            raise SetupError(f"{where} has the unknown key '{key}'; known are {', '.join(_ROW)}.")
    for key in ("zone", "context", "type", "name"):
        if key in row and not (isinstance(row[key], str) and row[key].strip()):
            raise SetupError(f"{where}.{key} is {row[key]!r}; it is a text that is not empty.")
    if row.get("type", "OBJECT") not in SERVICE_TYPES:
        known = ", ".join(SERVICE_TYPES)
        raise SetupError(f"{where}.type is {row['type']!r}; known are {known}.")
    if row.get("type", "OBJECT") == "OBJECT":
        refuse_object_name(row.get("name", "*"), f"{where}.name")
    _refuse_rights(row.get("rights"), where)


def refuse_object_name(name: str, where: str) -> None:
    """Raise SetupError for the name of an object where that of its service belongs."""
    if name in served.OBJECTS:
        raise SetupError(f"{where} is '{name}', an object; its service is called '{name}s'.")


def _refuse_rights(rights: object, where: str) -> None:
    if not isinstance(rights, Mapping) or not rights:
        raise SetupError(f'{where}.rights is a table such as {{ QUERY = "APPROVED" }}.')
    for right, value in rights.items():
        if right not in RIGHTS:
            raise SetupError(f"{where}.rights has {right!r}; known are {', '.join(RIGHTS)}.")
        if value not in VALUES:
            known = ", ".join(VALUES)
            raise SetupError(f"{where}.rights.{right} is {value!r}; known are {known}.")
