"""Rule files: what is wrong is told with line and reason, all of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from reference_hub.cli_collection import collection
from reference_hub.codec.collection_toml import FaultyCollection, load, notes, parse
from reference_hub.model.collection import MUSTS, Condition
from reference_hub.problems import SetupError

HEAD = '[collection]\nid = "own"\ntitle = "Own"\nversion = "1"\nbasis = "ours"\n'
RULE = {
    "id": '"A"',
    "level": '"error"',
    "basis": '"profile"',
    "object": '"StudentPersonal"',
    "path": '"LocalId"',
    "must": '"be there"',
    "says": '"It is missing."',
    "do": '"Enter it."',
}


def rule(**changed: str) -> str:
    """A rule in lines, the first of them the sixth of the file; '' takes a key away."""
    keys = {key: text for key, text in (RULE | changed).items() if text}
    return "[[rule]]\n" + "".join(f"{key} = {text}\n" for key, text in keys.items())


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(FaultyCollection) as caught:
        parse(text, "own.toml")
    return [(fault.line, fault.reason) for fault in caught.value.faults]


def test_a_rule_file_is_read_with_its_rules() -> None:
    found = parse(HEAD + rule(when='{ path = "ELL", is = ["Yes"] }'), "own.toml")
    assert (found.id, [each.id for each in found.rules]) == ("own", ["A"])
    when = found.rules[0].when
    assert isinstance(when, Condition)
    assert (when.path.text, when.values, when.negated) == ("ELL", ("Yes",), False)


@pytest.mark.parametrize(
    ("changed", "line", "reason"),
    [
        ({"says": ""}, 6, "the key 'says' is missing"),
        ({"says": '" "'}, 13, "'says' must be a text in quotes, and not empty"),
        ({"id": '"A B"'}, 7, "an id is of letters, digits, dots and hyphens, such as SIMS-DOE002"),
        ({"level": '"fatal"'}, 8, "'level' is one of: error, warning; found 'fatal'"),
        ({"object": '"StudentPersonel"'}, 10, "did you mean 'StudentPersonal'?"),
        ({"path": '"Name//LastName"'}, 11, "'Name//LastName' is no path"),
        ({"must": '"be their"'}, 12, "'must' is one of: be there, be one of"),
        ({"lewel": '"error"'}, 15, "the key 'lewel' has no meaning here; did you mean 'level'?"),
        ({"codes": '["01"]'}, 15, "the key 'codes' has no meaning here"),
        ({"must": '"be one of"', "codes": "[1]"}, 15, "'codes' must be a list of texts in quotes"),
        ({"must": '"be one of"', "codes": '"grade"'}, 15, "[codes] has no list grade"),
        ({"must": '"match"', "pattern": "'['"}, 15, "'[' is no regular expression"),
        ({"must": '"have length"'}, 12, "give least, most or both"),
        ({"must": '"have length"', "least": '"1"'}, 15, "'least' must be a number without quotes"),
        ({"must": '"lead to"', "to": '"Pupil"'}, 15, "there is no object Pupil"),
        ({"must": '"be named by"', "by": '"TermInfo"'}, 15, "write object and path"),
        ({"when": '{ path = "ELL" }'}, 15, "a condition has a path and one of is"),
        ({"when": '{ path = "ELL", there = 1 }'}, 15, "'there' must be true or false"),
    ],
)
def test_a_faulty_rule_is_refused_with_line_and_reason(
    changed: dict[str, str], line: int, reason: str
) -> None:
    found = faults(HEAD + rule(**changed))
    assert [number for number, _ in found if number != 12][:1] in ([line], [])
    assert any(number == line and reason in text for number, text in found)


def test_all_faults_of_a_file_are_told_at_once() -> None:
    text = HEAD.replace('"1"', "1") + rule(says="") + rule(level='"high"')
    assert [line for line, _ in faults(text)] == [4, 6, 15, 16]


def test_two_rules_with_one_id_are_refused() -> None:
    assert faults(HEAD + rule() + rule()) == [
        (16, "there is a rule A already; every rule has an id of its own")
    ]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (HEAD + "[[rule]]\nid = \n", 7, "it is not TOML: Invalid value"),
        (HEAD, 1, "there must be rules, each below a line [[rule]] of its own"),
        (HEAD + "rule = [{}]\n", 6, "the key 'rule' has no meaning here"),
        (rule(), 1, "the table [collection] is missing"),
        ("[rules]\n" + HEAD + rule(), 1, "the key 'rules' has no meaning here; did you mean"),
    ],
)
def test_a_file_of_another_shape_is_refused(text: str, line: int, reason: str) -> None:
    assert any(number == line and reason in told for number, told in faults(text))


def test_a_path_that_the_schema_does_not_have_is_noted() -> None:
    found = parse(HEAD + rule(path='"Demographics/BirthDay"'), "own.toml")
    assert notes(found) == [
        "A: the kit's schema has no BirthDay there; did you mean 'BirthDate'?",
    ]


def test_a_file_may_not_take_the_name_of_a_shipped_collection(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(HEAD.replace("own", "ma-sims") + rule(), "utf-8")
    with pytest.raises(SetupError, match="the name of a shipped collection"):
        load(str(file))


def test_the_check_of_a_faulty_file_ends_with_1(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(HEAD + rule(path='"Na me"'), "utf-8")
    done = CliRunner().invoke(collection, ["check", str(file)])
    assert done.exit_code == 1
    assert "  line 11: 'Na me' is no path" in done.stderr


def test_every_kind_of_rule_occurs_in_what_is_shipped() -> None:
    used = {each.must for name in ("ma-sims", "ma-epims") for each in load(name).rules}
    assert used == set(MUSTS)
