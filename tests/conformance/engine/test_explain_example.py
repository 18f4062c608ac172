"""`explain --example` shows an exchange as it must be and the same with one mistake."""

from __future__ import annotations

from click.testing import CliRunner

from conformance.cli import cli


def shown(name: str) -> tuple[str, str]:
    """What is told after the right and after the wrong exchange."""
    done = CliRunner().invoke(cli, ["explain", name, "--example"], catch_exceptions=False)
    assert done.exit_code == 0
    right, _, wrong = done.output.partition("Wrong, as the mutant ")
    return right.partition("Right, as the conforming product does it:")[2], wrong


def test_right_and_wrong_differ_by_the_mistake() -> None:
    right, wrong = shown("INF-CRE-001")
    assert wrong.startswith("CreateAnswers200 does it.")
    assert "< HTTP/1.1 201 Created" in right
    assert "< HTTP/1.1 200 OK" in wrong
    assert "received: 200" in wrong


def test_a_check_may_be_named_instead() -> None:
    right, wrong = shown("single_create_returns_the_new_object")
    assert right.count("> POST ") == wrong.count("> POST ") == 1


def test_no_personal_value_and_no_secret_is_shown() -> None:
    right, wrong = shown("INF-CRE-001")
    assert "Authorization" not in right + wrong
    assert "<familyName>Xxxx" in right


def test_a_row_without_an_example_says_so() -> None:
    done = CliRunner().invoke(cli, ["explain", "POD-LC-001", "--example"])
    assert "No example: none of its checks is of the role receiver" in done.output
