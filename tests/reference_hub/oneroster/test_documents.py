"""A client of OneRoster has no session of SIF: its access token opens the documents of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from lxml import etree

from reference_hub.codec.pod_json import pod_hash
from reference_hub.model.pod import LIVE, PENDING, Pod
from tests.reference_hub.oneroster.conftest import ALL, Puller


@pytest.fixture
def client(puller: Callable[..., Puller]) -> Puller:
    """A vendor that pulls, with a token for its rosters."""
    return puller("reading", "1.2", "required").allowed(*ALL)


def document(client: Puller, **given: object) -> Pod:
    """A POD that waits for the vendor."""
    values: dict[str, object] = {"status": PENDING, "acknowledged": None} | given
    return client.hub.pod(client.shelf.to.vendor_id, granted=("xStudent",), **values)


def asked(client: Puller, path: str) -> requests.Response:
    """What stands at a path of the hub."""
    return client.get(f"{client.hub.base}{path}")


def receipt(client: Puller, pod: Pod, **other: str) -> requests.Response:
    """Send the record that acknowledges a POD."""
    told = {"podId": pod.id, "podVersion": pod.version, "podToken": pod.token,
            "podHash": pod_hash(pod.document), "decision": "ACKNOWLEDGED"} | other  # fmt: skip
    return client.send("POST", f"pods/{pod.id}/acknowledgements", told, root="/privacy")


def test_a_token_alone_reads_the_documents_and_acknowledges_one(client: Puller) -> None:
    pod = document(client)
    reply = asked(client, "/services/pods")
    assert (reply.status_code, reply.headers["Content-Type"][:15]) == (200, "application/xml")
    (shown,) = etree.fromstring(reply.content)
    assert shown.findtext("{*}podToken") == pod.token
    assert receipt(client, pod).status_code == 201
    assert receipt(client, pod).status_code == 200
    again = etree.fromstring(asked(client, f"/services/pods/{pod.id}").content)
    assert again.findtext("{*}podStatus") == LIVE


def test_where_there_is_none_the_answer_is_empty(client: Puller) -> None:
    assert asked(client, "/services/pods").status_code == 204
    nowhere = "/services/pods/00000000-0000-4000-8000-000000000000"
    assert asked(client, nowhere).status_code == 404


def test_nobody_reads_or_acknowledges_the_document_of_another(
    client: Puller, puller: Callable[..., Puller]
) -> None:
    pod = document(client)
    other = puller("maths", "1.2", "required").allowed(*ALL)
    assert asked(other, "/services/pods").status_code == 204
    assert receipt(other, pod).status_code == 404


def test_a_wrong_text_is_refused(client: Puller) -> None:
    pod = document(client)
    assert receipt(client, pod, podHash="sha256:" + "0" * 64).status_code == 409


@pytest.mark.parametrize("path", ["/privacy/deletions", "/requests/pods", "/requests/xStudents"])
def test_everything_else_needs_a_session(client: Puller, path: str) -> None:
    assert asked(client, path).status_code == 401


def test_without_a_good_token_nothing_is_told(client: Puller) -> None:
    document(client)
    client.token = "guessed"
    assert asked(client, "/services/pods").status_code == 401


def test_a_session_finds_jobs_there_as_before(client: Puller) -> None:
    session = client.hub.client("sis")
    assert session.open().status_code == 201
    reply = session.send("GET", "/services/pods")
    assert (reply.status_code, "functional service" in reply.text) == (404, True)
