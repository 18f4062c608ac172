"""CSV files of a vendor's own layout, both ways, and what a wrong layout is told."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from reference_hub.problems import SetupError
from reference_hub.translate.flat_files import take_in, write_files
from reference_hub.translate.flat_layout import Layout, read_layout
from reference_hub.translate.intake import Intake
from reference_hub.translate.packages import Refused, opened
from tests.reference_hub.translate.districts import differences, district, written

PLAIN = read_layout(Path(str(files("reference_hub.translate"))) / "tables" / "flat.toml")
TABLE = """# dialect: clever
collection,place,entity,field,function,codes,need,to,loss,crosswalk_id,note
people,*,Student,,,,,,,,
people,no,Student,refId,own_id,,key,,,XW-078,
people,last,Student,familyName,text,,required,,,XW-085,
people,born,Student,birthDate,date,,,,,XW-095,
people,sex,Student,sex,code,sex,,,,XW-096,
people,races,Student,races,codes,race,,,,XW-097,
people,where,Student,cityOfBirth,text,,,,,XW-102,
"""
LAYOUT = """
table = "lunch.csv"
date_format = "%d.%m.%Y"
{more}
[files.people]
name = "{name}"
columns = ["no", "last", "born", "sex", "races", "where"]
[files.people.headings]
last = "Last Name"
"""
ROW = {
    "no": "1",
    "last": "Łukasz",
    "born": "2014-03-09",
    "sex": "F",
    "races": ["Asian", "Caucasian"],
}
ROW |= {"where": "Ames"}


def layout(folder: Path, more: str = "", name: str = "people.csv", table: str = TABLE) -> Layout:
    (folder / "lunch.csv").write_text(table)
    (folder / "lunch.toml").write_text(LAYOUT.format(more=more, name=name))
    return read_layout(folder / "lunch.toml")


def unpacked(made: Any) -> dict[str, bytes]:
    with made.content as content, zipfile.ZipFile(io.BytesIO(content.read())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def brought(folder: Path, shape: Layout, content: Mapping[str, bytes]) -> Intake:
    place = folder / "in"
    place.mkdir()
    for name, text in content.items():
        (place / name).write_bytes(text)
    with opened(place) as package:
        return take_in(package, shape)


def test_header_dates_lists_and_line_ends_are_those_of_the_layout(tmp_path: Path) -> None:
    made = unpacked(write_files({"people": [ROW]}, layout(tmp_path)))
    assert made == {
        "people.csv": "no,Last Name,born,sex,races,where\r\n"
        "1,Łukasz,09.03.2014,F,Asian;Caucasian,Ames\r\n".encode()
    }


def test_delimiter_quoting_and_a_missing_header(tmp_path: Path) -> None:
    more = (
        'delimiter = "\\t"\nheader = false\nquoting = "all"\nline_end = "lf"\nlist_separator = "|"'
    )
    made = unpacked(write_files({"people": [ROW]}, layout(tmp_path, more)))
    told = '"1"\t"Łukasz"\t"09.03.2014"\t"F"\t"Asian|Caucasian"\t"Ames"\n'
    assert made["people.csv"] == told.encode()


def test_one_file_for_each_school(tmp_path: Path) -> None:
    rows = [
        {**ROW, "no": str(x), "where": where} for x, where in enumerate(("Ames", "Bo/x", "Ames"))
    ]
    shape = layout(tmp_path, name="people-{where}.csv")
    made = unpacked(write_files({"people": rows}, shape))
    assert {name: text.count(b"\r\n") for name, text in made.items()} == {
        "people-Ames.csv": 3,
        "people-Bo_x.csv": 2,
    }
    assert len(list(brought(tmp_path, shape, made).graph.all())) == 3


def test_letters_that_the_encoding_lacks_leave_the_row_out_and_are_told(tmp_path: Path) -> None:
    rows = [ROW, {**ROW, "no": "2", "last": "Zoë"}]
    made = write_files({"people": rows}, layout(tmp_path, 'encoding = "latin-1"'))
    assert [(x.key, x.left_out) for x in made.remarks] == [("1", True)]
    assert b"Zo\xeb" in unpacked(made)["people.csv"]


def test_without_quoting_a_delimiter_inside_leaves_the_row_out(tmp_path: Path) -> None:
    made = write_files({"people": [{**ROW, "where": "a,b"}]}, layout(tmp_path, 'quoting = "none"'))
    assert [x.key for x in made.remarks] == ["1"]
    assert unpacked(made)["people.csv"].count(b"\r\n") == 1


@pytest.mark.parametrize(
    "more", ["", 'encoding = "utf-16"', 'delimiter = ";"\nheader = false\nlist_separator = "+"']
)
def test_what_was_written_is_read_back(more: str, tmp_path: Path) -> None:
    shape = layout(tmp_path, more)
    made = unpacked(write_files({"people": [ROW]}, shape))
    ((_, record),) = brought(tmp_path, shape, made).graph.all()
    assert record["birthDate"] == "2014-03-09"
    assert (record["familyName"], record["sex"]) == ("Łukasz", "female")
    assert record["races"] == ["Asian", "White"]


def test_columns_may_come_in_another_order_under_a_header(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbfwhere,races,sex,born,Last Name,no\r\nAmes,,M,,Ito,7\r\n"
    ((_, record),) = brought(tmp_path, layout(tmp_path), {"people.csv": text}).graph.all()
    assert (record["familyName"], record["cityOfBirth"]) == ("Ito", "Ames")


@pytest.mark.requirement("TRN-ID-04")
def test_a_foreign_id_gives_the_same_key_each_time(tmp_path: Path) -> None:
    text = b"no,Last Name,born,sex,races,where\n7,Ito,,,,\n7,Ito,,,,\n"
    found = list(brought(tmp_path, layout(tmp_path), {"people.csv": text}).graph.all())
    assert len(found) == 1


HEAD = "no,Last Name,born,sex,races,where\n"
WRONG = {
    "people.csv: is not there": {},
    "other.csv: is no file of the layout": {"other.csv": b"", "people.csv": HEAD.encode()},
    "people.csv row 1, column Last Name: is not in the header": {"people.csv": b"no,born\n"},
    "people.csv row 2, column Last Name: is required": {"people.csv": f"{HEAD}1,,,,,\n".encode()},
    "people.csv row 2, column born: expected a date of the form %d.%m.%Y": {
        "people.csv": f"{HEAD}1,Ito,2014-03-09,,,\n".encode()
    },
    "people.csv row 2: has 2 cells; expected 6": {"people.csv": f"{HEAD}1,Ito\n".encode()},
    "people.csv row 1: is not in utf-8 from about here": {"people.csv": b"no,\xff\n"},
}


@pytest.mark.parametrize("words", list(WRONG))
def test_a_fault_is_told_with_file_row_column_and_reason(words: str, tmp_path: Path) -> None:
    shape = layout(tmp_path)
    with pytest.raises(Refused) as refused:
        brought(tmp_path, shape, WRONG[words])
    assert words in str(refused.value).splitlines()


LAYOUTS = {
    "lunch.toml: encoding is one of utf-8": 'encoding = "ebcdic"',
    "lunch.toml: delimiter is one character.": 'delimiter = "ab"',
    "lunch.toml: date_format must tell day, month and year": 'date_format = "%m/%Y"',
    "lunch.toml: 'colour' is not known; there are title": 'colour = "red"',
    "lunch.toml: header must be a bool.": 'header = "yes"',
}


@pytest.mark.parametrize("words", list(LAYOUTS))
def test_a_wrong_layout_is_told_what_is_wrong(words: str, tmp_path: Path) -> None:
    text = LAYOUT.replace('date_format = "%d.%m.%Y"\n', "") if "date" in words else LAYOUT
    (tmp_path / "lunch.csv").write_text(TABLE)
    (tmp_path / "lunch.toml").write_text(text.format(more=LAYOUTS[words], name="people.csv"))
    with pytest.raises(SetupError, match=words.replace("(", "\\(")):
        read_layout(tmp_path / "lunch.toml")


def test_a_split_by_what_is_no_column_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"\{\.\.\.\} in the name must be one of its columns"):
        layout(tmp_path, name="people-{school}.csv")


def test_a_faulty_mapping_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="lunch line 4: there is no function 'own_idd'"):
        layout(tmp_path, table=TABLE.replace("own_id", "own_idd"))


def test_the_plain_tables_bring_a_district_back(tmp_path: Path) -> None:
    before = district(6)
    made = written(before, "flat")
    after = brought(tmp_path, PLAIN, unpacked(write_files(made.ready(), PLAIN)))
    told = {loss.source_path.partition("[")[0] for loss in made.losses}
    wholly = {field.rpartition(".")[0] for field in told}
    strange = {
        f"{entity}.{name}"
        for entity, _, name in differences(before, after.graph)
        if f"{entity}.{name}" not in told
        and f"{entity}.{name.partition('.')[0]}" not in told
        and not (name == "*" and entity in wholly)
    }
    assert strange == set()
