"""What the simulated OneRoster provider holds: a small district, as OneRoster objects."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from fixtures.district.plan import Plan
from fixtures.writers.oneroster import json_files

Body = dict[str, Any]
Bodies = list[Body]

# Two schools, so that what belongs to one can be told from what belongs to the other.
SEED, STUDENTS, SCHOOLS = 7, 12, 2
_FIRST = datetime(2026, 8, 31, 6, 0, 0, 125_000, tzinfo=UTC)
_PRIMARY = {
    "aide": "aide", "counselor": "aide", "districtAdministrator": "administrator",
    "principal": "administrator", "siteAdministrator": "administrator",
    "systemAdministrator": "administrator",
}  # fmt: skip
_ONLY_IN_1_2 = (
    "preferredFirstName", "preferredMiddleName", "preferredLastName", "pronouns", "roles",
    "userMasterIdentifier", "userProfiles", "primaryOrg",
)  # fmt: skip


def held() -> dict[str, Bodies]:
    """Every collection with its objects, in the shape of OneRoster 1.2; a copy for each caller."""
    return copy.deepcopy(_drawn())


@lru_cache(maxsize=1)
def _drawn() -> dict[str, Bodies]:
    files = json_files.files(Plan(SEED, STUDENTS, SCHOOLS))
    found: dict[str, Bodies] = {}
    for file, parts in files.items():
        name = file.removesuffix(".json")
        found[name] = json.loads(b"".join(parts))[name]
    for number, one in enumerate(one for bodies in found.values() for one in bodies):
        one["dateLastModified"] = _moment(_FIRST + timedelta(minutes=number))
    _make_various(found)
    return found


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _make_various(found: Mapping[str, Bodies]) -> None:
    """Terms, a stay that has ended, and an object that went."""
    for one in found["academicSessions"]:
        if one["type"] == "semester":
            one["type"] = "term"
    for one in found["classes"][::2]:
        year = one["terms"][0]["sourcedId"]
        parts = [each for each in found["academicSessions"] if points(each, "parent") == year]
        one["terms"] = [
            one["terms"][0] | {"sourcedId": each["sourcedId"], "href": f"terms/{each['sourcedId']}"}
            for each in parts
            if each["type"] == "term"
        ] or one["terms"]
    seats = [one for one in found["enrollments"] if one["role"] == "student"]
    seats[0]["endDate"] = "2026-09-15"
    seats[-1]["status"] = "tobedeleted"


def in_1_1(kind: str, body: Body) -> Body:
    """The object as OneRoster 1.1 tells it: one role, the orgs of all, no newer members."""
    if kind != "user":
        return _plain(body)
    primary = next(role for role in body["roles"] if role["roleType"] == "primary")
    told = {name: value for name, value in body.items() if name not in _ONLY_IN_1_2}
    orgs = {role["org"]["sourcedId"]: role["org"] for role in body["roles"]}
    role = primary["role"]
    return told | {"role": _PRIMARY.get(role, role), "orgs": list(orgs.values())}


def _plain(body: Body) -> Body:
    kept = {}
    for name, value in body.items():
        if isinstance(value, str) and value.startswith("ext:"):
            kept[name] = value.removeprefix("ext:") if name != "role" else "administrator"
        elif not (name == "sex" and value in ("other", "unspecified")):
            kept[name] = value
    return kept


def points(body: Mapping[str, Any], name: str) -> str:
    """The id that a reference of this name holds; empty without one."""
    value = body.get(name)
    return str(value.get("sourcedId", "")) if isinstance(value, Mapping) else ""


def ids(bodies: Iterable[Body]) -> set[str]:
    """The ids of objects."""
    return {str(one["sourcedId"]) for one in bodies}
