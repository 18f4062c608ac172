"""A file of any size streams: memory does not grow with it."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from fixtures.writers.xpress import NA4
from reference_hub import cli

PROGRAM = """
import resource, sys
from reference_hub import cli
peaks = []
for file in sys.argv[1:]:
    sys.argv = ["reference-hub", "load", "--json", file]
    try:
        cli.main()
    except SystemExit as end:
        peaks.append((end.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))
print(*(f"{code}:{peak}" for code, peak in peaks), file=sys.stderr)
"""
STUDENT = """  <xStudent refId="{refid}">
    <name>
      <type>LegalName</type>
      <familyName>Family {number}</familyName>
      <givenName>Given {number}</givenName>
    </name>
    <localId>{number}</localId>
    <demographics>
      <birthDate>2015-01-31</birthDate>
    </demographics>
    <enrollment>
      <leaRefId>00000000-0000-4000-8000-000000000001</leaRefId>
      <schoolRefId>00000000-0000-4000-8000-000000000002</schoolRefId>
      <entryDate>2026-09-01</entryDate>
    </enrollment>
  </xStudent>
"""


def collection(file: Path, students: int) -> int:
    """Write so many students; returns the size in bytes."""
    with file.open("w") as out:
        out.write(f'<xStudents xmlns="{NA4}">\n')
        for number in range(students):
            out.write(STUDENT.format(refid=uuid.UUID(int=number, version=4), number=number))
        out.write("</xStudents>\n")
    return file.stat().st_size


def peaks(store: Engine, *files: Path) -> list[int]:
    """Peak resident megabytes of one process after each of the loads."""
    url = store.url.render_as_string(hide_password=False)
    paths = [str(file) for file in files]
    environ = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(Path(cli.__file__).parents[1])}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *paths], env=environ, capture_output=True, text=True
    )
    told = [word.split(":") for word in ended.stderr.splitlines()[-1].split()]
    assert [code for code, _ in told] == ["0"] * len(files), ended.stderr
    return [int(peak) for _, peak in told]


def count(store: Engine) -> int:
    with store.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM sif_object")).scalar_one())


def test_memory_does_not_grow_with_the_file(store: Engine, tmp_path: Path) -> None:
    small, large = tmp_path / "small.xml", tmp_path / "large.xml"
    collection(small, 1_000)
    collection(large, 20_000)
    before, after = peaks(store, small, large)
    assert after - before < 15
    assert count(store) == 20_000


@pytest.mark.soak
def test_a_hundred_megabytes_load_within_300_megabytes_of_memory(
    store: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "large.xml"
    assert collection(file, 200_000) > 100_000_000
    (peak,) = peaks(store, file)
    assert peak < 300
    assert count(store) == 200_000
