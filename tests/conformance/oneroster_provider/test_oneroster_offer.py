"""What the checks of OneRoster providers stand on: signatures, words, reading, the doctor."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance import oneroster_kinds as kinds
from conformance import session, target
from conformance.evidence import Evidence
from conformance.oneroster_offer import Roster, ids
from conformance.oneroster_signing import Signer, signed_text
from conformance.problems import SetupFault, TargetError
from conformance.simulators import serve
from conformance.simulators.message import Request, Response
from conformance.simulators.oneroster_provider import RosterProvider
from conformance.simulators.oneroster_provider.district import Bodies
from conformance.wire import Wire
from tests.conformance.judging import SEED
from tests.conformance.oneroster_provider.judging import table_for

DOCUMENT = "schemas/official/oneroster-1.2/onerosterv1p2rostersservice_openapi3_v1p0.json"
RFC_5849 = (
    "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%2525"
    "3D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oaut"
    "h_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
)


def test_signed_text_is_that_of_the_rfc() -> None:
    url = "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2=&a3=2%20q"
    told = {
        "oauth_consumer_key": "9djdj82h48djs9d2",
        "oauth_token": "kkk9d7dh3k39sjv7",
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "137131201",
        "oauth_nonce": "7d8f3e4a",
    }
    assert signed_text("POST", url, told) == RFC_5849


def test_signature_is_that_of_the_rfc() -> None:
    signer = Signer("dpf43f3p2l4k3l03", "kd94hf93k423kf44", "HMAC-SHA1", "pfkkdhi9sl3r4s00")
    told = {
        "oauth_consumer_key": "dpf43f3p2l4k3l03",
        "oauth_token": "nnch734d00sl2jdk",
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "137131202",
        "oauth_nonce": "chapoH",
    }
    url = "http://photos.example.net/photos?file=vacation.jpg&size=original"
    assert signer.signature("GET", url, told) == "MdpQcU8iPSUjWoN/UDMsK2sui9I="


@pytest.fixture(scope="module")
def schemas(standards: Path) -> dict[str, Any]:
    """The schemas of the official document."""
    found: dict[str, Any] = json.loads((standards / DOCUMENT).read_text("utf-8"))
    return found["components"]["schemas"]  # type: ignore[no-any-return]


NAMES = {
    "org": "Org", "academicSession": "AcademicSession", "course": "Course", "class": "Class",
    "user": "User", "enrollment": "Enrollment", "demographics": "Demographics",
}  # fmt: skip


@pytest.mark.parametrize("one", list(kinds.KINDS))
def test_members_are_those_of_the_official_document(schemas: dict[str, Any], one: str) -> None:
    official, own = schemas[f"{NAMES[one]}DType"], kinds.KINDS[one]
    assert {*official["required"]} == {*kinds.needed(own, "1.2")}
    assert {*official["properties"]} == kinds.known(own)


def words_of(schema: dict[str, Any]) -> set[str]:
    """The words of a member, whether it may be extended or not."""
    parts = [schema, *schema.get("anyOf", []), *schema.get("oneOf", [])]
    return {word for part in parts for word in part.get("enum", ())}


@pytest.mark.parametrize("one", list(kinds.KINDS))
def test_words_are_those_of_the_official_document(schemas: dict[str, Any], one: str) -> None:
    official = schemas[f"{NAMES[one]}DType"]["properties"]
    own = kinds.words(kinds.KINDS[one], "1.2")
    assert {name: set(told) for name, told in own.items()} == {
        name: found for name, schema in official.items() if (found := words_of(schema))
    }


def test_roles_and_minor_codes_are_those_of_the_official_document(schemas: dict[str, Any]) -> None:
    role = schemas["RoleDType"]["properties"]
    assert words_of(role["role"]) == kinds.ROLES_1_2
    minor = schemas["imsx_CodeMinorFieldDType"]["properties"]["imsx_codeMinorFieldValue"]
    assert words_of(minor) == kinds.MINORS


@pytest.fixture(scope="module")
def roster() -> Iterator[Roster]:
    """The client of a simulated service."""
    with serve(RosterProvider()) as handle, Wire() as wire:
        config = target.from_table(table_for(handle.url), environ={})
        yield Roster(wire, config, random.Random(SEED), Evidence())


def test_a_collection_is_read_once(roster: Roster) -> None:
    before = ids(roster.whole("users"))
    number = roster.get("orgs").exchange
    assert ids(roster.whole("users")) == before
    assert roster.get("orgs").exchange == number + 1
    assert len(before) == len(RosterProvider().held["users"])


def test_demographics_are_asked_for_by_their_own_token(roster: Roster) -> None:
    assert roster.token("roster.readonly") != roster.token("roster-demographics.readonly")
    assert roster.get("demographics", limit="1").status == 200


def test_the_older_service_is_read_with_signatures(roster: Roster) -> None:
    older = roster.in_1_1()
    assert older.version == "1.1"
    assert older.objects("users")[0]["role"] in kinds.ROLES_1_1


class NeverLoaded(RosterProvider):
    """A service in which no data was loaded."""

    def objects(self, name: str) -> Bodies:
        return []


class AWebSite(RosterProvider):
    """A login page behind the addresses of rosters."""

    def answer(self, request: Request) -> Response:
        if request.segments == ("oauth", "token"):
            return super().answer(request)
        return Response(200, b"<!DOCTYPE html><title>Log in</title>", "text/html")


def examined(product: type[RosterProvider], **changes: Any) -> str:
    """The set-up fault that a run names."""
    with serve(product()) as handle:
        table = table_for(handle.url)
        table |= {name: table.get(name, {}) | more for name, more in changes.items()}
        config = target.from_table(table, environ={})
        with pytest.raises(SetupFault) as told:
            session.run(config, seed=SEED, only=("ORS-OBJ-001",))
    return str(told.value)


@pytest.mark.parametrize(
    ("product", "changes", "key"),
    [
        (RosterProvider, {"credentials": {"secret": "another-secret"}}, "[credentials] key"),
        (RosterProvider, {"oneroster": {"token_url": "token"}}, "[oneroster] token_url"),
        (RosterProvider, {"oneroster": {"root": "ims/oneroster"}}, "[oneroster] root"),
        (RosterProvider, {"endpoint": {"url": "http://127.0.0.1:9"}}, "[endpoint] url"),
        (NeverLoaded, {}, "hold no object"),
        (AWebSite, {}, "web page"),
    ],
)
def test_the_doctor_names_what_is_wrong(
    product: type[RosterProvider], changes: dict[str, Any], key: str
) -> None:
    assert key in examined(product, **changes)


def test_the_doctor_reads_a_service_that_wants_signatures() -> None:
    older = {"version": "1.1", "root": "ims/oneroster/v1p1", "access": "signed", "token_url": "no"}
    with serve(RosterProvider()) as handle:
        config = target.from_table(table_for(handle.url) | {"oneroster": older}, environ={})
        done = session.run(config, seed=SEED, only=("ORS-SIG-001", "ORS-OBJ-006"))
    assert {check.verdict for check in done.verdict.checks} == {"pass"}


@pytest.mark.parametrize(
    ("told", "key"),
    [({"version": "1.3"}, "version"), ({"access": "basic"}, "access"), ({"page": 0}, "page")],
)
def test_values_that_cannot_be_are_named(told: dict[str, Any], key: str) -> None:
    with pytest.raises(TargetError, match=rf"\[oneroster\] {key}"):
        target.from_table(table_for("http://127.0.0.1:1") | {"oneroster": told}, environ={})


def test_two_runs_of_one_seed_come_to_the_same_verdict() -> None:
    verdicts = []
    for _ in range(2):
        with serve(RosterProvider()) as handle:
            config = target.from_table(table_for(handle.url), environ={})
            done = session.run(config, seed=3, only=("oneroster_provider/paging",), examine=False)
            verdicts.append((done.verdict.requirements, done.verdict.checks))
    assert verdicts[0] == verdicts[1]


def test_no_value_of_a_person_stands_in_a_finding() -> None:
    class Alters(RosterProvider):
        """Writes another birthday than a day."""

        def objects(self, name: str) -> Bodies:
            found = super().objects(name)
            days = [{**one, "birthDate": "31.12.2015"} for one in found if "birthDate" in one]
            return days if name == "demographics" else found

    with serve(Alters()) as handle:
        config = target.from_table(table_for(handle.url), environ={})
        done = session.run(config, seed=SEED, only=("ORS-VAL-004",), examine=False)
    (check,) = done.verdict.checks
    assert check.verdict == "fail"
    assert "31.12.2015" not in repr(check)
    assert "birthDate" in repr(check)
