"""Reading OneRoster bundles: what is tolerated, what is refused, and in which words."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reference_hub.translate.columns import columns, manifest_files
from reference_hub.translate.csv_reading import Bundle, read_bundle
from reference_hub.translate.packages import Refused, opened

ROWS: dict[str, list[dict[str, str]]] = {
    "orgs": [{"sourcedId": "o1", "name": "Hill", "type": "school"}],
    "users": [
        {
            "sourcedId": "u1",
            "enabledUser": "true",
            "username": "ada",
            "userIds": "{SIS:1},{State:2}",
            "givenName": "Ada",
            "familyName": "Okafor",
            "primaryOrgSourcedId": "o1",
        }
    ],
    "roles": [
        {
            "sourcedId": "r1",
            "userSourcedId": "u1",
            "roleType": "primary",
            "role": "student",
            "orgSourcedId": "o1",
        }
    ],
}


def table(header: list[str], rows: list[dict[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def manifest(kinds: Mapping[str, str], version: str = "1.2") -> str:
    lines = {"manifest.version": "1.0", "oneroster.version": version}
    lines |= {f"file.{name}": kinds.get(name, "absent") for name in manifest_files(version)}
    return "propertyName,value\r\n" + "".join(f"{x},{y}\r\n" for x, y in lines.items())


def files(
    kind: str = "bulk", changed: Mapping[str, list[dict[str, str]]] | None = None
) -> dict[str, str | bytes]:
    """The files of a good bundle, some with other rows."""
    rows = {**ROWS, **(changed or {})}
    found: dict[str, str | bytes] = {"manifest.csv": manifest(dict.fromkeys(rows, kind))}
    for name, told in rows.items():
        found[f"{name}.csv"] = table([each.name for each in columns("1.2")[name]], told)
    return found


def folder(tmp_path: Path, content: Mapping[str, str | bytes]) -> Path:
    for name, text in content.items():
        (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return tmp_path


def faults(tmp_path: Path, content: Mapping[str, str | bytes]) -> list[str]:
    with opened(folder(tmp_path, content)) as package, pytest.raises(Refused) as refused:
        read_bundle(package)
    return [str(fault) for fault in refused.value.faults]


def read(path: Path) -> dict[str, list[dict[str, Any]]]:
    with opened(path) as package:
        bundle: Bundle = read_bundle(package)
        return {name: [row for _, row in bundle.rows(name)] for name in bundle.kinds}


def test_rows_are_read_with_lists_taken_apart_and_blanks_left_out(tmp_path: Path) -> None:
    (user,) = read(folder(tmp_path, files()))["users"]
    assert user["userIds"] == ["{SIS:1}", "{State:2}"]
    assert "email" not in user


@pytest.mark.requirement("TRN-TX-08")
def test_a_byte_order_mark_is_tolerated(tmp_path: Path) -> None:
    marked = {name: b"\xef\xbb\xbf" + str(text).encode() for name, text in files().items()}
    assert read(folder(tmp_path, marked))["orgs"][0]["sourcedId"] == "o1"


@pytest.mark.requirement("TRN-TX-08")
def test_lines_may_end_with_lf_and_the_last_without(tmp_path: Path) -> None:
    plain = {name: str(text).replace("\r\n", "\n").rstrip() for name, text in files().items()}
    assert [len(rows) for rows in read(folder(tmp_path, plain)).values()] == [1, 1, 1]


def test_a_delta_may_point_to_rows_that_are_not_in_it(tmp_path: Path) -> None:
    stamp = {"status": "active", "dateLastModified": "2026-01-02T03:04:05.678Z"}
    told = files("delta", {name: [{**rows[0], **stamp}] for name, rows in ROWS.items()})
    del told["orgs.csv"]
    told["manifest.csv"] = manifest({"users": "delta", "roles": "delta"})
    assert read(folder(tmp_path, told))["roles"][0]["orgSourcedId"] == "o1"


def test_metadata_columns_at_the_right_end_are_read(tmp_path: Path) -> None:
    header = [*(each.name for each in columns("1.2")["orgs"]), "metadata.city"]
    told = files() | {"orgs.csv": table(header, [{**ROWS["orgs"][0], "metadata.city": "Ames"}])}
    assert read(folder(tmp_path, told))["orgs"][0]["metadata.city"] == "Ames"


def changed(file: str, **cells: str) -> dict[str, str | bytes]:
    return files(changed={file: [{**ROWS[file][0], **cells}]})


CELLS = {
    "users.csv row 2, column enabledUser: expected one of true, false": changed(
        "users", enabledUser="TRUE"
    ),
    "users.csv row 2, column username: is required": changed("users", username=" "),
    "orgs.csv row 2, column status: expected blank in bulk": changed("orgs", status="active"),
    "roles.csv row 2, column beginDate: expected a date YYYY-MM-DD": changed(
        "roles", beginDate="31/12/2026"
    ),
    "roles.csv row 2, column orgSourcedId: points to a row that orgs.csv does not have": changed(
        "roles", orgSourcedId="o9"
    ),
    "orgs.csv row 2, column parentSourcedId: points to a row that orgs.csv does not have": changed(
        "orgs", parentSourcedId="o9"
    ),
    "users.csv row 2, column givenName: holds a bare carriage return; expected none": changed(
        "users", givenName="A\rB"
    ),
    "orgs.csv row 3, column sourcedId: is the id of another row; expected each once": files(
        changed={"orgs": [*ROWS["orgs"], *ROWS["orgs"]]}
    ),
    "orgs.csv: has no rows; expected it to be absent then": files(changed={"orgs": []}),
}


@pytest.mark.parametrize("words", list(CELLS))
def test_a_fault_is_told_with_file_row_column_and_reason(words: str, tmp_path: Path) -> None:
    assert words in faults(tmp_path, CELLS[words])


@pytest.mark.requirement("TRN-ID-02")
def test_an_id_of_other_letters_is_told(tmp_path: Path) -> None:
    (words,) = faults(tmp_path, changed("roles", sourcedId="r 1"))
    assert words.startswith("roles.csv row 2, column sourcedId: expected an id of 0-9")


def test_no_value_of_the_file_is_repeated_in_a_fault(tmp_path: Path) -> None:
    told = " ".join(faults(tmp_path, changed("users", enabledUser="Zelda", phone="x")))
    assert "Zelda" not in told


FILES: dict[str, dict[str, str | bytes]] = {
    "manifest.csv: is not there": {"orgs.csv": files()["orgs.csv"]},
    "roles.csv: is not there; the manifest says bulk": {
        name: text for name, text in files().items() if name != "roles.csv"
    },
    "roles.csv: is there; the manifest says absent": files()
    | {"manifest.csv": manifest({"orgs": "bulk", "users": "bulk"})},
    "Users.csv: is no file of OneRoster 1.2; names are case-exact": files()
    | {"Users.csv": files()["users.csv"]},
    "manifest.csv: expected the property oneroster.version to be 1.1 or 1.2": files()
    | {"manifest.csv": manifest({}).replace("oneroster.version,1.2", "oneroster.version,1.0")},
    "manifest.csv: expected the property manifest.version to be 1.0": files()
    | {"manifest.csv": manifest({}).replace("manifest.version,1.0", "manifest.version,2.0")},
    "orgs.csv row 1, column name: expected this as column 4 of the header": files()
    | {"orgs.csv": str(files()["orgs.csv"]).replace("name", "Name")},
    "orgs.csv row 2: has 2 cells; expected 7 as in the header": files()
    | {"orgs.csv": str(files()["orgs.csv"]).splitlines()[0] + "\r\no1,Hill\r\n"},
    "orgs.csv row 2: is not in UTF-8 from about here; expected UTF-8": files()
    | {"orgs.csv": str(files()["orgs.csv"]).replace("Hill", "H\xefll").encode("latin-1")},
    "orgs.csv row 1: is empty; expected a header": files() | {"orgs.csv": ""},
}  # fmt: skip


@pytest.mark.parametrize("words", list(FILES))
def test_a_fault_of_a_file_is_told(words: str, tmp_path: Path) -> None:
    found = faults(tmp_path, FILES[words])
    assert any(each.startswith(words) for each in found), found


def test_at_most_twenty_faults_are_told(tmp_path: Path) -> None:
    rows = [{"sourcedId": f"o{x}", "name": "", "type": "x"} for x in range(30)]
    assert len(faults(tmp_path, files(changed={"orgs": rows}))) == 20


def zipped(tmp_path: Path, *members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    path = tmp_path / "hostile.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, text in members:
            archive.writestr(name, text)
    return path


def refused(path: Path) -> str:
    with pytest.raises(Refused) as refusal, opened(path):
        pass
    return str(refusal.value)


@pytest.mark.parametrize("name", ["../orgs.csv", "/etc/orgs.csv", "a/orgs.csv", "a\\orgs.csv"])
def test_a_zip_whose_names_leave_its_root_is_refused(name: str, tmp_path: Path) -> None:
    words = refused(zipped(tmp_path, (name, b"x")))
    assert words == "the package: file 1 is not in the root of the zip; put it there"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_one_name_twice_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("orgs.csv", b"a"), ("orgs.csv", b"b"))
    assert refused(path) == "orgs.csv: is there twice; expected each name once"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    words = refused(zipped(tmp_path, ("orgs.csv", b"0" * 30_000_000)))
    assert words == "orgs.csv: unpacks to more than 200 times its size; refused"


def test_a_zip_of_too_many_files_is_refused(tmp_path: Path) -> None:
    words = refused(zipped(tmp_path, *((f"{x}.csv", b"") for x in range(101))))
    assert words == "the package: holds 101 files; expected at most 100"


def test_a_zip_packed_by_another_method_is_refused(tmp_path: Path) -> None:
    words = refused(zipped(tmp_path, ("orgs.csv", b"x"), method=zipfile.ZIP_LZMA))
    assert "another method than deflate" in words


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("orgs.csv", b"x"))
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    assert refused(path) == "orgs.csv: is encrypted; expected a plain zip"


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "roster.zip"
    path.write_bytes(b"PK but no more")
    assert refused(path).startswith("the package: is no zip file")


def test_a_damaged_member_is_told_as_such(tmp_path: Path) -> None:
    path = zipped(tmp_path, *((x, str(y).encode()) for x, y in files().items()))
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"users.csv") + 40] ^= 0xFF
    path.write_bytes(raw)
    with opened(path) as package, pytest.raises(Refused) as refusal:
        read_bundle(package)
    assert "users.csv row 1: is damaged; pack it anew" in str(refusal.value)
