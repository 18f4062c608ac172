"""OneRoster 1.2 REST read as rows: every collection, and the roles inside users.

Source: 1EdTech OneRoster 1.2 Rostering, REST binding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.readback_forms import Row, Source, walked

RENAMED = {"preferredFirstName": "preferredGivenName", "preferredLastName": "preferredFamilyName"}
LISTS = {"agents": "agentSourcedIds", "terms": "termSourcedIds"}
Body = Mapping[str, object]


def table(source: Source, name: str) -> list[Row]:
    """Every object of a collection as a row; roles are taken out of the users."""
    collection = "users" if name == "roles" else name
    found = walked(source, f"{source.told.address.rstrip('/')}/{collection}", collection)
    if name == "roles":
        return [role for user in found for role in roles(user)]
    return [row(one) for one in found]


def row(body: Body) -> Row:
    """The cells of one object; lists are joined and references named as in CSV."""
    cells: Row = {}
    for name, value in body.items():
        if isinstance(value, Mapping) and "sourcedId" in value:
            cells[f"{name}SourcedId"] = _points(value)
        elif name in LISTS and isinstance(value, list):
            cells[LISTS[name]] = ",".join(_points(one) for one in value)
        elif name not in ("userIds", "roles", "metadata"):
            cells[RENAMED.get(name, name)] = _cell(value)
    pairs = [one for one in listed(body, "userIds") if isinstance(one, Mapping)]
    cells["userIds"] = ",".join(
        f"{{{_cell(one.get('type'))}:{_cell(one.get('identifier'))}}}" for one in pairs
    )
    return cells


def roles(user: Body) -> list[Row]:
    """The roles inside a user as rows of roles.csv; JSON gives them no id, so one is made."""
    owner = _cell(user.get("sourcedId"))
    found = []
    for place, one in enumerate(listed(user, "roles")):
        if isinstance(one, Mapping):
            cells = {name: _cell(value) for name, value in one.items() if name != "org"}
            org = _points(one.get("org"))
            own = {"sourcedId": f"{owner}/{place}", "userSourcedId": owner, "orgSourcedId": org}
            found.append(cells | own)
    return found


def listed(body: Body, name: str) -> Sequence[object]:
    """The list under a name; empty if there is none."""
    value = body.get(name)
    return value if isinstance(value, list) else []


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(_cell(one) for one in value) if isinstance(value, list) else str(value)


def _points(value: object) -> str:
    return _cell(value.get("sourcedId")) if isinstance(value, Mapping) else ""
