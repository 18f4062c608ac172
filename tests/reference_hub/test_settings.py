"""Settings: defaults, overrides, and errors that name the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_hub.problems import SetupError
from reference_hub.settings import load


def written(folder: Path, text: str) -> Path:
    """A settings file with that text."""
    path = folder / "hub.toml"
    path.write_text(text, "utf-8")
    return path


def test_without_a_file_the_hub_listens_on_loopback() -> None:
    assert load(None, {}).server.host == "127.0.0.1"


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "[server]\nport = 1\n")
    assert load(path, {"HUB_SERVER_PORT": "9"}).server.port == 9


def test_database_url_is_taken_unless_the_file_names_one(tmp_path: Path) -> None:
    assert load(None, {"DATABASE_URL": "postgresql://a/b"}).database.url == "postgresql://a/b"
    path = written(tmp_path, '[database]\nurl = "postgresql://c/d"\n')
    assert load(path, {"DATABASE_URL": "postgresql://a/b"}).database.url == "postgresql://c/d"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[server]\nprot = 1\n", "'server.prot'; did you mean 'port'?"),
        ("[servers]\nport = 1\n", "'servers'; did you mean 'server'?"),
        ('[server]\nport = "x"\n', "server.port"),
        ("[server\n", "TOML"),
        ("[zones.a]\nmodle = 'unity-4.3'\n", "modle"),
        ("server = 1\n", "server"),
    ],
)
def test_a_faulty_file_is_refused_with_the_key(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(SetupError) as refused:
        load(written(tmp_path, text), {})
    assert word in str(refused.value)


def test_a_faulty_environment_variable_is_refused_by_name() -> None:
    with pytest.raises(SetupError, match="HUB_SERVER_PROT is no setting"):
        load(None, {"HUB_SERVER_PROT": "1"})


def test_a_missing_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="--settings"):
        load(tmp_path / "none.toml", {})


@pytest.mark.parametrize(
    "text",
    [
        "[server]\nport = 0\n",
        "[server]\nport = 99999\n",
        "[server]\nworkers = -1\n",
        "[server]\nmax_body = -5\n",
        "[worker]\nlease_seconds = 0\n",
    ],
)
def test_a_number_that_cannot_work_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SetupError, match="wrong kind"):
        load(written(tmp_path, text), {})
