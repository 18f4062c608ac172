"""When a result is whole: each check that had to run has one verdict, and no other check has.

The case behind it: results were once accepted elsewhere that held 212 of 215 tests
(cncf/k8s-conformance#759). Every reader of a run goes through these functions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

_CURE = "Ask for the result as the run wrote it."


class RunFileError(ValueError):
    """A run file that cannot be trusted: unreadable, incomplete or changed after writing."""


def planned_hash(planned: Iterable[str]) -> str:
    """SHA-256, in lower-case hex, over the sorted ids of the checks that had to run."""
    return hashlib.sha256("\n".join(sorted(planned)).encode()).hexdigest()


def refuse_changed(path: Path, told: str) -> None:
    """Raise RunFileError unless all lines before the last have the SHA-256 `told`, in hex."""
    data = path.read_bytes()
    body = data[: data.rstrip(b"\n").rfind(b"\n") + 1]
    if hashlib.sha256(body).hexdigest() != told:
        raise RunFileError(f"{path} was changed after the run wrote it: its SHA-256 does not match")


def refuse_gaps(path: Path, planned: Sequence[str], told: str, judged: Sequence[str]) -> None:
    """Raise RunFileError unless the ids `judged` are those planned, under the hash `told`."""
    if missing := sorted(set(planned) - set(judged)):
        raise RunFileError(
            f"{path} is not complete: it lacks the verdict of {len(missing)} planned checks, first "
            f"{missing[0]}. {_CURE}"
        )
    if told != planned_hash(planned):
        raise RunFileError(
            f"{path} is not complete: the list of planned checks was changed, for its SHA-256 "
            f"does not match. {_CURE}"
        )
    if extra := sorted(set(judged) - set(planned)):
        raise RunFileError(f"{path} holds the check {extra[0]}, which was not planned. {_CURE}")


def refuse_unfounded(path: Path, rests_on: Mapping[str, Iterable[str]], judged: list[str]) -> None:
    """Raise RunFileError if a requirement rests on a check that has no verdict."""
    for requirement, checks in rests_on.items():
        if absent := sorted(set(checks) - set(judged)):
            raise RunFileError(
                f"{path} is not complete: {requirement} rests on {absent[0]}, which has no "
                f"verdict. {_CURE}"
            )
