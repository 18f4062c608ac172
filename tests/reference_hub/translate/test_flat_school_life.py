"""Attendance, marks, scores, meals and transport in CSV files of a district's own layout."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from reference_hub.translate.canonical import Record
from reference_hub.translate.flat_files import take_in, write_files
from reference_hub.translate.flat_layout import Layout, layout_of, shipped_layout
from reference_hub.translate.identity import minted
from reference_hub.translate.intake import Intake
from reference_hub.translate.packages import Refused, opened
from reference_hub.translate.tables import load
from tests.reference_hub.translate.districts import district, graph_of, written

OWN: dict[str, Any] = {
    "date_format": "%m/%d/%Y",
    "files": {
        "meals": {
            "name": "lunch.csv",
            "columns": ["student", "status", "start"],
            "headings": {"status": "Lunch Status"},
        },
        "transport": {"name": "bus.csv", "columns": ["student", "route", "direction", "days"]},
        "attendance": {
            "name": "absent-{school}.csv",
            "columns": ["id", "student", "school", "date", "timeOut"],
        },
    },
}
GRADEBOOK: tuple[tuple[str, Record], ...] = (
    ("Category", {"refId": "c1", "title": "Homework", "weight": "40"}),
    ("Section", {"refId": "s1", "localId": "5", "course": "k1", "school": "h1"}),
    ("Assignment", {"refId": "a1", "section": "s1", "category": "c1", "title": "Essay",
                    "pointsPossible": "12.5", "dueDate": "2026-10-05"}),
    ("Student", {"refId": "p1", "familyName": "Ito"}),
    ("Score", {"refId": "n1", "assignment": "a1", "student": "p1", "points": "11.75",
               "date": "2026-10-06", "comment": "Well done, \"Zoë\""}),
    ("Meal", {"refId": "m1", "student": "p1", "school": "h1", "status": "Reduced",
              "startDate": "2026-08-31"}),
    ("Meal", {"refId": "m2", "student": "p1", "status": "?Special"}),
)  # fmt: skip


def own() -> Layout:
    """The layout of a district that wants three files only."""
    return layout_of(OWN, load("flat"), "own")


def unpacked(content: bytes) -> dict[str, list[dict[str, str]]]:
    """The rows of each file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            name: list(csv.DictReader(io.StringIO(archive.read(name).decode(), newline="")))
            for name in archive.namelist()
        }


def told(graph: Any, layout: Layout) -> dict[str, list[dict[str, str]]]:
    """A district as files of the layout."""
    with write_files(written(graph, "flat").ready(), layout).content as content:
        return unpacked(content.read())


def brought(folder: Path, texts: dict[str, str], layout: Layout) -> Intake:
    """What files of the layout say."""
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    with opened(folder) as package:
        return take_in(package, layout)


def records(model: str, entity: str) -> dict[str, Record]:
    """The records of an entity in a generated district, by key."""
    return {str(x["refId"]): x for kind, x in district(1, model=model).all() if kind == entity}


def test_absences_of_a_classic_district_stand_in_one_file_for_each_school() -> None:
    made = told(district(1, model="unity"), own())
    days = records("unity", "DailyAttendance")
    absent = {name: rows for name, rows in made.items() if name.startswith("absent-")}
    assert set(absent) == {f"absent-{each['school']}.csv" for each in days.values()}
    rows = [row for each in absent.values() for row in each]
    assert len(rows) == len(days) > 20
    for row in rows:
        year, month, day = str(days[row["id"]]["date"]).split("-")
        assert row["date"] == f"{month}/{day}/{year}"
        assert row["timeOut"] == days[row["id"]].get("timeOut", "")


def test_lunch_is_told_by_status_and_the_bus_by_days() -> None:
    made = told(district(1, model="unity"), own())
    known = ("Free", "Reduced", "Paid")
    meals = records("unity", "Meal").values()
    statuses = sorted(row["Lunch Status"] for row in made["lunch.csv"])
    assert statuses == sorted(x["status"] if x["status"] in known else "" for x in meals)
    assert "Mo;Tu;We;Th;Fr" in {row["days"] for row in made["bus.csv"]}


