"""What people attest, because no exchange of messages can show it: the questions and the form.

The questions are the obligations of a POD that can be seen in part or not at all
(`catalogue/attestation/questions.toml`, for roles of vendors), and the privacy MUST rows of the
role that no check decides. An answer stands beside the verdicts and changes none.

    format = "sif-attestation/1"
    role = "receiver"
    product = "Reading Stars"

    [[answer]]
    id = "ATT-11"
    answer = "yes"                          # yes | no | not applicable
    owner = "A. Example, privacy officer"   # who answers for it
    date = 2026-11-26                       # at most 12 months ago
    evidence = "https://vendor.example/laws.pdf"   # or a file beside the form; a yes needs it
    note = ""                               # the other two answers need it: why
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from conformance import catalogue
from conformance.problems import AttestationError
from conformance.runfile import Attested
from conformance.target import TargetConfig

FORMAT = "sif-attestation/1"
ANSWERS = ("yes", "no", "not applicable")
KEYS = ("id", "answer", "owner", "date", "evidence", "note")
# The row that asks for this very form cannot be answered on it.
_ITSELF = "POD-ATT-001"


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing to answer for; `evidence` says what would show it, `wire` is no | partly."""

    id: str
    obligation: str
    evidence: str
    paths: list[str] = []
    clause: str = ""
    wire: str = "no"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    question: list[Question]


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it was read: texts only, `folder` is where files of evidence are looked for."""

    role: str
    product: str
    answers: tuple[dict[str, str], ...]
    folder: Path


def questions(role: str) -> dict[str, Question]:
    """The questions for a role by id, obligations first."""
    asked = {} if role == "broker" else {one.id: one for one in _obligations()}
    rows = catalogue.select(catalogue.load(), role).values()
    for row in rows:
        if row.area == "privacy" and row.must and row.untestable and row.id != _ITSELF:
            asked[row.id] = Question(
                id=row.id,
                obligation=row.text,
                evidence=f"whatever shows it; no check does: {row.untestable}",
            )
    return asked


@cache
def _obligations() -> tuple[Question, ...]:
    file = resources.files("conformance") / "catalogue" / "attestation" / "questions.toml"
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(msgspec.convert(table, _File).question)


def read(path: Path) -> Form:
    """Read a form; raises AttestationError for a file that is no form at all."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        fix = "`conformance attest init` writes one."
        raise AttestationError(str(path), f"cannot be read ({error}).", fix) from None
    if table.get("format") != FORMAT:
        seen = f"is {table.get('format')!r}."
        raise AttestationError(f"{path}, format", seen, f"This kit reads {FORMAT!r}.")
    answers = table.get("answer", [])
    if not isinstance(answers, list) or not all(isinstance(one, dict) for one in answers):
        raise AttestationError(f"{path}, answer", "is no list.", "Write each as [[answer]].")
    texts = tuple({key: _text(value) for key, value in one.items()} for one in answers)
    return Form(_text(table.get("role", "")), _text(table.get("product", "")), texts, path.parent)


def _text(value: Any) -> str:
    return str(value).strip()


def judged(form: Form, today: date) -> list[Attested]:
    """One line per question of the role of the form, then one per entry that answers none.

    What is missing or wrong stands in `faults`; a line without `answer` and faults was not
    answered at all.
    """
    asked = questions(form.role)
    found = {one.get("id", ""): one for one in reversed(form.answers)}
    times = Counter(one.get("id", "") for one in form.answers)
    lines = []
    for name, question in asked.items():
        answer = found.get(name)
        faults = ["there is no entry for it"] if answer is None else _faults(answer, form, today)
        if times[name] > 1:
            faults.append(f"there are {times[name]} entries for it, one is needed")
        lines.append(_line(question, answer or {}, faults))
    return lines + [_unknown(name, found[name], asked) for name in found if name not in asked]


def _line(question: Question, answer: Mapping[str, str], faults: Sequence[str] = ()) -> Attested:
    told = {key: answer.get(key, "") for key in KEYS if key != "id"}
    return Attested(
        id=question.id,
        obligation=question.obligation,
        paths=question.paths,
        clause=question.clause,
        wire=question.wire,
        faults=list(faults),
        **told,
    )


def _unknown(name: str, answer: Mapping[str, str], asked: Mapping[str, Question]) -> Attested:
    near = get_close_matches(name.upper(), asked, 1, 0.5)
    fault = f"no question has this id{f', the nearest is {near[0]}' if near else ''}"
    question = Question(id=name or "(no id)", obligation="", evidence="")
    return _line(question, answer, [fault])


