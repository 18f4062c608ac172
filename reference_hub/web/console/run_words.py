"""How a run stands, as a badge and in words; figures as the suite wrote them."""

from __future__ import annotations

import re
from typing import Any

from reference_hub.model.console_run import DOCTOR, ENDED, RUNNING, Run
from reference_hub.web.console.visit import Here

_OUTCOMES = {
    "conforms": ("good", "conforms"),
    "does not conform": ("bad", "does_not"),
    "could not decide": ("warn", "undecided"),
}
# Keys of the texts by the exit codes of the suite, where it wrote no verdict.
_CODES = {3: "unreachable", 4: "own_fault"}
# `conformance.toml, [credentials] key = ...`: table and key of the target file.
_KEY = re.compile(r"\[(\w+)\]\s*(\w+)?")
_WHY = {
    ("endpoint", ""): "url",
    ("files", "sftp"): "url",
    ("files", "host_key"): "host_key",
    ("credentials", ""): "credentials",
    ("pod", "party"): "party",
    ("consumer", ""): "silent",
    ("readback", ""): "readback",
    ("edfi", ""): "edfi",
}
_COUNTS = (
    ("pass", "passed"),
    ("fail", "failed"),
    ("could not verify", "unverified"),
    ("not applicable", "inapplicable"),
)


def badge(here: Here, run: Run) -> tuple[str, str]:
    """The kind of badge and its words."""
    if run.state == RUNNING:
        return "none", here.say("runs.state.stopping" if run.cancelled_by else "runs.state.running")
    if run.state != ENDED:
        return "warn", here.say(f"runs.state.{run.state}")
    if run.kind == DOCTOR:
        is_well = run.exit_code == 0
        word = "well" if is_well else "unwell"
        return ("good" if is_well else "bad"), here.say(f"runs.state.{word}")
    kind, word = _OUTCOMES.get(run.outcome, ("bad", _CODES.get(run.exit_code or 0, "no_verdict")))
    return kind, here.say(f"runs.state.{word}")


def counts(here: Here, run: Run) -> list[tuple[str, int]]:
    """Words and numbers of the verdict."""
    found: dict[str, Any] = run.result.get("counts") or {}
    return [(here.say(f"runs.counts.{word}"), int(found.get(key, 0))) for key, word in _COUNTS]


def why(here: Here, run: Run) -> str:
    """What a fault of the doctor means, in the language of the page, by the key of the target file
    that the suite names; '' where that says nothing."""
    found = _KEY.search(str((run.result.get("fault") or {}).get("key", "")))
    if found is None:
        return ""
    word = _WHY.get((found[1], found[2] or "")) or _WHY.get((found[1], ""))
    return here.say(f"onboarding.doctor.why.{word}") if word else ""


def said(run: Run) -> str:
    """What the suite said last where there is no verdict."""
    return str(run.result.get("said", ""))
