"""The suite's own OneRoster service: tokens, pages, views, both versions, the gate."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

import pytest

from conformance.oneroster_signing import Signer
from conformance.reply import Headers
from conformance.stage.calls import Asked, Given
from conformance.stage.oneroster_face import ROOTS, Face
from conformance.stage.oneroster_pages import Style
from conformance.stage.oneroster_roster import Roster
from conformance.stage.oneroster_tokens import FAMILIES
from tests.conformance.oneroster_consumer.judging import SECRET, config_of


def face_of(version: str = "1.2", **capabilities: bool) -> Face:
    """A service without a document, unless `pod` is declared."""
    told = {"pod": False} | capabilities
    made = Face(config_of(capabilities=told, roster={"version": version}), lambda _: None)
    made.url = "http://127.0.0.1:9/hub"
    made.roster = Roster(7, 0, 1_800_000_000.0)
    return made


def asked(path: str, method: str = "GET", body: str = "", **headers: str) -> Asked:
    """A call as the server hands it over."""
    from conformance.stage.server import taken_apart

    steps, given = taken_apart(f"/hub/{path}")
    return Asked(
        method, f"/hub/{path}", steps, given, Headers(tuple(headers.items())), body.encode()
    )


def token(face: Face, *scopes: str, secret: str = SECRET) -> Given:
    """What a token request with these scopes is answered."""
    names = " ".join(FAMILIES[face.config.roster.version] + one for one in scopes)
    form = urlencode({"grant_type": "client_credentials", "scope": names})
    proof = b64encode(f"demo-vendor:{secret}".encode()).decode()
    return face.answer(asked("oauth/token", "POST", form, Authorization=f"Basic {proof}"))


def get(face: Face, path: str, *scopes: str) -> Given:
    """What a call for rosters is answered."""
    value = json.loads(token(face, *(scopes or ("roster-core.readonly",))).body)["access_token"]
    root = "/".join(ROOTS[face.config.roster.version])
    return face.answer(asked(f"{root}/{path}", Authorization=f"Bearer {value}"))


def told(given: Given) -> Any:
    """The body as JSON."""
    return json.loads(given.body)


def test_a_token_covers_no_more_than_was_agreed() -> None:
    face = face_of()
    given = token(face, "roster-core.readonly", "roster.readonly")
    assert told(given)["scope"] == f"{FAMILIES['1.2']}roster-core.readonly"
    assert get(face, "users", "roster-core.readonly", "roster.readonly").status == 200


@pytest.mark.parametrize(("scopes", "secret", "status", "error"), [
    (("roster-core.readonly",), "wrong", 401, "invalid_client"),
    ((), SECRET, 400, "invalid_scope"),
    (("gradebook.readonly",), SECRET, 400, "invalid_scope"),
])  # fmt: skip
def test_a_token_is_refused(scopes: tuple[str, ...], secret: str, status: int, error: str) -> None:
    given = token(face_of(), *scopes, secret=secret)
    assert (given.status, told(given)) == (status, {"error": error})


def test_a_core_token_reads_no_demographics() -> None:
    given = get(face_of(), "demographics")
    assert given.status == 403
    field = told(given)["imsx_CodeMinor"]["imsx_codeMinorField"][0]
    assert field["imsx_codeMinorFieldValue"] == "forbidden"


def test_pages_are_linked_to_the_end() -> None:
    face = face_of()
    given = get(face, "users?limit=5&offset=3")
    lines = dict(given.headers)
    assert [one["username"] for one in told(given)["users"]] == [
        "user.0.0003", "user.0.0004", "user.0.0005"
    ]  # fmt: skip
    assert lines["X-Total-Count"] == "7"
    assert '?limit=5&offset=6>; rel="next"' in lines["Link"]
    assert lines["Link"].startswith("<http://127.0.0.1:9/hub/ims/oneroster/rostering/v1p2/users?")


def test_a_service_without_links_gives_what_was_asked_for() -> None:
    face = face_of()
    face.style = Style(links=False, total=False)
    given = get(face, "users?limit=5")
    assert len(told(given)["users"]) == 5
    assert [name for name, _ in given.headers] == ["Content-Type"]


@pytest.mark.parametrize(("path", "member", "count"), [
    ("students?limit=3", "users", 3), ("teachers", "users", 1), ("schools", "orgs", 2),
    ("terms", "academicSessions", 1), ("users?filter=enabledUser%3D%27false%27", "users", 1),
])  # fmt: skip
def test_views_are_parts_of_collections(path: str, member: str, count: int) -> None:
    assert len(told(get(face_of(), path))[member]) == count


def test_what_is_below_an_object_is_found() -> None:
    face = face_of()
    first = face.roster.one("classes", 0)["sourcedId"]
    school = face.roster.one("orgs", 2)["sourcedId"]
    assert len(told(get(face, f"classes/{first}/teachers"))["users"]) == 1
    assert len(told(get(face, f"schools/{school}/classes"))["classes"]) == 1
    assert get(face, "schools/nothing/classes").status == 404


def test_the_old_version_tells_one_role_and_the_orgs_of_all() -> None:
    face = face_of("1.1")
    pupil = face.roster.one("users", 4)
    found = told(get(face, f"users/{pupil['sourcedId']}"))["user"]
    assert (found["role"], len(found["orgs"]), "roles" in found) == ("student", 2, False)
    given = get(face, "lineItems")
    assert told(given)["statusInfoSet"][0]["imsx_codeMinor"] == "unknownobject"


def test_a_filter_that_cannot_be_read_is_refused() -> None:
    assert get(face_of(), "users?filter=familyName").status == 400


def signed(face: Face, nonce: str, secret: str = SECRET, late: int = 0) -> Given:
    """What a call with a signature is answered."""
    path = f"{'/'.join(ROOTS['1.1'])}/users?limit=2&filter=role%3D%27student%27"
    signer = Signer("demo-vendor", secret)
    url = f"http://127.0.0.1:9/hub/{path}"
    told = signer.header("GET", url, nonce, int(time.time()) + late)
    return face.answer(asked(path, Authorization=told))


def test_a_signed_call_is_good_once_in_the_old_version() -> None:
    face = face_of("1.1")
    assert [signed(face, "a").status, signed(face, "a").status] == [200, 401]
    assert signed(face, "b", secret="wrong").status == 401
    assert signed(face, "c", late=3600).status == 401
    assert signed(face_of("1.2"), "d").status == 401


def test_rosters_are_shut_without_a_document() -> None:
    assert get(face_of(pod=True), "users").status == 403
