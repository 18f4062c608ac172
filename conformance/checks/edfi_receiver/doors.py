"""The root document and the token (Ed-Fi ODS/API; RFC 6749, 4.4 and 5)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest

from conformance import edfi_expect, expect
from conformance.checks.edfi_receiver.steps import control_holds
from conformance.edfi import EdfiClient, as_json
from conformance.edfi_bodies import Bodies
from conformance.edfi_shapes import STUDENTS
from conformance.problems import NotApplicable
from conformance.reply import Reply
from conformance.verifies import verifies

INVENTED = "8d3f0c1e5b7a49268d3f0c1e5b7a4926"


@verifies("EDF-ROO-001")
def check_root_document_tells_version_and_addresses(door: EdfiClient) -> None:
    """Without a token the root tells the data standard, and where tokens and data are."""
    reply = door.root()
    found = edfi_expect.document(reply)
    models = found.get("dataModels")
    versions = [
        str(one.get("version", "")).partition(".")[0]
        for one in (models if isinstance(models, list) else [])
        if isinstance(one, Mapping) and str(one.get("name", "")).lower() == "ed-fi"
    ]
    expect.equal(versions, [door.config.edfi.data_standard], "the version of the model", reply)
    for name in ("oauth", "dataManagementApi"):
        url = urlsplit(_address(found, name))
        expect.one_of(url.scheme, ("http", "https"), f"the scheme of urls.{name}", reply)


def _address(root: Mapping[str, object], name: str) -> str:
    urls = root.get("urls")
    return str(urls.get(name, "")) if isinstance(urls, Mapping) else ""


@verifies("EDF-ROO-002")
def check_root_document_names_its_own_host(door: EdfiClient) -> None:
    """The addresses lie at the host that was asked, so that a secret goes nowhere else."""
    reply = door.root()
    found = edfi_expect.document(reply)
    own = urlsplit(door.config.base)
    for name in ("oauth", "dataManagementApi"):
        told = urlsplit(_address(found, name))
        place = f"{told.scheme}://{told.netloc}" if told.netloc else f"{own.scheme}://{own.netloc}"
        expect.equal(place, f"{own.scheme}://{own.netloc}", f"the host of urls.{name}", reply)


@verifies("EDF-AUT-001")
def check_edfi_token_is_given_to_client_credentials(host: EdfiClient) -> None:
    """Key and secret get a bearer token with a lifetime, and it opens the data."""
    reply = host.token()
    found = edfi_expect.document(reply)
    expect.equal(str(found.get("token_type", "")).lower(), "bearer", "token_type", reply)
    lifetime = found.get("expires_in")
    good = isinstance(lifetime, int | float) and not isinstance(lifetime, bool) and lifetime > 0
    expect.true(good, "expires_in is a number of seconds above 0", reply, str(lifetime))
    token = str(found.get("access_token", ""))
    expect.status(host.get(STUDENTS, query={"limit": 1}, token=token), 200)


@verifies("EDF-AUT-002", negative=True)
@pytest.mark.parametrize("wrong", ["secret", "key"])
def check_wrong_edfi_credentials_get_no_token(host: EdfiClient, wrong: str) -> None:
    """A wrong secret, and a key nobody has, are answered with 401; the right ones get a token."""
    control_holds(host.token())
    reply = host.token(**{wrong: "made-up-for-this-check"})
    expect.status(reply, 401)
    _no_token(reply)


@verifies("EDF-AUT-003", negative=True)
def check_unknown_edfi_grant_gets_no_token(host: EdfiClient) -> None:
    """Right credentials with a grant type that nobody knows are refused; the usual one is not."""
    control_holds(host.token())
    reply = host.token(grant="urn:example:made-up")
    expect.status(reply, 400, 401)
    _no_token(reply)


def _no_token(reply: Reply) -> None:
    found = as_json(reply)
    given = isinstance(found, Mapping) and bool(found.get("access_token"))
    expect.true(not given, "a refusal holds no token", reply)


@verifies("EDF-AUT-004", negative=True)
@pytest.mark.parametrize("token", ["", INVENTED], ids=["none", "invented"])
def check_edfi_data_is_closed_without_a_good_token(host: EdfiClient, token: str) -> None:
    """Without a token, and with an invented one, reading is 401; with ours it is served."""
    control_holds(host.get(STUDENTS, query={"limit": 1}))
    reply = host.get(STUDENTS, query={"limit": 1}, token=token)
    expect.status(reply, 401)
    expect.true(not isinstance(as_json(reply), list), "a refusal holds no data", reply)


@verifies("EDF-AUT-005", negative=True)
def check_expired_edfi_token_is_401(host: EdfiClient) -> None:
    """A token that was good once is 401; ours is served."""
    expired = host.config.edfi.expired_token
    if not expired:
        raise NotApplicable("[edfi] expired_token names none")
    control_holds(host.get(STUDENTS, query={"limit": 1}))
    expect.status(host.get(STUDENTS, query={"limit": 1}, token=expired), 401)


@verifies("EDF-AUT-006", negative=True)
@pytest.mark.parametrize("token", ["", INVENTED], ids=["none", "invented"])
def check_edfi_data_is_not_written_without_a_good_token(
    host: EdfiClient, bodies: Bodies, token: str
) -> None:
    """A new record without a token, and with an invented one, is 401; with ours it is taken."""
    reply = host.post(STUDENTS, bodies.student(), token=token)
    control_holds(host.post(STUDENTS, bodies.student()))
    expect.status(reply, 401)


@verifies("EDF-CLM-001", negative=True)
def check_edfi_resource_without_a_claim_is_403(host: EdfiClient) -> None:
    """A resource that the key has no claim to is 403 to be read, and takes nothing."""
    denied = host.config.edfi.denied
    if not denied:
        raise NotApplicable("[edfi] denied names no resource without a claim")
    control_holds(host.get(STUDENTS, query={"limit": 1}))
    expect.status(host.get(denied, query={"limit": 1}), 403)
    # Some hosts look at the body first; without any member it could not be stored either.
    expect.status(host.post(denied, {}), 403, 400)
