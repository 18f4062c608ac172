"""The form of answers: what `attest check` finds missing or wrong, entry by entry."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from conformance import attestation
from conformance.problems import AttestationError
from conformance.runfile import Attested

TODAY = date(2026, 11, 26)
GOOD = {
    "id": "ATT-11",
    "answer": "yes",
    "owner": "A. Example",
    "date": "2026-11-01",
    "evidence": "https://vendor.example/laws.pdf",
}


def judged(folder: Path, **changes: str) -> Attested:
    """What is said of one entry, the good one with these changes."""
    return line_of(folder, [GOOD | changes])


def line_of(
    folder: Path, answers: list[dict[str, str]], name: str = "ATT-11", role: str = "receiver"
) -> Attested:
    """The line of one question after these entries were judged."""
    form = attestation.Form(role, "Reading Stars", tuple(answers), folder)
    return next(one for one in attestation.judged(form, TODAY) if one.id == name)


@pytest.mark.requirement("POD-ATT-001")
def test_a_complete_entry_has_no_faults(tmp_path: Path) -> None:
    line = judged(tmp_path)
    assert (line.answer, line.owner, line.date) == ("yes", "A. Example", "2026-11-01")
    assert line.faults == []


@pytest.mark.requirement("POD-ATT-001")
@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"answer": ""}, "answer is missing: yes, no or not applicable"),
        ({"answer": "ja"}, "answer is 'ja': use one of yes, no, not applicable"),
        ({"owner": ""}, "owner is empty: name who answers for it"),
        ({"date": ""}, "date is missing: the day of the answer, as in 2026-11-26"),
        ({"date": "26.11.2026"}, "date is '26.11.2026': write it as in 2026-11-26"),
        ({"date": "2026-11-27"}, "date 2026-11-27 is in the future"),
        ({"date": "2025-11-25"}, "date 2025-11-25 is more than 12 months ago: ask again"),
        ({"evidence": ""}, "evidence is empty: an address or a file beside the form"),
        ({"evidence": "https://a:b@vendor.example/"}, "evidence holds a password: take it out"),
        ({"answer": "no", "evidence": ""}, "note is empty: a 'no' needs the reason"),
        ({"onwer": "A"}, "key 'onwer' is not known, did you mean owner?"),
    ],
)
def test_each_fault_is_named(tmp_path: Path, changes: dict[str, str], fault: str) -> None:
    assert judged(tmp_path, **changes).faults == [fault]


def test_an_answer_of_exactly_twelve_months_ago_counts(tmp_path: Path) -> None:
    assert judged(tmp_path, date="2025-11-26").faults == []


def test_evidence_may_be_a_file_beside_the_form(tmp_path: Path) -> None:
    (missing,) = judged(tmp_path, evidence="laws.pdf").faults
    (tmp_path / "laws.pdf").write_bytes(b"%PDF")
    assert missing.startswith("evidence 'laws.pdf' is neither an address")
    assert judged(tmp_path, evidence="laws.pdf").faults == []


def test_a_no_with_a_reason_needs_no_evidence(tmp_path: Path) -> None:
    assert judged(tmp_path, answer="no", evidence="", note="not before May").faults == []


def test_an_untouched_entry_is_one_fault(tmp_path: Path) -> None:
    line = line_of(tmp_path, [{"id": "ATT-11", "answer": "", "owner": "", "note": ""}])
    assert line.faults == ["not answered yet: answer, owner, date and evidence are missing"]


def test_a_question_without_entry_is_named(tmp_path: Path) -> None:
    assert line_of(tmp_path, [GOOD], "ATT-12").faults == ["there is no entry for it"]


def test_an_entry_that_stands_twice_is_named(tmp_path: Path) -> None:
    line = line_of(tmp_path, [GOOD, GOOD | {"answer": "no"}])
    assert line.answer == "yes"
    assert line.faults == ["there are 2 entries for it, one is needed"]


def test_an_unknown_id_is_named_with_the_nearest(tmp_path: Path) -> None:
    line = line_of(tmp_path, [GOOD | {"id": "att-077"}], "att-077", "consumer")
    assert line.faults == ["no question has this id, the nearest is ATT-07"]


def test_a_blank_form_asks_every_question_and_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "attestation.toml"
    file.write_text(attestation.blank("consumer"), "utf-8")
    form = attestation.read(file)
    assert [one["id"] for one in form.answers] == list(attestation.questions("consumer"))
    assert form.role == "consumer"


def test_dates_may_stand_without_quotes(tmp_path: Path) -> None:
    file = tmp_path / "attestation.toml"
    file.write_text('format = "sif-attestation/1"\n[[answer]]\nid = "X"\ndate = 2026-11-01\n')
    assert attestation.read(file).answers[0]["date"] == "2026-11-01"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("format = ", "cannot be read"),
        ('format = "other/1"', "is 'other/1'. This kit reads 'sif-attestation/1'."),
        ('format = "sif-attestation/1"\nanswer = 1', "is no list. Write each as"),
    ],
)
def test_what_is_no_form_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "attestation.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(AttestationError) as caught:
        attestation.read(file)
    assert message in str(caught.value)
