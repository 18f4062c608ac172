"""Nothing personal or secret reaches the run file, wherever a target puts it."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from conformance import runfile, trees
from conformance.bodies import Redactor
from conformance.evidence import Evidence
from conformance.leftovers import Leftovers
from conformance.problems import Finding
from conformance.redaction import SECRET, Mask, Scrubber, unhashed
from conformance.reply import Headers
from conformance.wire import Capture
from fixtures import canary

HEADER = runfile.Header(
    format=runfile.FORMAT,
    suite_version="0",
    suite_hash="",
    planned=[],
    planned_hash="",
    seed=1,
    role="receiver",
    tier="core",
    only=[],
    variants={},
    vendor={},
    endpoint="",
    started="",
    run_id="",
)
# Starts unlike any word of the suite, so that a hit is a leak and not a coincidence.
LETTERS = st.characters(codec="utf-8", categories=("L", "Nd"), include_characters=" '-.&\"<+")
VALUES = st.text(LETTERS, min_size=4, max_size=30).map(lambda text: f"Qz{text.strip()}Zq")


def capture(
    body: bytes,
    answer: bytes,
    kind: str,
    headers: tuple[tuple[str, str], ...] = (),
    target: str = "/xStudents",
) -> Capture:
    """An exchange as the wire would record it."""
    lines = [f"HTTP/1.1 200 OK\r\nContent-Type: {kind}"]
    lines += [f"{name}: {value}" for name, value in headers]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
    sent = f"POST {target} HTTP/1.1\r\nContent-Type: application/xml\r\n\r\n".encode()
    return Capture("POST", target, sent, body, head, answer, answer, Headers(headers), "", 1.0)


def written(evidence: Evidence, path: Path) -> Iterator[str]:
    """Every string of the run file, without the escapes of JSON."""
    evidence.close()
    for line in path.read_text("utf-8").splitlines():
        yield from strings(json.loads(line))


def strings(value: Any) -> Iterator[str]:
    """All strings inside a decoded JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


