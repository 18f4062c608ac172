"""`summary.html` and `summary.es.html`: the one page on which a district decides."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reports.atomic import write_whole
from reports.pages import render_page
from reports.source import VERDICT_FILE, Source, load
from reports.summary_facts import Answer, Facts, facts, is_aside
from reports.summary_lists import conditions, data, risks, school, silent, untested
from reports.summary_words import LANGUAGES, Words, words

FILES = {"en": "summary.html", "es": "summary.es.html"}
_SHAPES = {"yes": "pass", "weak": "weak", "part": "unsure", "no": "fail", "open": "unsure",
           "none": "none"}  # fmt: skip
_HEADS = {"meets": "pass", "reservations": "weak", "fails": "fail", "open": "unsure",
          "part": "unsure"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One of the five questions with its answer: a word, its shape, one or two sentences."""

    question: str
    word: str
    shape: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page, all words chosen. `about` and `data` are pairs of a name and what it is."""

    words: Words
    other: str
    shape: str
    answer: str
    why: str
    product: str
    about: list[tuple[str, str]]
    lines: list[Line]
    school: list[str]
    data: list[tuple[str, str]]
    untested: list[str]
    risks: list[str]
    conditions: list[str]
    silent: list[str]
    fingerprint: str
    run_id: str
    suite: str


def write_summaries(directory: Path) -> list[Path]:
    """Write the page in each language beside the run; raises RunFileError like every reader."""
    source = load(directory)
    told = facts(source)
    return [
        write_whole(directory / FILES[language], render_summary(source, told, language).encode())
        for language in LANGUAGES
    ]


def render_summary(source: Source, told: Facts, language: str) -> str:
    """The page as HTML text; the same run gives the same text."""
    return render_page("district.html", "district.css", page=sheet(source, told, words(language)))


def sheet(source: Source, told: Facts, say: Words) -> Sheet:
    """Put the facts of a run into the words of a language."""
    header = source.run.header
    return Sheet(
        words=say,
        other=FILES["en" if say.language == "es" else "es"],
        shape=_HEADS[told.answer],
        answer=say.tables["answer"][told.answer]["word"],
        why=_why(told, say),
        product=header.vendor.get("product") or header.vendor.get("name") or "?",
        about=_about(source, say),
        lines=[_line(one, told, say) for one in told.answers],
        school=school(told, say),
        data=data(told.data, say),
        untested=untested(told, say, source.verdict.only),
        risks=risks(told, say),
        conditions=conditions(told, say, header.valid_until),
        silent=silent(header, say),
        fingerprint=source.hashes[VERDICT_FILE],
        run_id=header.run_id,
        suite=f"{header.suite_version}, {header.suite_hash}, {header.seed}",
    )


def _about(source: Source, say: Words) -> list[tuple[str, str]]:
    header, page = source.run.header, say.tables["page"]
    told = {
        "maker": header.vendor.get("name", ""),
        "version": header.vendor.get("version", ""),
        "role": say.tables["role"].get(header.role, header.role),
        "tested": header.started[:10],
        "valid": header.valid_until,
        "executor": header.executor,
    }
    return [(page[name], value or page["unknown"]) for name, value in told.items()]


def _why(told: Facts, say: Words) -> str:
    text: str = say.tables["answer"][told.answer]["why"]
    points = [_point(kind, about, say) for kind, about in told.points]
    return text.format(points="; ".join(points), themes=say.themes(told.broken, 3))


def _point(kind: str, about: tuple[str, ...], say: Words) -> str:
    if kind == "untested":
        return say.say("reservation", kind, questions=say.questions(about))
    if kind == "weak":
        return say.say("reservation", kind, themes=say.themes(about, 3))
    return say.say("reservation", kind, number=about[0])


def _line(one: Answer, told: Facts, say: Words) -> Line:
    question = say.say("question", one.question)
    word = say.tables[one.question].get(f"word_{one.state}") or say.say("state", one.state)
    sentence = _sentence(one, told.direction, say)
    return Line(question, word, _SHAPES[one.state], sentence)


def _sentence(one: Answer, direction: str, say: Words) -> str:
    themes = say.themes(one.about, 3)
    if one.state in ("open", "none", "part"):
        return say.say("told", one.state, themes=themes)
    if is_aside(one, direction):
        return say.say("told", "aside", themes=themes)
    sentence = say.say(one.question, f"{direction}_{'no' if one.state == 'no' else 'yes'}")
    if one.state == "yes":
        return sentence
    after = say.say("told", "broke" if one.state == "no" else "weak", themes=themes)
    return f"{sentence} {after}"
