"""A vendor asks a provider behind the hub for people whom it may not know."""

from __future__ import annotations

import pytest
import requests
from lxml import etree
from werkzeug.wrappers import Response

from reference_hub.codec.xml import fold
from reference_hub.model.pod import HASH, Condition, Pod
from reference_hub.privacy.pseudonyms import Pseudonyms
from reference_hub.store import exclusions, pods
from tests.reference_hub.broker.conftest import Seen
from tests.reference_hub.gate.conftest import GRANTED, LIST, XML, Ground, entry
from tests.reference_hub.gate.doors import MARKER
from tests.reference_hub.web.conftest import SCOPE, Client

UNKNOWN = "0F0E0D0C-4F50-4162-8394-A5B6C7D8E9F0"


@pytest.fixture
def one_by_one(ground: Ground, brokered: Client) -> Ground:
    """The provider answers for single students as it should, and knows no others."""
    known = {each.get("refId", ""): etree.tostring(each) for each in ground.students}

    def answer(asked: Seen) -> Response:
        refid = asked.path.partition(";")[0].rpartition("/")[2].upper()
        body = known.get(refid)
        return Response(body or b"", 200 if body else 404, content_type=XML)

    ground.elsewhere.answer = answer
    return ground


def hashed(ground: Ground) -> tuple[Pod, str]:
    """A POD that hides the ids of students, and the pseudonym of the first one."""
    condition = Condition(HASH, "xStudent/@refId")
    pod = ground.pod(entries=(entry(*GRANTED, conditions=(condition,)),))
    (secret,) = ground.query("SELECT secret FROM vendor WHERE id = 1")[0]
    return pod, Pseudonyms(bytes(secret)).shown("student", ground.one)


def ask(client: Client, refid: str, pod: Pod, verb: str = "GET") -> requests.Response:
    return client.send(verb, f"{LIST}/{refid}", None, **{MARKER: pod.token})


@pytest.mark.requirement("POD-MIN-010")
def test_a_known_id_does_not_lead_to_its_pseudonym(one_by_one: Ground, brokered: Client) -> None:
    pod, shown = hashed(one_by_one)
    reply = ask(brokered, one_by_one.one, pod)
    assert (reply.status_code, shown in reply.text) == (404, False)
    by_pseudonym = ask(brokered, shown, pod)
    assert (by_pseudonym.status_code, shown in by_pseudonym.text) == (200, True)
    assert ask(brokered, "no-uuid", pod).status_code == 404


@pytest.mark.requirement("POD-GATE-008")
@pytest.mark.parametrize("verb", ["GET", "HEAD"])
def test_who_is_never_shared_and_who_is_not_there_have_one_answer(
    one_by_one: Ground, brokered: Client, verb: str
) -> None:
    pod = one_by_one.pod()
    assert ask(brokered, one_by_one.one, pod, verb).status_code == 200
    with one_by_one.hub.engine.begin() as connection:
        exclusions.add(connection, SCOPE, fold(one_by_one.one), [1], "operator")
    told = [ask(brokered, refid, pod, verb) for refid in (one_by_one.one, UNKNOWN)]
    assert [each.status_code for each in told] == [404, 404]
    first, second = ([*_texts(each)] for each in told)
    assert first == second
    assert sorted(told[0].headers) == sorted(told[1].headers)


def _texts(reply: requests.Response) -> list[str | None]:
    root = etree.fromstring(reply.content) if reply.content else ()
    return [each.text for each in root]


def test_the_end_of_the_agreement_counts_while_the_provider_works(
    ground: Ground, brokered: Client
) -> None:
    pod = ground.pod()
    body = etree.tostring(ground.students[0])

    def answer(_: Seen) -> Response:
        with ground.hub.engine.begin() as connection:
            pods.expire_all(connection, 1, SCOPE)
        return Response(body, 200, content_type=XML)

    ground.elsewhere.answer = answer
    assert ask(brokered, ground.one, pod).status_code == 410