def recorded(*captures: Capture) -> str:
    """What a run file says about these exchanges, as one text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.jsonl"
        evidence = Evidence(path)
        evidence.open(HEADER)
        for one in captures:
            evidence.record(one)
        return "\n".join(written(evidence, path))


def student(value: str) -> bytes:
    """A student who has this value in an element and in an attribute."""
    root = etree.Element(f"{{{trees.NA4}}}xStudent", refId="A")
    name = etree.SubElement(root, f"{{{trees.NA4}}}name", note=value)
    etree.SubElement(name, f"{{{trees.NA4}}}familyName").text = value
    return trees.tostring(root)


def answers(value: str) -> list[tuple[bytes, str]]:
    """The value in every kind of body a target may answer with."""
    text = escape(value)
    listed = value.replace('"', '""')
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("users.csv", value)
    error = f"<error xmlns='{trees.INF}'><message>no {text} here</message></error>"
    return [
        (student(value), "application/xml"),
        (error.encode(), "application/xml"),
        (f"<a><b>{text}</b><c d={quoteattr(value)}".encode(), "application/xml"),
        (f"<html><p>Sorry, {text}!</p>".encode(), "text/html"),
        (json.dumps({"student": {"name": value, "all": [value]}}).encode(), "application/json"),
        (f'sourcedId,givenName\n1,"{listed}"\n'.encode(), "text/csv"),
        (f"cannot store {value}".encode(), "text/plain"),
        (f"cannot store {value.upper()}".encode(), "text/plain"),
        (archive.getvalue(), "application/zip"),
    ]


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_a_generated_value_is_found_in_every_kind_of_answer(value: str) -> None:
    sent = student(value)
    text = recorded(*(capture(sent, answer, kind) for answer, kind in answers(value)))
    for form in (value, value.upper(), escape(value)):
        assert form not in text


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_a_generated_value_is_found_in_headers_and_addresses(value: str) -> None:
    shown = value.encode().decode("latin-1").replace("\x85", "").replace("\xa0", " ")
    target = f"/xStudents?{urlencode({'where': f'[name={value}]'})}&other={quote(value)}"
    exchange = capture(student(value), b"", "text/plain", (("X-Said", value),), target)
    text = recorded(exchange)
    assert value not in text
    assert shown == value or shown not in text
    assert quote(value) not in text


@settings(max_examples=60, deadline=None)
@given(VALUES, st.sampled_from(["{}", "no {}!", "'{}'", "a{}b", "{} and {}"]))
def test_a_generated_value_is_found_in_findings(value: str, frame: str) -> None:
    evidence = Evidence()
    evidence.register(etree.fromstring(student(value)))
    said = frame.format(value, value)
    finding = evidence.finding(Finding(said, said, repr(value), 1, said))
    assert not any(value in text for text in strings(json.loads(_as_json(finding))))


def _as_json(finding: runfile.Finding) -> str:
    return json.dumps({name: getattr(finding, name) for name in finding.__struct_fields__})


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_a_mask_keeps_the_shape_and_no_letter_or_digit(value: str) -> None:
    shape = unhashed(Mask(b"k")(value))
    assert len(shape) == len(value[:40])
    assert not any(sign.isalnum() and sign not in "xX9" for sign in shape)


def test_equal_values_have_equal_masks_in_one_run_only() -> None:
    one, other = Mask(), Mask()
    assert one("Garcia") == one("Garcia")
    assert one("Garcia") != other("Garcia")


def test_values_of_another_student_in_an_answer_are_recognised_in_findings() -> None:
    evidence = Evidence()
    evidence.record(capture(b"", student("Somebody Real"), "application/xml"))
    finding = evidence.finding(Finding("name differs", "x", "Somebody Real", 1))
    assert "Somebody" not in finding.actual


def test_a_personal_finding_is_masked_even_if_the_value_is_new() -> None:
    finding = Evidence().finding(
        Finding("changed", "Li", "Lo", 1, "xStudent/name/familyName", personal=True)
    )
    assert finding.expected.startswith("Xx#")
    assert finding.actual.startswith("Xx#")


def test_codes_and_ids_stay_readable() -> None:
    root = etree.fromstring(
        b'<xStudent refId="E3EA46B1-DD10-4D11-9962-F86C1C4FB57E"><demographics><sex>Male</sex>'
        b"<race>Asian</race></demographics><enrollment><gradeLevel>03</gradeLevel>"
        b"</enrollment></xStudent>"
    )
    body = trees.tostring(root)
    text = recorded(capture(body, b"", "application/xml"))
    for shown in ("E3EA46B1-DD10-4D11-9962-F86C1C4FB57E", "Male", "Asian", ">03<"):
        assert shown in text


def test_the_name_of_an_object_type_is_nobodys_name() -> None:
    body = b'{"dataObject": {"name": "xStudent"}, "student": {"name": "xStudentess"}}'
    text = recorded(capture(b"", body, "application/json"))
    assert '"xStudent"' in text.replace("\\", "")
    assert "xStudentess" not in text


def test_a_name_in_the_place_of_a_code_or_an_id_is_masked() -> None:
    body = b'<xStudent refId="Garcia"><sex>Garcia</sex><gradeLevel>Garcia</gradeLevel></xStudent>'
    assert "Garcia" not in recorded(capture(body, b"", "application/xml"))


@pytest.mark.parametrize(
    "name", ["Authorization", "Set-Cookie", "authorization", "Proxy-Authorization"]
)
def test_secret_headers_are_not_written(name: str) -> None:
    text = recorded(capture(b"", b"", "text/plain", ((name, "Basic c2VjcmV0"),)))
    assert "c2VjcmV0" not in text
    assert SECRET in text


def test_secrets_are_replaced_wherever_they_turn_up(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path / "run.jsonl")
    evidence.secret("s3cret/of+mine")
    evidence.open(HEADER)
    said = b"you sent s3cret/of+mine as your secret"
    evidence.record(capture(b"", said, "text/plain", (("X-Debug", "s3cret/of+mine"),)))
    target = "/a?access_token=abc123&other=s3cret%2Fof%2Bmine"
    evidence.record(capture(b"", b"", "text/plain", (), target))
    text = "\n".join(written(evidence, tmp_path / "run.jsonl"))
    assert "of+mine" not in text
    assert "of%2Bmine" not in text
    assert "abc123" not in text


def test_session_tokens_are_not_written() -> None:
    body = f'<environment xmlns="{trees.INF}"><sessionToken>tok-1</sessionToken></environment>'
    assert "tok-1" not in recorded(capture(b"", body.encode(), "application/xml"))


def test_markers_are_cut_but_stay_comparable() -> None:
    token = "AbCdEfGhIjKlMnOpQrStUvWx"
    body = f'<pod xmlns="{trees.INF}"><podToken>{token}</podToken></pod>'
    header = (("dataPrivacyMarker", token),)
    text = recorded(capture(body.encode(), body.encode(), "application/xml", header))
    assert token not in text
    found = {part for part in text.split() if part.startswith("AbCdEfGh\u2026")}
    assert len(found) == 1


def test_infrastructure_bodies_stay_readable() -> None:
    body = f'<error xmlns="{trees.INF}" id="1"><code>404</code><message>gone</message></error>'
    text = recorded(capture(b"", body.encode(), "application/xml"))
    assert "<code>404</code><message>gone</message>" in text


def test_short_names_are_found_as_whole_words_only() -> None:
    scrub = Scrubber(Mask(b"k"), Counter())
    scrub.learn("Ng", is_name=True)
    scrub.learn("Kim", is_name=True)
    said = unhashed(scrub("Kim NG was not Ng, skimming a thing, KIM"))
    assert said == "Xxx Xx was not Xx, skimming a thing, Xxx"


def test_numbers_inside_ids_and_times_are_no_hits() -> None:
    scrub = Scrubber(Mask(b"k"), Counter())
    scrub.learn("12345")
    text = "a12345b0-0000-4000-8000-000000123456 2026-11-25T22:12:34.12345Z"
    assert scrub(text) == text
    assert "12345" not in scrub("student 12345 is there")


def test_a_value_learned_later_is_found_in_a_text_seen_before() -> None:
    scrub = Scrubber(Mask(b"k"), Counter())
    assert scrub("Henderson called") == "Henderson called"
    scrub.learn("Henderson")
    assert "Henderson" not in scrub("Henderson called")


def test_odd_json_is_written_all_the_same() -> None:
    deep = b"[" * 5000 + b"]" * 5000
    assert recorded(capture(b"", b'{"\\ud800": "\\udc00"}', "application/json"))
    assert recorded(capture(b"", deep, "application/json"))


def test_a_long_list_is_cut() -> None:
    counts: Counter[str] = Counter()
    mask = Mask(b"k")
    body = b"<xStudents>" + b"<xStudent/>" * 500 + b"</xStudents>"
    text = Redactor(mask, Scrubber(mask, counts), counts).body(body, "application/xml")
    assert text.count("<xStudent/>") == 50
    assert "450 more" in text


@pytest.mark.parametrize("value", ["04304981747", "Ng", "Kim", "12345", "Quvexwren"])
def test_a_value_behind_an_escaped_sign_is_found(value: str) -> None:
    scrub = Scrubber(Mask(b"key"), Counter())
    scrub.learn(value, is_name=True)
    told = scrub(f"/xStudents?where=%5BlocalId%3D%22{value}%22%5D&x=1")
    assert value not in told
    assert told.startswith("/xStudents?where=%5BlocalId%3D%22")


def test_an_id_that_ends_in_somebodys_number_is_not_written() -> None:
    number = canary.number(5, 12, "D")
    assert len(number) == 11
    refid = f"E3EA46B1-DD10-4D11-9962-F{number}"
    seen: list[runfile.Exchange] = []
    evidence = Evidence(observer=seen.append)
    evidence.scrub.leftovers = Leftovers(5)
    body = f'<xStudent refId="{refid}"/>'.encode()
    told = json.dumps({"sourcedId": refid, "id": refid[:-1] + "A"}).encode()
    header = (("messageId", refid),)
    evidence.record(capture(body, told, "application/json", header))
    evidence.settle()
    text = f"{seen[0].request} {seen[0].response}"
    assert number not in text
    assert text.count("[personal]") == 3
    assert f"{refid[:-1]}A" in text


def test_an_id_without_hyphens_is_no_place_for_a_value() -> None:
    scrub = Scrubber(Mask(b"key"), Counter())
    scrub.learn("e3ea46b1dd10", is_name=True)
    refid = "e3ea46b1dd104d119962f0a1b2c3d4e5"
    assert scrub(refid) == refid
    assert "e3ea46b1dd10" not in scrub("e3ea46b1dd10" + "44616d")
