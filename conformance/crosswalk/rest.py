"""OneRoster REST objects as facts under the names of the CSV binding, so that both forms compare.

The two bindings differ: REST has references (`{href, sourcedId, type}`), roles inside the user and
`preferredFirstName` where CSV has ids, a file `roles` and `preferredGivenName`.
Source: OneRoster 1.1 and 1.2 rostering, REST binding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance.crosswalk.facts import LISTS, Fact, keyed

RENAMED = {
    "preferredFirstName": "preferredGivenName",
    "preferredMiddleName": "preferredMiddleName",
    "preferredLastName": "preferredFamilyName",
}
FILES = {"schools": "orgs", "students": "users", "teachers": "users", "terms": "academicSessions"}
# References that point the other way of a fact, or to what no roster holds.
ASIDE = ("children", "resources", "userProfiles")


def of_rest(target: str, collection: str, body: Mapping[str, object]) -> Iterator[Fact]:
    """Read one object of a collection such as `users`; the roles in a user are rows of `roles`."""
    file = FILES.get(collection, collection)
    found = [pair for name, value in body.items() for pair in _cells(name, value)]
    yield from keyed(target, file, found)
    roles = body.get("roles")
    for role in roles if isinstance(roles, list) and file == "users" else ():
        owner = ("userSourcedId", str(body.get("sourcedId", "")))
        cells = [pair for name, value in role.items() for pair in _cells(name, value)]
        yield from keyed(target, "roles", [owner, *cells])


def _cells(name: str, value: object) -> Iterator[tuple[str, str]]:
    if value in (None, "", []) or name in (*ASIDE, "roles"):
        return
    if isinstance(value, Mapping):
        yield from _object(name, value)
    elif isinstance(value, list):
        yield from _list(name, value)
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield RENAMED.get(name, name), text


def _object(name: str, value: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    if "sourcedId" in value:
        yield f"{name}SourcedId", str(value["sourcedId"])
    elif name == "metadata":
        yield from ((f"metadata.{key}", str(text)) for key, text in value.items() if text)


def _list(name: str, values: list[object]) -> Iterator[tuple[str, str]]:
    plain = [str(one) for one in values if not isinstance(one, Mapping)]
    if plain and name in LISTS:
        yield from ((name, text) for text in plain)
    elif plain:
        yield name, ",".join(plain)
    for one in values:
        if isinstance(one, Mapping) and "sourcedId" in one:
            yield f"{name.removesuffix('s')}SourcedIds", str(one["sourcedId"])
        elif isinstance(one, Mapping) and name == "userIds":
            yield name, f"{one.get('type', '')}:{one.get('identifier', '')}"
