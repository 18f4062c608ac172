"""The simulated publisher of the suite at the reference hub: two parties that share no code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from conformance.simulators.publisher import Publisher
from reference_hub.store import vendors
from tests.reference_hub.web.conftest import SCOPE, SECRET, Client, Hub

ADA = {
    "given_name": "Zo\u00eb \u5c0f\u9f8d",
    "family_name": "O\u2019Brien",
    "local_id": "00012345",
    "birth_date": "2014-02-28",
}
pytestmark = pytest.mark.soak


def of_ada(reply: Any) -> list[etree._Element]:
    """The students of an answer that have Ada's local id."""
    found = etree.fromstring(reply.content) if reply.content else []
    return [one for one in found if one.findtext("{*}localId") == ADA["local_id"]]


def test_a_source_that_posts_is_taken_word_for_word(hub: Hub) -> None:
    with hub.engine.begin() as connection:
        vendors.add_application(connection, "sis", SECRET, SCOPE)
    system = Publisher(hub.base, "sis", SECRET)
    reader = hub.client("other-sis")
    reader.open()
    for order in ("publish", "add", "restart"):
        system.act(order, ADA)
    (made,) = of_ada(reader.send("GET", "/requests/xStudents"))
    assert made.findtext("{*}name/{*}givenName") == ADA["given_name"]
    system.act("change", {**ADA, "given_name": "Eva"})
    (changed,) = of_ada(reader.send("GET", "/requests/xStudents"))
    assert changed.findtext("{*}name/{*}givenName") == "Eva"
    assert changed.get("refId") == made.get("refId")
    system.act("delete", ADA)
    assert of_ada(reader.send("GET", "/requests/xStudents")) == []
    system.close()


def test_a_provider_registers_answers_and_publishes(
    hub: Hub, consumer: Client, subscribed: Callable[..., str], granted: Callable[..., Any]
) -> None:
    kinds = ("xLeas", "xSchools", "xStaffs", "xStudents")
    rights = [granted(name, "PROVIDE", "QUERY") for name in kinds]
    rights.append(granted("providers", "QUERY", "CREATE", "DELETE", "PROVIDE", kind="UTILITY"))
    with hub.engine.begin() as connection:
        vendors.add_application(connection, "far-school", SECRET, SCOPE, kind="provider",
                                grants=rights)  # fmt: skip
    system = Publisher(hub.base, "far-school", SECRET)
    system.act("publish", ADA)
    messages = subscribed(consumer)
    assert len(etree.fromstring(consumer.send("GET", "/requests/xStudents").content)) == 3
    system.act("add", ADA)
    told = consumer.send("GET", messages)
    assert (told.headers["eventAction"], len(of_ada(told))) == ("CREATE", 1)
    assert len(of_ada(consumer.send("GET", "/requests/xStudents"))) == 1
    system.close()
