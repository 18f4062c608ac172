"""A vendor's scores come back as a file: taken, or in quarantine with the reason."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from reference_hub.cli_take_back import take_back_command
from reference_hub.store import objects
from reference_hub.translate.bundle_writing import DELTA, write_bundle
from tests.reference_hub.oneroster.conftest import Puller
from tests.reference_hub.oneroster.ground import Ground, class_of, graded
from tests.reference_hub.web.conftest import SCOPE

ITEM, RESULT, CATEGORY = (str(uuid.uuid5(uuid.NAMESPACE_DNS, name)) for name in "abc")


@pytest.fixture
def ground(puller: Callable[..., Puller]) -> Ground:
    """A district whose vendor may write the gradebook."""
    return graded(puller)


@pytest.fixture
def room(ground: Ground) -> Mapping[str, str]:
    """A class with a student of it, as the vendor reads them."""
    return class_of(ground)


def bundle(folder: Path, room: Mapping[str, str], student: str) -> Path:
    """A delta with one line item and one result."""
    item = {
        "sourcedId": ITEM,
        "title": "Essay",
        "assignDate": "2026-10-01",
        "dueDate": "2026-10-08",
        "classSourcedId": room["class"],
        "categorySourcedId": CATEGORY,
        "academicSessionSourcedId": str(uuid.uuid4()),
        "resultValueMin": "0",
        "resultValueMax": "10",
        "schoolSourcedId": room["school"],
    }
    score = {
        "sourcedId": RESULT,
        "lineItemSourcedId": ITEM,
        "studentSourcedId": student,
        "scoreStatus": "fully graded",
        "score": "9",
        "scoreDate": "2026-10-08",
    }
    files = {
        "categories": [{"sourcedId": CATEGORY, "title": "Homework"}],
        "lineItems": [item],
        "results": [score],
    }
    made = write_bundle(files, "1.2", DELTA, datetime(2026, 10, 9, tzinfo=UTC))
    path = folder / "scores.zip"
    with made.content:
        path.write_bytes(made.content.read())
    return path


def taken_from(ground: Ground, path: Path) -> tuple[int, list[dict[str, str]]]:
    """What the command says of each record."""
    settings = ground.puller.hub.settings
    words = ["reading", str(path), "--app", "reading", "--json"]
    done = CliRunner().invoke(take_back_command, words, obj=settings)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, json.loads(done.stdout or "[]")


def test_a_file_of_scores_reaches_the_district(
    ground: Ground, room: Mapping[str, str], tmp_path: Path
) -> None:
    code, said = taken_from(ground, bundle(tmp_path, room, room["user"]))
    assert code == 0, said
    assert {each["record"]: each["state"] for each in said} == dict.fromkeys(
        ("Category", "Assignment", "Score"), "taken"
    )
    with ground.puller.hub.engine.connect() as connection:
        found = objects.get(connection, SCOPE, "GradingAssignmentScore", RESULT.replace("-", ""))
    assert found is not None
    assert etree.fromstring(found.body).findtext("{*}ScorePoints") == "9"


def test_a_score_of_an_unknown_student_waits(
    ground: Ground, room: Mapping[str, str], tmp_path: Path
) -> None:
    code, said = taken_from(ground, bundle(tmp_path, room, str(uuid.uuid4())))
    assert code == 1
    states = {each["record"]: (each["state"], each["reason"]) for each in said}
    assert states["Score"] == ("quarantined", "unknown here: Student")


def test_a_broken_file_is_told_with_row_and_column(
    ground: Ground, room: Mapping[str, str], tmp_path: Path
) -> None:
    path = bundle(tmp_path, room, room["user"])
    with zipfile.ZipFile(path) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    texts["results.csv"] = texts["results.csv"].replace("fully graded", "graded fully")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    path.write_bytes(target.getvalue())
    settings = ground.puller.hub.settings
    done = CliRunner().invoke(
        take_back_command, ["reading", str(path), "--app", "reading"], obj=settings
    )
    assert done.exit_code == 1
    assert "results.csv row 2, column scoreStatus" in done.output
