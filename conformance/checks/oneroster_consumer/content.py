"""What may stand in an object, and what of it must not stop a reader.

Source: OneRoster 1.2, rostering: `metadata` extends objects, `ext:` extends enumerations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from conformance import expect
from conformance.checks.oneroster_consumer.looking import (
    complete,
    given,
    read,
    rows_of,
    same,
    usually,
)
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.stage.oneroster_pages import Style
from conformance.stage.oneroster_play import Scene
from conformance.stage.oneroster_roster import Body
from conformance.verifies import verifies

OPTIONAL = (
    "middleName", "email", "identifier", "grades", "userIds", "parent", "classCode", "classType",
    "beginDate", "endDate", "primary", "sex", "birthDate",
)  # fmt: skip
# A session must tell its days.
_NEEDED = {"academicSessions": ("endDate",)}


def _optional(collection: str, body: Body) -> list[str]:
    needed = _NEEDED.get(collection, ())
    return [name for name in OPTIONAL if name in body and name not in needed]


def _with_metadata(_: str, body: Body) -> Body:
    return body | {"metadata": {"district.code": "07", "list": [1, None], "deep": {"a": "b"}}}


def _turned_round(_: str, body: Body) -> Body:
    return dict(reversed(body.items()))


def _sparse(collection: str, body: Body) -> Body:
    away = _optional(collection, body)
    return {name: value for name, value in body.items() if name not in away}


def _null(collection: str, body: Body) -> Body:
    return body | dict.fromkeys(_optional(collection, body))


def _unknown(_: str, body: Body) -> Body:
    return body | {"vendorField": "x", "vendorList": [{"a": 1}]}


LAWFUL: Mapping[str, Style] = {
    "metadata": Style(alter=_with_metadata),
    "members in another order": Style(alter=_turned_round),
    "no optional member": Style(alter=_sparse),
    "a charset in Content-Type": Style(content_type="application/json; charset=UTF-8"),
}
TOLERATED: Mapping[str, Style] = {
    "unknown members": Style(alter=_unknown),
    "null for what is optional": Style(alter=_null),
}


def read_in(scene: Scene, style: Style) -> None:
    """Everything that is read otherwise is read in this style as well."""
    usual = usually(scene)
    scene.renew(style)
    calls = scene.synchronise(lambda some: usual <= read(some) and scene.whole(some))
    complete(scene, calls, "all is read")
    expect.equal(sorted(read(calls)), sorted(usual), "the collections that are read")


def kept_in(scene: Scene, stored: ReadBack, style: Style, people: int) -> None:
    """All of these people, whom nobody told before, are there after a reading in this style."""
    roster = scene.renew(style, people=people)
    given(scene.synchronise(order="restart"))
    stored.renew()
    for user in roster.all("users"):
        found = [one.get("username") for one in rows_of(stored, "users", user)]
        expect.equal(found, [user["username"]], "users/username in the export")


@pytest.mark.parametrize("form", sorted(LAWFUL))
@verifies("DAT-ORC-050")
def check_lawful_objects_are_read_on(scene: Scene, form: str) -> None:
    """Metadata, another order, no optional members, a charset: reading goes on as ever."""
    read_in(scene, LAWFUL[form])


@pytest.mark.parametrize("form", sorted(LAWFUL))
@verifies("DAT-ORC-051")
def check_lawful_objects_are_stored(scene: Scene, stored: ReadBack, form: str) -> None:
    """Metadata, another order, no optional members, a charset: every user is stored."""
    kept_in(scene, stored, LAWFUL[form], 10 + sorted(LAWFUL).index(form))


@pytest.mark.parametrize("form", sorted(TOLERATED))
@verifies("DAT-ORC-052")
def check_unknown_members_stop_nothing(scene: Scene, form: str) -> None:
    """Members that no standard knows, or null for what is optional: reading goes on as ever."""
    read_in(scene, TOLERATED[form])


@pytest.mark.parametrize("form", sorted(TOLERATED))
@verifies("DAT-ORC-053")
def check_users_with_unknown_members_are_stored(scene: Scene, stored: ReadBack, form: str) -> None:
    """Members that no standard knows, or null for what is optional: every user is stored."""
    kept_in(scene, stored, TOLERATED[form], 20 + sorted(TOLERATED).index(form))


WORDS: Mapping[str, Callable[[str, Body], Body]] = {
    "a role of the district": lambda name, body: _other_role(name, body, "ext:tutor"),
    "a class type of the district": lambda name, body: (
        body | {"classType": "ext:workshop"} if name == "classes" else body
    ),
    "a session type of the district": lambda name, body: (
        body | {"type": "ext:block"} if name == "academicSessions" else body
    ),
}


def _other_role(name: str, body: Body, word: str) -> Body:
    if name != "users" or "roles" not in body:
        return body
    return body | {"roles": [one | {"role": word} for one in body["roles"]]}


@pytest.mark.parametrize("form", sorted(WORDS))
@verifies("DAT-ORC-054")
def check_extended_words_stop_nothing(scene: Scene, form: str) -> None:
    """A word that the district added to an enumeration, with ext: in front, stops no reading."""
    if scene.face.old:
        raise NotVerified("OneRoster 1.1 has no extended words")
    read_in(scene, Style(alter=WORDS[form]))


@verifies("DAT-ORC-055", negative=True)
def check_unknown_role_becomes_no_other(scene: Scene, stored: ReadBack) -> None:
    """A user whose only role is an unknown word is not stored as student, teacher or the like."""
    scene.renew()
    scene.synchronise(order="restart")
    roster = scene.face.roster
    pupil = roster.one("users", 1)
    stored.must_see("roles")
    if not rows_of(stored, "roles", pupil):
        raise NotVerified("the export shows no role of a user that was read")
    roles = [one | {"role": "ext:tutor"} for one in pupil["roles"]]
    roster.change("users", 1, scene.moment(), roles=roles)
    given(scene.synchronise(order="restart"))
    stored.renew()
    for row in rows_of(stored, "roles", pupil):
        expect.one_of(row.get("role", ""), ("ext:tutor", ""), "the role in the export")


NOWHERE = {"href": "users/nowhere", "sourcedId": "nowhere", "type": "user"}
STRANGERS: Mapping[str, Callable[[str, Body], Body]] = {
    member: lambda name, body, member=member: (  # type: ignore[misc]
        body | {member: NOWHERE | {"type": member}} if name == "enrollments" else body
    )
    for member in ("class", "user")
}


@pytest.mark.parametrize("member", sorted(STRANGERS))
@verifies("DAT-ORC-056", negative=True)
def check_unknown_references_stop_nothing(scene: Scene, member: str) -> None:
    """Enrolments of a user or a class that nobody told stop no reading of what comes after."""
    read_in(scene, Style(alter=STRANGERS[member]))


def spoiled(scene: Scene, name: str, member: str, value: str | None, people: int) -> list[Body]:
    """The other objects of a collection, after one came without a member or with nonsense in it."""
    wanted = scene.face.roster.one(name, 2)["sourcedId"]

    def spoil(collection: str, body: Body) -> Body:
        if collection != name or body["sourcedId"] != wanted:
            return body
        left = {key: told for key, told in body.items() if key != member}
        return left if value is None else left | {member: value}

    scene.renew(Style(alter=spoil), people=people)
    given(scene.synchronise(order="restart"))
    return [one for one in scene.face.roster.all(name) if one["sourcedId"] != wanted]


@verifies("DAT-ORC-057", negative=True)
def check_user_without_id_spoils_no_other(scene: Scene, stored: ReadBack) -> None:
    """One user without a sourcedId keeps no other user from being stored."""
    for user in spoiled(scene, "users", "sourcedId", None, 30):
        same(stored, "users", user, "username")


@verifies("DAT-ORC-058", negative=True)
def check_bad_date_spoils_nobody_else(scene: Scene, stored: ReadBack) -> None:
    """One birth date that is none keeps no other person's demographics from being stored."""
    for one in spoiled(scene, "demographics", "birthDate", "unknown", 31):
        same(stored, "demographics", one, "birthDate")
