"""The suite speaks the release of the target file, and judges by what is in force in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lxml import etree

from conformance import target, trees, versions
from conformance.evidence import Evidence
from conformance.problems import SetupFault
from conformance.sif import SifClient
from conformance.simulators import Receiver, serve
from conformance.simulators.documents import INF
from conformance.simulators.message import Request, Response
from conformance.simulators.provider import Provider
from conformance.versions import VERSIONS, namespace
from conformance.wire import Wire
from fixtures import generate
from fixtures.writers import xpress
from tests.conformance.provider.judging import table_for
from tests.conformance.variants.judging import SOAKED, judged, left
from tests.conformance.variants.speaking import speaking

# What a receiver is told in infrastructure messages; the soak asks everything.
QUICK = ("3.0.1", "3.6")
LONG = tuple(version for version in VERSIONS if version not in QUICK)
TOLD = ("sif/environments", "sif/formats", "sif/delete", "pod/document")


@pytest.mark.parametrize("version", ["3.0.1", *map(SOAKED, VERSIONS[1:])])
def test_a_provider_of_one_release_passes_what_is_in_force(version: str) -> None:
    told = judged(speaking(Provider, version), {"infrastructure": version})
    assert set(left(told)) <= {"not applicable"}, left(told)
    assert told.counts["pass"] >= {"3.0.1": 145, "3.1": 161}.get(version, 185)


@pytest.mark.parametrize("version", [*QUICK, *map(SOAKED, LONG)])
def test_a_receiver_of_one_release_passes_what_is_in_force(version: str) -> None:
    product = speaking(Receiver, version)
    told = judged(product, {"infrastructure": version}, TOLD)
    assert set(left(told)) <= {"not applicable"}, left(told)
    own = [name for name, space in product.heard if space == namespace(version)]
    assert sorted(own) == ["deleteRequest", "environment", *(["pod"] * (version >= "3.3"))]


@pytest.mark.soak
@pytest.mark.parametrize("version", VERSIONS)
def test_a_receiver_of_one_release_passes_the_whole_profile(version: str) -> None:
    told = judged(speaking(Receiver, version), {"infrastructure": version})
    assert set(left(told)) <= {"not applicable"}, left(told)


def test_only_the_checks_of_namespaces_speak_another_release() -> None:
    product = speaking(Provider, "3.1")
    judged(product, {"infrastructure": "3.1"}, ("provider/sessions",))
    strange = {space for _, space in product.heard if space != namespace("3.1")}
    assert strange == {namespace("3.0.1"), namespace("3.2.1"),
                       "http://sifassociation.org/infrastructure/3.3"}  # fmt: skip


def test_what_came_later_is_not_applicable_with_the_release_it_came_with() -> None:
    told = judged(speaking(Provider, "3.1"), {"infrastructure": "3.1"}, ("INF-HED-001", "NEG-033"))
    reasons = {check.id: check.reason for check in told.checks}
    assert reasons["head_is_understood_where_reading_is"] == (
        "not in force in infrastructure 3.1: head since 3.2"
    )
    rows = {row.id: row.reason for row in told.requirements}
    assert rows["NEG-033"] == "in force since 3.3; the target declares 3.1"


def test_a_capability_of_a_later_release_is_noted() -> None:
    table = table_for("http://127.0.0.1:1") | {"endpoint": {"url": "http://x.example",
                                                            "infrastructure": "3.2"}}  # fmt: skip
    table["capabilities"] |= {"pod": True}
    config = target.from_table(table, environ={})
    assert "pod" not in config.capabilities
    assert "pod came with infrastructure 3.3; the target declares 3.2, so it is not judged" in (
        config.notes
    )


def test_the_release_stands_in_the_verdict() -> None:
    told = judged(speaking(Provider, "3.4"), {"infrastructure": "3.4"}, ("INF-FMT-001",))
    assert told.variants["infrastructure"] == "3.4"


def test_the_usual_release_is_the_same_bytes() -> None:
    body = trees.tostring(trees.inf("deleteRequest", trees.inf("deletes")))
    assert versions.spoken(body, "3.3") is body
    assert versions.spoken(body, "3.6") == body.replace(b"/3.3", b"/3.6")


def test_doctor_finds_the_release_that_is_spoken() -> None:
    class Strict(Provider):
        """Refuses environments of any other release than 3.2.1."""

        def understands(self, element: etree._Element, name: str) -> bool:
            return bool(element.tag == f"{{{namespace('3.2.1')}}}{name}")

    with pytest.raises(SetupFault) as told:
        judged(Strict(), {"infrastructure": "3.6"}, ("INF-FMT-001",))
    assert 'infrastructure = "3.2.1"' in str(told.value)


def test_a_wrong_answer_of_an_old_release_still_fails() -> None:
    product = speaking(Provider, "3.0.1")
    plain = product.finish

    def finish(request: Request, response: Response) -> Response:
        answer: Response = plain(request, response)
        if answer.status < 400:
            return answer
        body = answer.body.replace(namespace("3.0.1").encode(), b"urn:vendor.example:errors")
        return Response(answer.status, body, answer.content_type, answer.headers)

    product.finish = finish
    told = judged(product, {"infrastructure": "3.0.1"}, ("INF-ERR-004",))
    assert {row.id: row.verdict for row in told.requirements}["INF-ERR-004"] == "fail"


# -- the suite's own messages against the published schemas --------------------------------------

ENTRY = {"3.0.1": "", "3.1": "", "3.2": "Collections.xsd", "3.2.1": "Collections.xsd",
         "3.3": "SIF_Message.xsd"}  # fmt: skip
Said = Callable[[str, str], bytes]


@pytest.fixture(scope="module")
def said() -> Said:
    """The first message of this root that the suite sends in this release."""

    def messages(version: str) -> dict[str, bytes]:
        product: Any = speaking(Receiver, version)
        with serve(product) as handle, Wire() as wire:
            config = target.from_table({
                "vendor": {"name": "Example Reading App"},
                "endpoint": {"url": handle.url, "infrastructure": version},
                "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
                "capabilities": dict.fromkeys(("create", "delete", "query", "pod"), True),
            }, environ={})  # fmt: skip
            sif = SifClient(wire, config, Random(1), Evidence())
            sif.ready()
            sif.create_many([xpress.student(generate.student(1, n)) for n in range(5)])
            sif.clean_up()
        return {etree.QName(etree.fromstring(one)).localname: one for one in product.bodies}

    known: dict[str, dict[str, bytes]] = {}

    def first(version: str, root: str) -> bytes:
        if version not in known:
            known[version] = messages(version)
        return known[version][root]

    return first


def schema(standards: Path, version: str, root: str) -> etree.XMLSchema:
    """The published schema of an infrastructure object."""
    folder = standards / "schemas/official" / f"infrastructure-{version}"
    return etree.XMLSchema(etree.parse(folder / (ENTRY[version] or f"{root.lower()}.xsd")))


@pytest.mark.parametrize("version", ENTRY)
@pytest.mark.parametrize("root", ["environment", "deleteRequest"])
def test_messages_are_valid_by_the_published_schema(
    standards: Path, said: Said, version: str, root: str
) -> None:
    message = etree.fromstring(said(version, root))
    if root == "environment" and version == "3.3":
        message.set("id", "7f0e5d9e-7f83-4fb1-9d22-5b0fd8b9f1aa")  # its key makes it a must
    judge = schema(standards, version, root)
    assert judge.validate(message), judge.error_log


def test_a_document_is_valid_by_the_published_schema(standards: Path, said: Said) -> None:
    judge = schema(standards, "3.3", "pod")
    assert judge.validate(etree.fromstring(said("3.3", "pod"))), judge.error_log


def test_a_message_of_another_release_is_not_valid(standards: Path, said: Said) -> None:
    message = etree.fromstring(said("3.1", "environment"))
    assert not schema(standards, "3.0.1", "environment").validate(message)
    assert INF not in said("3.1", "environment").decode()
