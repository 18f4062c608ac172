"""`conformance schemas` as a user meets it: the kit's own, further ones, verdicts of all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.cli import main
from fixtures.standards import MODELS

NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{0}">
<xs:element name="xLeas"><xs:complexType><xs:sequence>
<xs:any maxOccurs="{1}" processContents="skip"/></xs:sequence></xs:complexType></xs:element>
</xs:schema>"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory with a registry of its own, and a small district."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFORMANCE_HOME", str(tmp_path / "home"))
    main(["generate", "--students", "2", "--model", "xpress-4.3", "--out", "data"])
    Path("one.xsd").write_text(SCHEMA.format(NA4, 1), "utf-8")
    Path("none.xsd").write_text(SCHEMA.format(NA4, 0).replace("xs:any ", "xs:any minOccurs='0' "))


def test_every_kit_schema_is_listed_with_its_objects(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemas", "list"]) == 0
    shown = capsys.readouterr().out
    for model in MODELS.values():
        assert f"{model.id}  {model.namespace}  strict  built in\n" in shown
        assert f"    {len(model.objects)} objects: {', '.join(model.objects)}\n" in shown


def test_the_list_is_there_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    main(["schemas", "add", "mine", "one.xsd"])
    capsys.readouterr()
    assert main(["schemas", "list", "--json"]) == 0
    rows = {row["model"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["au-3.4-kit"]["objects"] == list(MODELS["au-3.4-kit"].objects)
    assert rows["mine"]["path"] == str(Path("one.xsd").resolve())


def test_a_schema_that_has_gone_is_pointed_out(capsys: pytest.CaptureFixture[str]) -> None:
    main(["schemas", "add", "mine", "one.xsd"])
    Path("one.xsd").unlink()
    main(["schemas", "list"])
    assert capsys.readouterr().out.endswith("one.xsd  (is not there any more)\n")
    assert main(["schemas", "check", "data"]) == 64
    assert "`conformance schemas remove mine`" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "unity-4.3-kit", "x" * 65])
def test_such_names_are_refused(name: str) -> None:
    assert main(["schemas", "add", name, "one.xsd"]) == 64
    assert not Path("home").exists()


def test_a_registry_that_cannot_be_written_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFORMANCE_HOME", "/proc/none")
    assert main(["schemas", "add", "mine", "one.xsd"]) == 3
    assert "the list of schemas in /proc/none cannot be written" in capsys.readouterr().err


def test_the_kit_schema_judges_what_was_generated(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["schemas", "check", "data"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[:2] for line in lines] == [["valid", "unity-4.3-kit"]] * 8


def test_every_registered_schema_of_the_namespace_judges_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["schemas", "add", "mine", "one.xsd"])
    main(["schemas", "add", "narrow", "none.xsd"])
    capsys.readouterr()
    assert main(["schemas", "check", "--json", "data/xLeas.xml"]) == 1
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    verdicts = [(row["model"], row["verdict"]) for row in rows]
    assert verdicts == [("unity-4.3-kit", "valid"), ("mine", "valid"), ("narrow", "not valid")]


def test_the_place_is_told_and_the_value_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    text = Path("data/xStudents.xml").read_text("utf-8").replace("<birthDate>", "<birthDate>x")
    Path("bad.xml").write_text(text, "utf-8")
    assert main(["schemas", "check", "bad.xml"]) == 1
    told = capsys.readouterr().out.splitlines()[-1]
    assert "bad.xml  line 3: xStudents/xStudent/demographics/birthDate: " in told
    assert "201" not in told


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("<a xmlns='urn:a'/>", 2, "not judged  -  a.xml  no schema for namespace urn:a"),
        ("<a>", 1, "not valid  -  a.xml  line 1: not readable as XML"),
        ("", 1, "not readable as XML"),
        ('<!DOCTYPE a [<!ENTITY e SYSTEM "one.xsd">]><a>&e;</a>', 2, "no schema for namespace"),
    ],
)
def test_what_cannot_be_judged_is_said(
    text: str, code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.xml").write_text(text, "utf-8")
    assert main(["schemas", "check", "a.xml"]) == code
    assert told in capsys.readouterr().out


def test_a_folder_without_documents_leaves_it_open() -> None:
    Path("empty").mkdir()
    assert main(["schemas", "check", "empty"]) == 2
