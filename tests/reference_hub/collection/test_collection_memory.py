"""A run streams: memory does not grow with the number of students."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from sqlalchemy import Engine, text

PROGRAM = """
import resource, sys
from reference_hub.clock import Clock
from reference_hub.codec.collection_toml import load
from reference_hub.journeys.collection_run import run_in
from reference_hub.model.scope import Scope
from reference_hub.settings import Database, Settings
from reference_hub.store.db import open_engine
engine = open_engine(Settings(database=Database(url=sys.argv[1])))
for zone in sys.argv[2:]:
    run = run_in(engine, Scope(zone), load("ma-sims"), Clock())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(run.checked, run.rejected, peak)
"""
STUDENT = (
    '<StudentPersonal xmlns="http://www.sifassociation.org/datamodel/na/4.x" RefId="REFID">'
    "<LocalId>NUMBER</LocalId><StateProvinceId>NUMBER</StateProvinceId>"
    '<Name Type="04"><LastName>L</LastName><FirstName>F</FirstName></Name>'
    "<Demographics><BirthDate>2012-01-01</BirthDate></Demographics></StudentPersonal>"
)
STAY = (
    '<StudentSchoolEnrollment xmlns="http://www.sifassociation.org/datamodel/na/4.x" '
    'RefId="REFID" StudentPersonalRefId="REFID" SchoolInfoRefId="REFID" MembershipType="Home">'
    "<GradeLevel><Code>05</Code></GradeLevel></StudentSchoolEnrollment>"
)
# Straight into the tables: it is the run that is looked at.
FILL = text(
    """
    WITH added AS (
      INSERT INTO object_version (zone_id, context_id, object_type, refid, action, body, source_key)
      SELECT :zone, 'DEFAULT', :type, lpad(n::text, 32, '0'), 'CREATE',
             convert_to(replace(replace(:body, 'REFID', lpad(n::text, 32, '0')), 'NUMBER',
                                lpad(n::text, 10, '0')), 'UTF8'), 'test'
      FROM generate_series(1, :students) n RETURNING id, refid
    )
    INSERT INTO sif_object (zone_id, context_id, object_type, refid, position, version_id)
    SELECT :zone, 'DEFAULT', :type, refid, id, id FROM added
    """
)


def fill(engine: Engine, zone: str, students: int) -> None:
    """Students with their enrolments, all at a school that is not there: each stay is rejected."""
    with engine.begin() as connection:
        for name, body in (("StudentPersonal", STUDENT), ("StudentSchoolEnrollment", STAY)):
            values = {"zone": zone, "type": name, "body": body, "students": students}
            connection.execute(FILL, values)


def peaks(engine: Engine, *zones: str) -> list[tuple[int, int, int]]:
    """Objects checked, rejected, and the peak of resident megabytes, after each zone."""
    url = engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, url, *zones],
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    numbers = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    return [(checked, rejected, peak) for checked, rejected, peak in numbers]


@pytest.mark.soak
def test_fifty_thousand_students_need_little_more_memory_than_two_thousand(store: Engine) -> None:
    fill(store, "small", 2_000)
    fill(store, "large", 50_000)
    small, large = peaks(store, "small", "large")
    assert (small[:2], large[:2]) == ((4_000, 2_000), (100_000, 50_000))
    assert large[2] - small[2] < 60
