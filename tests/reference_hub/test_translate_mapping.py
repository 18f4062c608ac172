"""Mapping tables as data: what the loader refuses, and what the shipped one covers."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from reference_hub.translate.mapping import MappingError, load, parse
from reference_hub.translate.provenance import ungranted

HEADER = "crosswalk_id,entity,source_path,target_file,target_field,function,code_set,loss,note\n"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("XW-1,S,x/a,users.csv,emial,text(9),,,", "line 2: users.csv has no column 'emial'"),
        ("XW-1,S,x/a,users.csv,email,text(9,,,", "line 2: 'text(9' is not a function name"),
        ("XW-1,S,x/a,users.csv,email,,,,", "a target and a function, or neither"),
        ("XW-1,S,x/a,,,,,gone,", "loss is one of no_slot, narrowed"),
        ("XW-1,S,x/a,users.csv,email,code,colour,,", "no code set 'colour'"),
        ("XW-1 ; XW-2,S,x/a,,,,,no_slot,", "one for each source path"),
    ],
)
def test_a_faulty_line_is_named_with_its_number(line: str, words: str) -> None:
    with pytest.raises(MappingError, match=r"mine\.csv line 2") as caught:
        parse("mine", HEADER + line, {})
    assert words in str(caught.value)


def test_a_table_with_other_columns_is_refused() -> None:
    with pytest.raises(MappingError, match="must have the columns crosswalk_id, entity"):
        parse("mine", "source,target\n", {})


def test_every_path_of_the_published_schema_is_in_the_table(standards: Path) -> None:
    fields = standards / "schemas" / "fields" / "unity-4.3-core-fields.csv"
    mapping = load("oneroster-1.2")
    written = {
        source.path
        for by_file in mapping.targets.values()
        for rows in by_file.values()
        for row in rows
        for source in row.sources
    }
    with fields.open(encoding="utf-8", newline="") as lines:
        leaves = [row["path"] for row in csv.DictReader(lines) if row["primitive"]]
    ours = [path for path in leaves if path.split("/")[0] in ("xStudent", "xSchool", "xLea")]
    assert len(ours) > 150
    assert [path for path in ours if path not in written and not mapping.reason(path)] == []


def test_a_column_from_a_path_that_is_not_granted_is_found() -> None:
    sources = {("users.email", "xStudent/email/emailAddress"), ("users.sms", "xStudent/emails")}
    assert ungranted(sources, ["xStudent/email"]) == ["users.sms"]
