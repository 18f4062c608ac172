"""What a district needs: use cases in plain words, each with the requirements that speak of it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path

import msgspec

from conformance.runfile import RequirementVerdict
from reports.summary_words import Words

FORMAT = "sif-needs/1"
REST = "everything-else"


class NeedsError(ValueError):
    """A needs file that cannot be used: what is wrong with it and what to do."""


class UseCase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One need; `requirements` are ids in which * stands for anything, `areas` whole areas."""

    id: str
    title: str
    says: str = ""
    requirements: list[str] = []
    areas: list[str] = []

    def covers(self, row: RequirementVerdict) -> bool:
        """Whether a requirement speaks of this need."""
        return row.area in self.areas or any(
            fnmatchcase(row.id, pattern) for pattern in self.requirements
        )


class _File(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    format: str
    use_cases: list[str] = []
    use_case: list[UseCase] = []


def shipped() -> list[UseCase]:
    """The use cases that come with the kit."""
    text = (resources.files("reports") / "needs.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _File).use_case


def chosen(path: Path) -> list[UseCase]:
    """The use cases of a district's own file, in its order; raises NeedsError."""
    try:
        told = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8-sig")), _File)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise NeedsError(f"{path} cannot be used: {error}. Its format is {FORMAT!r}.") from None
    if told.format != FORMAT:
        raise NeedsError(f"{path} has the format {told.format!r}; this kit reads {FORMAT!r}")
    known = {one.id: one for one in shipped()}
    for name in told.use_cases:
        if name not in known:
            raise NeedsError(f"{path}: no use case is called {name}; there is {', '.join(known)}")
    found = [*(known[name] for name in told.use_cases), *told.use_case]
    if not found:
        raise NeedsError(f"{path} names no use case: fill use_cases, or write [[use_case]] tables")
    return found


def in_words(cases: Sequence[UseCase], say: Words) -> list[UseCase]:
    """The use cases in the words of a language; those of a district's own stay as it wrote them."""
    known, told = shipped(), say.tables.get("use_case", {})
    return [
        msgspec.structs.replace(one, **told[one.id]) if one in known and one.id in told else one
        for one in cases
    ]


def unnamed(
    cases: Sequence[UseCase], rows: Sequence[RequirementVerdict], say: Words
) -> UseCase | None:
    """A use case of all requirements that no other one covers, None if there is none."""
    left = [row.id for row in rows if not any(case.covers(row) for case in cases)]
    if not left:
        return None
    title, says = say.say("rest", "title"), say.say("rest", "says")
    return UseCase(id=REST, title=title, says=says, requirements=sorted(set(left)))
