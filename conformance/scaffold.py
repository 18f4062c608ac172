"""Begin a check: a row of the catalogue, a check and a mutant, each beside those of a similar row.

What is written runs at once and proves nothing yet: the check says `could not verify`, the mutant
does what the conforming product does, and the tests name both until somebody finishes them.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from conformance import catalogue
from conformance.problems import UsageFault
from conformance.simulators.registry import registry
from conformance.verifies import CheckSpec, load_checks

ROOT = Path(__file__).parent
_ID = re.compile(r"(INF|NEG|POD|REG|TRN|DAT)(-[A-Z0-9]+)+")


@dataclass(frozen=True, slots=True)
class Draft:
    """A check to begin: `name` in words with underscores, `like` a requirement that has a check.

    `role` chooses among the roles that `like` is checked in; empty: the first.
    """

    id: str
    name: str
    text: str
    source: str
    like: str
    level: str = "MUST"
    basis: str = "documented"
    negative: bool = False
    role: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """Where something was added: the file, and the line on which it begins (from 1)."""

    what: str
    file: Path
    line: int


def begin(draft: Draft) -> list[Written]:
    """Write row, check and mutant; raises UsageFault before anything is written."""
    rows, checks = catalogue.load(), load_checks()
    _refuse(draft, rows, checks)
    model = _models(draft, checks)[0]
    mutant = _like_mutant(draft, model.role)
    row = rows[draft.like]
    return [
        _added("row", _row_file(draft.like), _row(draft, row, model.role)),
        _added("check", model.source, _check(draft, model)),
        _added("mutant", Path(inspect.getfile(mutant)), _mutant(draft, mutant)),
    ]


def _refuse(draft: Draft, rows: Iterable[str], checks: dict[str, CheckSpec]) -> None:
    if not (ROOT.parent / "tests" / "conformance").is_dir():
        raise UsageFault("a new check is written into the sources of the kit: run it in a checkout")
    if not _ID.fullmatch(draft.id):
        raise UsageFault(f"{draft.id}: an id reads INF-CRE-001; our own data rules begin with DAT-")
    if draft.id in rows:
        raise UsageFault(f"{draft.id} is in the catalogue already; an id is never used twice")
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", draft.name) or draft.name in checks:
        raise UsageFault(
            f"{draft.name}: a check has a name of its own that states what holds, in lower case "
            "with underscores, for example every_answer_is_dated"
        )
    if not _models(draft, checks):
        role = f" in the role {draft.role}" if draft.role else ""
        raise UsageFault(
            f"{draft.like} has no check to stand beside{role}; `conformance list` shows which have"
        )


def _models(draft: Draft, checks: dict[str, CheckSpec]) -> list[CheckSpec]:
    """The checks that the new one may stand beside."""
    found = [spec for spec in checks.values() if draft.like in spec.requirements]
    return [spec for spec in found if draft.role in ("", spec.role)]


def _like_mutant(draft: Draft, role: str) -> type:
    mutants = registry(role).mutants.values()
    found = [one for one in mutants if draft.like in one.breaks and not one.special]
    if not found:
        raise UsageFault(f"no mutant breaks {draft.like} alone; name another row with --like")
    return min(found, key=lambda one: (len(one.breaks), one.__name__))


def _row_file(like: str) -> Path:
    wanted = f'id = "{like}"\n'
    files = sorted((ROOT / "catalogue").glob("*.toml"))
    return next(file for file in files if wanted in file.read_text("utf-8"))


def _row(draft: Draft, like: catalogue.Requirement, role: str) -> str:
    needs = ", ".join(f'"{one}"' for one in like.needs_in(role))
    return "\n".join(
        [
            "",
            "[[requirement]]",
            f'id = "{draft.id}"',
            f'level = "{draft.level}"',
            f'basis = "{draft.basis}"',
            f'role = ["{role}"]',
            *([f"needs = [{needs}]"] if needs else []),
            f'tier = "{like.tier_in(role)}"',
            f'area = "{like.area}"',
            f"source = {_quoted(draft.source)}",
            f"text = {_quoted(draft.text)}",
            "",
        ]
    )


def _quoted(text: str) -> str:
    """A basic string of TOML."""
    told = " ".join(text.split())
    return '"' + told.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _check(draft: Draft, model: CheckSpec) -> str:
    source = model.source.read_text("utf-8")
    given = re.search(rf"def check_{re.escape(model.id)}\((.*?)\) -> None:", source, re.S)
    taken = " ".join(given[1].split()).rstrip(", ") if given else ""
    negative = ", negative=True" if draft.negative else ""
    control = "    # First the positive control: the same message without the fault is taken.\n"
    return (
        f'\n\n@verifies("{draft.id}"{negative})\n'
        f"def check_{draft.name}({taken}) -> None:\n"
        f'    """{draft.name.replace("_", " ").capitalize()}."""\n'
        f"{control if draft.negative else ''}"
        f'    raise NotVerified("this check is not written yet")\n'
    )


def _mutant(draft: Draft, like: type) -> str:
    name = "Breaks" + "".join(word.capitalize() for word in draft.name.split("_"))
    parent = like.__mro__[1].__name__
    return (
        f'\n\n@breaks("{draft.id}")\n'
        f"class {name}({parent}):\n"
        f'    """Says here what it does wrong; changes one method of the conforming product."""\n'
    )


def _added(what: str, file: Path, text: str) -> Written:
    before = file.read_text("utf-8").rstrip("\n") + "\n"
    if what == "check" and "NotVerified" not in before:
        last = before.rindex("\nfrom conformance.")
        before = f"{before[:last]}\nfrom conformance.problems import NotVerified{before[last:]}"
    file.write_text(before + text, "utf-8", newline="\n")
    lead = len(text) - len(text.lstrip("\n"))
    return Written(what, file, before.count("\n") + lead + 1)