def _faults(answer: Mapping[str, str], form: Form, today: date) -> list[str]:
    if not any(answer.get(key) for key in KEYS[1:]):
        return ["not answered yet: answer, owner, date and evidence are missing"]
    said = answer.get("answer", "")
    faults = []
    if not said:
        faults.append("answer is missing: yes, no or not applicable")
    elif said not in ANSWERS:
        faults.append(f"answer is {said!r}: use one of {', '.join(ANSWERS)}")
    if not answer.get("owner"):
        faults.append("owner is empty: name who answers for it")
    faults += _date_faults(answer.get("date", ""), today)
    faults += _evidence_faults(answer.get("evidence", ""), said, form.folder)
    if said in ANSWERS[1:] and not answer.get("note"):
        faults.append(f"note is empty: a {said!r} needs the reason")
    for key in answer.keys() - set(KEYS):
        near = get_close_matches(key, KEYS, 1)
        faults.append(f"key {key!r} is not known{f', did you mean {near[0]}?' if near else ''}")
    return faults


def _date_faults(text: str, today: date) -> list[str]:
    if not text:
        return ["date is missing: the day of the answer, as in 2026-11-26"]
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return [f"date is {text!r}: write it as in 2026-11-26"]
    if day > today:
        return [f"date {day} is in the future"]
    if (day.year + 1, day.month, day.day) < (today.year, today.month, today.day):
        return [f"date {day} is more than 12 months ago: ask again"]
    return []


def _evidence_faults(text: str, said: str, folder: Path) -> list[str]:
    if not text:
        return ["evidence is empty: an address or a file beside the form"] if said == "yes" else []
    parts = urlsplit(text)
    if parts.scheme in ("http", "https") and parts.hostname:
        return ["evidence holds a password: take it out"] if parts.password else []
    if (folder / text).is_file():
        return []
    return [f"evidence {text!r} is neither an address (https://...) nor a file beside the form"]


def for_run(config: TargetConfig, role: str, form: Path | None) -> list[Attested]:
    """What the header of a run says of each question; without a form nobody answered any.

    The form is the one given here, else the one that the target file names.
    Empty for a target that has nothing to do with PODs. Raises AttestationError for a form that
    cannot be read, or is of another role or product.
    """
    form = form or (Path(config.attestation) if config.attestation else None)
    if form is None:
        asked = questions(role) if "pod" in config.capabilities else {}
        return [_line(one, {}) for one in asked.values()]
    filled = read(form)
    product = config.vendor.product or config.vendor.name
    for key, told, wanted in (("role", filled.role, role), ("product", filled.product, product)):
        if told.casefold() != wanted.casefold():
            fix = "Name the right form, or `conformance attest init` a new one."
            raise AttestationError(f"{form}, {key}", f"is {told!r}, the run's is {wanted!r}.", fix)
    return judged(filled, local_today())


def local_today() -> date:
    """The day on the calendar of this machine."""
    return datetime.now().astimezone().date()


def blank(role: str) -> str:
    """A form for this role with every question and nothing answered, as TOML."""
    asked = questions(role).values()
    return "\n".join([_HEAD.format(format=FORMAT, role=role), *(_entry(one) for one in asked)])


_HEAD = """\
# Attestation: what no exchange of messages can show, answered by people.
# answer: yes | no | not applicable. A yes needs evidence (an address, or a file beside this form),
# the others a note that says why. owner: who answers for it. date: the day of the answer, in
# quotes or not; after 12 months it has to be given again. Answers stand beside the verdicts of a
# run and change none: they say who answers for what, not that anybody looked.
# Next: conformance attest check <this file>, then conformance run --attest <this file>.

format = "{format}"
role = "{role}"
product = ""     # as in conformance.toml, [vendor] product (or name, where that is empty)
"""


def _entry(question: Question) -> str:
    lines = [f"# {question.obligation}"]
    lines += [f"# In the POD: {path}" for path in question.paths]
    lines += [f"# National Data Privacy Agreement: {question.clause}"] if question.clause else []
    lines += [f"# On the wire: {'seen in part' if question.wire == 'partly' else 'not seen'}."]
    lines += [f"# Evidence would be: {question.evidence}"]
    lines += ["[[answer]]", f'id = "{question.id}"']
    return "\n".join([*lines, *(f'{key} = ""' for key in KEYS[1:]), ""])
