"""What changed between two runs of one product, in words; pure.

Only verdicts that say something are compared: a pass or a fail. What was decided then and is not
now is `no longer tested`, whatever the reason; it is never taken for mended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.runfile import FAIL, PASS, Check, Run

_DECIDED = (PASS, FAIL)
_DIFFERING = ("seed", "variants")


@dataclass(frozen=True, slots=True)
class Change:
    """The ids of the checks that differ, by kind, and what to know before reading them.

    `new` fail now and were not decided then, `flipped` passed then and fail now, `fixed` failed
    then and pass now, `untested` were decided then and are not now: missing, or with the reason.
    `refused` says why nothing can be compared; the rest is empty then.
    """

    run: str
    refused: str = ""
    notes: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    flipped: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    untested: Mapping[str, str] | None = None
    titles: Mapping[str, str] | None = None

    def lines(self) -> list[str]:
        """In words, one line for each check after a line that counts them."""
        if self.refused:
            return [f"Not compared with run {self.run}: {self.refused}"]
        untested = self.untested or {}
        told = [*self.notes, f"Since run {self.run}: {self._counts(len(untested))}."]
        for word, names in (("new failure", self.new), ("passed then, fails now", self.flipped),
                            ("fixed", self.fixed)):  # fmt: skip
            told += [f"{word}: {name} - {self._title(name)}" for name in names]
        told += [f"no longer tested: {name} ({reason})" for name, reason in untested.items()]
        return told

    def _counts(self, untested: int) -> str:
        counts = {
            "new failure" if len(self.new) == 1 else "new failures": len(self.new),
            "failing after a pass": len(self.flipped),
            "fixed": len(self.fixed),
            "no longer tested": untested,
        }
        told = [f"{number} {what}" for what, number in counts.items() if number]
        return ", ".join(told) or "nothing changed"

    def _title(self, name: str) -> str:
        return (self.titles or {}).get(name, "")


def changes(before: Run, after: Run) -> Change:
    """Compare a run with an earlier one; refuses, in words, what cannot be compared."""
    run = before.header.run_id
    refused = _refusal(before, after)
    if refused:
        return Change(run, refused)
    then = {one.id: one for one in before.checks}
    now = {one.id: one for one in after.checks}
    decided = [name for name, one in now.items() if one.verdict in _DECIDED]
    failing = [name for name in decided if now[name].verdict == FAIL]
    mended = [name for name in decided if name in then and now[name].verdict == PASS]
    new = tuple(one for one in failing if not _was(then, one, PASS, FAIL))
    flipped = tuple(one for one in failing if _was(then, one, PASS))
    fixed = tuple(one for one in mended if _was(then, one, FAIL))
    return Change(
        run,
        notes=tuple(_notes(before, after)),
        new=new,
        flipped=flipped,
        fixed=fixed,
        untested=_untested(before.checks, now, after),
        titles={name: now[name].title for name in (*new, *flipped, *fixed)},
    )


def _was(then: Mapping[str, Check], name: str, *verdicts: str) -> bool:
    return name in then and then[name].verdict in verdicts


def _untested(then: Sequence[Check], now: Mapping[str, Check], after: Run) -> dict[str, str]:
    part = f"this run was narrowed to {', '.join(after.header.only)}" if after.header.only else ""
    found = {}
    for one in then:
        if one.verdict not in _DECIDED:
            continue
        if one.id not in now:
            # A narrowed run says nothing about the rest; a whole one lost the check.
            if not part:
                found[one.id] = "the suite has no such check in this run"
        elif now[one.id].verdict not in _DECIDED:
            found[one.id] = f"{now[one.id].verdict}: {now[one.id].reason}".rstrip(": ")
    return found


def _refusal(before: Run, after: Run) -> str:
    old, new = before.header, after.header
    for what in ("role", "tier", "format"):
        one, two = getattr(old, what), getattr(new, what)
        if one != two:
            return f"it was made in {what} {one}, this one in {what} {two}."
    for what in ("name", "product"):
        one, two = old.vendor.get(what, ""), new.vendor.get(what, "")
        if one != two:
            return f"it judged {what} {one or 'without a name'}, this one {two or 'none'}."
    if not set(old.planned) & set(new.planned):
        return "the two have no check in common."
    return ""


def _notes(before: Run, after: Run) -> list[str]:
    old, new = before.header, after.header
    told = []
    if old.suite_hash != new.suite_hash:
        told.append(
            "The suite has changed in between: what differs may come from the suite, not from the "
            "product. `conformance replay` judges the old run by this suite."
        )
    told += [
        f"The {what} was {getattr(old, what)} and is {getattr(new, what)}."
        for what in _DIFFERING
        if getattr(old, what) != getattr(new, what)
    ]
    if new.only:
        told.append(f"Only what this run tried is compared: {', '.join(new.only)}.")
    return told
