"""The payload cases as a catalogue: enough, each different, each with a reason that holds."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from conformance import cases, catalogue
from conformance.cases import KINDS, OUTCOMES, Case
from conformance.coverage import function_of
from conformance.problems import SuiteFault
from conformance.verifies import CheckSpec, load_checks
from fixtures.standards import schema_path
from reference_hub.codec.schema import Judge
from reference_hub.codec.xml import MalformedDocument, read

REFUSE, ACCEPT = cases.load("refuse"), cases.load("accept")
ALL = [*REFUSE, *ACCEPT]
LEAST = 120
IDS = {
    name: f"0A3B4C5D-1111-4222-8333-ABCDEF01234{number}"
    for number, name in enumerate(cases.PLACEHOLDERS)
}
# What no schema sees: an id that is in use elsewhere, or in the same list.
UNSEEN = ("INF-CRE-006", "INF-FMT-005", "DAT-UNI-001", "DAT-UNI-002")


@pytest.fixture(scope="module")
def published(standards: Path) -> etree.XMLSchema:
    """The published strict schema of Unity 4.3, repaired where it refuses its own objects."""
    path = standards / "schemas" / "patched" / "unity-4.3-strict" / "SIF_Message.xsd"
    return etree.XMLSchema(etree.parse(path))


@pytest.fixture(scope="module")
def kit() -> etree.XMLSchema:
    """Our own schema of the same objects."""
    return etree.XMLSchema(etree.fromstring(schema_path("unity-4.3-kit").read_bytes()))


def tree(case: Case) -> etree._Element | None:
    """The body as a parser reads it that expands nothing; None if it cannot be read."""
    try:
        return etree.fromstring(case.body(IDS), etree.XMLParser(resolve_entities=False))
    except etree.XMLSyntaxError:
        return None


def valid(schema: etree.XMLSchema, case: Case) -> bool:
    """Whether the schema takes the body for what its address names."""
    root = tree(case)
    due = f"{case.object}s" if case.many else case.object
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        return False
    return etree.QName(root).localname == due and schema.validate(root)


def names(found: list[Case]) -> list[str]:
    """The names of cases."""
    return [case.name for case in found]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_there_are_enough_cases_of_every_kind(outcome: str) -> None:
    counts = Counter(case.kind for case in cases.load(outcome))
    assert counts.total() >= LEAST
    assert {kind for kind in KINDS if counts[kind] >= 9} == set(KINDS)


def test_no_case_repeats_another() -> None:
    bodies = Counter((case.template, *sorted(case.headers.items())) for case in ALL)
    assert [count for count in bodies.values() if count > 1] == []
    assert [name for name, count in Counter(case.name for case in ALL).items() if count > 1] == []
    reasons = Counter(case.reason for case in ALL)
    assert [reason for reason, count in reasons.items() if count > 1] == []


def test_every_case_belongs_to_a_row_that_a_check_verifies() -> None:
    checked = {name for spec in load_checks().values() for name in spec.requirements}
    assert sorted({case.requirement for case in ALL} - checked) == []


def test_every_student_case_is_sent_by_one_check() -> None:
    sent = Counter(one.name for spec in load_checks().values() for one in sent_by(spec))
    assert sorted(sent) == sorted(names(ALL))
    assert set(sent.values()) == {1}


def sent_by(spec: CheckSpec) -> list[Case]:
    """The cases that a check is parametrised by."""
    marks = getattr(function_of(spec), "pytestmark", [])
    return [one for mark in marks for one in mark.args[1] if isinstance(one, Case)]


def test_what_no_standard_forbids_is_not_called_documented() -> None:
    rows = catalogue.load()
    own = {case.requirement for case in REFUSE if case.requirement.startswith("DAT-")}
    assert own == {"DAT-UNI-001", "DAT-UNI-002"}
    assert {rows[name].basis for name in own} == {"inferred", "profile"}


def test_every_readme_is_short_and_says_why() -> None:
    assert [fault for case in ALL if (fault := fault_of_readme(case))] == []


def fault_of_readme(case: Case) -> str:
    """What is wrong with a README: a heading, what is due, a reason of one or two sentences."""
    heading, due, reason = case.why.strip().split("\n\n")
    if not re.fullmatch(r"# [A-Z0-9][^.]*", heading):
        return f"{case.name}: the heading is {heading!r}"
    do = "not create both students of" if case.many and case in REFUSE else case.outcome
    if due != f"A receiver must {do} this body ({case.requirement}).":
        return f"{case.name}: what is due is not told"
    if not reason.endswith(".") or len(re.findall(r"[.!?](?=\s|$)", reason)) > 2:
        return f"{case.name}: the reason is not one or two sentences"
    return "" if len(case.why.split()) >= 20 else f"{case.name}: too short to say why"


def test_bodies_name_no_real_place() -> None:
    hosts = set()
    for case in ALL:
        body = case.template.decode("utf-8", "replace").replace("\0", "")
        hosts |= set(re.findall(r"(?:http|https|ftp|ldap)://([^/\"\s:]+)", body))
    assert hosts == {"www.sifassociation.org", "www.w3.org", "127.0.0.1", "vendor.example"}


def test_mail_addresses_are_reserved_ones() -> None:
    found = {one for case in ALL for one in re.findall(rb"[\w.]+@([\w.]+\w)", case.template)}
    assert found == {b"students.example.org", b"families.example.org"}


def test_bodies_refer_to_ids_by_placeholders() -> None:
    literal = re.compile(rb"[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}|refId=.[0-9A-F]{31}")
    assert names([case for case in ALL if literal.search(case.template)]) == []
    without = [case for case in ALL if not any(map(case.names, cases.PLACEHOLDERS))]
    no_id = [
        "body-of-blanks",
        "no-body",
        "not-xml",
        "refid-that-is-a-number",
        "refid-that-is-empty",
    ]
    assert sorted(names(without)) == no_id


def test_no_placeholder_is_left_in_what_is_sent() -> None:
    left = re.compile(rf"\{{({'|'.join(cases.PLACEHOLDERS)})[:}}]".encode())
    bodies = {case.name: case.body(IDS).replace(b"\0", b"") for case in ALL}
    assert [name for name, body in bodies.items() if left.search(body)] == []


def test_the_published_schema_refuses_what_is_refused_for_it(published: etree.XMLSchema) -> None:
    due = [case for case in REFUSE if case.requirement == "INF-CRE-008"]
    assert {"schema", "code-set"} <= {case.kind for case in due}
    assert [
        case for case in REFUSE if case.kind in ("schema", "code-set") and case not in due
    ] == []
    assert names([case for case in due if valid(published, case)]) == []


def test_the_published_schema_takes_what_is_accepted(published: etree.XMLSchema) -> None:
    assert names([case for case in ACCEPT if not valid(published, case)]) == []


def test_our_own_schema_says_the_same(published: etree.XMLSchema, kit: etree.XMLSchema) -> None:
    torn = [case for case in ALL if valid(published, case) != valid(kit, case)]
    assert names(torn) == []


def test_the_hub_reads_the_cases_as_they_are_meant() -> None:
    judge = Judge()
    plain = [case for case in ALL if not case.headers and case.requirement not in UNSEEN]
    assert names([case for case in plain if taken_by(judge, case) != (case in ACCEPT)]) == []


def taken_by(judge: Judge, case: Case) -> bool:
    """Whether the hub, which shares no code with the suite, reads the body and finds it valid."""
    try:
        root = read(case.body(IDS))
    except MalformedDocument:
        return False
    due = f"{case.object}s" if case.many else case.object
    return etree.QName(root).localname == due and not judge.judge(root).problems


def test_no_schema_sees_an_id_that_is_in_use(published: etree.XMLSchema) -> None:
    unseen = [case for case in REFUSE if case.requirement in UNSEEN]
    assert len(unseen) == 7
    assert [case.name for case in unseen if not valid(published, case)] == []


def test_malformed_bodies_cannot_be_read() -> None:
    due = [case for case in REFUSE if case.requirement == "NEG-017"]
    assert names([case for case in due if tree(case) is not None]) == []
    assert len(due) >= 24


def test_other_encodings_are_not_utf_8() -> None:
    due = cases.load("refuse", "NEG-036", "INF-TRN-006")
    assert len(due) >= 13
    assert names([case for case in due if is_utf_8(case)]) == []


def is_utf_8(case: Case) -> bool:
    """Whether bytes, declaration and header all speak of UTF-8."""
    body = case.body(IDS)
    declared = re.search(rb"""^<\?xml[^>]*encoding=["']([^"']*)""", body)
    named = declared[1].lower() if declared else b"utf-8"
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return named == b"utf-8" and "\0" not in text


def test_accepted_bodies_say_what_must_come_back() -> None:
    silent = [case.name for case in ACCEPT if not case.facts]
    assert silent == ["roster-on-two-days-in-two-times", "school-with-a-district-only",
                      "student-with-an-id-only"]  # fmt: skip


def test_the_listing_shows_every_case_once() -> None:
    lines = cases.listing()
    assert [line.outcome for line in lines] == ["refuse"] * len(REFUSE) + ["accept"] * len(ACCEPT)
    assert sorted(line.name for line in lines) == sorted(case.name for case in ALL)
    assert [line.kind for line in cases.listing("refuse", kind="size")] == ["size"] * 10
    (line,) = [one for one in lines if one.name == "grade-without-zero"]
    assert line.requirement == "INF-CRE-008"
    assert (
        line.reason
        == "The code list has 09. A receiver that takes 9 has stored a code nobody else knows."
    )


def test_a_form_spells_the_id_in_its_own_way() -> None:
    (case,) = [one for one in ACCEPT if one.name == "refid-of-a-newer-version"]
    assert b'refId="0A3B4C5D-1111-7222-8333-ABCDEF012340"' in case.body(IDS)


def test_a_case_of_an_unknown_kind_is_our_fault(tmp_path: Path) -> None:
    folder = tmp_path / "odd-one"
    folder.mkdir()
    (folder / "body.xml").write_bytes(b"<x/>")
    (folder / "README.md").write_text("# Odd one\n")
    (folder / "expect.toml").write_text('requirement = "X"\nkind = "magic"\nstatus = [400]\n')
    with pytest.raises(SuiteFault, match="case odd-one: 'magic' is not one of schema, code-set"):
        cases._read("refuse", folder)
