"""What became of the values: nothing lost, doubled, cut, folded or turned into something else.

Source: OneRoster 1.2, rostering; the rules of translation are a profile of this suite.
"""

from __future__ import annotations

import unicodedata

from conformance import expect
from conformance.checks.oneroster_consumer.looking import row_of, rows_of, same
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.stage.oneroster_pages import ORDINARY, Style
from conformance.stage.oneroster_play import Scene, ids_of
from conformance.stage.oneroster_roster import Body
from conformance.verifies import verifies

ONE_OVER = Style(overlap=1)


def fresh(scene: Scene, style: Style = ORDINARY, people: int = 2) -> list[Body]:
    """The users of a whole reading, other people behind the known ids."""
    roster = scene.renew(style, people=people)
    calls = scene.synchronise(order="restart")
    if not any(one["sourcedId"] in ids_of(call) for one in roster.all("users") for call in calls):
        raise NotVerified("the client read no users")
    return roster.all("users")


@verifies("DAT-ORC-060", negative=True)
def check_every_user_is_stored_once(scene: Scene, stored: ReadBack) -> None:
    """Users that stand at the end of a page and again on the next one are stored, and once."""
    users = fresh(scene, ONE_OVER, 3)
    stored.renew()
    for user in users:
        expect.equal(len(rows_of(stored, "users", user)), 1, "rows of one user in the export")
        same(stored, "users", user, "username")


@verifies("DAT-ORC-061")
def check_names_keep_every_letter(scene: Scene, stored: ReadBack) -> None:
    """Names with accents, apostrophes, several words, other scripts come back letter by letter."""
    stored.must_see("users.givenName", "users.familyName")
    for user in fresh(scene):
        row = row_of(stored, "users", user)
        for name in ("givenName", "familyName"):
            told, seen = (unicodedata.normalize("NFC", one) for one in (user[name], row[name]))
            expect.equal(seen, told, f"users/{name} in the export")


@verifies("DAT-ORC-062")
def check_numbers_stay_text(scene: Scene, stored: ReadBack) -> None:
    """Identifiers and grades with zeros in front keep them; KG and PS stay what they are."""
    for user in fresh(scene):
        same(stored, "users", user, "identifier", "grades")


@verifies("DAT-ORC-063")
def check_text_false_is_false(scene: Scene, stored: ReadBack) -> None:
    """The text `false` for enabledUser is taken for false, `true` for true."""
    users = fresh(scene)
    for user in (users[3], users[1]):
        same(stored, "users", user, "enabledUser")


@verifies("DAT-ORC-064")
def check_every_role_is_stored(scene: Scene, stored: ReadBack) -> None:
    """A student of two schools has both roles, each at its school."""
    stored.must_see("roles")
    users = fresh(scene)
    for user in (users[4], users[0]):
        rows = stored.table("roles")
        mine = {
            (one.get("role", ""), one.get("orgSourcedId", ""))
            for one in rows if one.get("userSourcedId") == user["sourcedId"]
        }  # fmt: skip
        told = {(one["role"], one["org"]["sourcedId"]) for one in user["roles"]}
        expect.equal(sorted(mine), sorted(told), "roles of a user in the export")


@verifies("DAT-ORC-065")
def check_enrolments_keep_their_ends(scene: Scene, stored: ReadBack) -> None:
    """Each enrolment tells its role, its class, its user, and the days that it begins and ends."""
    fresh(scene)
    ended = {"beginDate": "2026-08-17", "endDate": "2026-09-30"}
    one = scene.face.roster.change("enrollments", 2, scene.moment(), **ended)
    scene.synchronise(order="restart")
    stored.renew()
    for seat in (one, scene.face.roster.one("enrollments", 1)):
        same(stored, "enrollments", seat, "role", "beginDate", "endDate")
        row = row_of(stored, "enrollments", seat)
        for member in ("class", "user"):
            told = row.get(f"{member}SourcedId", "")
            expect.same_id(told, seat[member]["sourcedId"], f"enrollments/{member} in the export")


@verifies("DAT-ORC-066")
def check_cleared_value_goes(scene: Scene, stored: ReadBack) -> None:
    """A middle name that is not told any more is gone; the rest of the user stays."""
    stored.must_see("users.middleName")
    user = fresh(scene)[5]
    same(stored, "users", user, "middleName")
    del user["middleName"]
    scene.face.roster.change("users", 5, scene.moment())
    scene.synchronise(order="restart")
    stored.renew()
    same(stored, "users", user, "middleName", "username")


@verifies("DAT-ORC-067")
def check_demographics_are_stored(scene: Scene, stored: ReadBack) -> None:
    """Birth dates and the sex that was told stand in the export, each with its own person."""
    if "roster-demographics.readonly" not in scene.config.roster.scopes:
        raise NotVerified("the agreement covers no demographics")
    fresh(scene)
    for one in scene.face.roster.all("demographics"):
        same(stored, "demographics", one, "birthDate", "sex")
