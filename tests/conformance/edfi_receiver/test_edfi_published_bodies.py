"""The simulated host takes bodies that Ed-Fi published for its certification, and shows them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from conformance import target
from conformance.edfi import EdfiClient, id_of
from conformance.edfi_expect import differences, document
from conformance.evidence import Evidence
from conformance.simulators import serve
from conformance.simulators.edfi_receiver import EdfiHost
from conformance.simulators.edfi_receiver.resources import leaves
from conformance.wire import Wire
from tests.conformance.edfi_receiver.judging import table_for

BODIES = "samples/edfi/cert-request-bodies"


class EdfiHost4(EdfiHost):
    """A host of data standard 4, whose courses have one subject."""

    standard = "4"


def published(standards: Path, name: str) -> list[dict[str, Any]]:
    """The bodies of POST requests of one file, with places and people that are there."""
    text = (standards / BODIES / f"{name}.json").read_text("utf-8")
    text = re.sub(r'"\{\{\w*(?:LEA|EdOrg)\w*\}\}"', str(EdfiHost.district), text)
    text = re.sub(r'"\{\{\w*[Ss]chool\w*\}\}"', str(EdfiHost.schools[0]), text)
    text = re.sub(r"\[ENTER_\w+\]|\{\{\w+\}\}", "1", text)
    return [one["body"] for one in json.loads(text) if one["method"] == "POST"]


@pytest.mark.parametrize(
    ("product", "file", "resource"),
    [
        (EdfiHost, "Students", "students"),
        (EdfiHost, "Contacts", "contacts"),
        (EdfiHost4, "Courses", "courses"),
    ],
    ids=["students", "contacts", "courses"],
)
def test_published_bodies_are_taken_and_come_back(
    standards: Path, product: type[EdfiHost], file: str, resource: str
) -> None:
    bodies = published(standards, file)
    host = product()
    codes = {value for one in bodies for _, name, value in leaves(one) if "Descriptor" in name}
    host.descriptors = host.descriptors | codes
    with serve(host) as handle, Wire() as wire:
        table = table_for(handle.url, product)
        client = EdfiClient(wire, target.from_table(table, environ={}), Evidence())
        for body in bodies:
            reply = client.post(resource, body)
            assert reply.status in (200, 201), reply.body
            shown = document(client.get(resource, id_of(reply)))
            assert list(differences(body, shown)) == []
    assert bodies
