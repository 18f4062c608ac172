"""Where bytes to scan come from, and which district is looked for in them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from conformance.problems import UsageFault
from conformance.scan import CHUNK
from fixtures.district.plan import Plan
from fixtures.sightings import Reader
from fixtures.timeline import people

MANIFEST = "district.json"
SEED, STUDENTS, SCHOOLS = 1, 300, 2  # of `generate` without options
_PER_SCHOOL = 500


def files(
    path: Path, unread: Callable[[str], None], passed: Callable[[str], None]
) -> Iterator[Path]:
    """Walk through a file, or the files of a folder in order.

    `unread` hears of folders that cannot be read, `passed` of symbolic links, which are not
    followed, and of what is no file.
    """
    if not path.is_dir():
        yield path
        return

    def refused(error: OSError) -> None:
        unread(f"{error.filename}: {error.strerror}")

    for folder, folders, names in os.walk(path, onerror=refused):
        folders.sort()
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_symlink() or not file.is_file():
                passed(str(file))
            else:
                yield file


def chunks(file: BinaryIO) -> Iterator[bytes]:
    """Read a file piece by piece."""
    return iter(lambda: file.read(CHUNK), b"")


def readers(
    path: Path | None, seeds: Sequence[int], students: int | None, schools: int | None
) -> tuple[list[Reader], str, bool]:
    """Make readers of the districts that are looked for; say in words which, and if it is a guess.

    Options come first, then the `district.json` of the folder or of one around it, then the
    defaults of `generate`. Newcomers of a timeline are looked for unless it is known that there are
    none.
    """
    manifest = _manifest(path) if path else None
    known = _read(manifest) if manifest and not seeds else {}
    sized = students is not None
    students = students if students is not None else known.get("students", STUDENTS)
    schools = schools or known.get("schools") or max(SCHOOLS, students // _PER_SCHOOL)
    wanted = seeds or (known.get("seed", SEED),)
    size = f"{students} students, {schools} schools"
    source = f" (from {manifest})" if known else "" if seeds else ", the default"
    told = f"looking for seed {', '.join(map(str, wanted))} with {size}{source}"
    found = []
    for seed in wanted:
        most = people(Plan(seed, students, schools)) if known.get("timeline", 1) else students
        found.append(Reader(seed, most, schools))
    return found, told, not (known or (seeds and sized))


def _manifest(path: Path) -> Path | None:
    start = path.resolve()
    folders = (start, *start.parents) if start.is_dir() else start.parents
    return next((one for folder in folders if (one := folder / MANIFEST).is_file()), None)


def _read(manifest: Path) -> dict[str, int]:
    """Read seed, students, schools, and whether there is a timeline (1) or not."""
    try:
        found = json.loads(manifest.read_text("utf-8"))
        numbers = {name: found[name] for name in ("seed", "students", "schools")}
        fine = all(type(value) is int for value in numbers.values())
        if fine and numbers["students"] >= 0 and numbers["schools"] > 0:
            return {**numbers, "timeline": int(found.get("timeline") is True)}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise UsageFault(
        f"{manifest} does not say which district it is about (seed, students, schools). "
        "Name it with --seed and --students."
    )