def test_rows_without_a_school_have_a_file_too(tmp_path: Path) -> None:
    shape = {
        "files": {"meals": {"name": "lunch-{school}.csv", "columns": ["id", "school", "student"]}}
    }
    layout = layout_of(shape, load("flat"), "own")
    made = told(graph_of(*GRADEBOOK), layout)
    assert {name: len(rows) for name, rows in made.items()} == {"lunch-.csv": 1, "lunch-h1.csv": 1}
    found = brought(tmp_path, {"lunch-.csv": "id,school,student\n1,,7\n"}, layout)
    assert [kind for kind, _ in found.graph.all()] == ["Meal"]


def test_a_gradebook_comes_back_from_its_files(tmp_path: Path) -> None:
    layout, graph = shipped_layout(load("flat")), graph_of(*GRADEBOOK)
    made = written(graph, "flat").ready()
    with write_files(made, layout).content as content:
        (tmp_path / "files.zip").write_bytes(content.read())
    with opened(tmp_path / "files.zip") as package:
        back = take_in(package, layout).graph
    for name, column in (("Assignment", "title"), ("Score", "comment"), ("Category", "weight")):
        ((_, before),) = [each for each in GRADEBOOK if each[0] == name]
        ((_, after),) = [each for each in back.all() if each[0] == name]
        assert after[column] == before[column]
    assert [row["points"] for row in made["scores"]] == ["11.75"]


def test_a_status_that_no_set_knows_is_told_in_no_file_and_in_the_ledger() -> None:
    made = written(graph_of(*GRADEBOOK), "flat")
    assert [row.get("status") for row in made.ready()["meals"]] == ["Reduced", None]
    assert [x.refid for x in made.losses if x.target_field == "meals.status"] == ["m2"]


def test_a_word_that_no_set_knows_is_kept_and_marked(tmp_path: Path) -> None:
    layout = layout_of({"files": {"meals": {"columns": ["id", "student", "status"]}}},
                       load("flat"), "own")  # fmt: skip
    text = "id,student,status\n1,7,Free\n2,7,Lunch card\n"
    found = brought(tmp_path, {"meals.csv": text}, layout)
    assert [x["status"] for _, x in found.graph.all()] == ["Free", "?Lunch card"]
    assert len({str(x["student"]) for _, x in found.graph.all()}) == 1


def test_results_have_a_row_for_each_score_and_come_back_whole(tmp_path: Path) -> None:
    scores = [
        {"subTest": "t1", "value": "529", "performanceLevel": "Meeting"},
        {"subTest": "t2", "value": "518"},
        {"value": "523"},
    ]
    result: Record = {"refId": "r1", "student": "p1", "metric": "Scale score", "scores": scores}
    made = written(graph_of(*GRADEBOOK, ("ScoreSet", result)), "flat").ready()
    assert {(row["part"], row["score"]) for row in made["results"]} == {
        ("t1", "529"),
        ("t2", "518"),
        ("whole", "523"),
    }
    layout = layout_of({"files": {"results": {}}}, load("flat"), "own")
    text = "id,part,student,sitting,test,metric,score,level,taken\n"
    text += "9,whole,7,,,Scale score,523,,\n9,A,7,,,Scale score,518,Meeting,\n"
    ((_, back),) = brought(tmp_path, {"results.csv": text}, layout).graph.all()
    part = minted("file", "SubTest", "A")
    assert back["scores"] == [
        {"value": "523"},
        {"subTest": part, "value": "518", "performanceLevel": "Meeting"},
    ]


def test_an_optional_file_need_not_be_there_but_must_be_right(tmp_path: Path) -> None:
    shape = {"files": {"scores": {"optional": True}, "categories": {"optional": True}}}
    layout = layout_of(shape, load("flat"), "own")
    head = "id,section,title,weight\n"
    assert list(brought(tmp_path, {"categories.csv": head}, layout).graph.all()) == []
    with pytest.raises(Refused, match="column title: is required"):
        brought(tmp_path, {"categories.csv": f"{head}1,2,,40\n"}, layout)


def test_an_optional_file_without_rows_is_not_written() -> None:
    made = told(district(6), shipped_layout(load("flat")))
    assert "meals.csv" not in made
    assert "students.csv" in made
