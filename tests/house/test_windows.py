"""The suite also runs on Windows: what is missing there is not used, and no file is named so."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house.test_import_rules import ROOT, imports, sources

# docs.python.org/3/library: "Availability: Unix" and the chapter on Unix-specific services.
MODULES = {
    "crypt", "curses", "fcntl", "grp", "nis", "ossaudiodev", "posix", "pty", "pwd", "readline",
    "resource", "spwd", "syslog", "termios", "tty",
}  # fmt: skip
NAMES = {
    "os": {
        "chown", "chroot", "fchmod", "fchown", "fork", "forkpty", "getegid", "geteuid", "getgid",
        "getgroups", "getloadavg", "getpgid", "getuid", "killpg", "lchown", "mkfifo", "nice",
        "openpty", "pread", "pwrite", "register_at_fork", "sched_getaffinity", "sendfile",
        "setgid", "setsid", "setuid", "statvfs", "sysconf", "uname", "wait",
        "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK",
    },
    "signal": {
        "SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGUSR1", "SIGUSR2",
        "alarm", "pause", "pthread_kill", "pthread_sigmask", "setitimer", "sigwait",
    },
    "socket": {"AF_UNIX", "MSG_DONTWAIT", "SO_REUSEPORT", "socketpair"},
    "time": {"tzset"},
}  # fmt: skip
ASKED = re.compile(r"\bos\.name\b|\bsys\.platform\b|\bhasattr\(")
# learn.microsoft.com, "Naming Files, Paths, and Namespaces".
FORBIDDEN = re.compile(
    r"""[<>:"|?*\\\x00-\x1f]|[ .](?=/|$)|(?:^|/)(?:con|prn|aux|nul|com\d|lpt\d)(?=[./]|$)""",
    re.IGNORECASE,
)
# Names are checked out below a folder of some length, and 260 characters are the usual limit.
LONGEST = 180
PACKAGES = ("conformance", "fixtures", "reports")
# At which place an encoding may stand without its name.
ENCODING = {"read_text": 0, "write_text": 1, "TextIOWrapper": 1}
TEXTUAL = {"text", "universal_newlines"}
# What has an `open` that opens no file of the system.
NO_FILES = {
    "_host", "archive", "evidence", "host", "hub", "layer", "offer", "os", "self", "stage",
    "zipped",
}  # fmt: skip


@functools.cache
def _nodes(source: str) -> list[ast.AST]:
    return list(ast.walk(ast.parse(source)))


def unguarded(file: Path) -> Iterator[tuple[int, str]]:
    """Line and name of what Windows lacks, outside code that asks for the platform first."""
    nodes = _nodes(file.read_text("utf-8"))
    asked = {
        id(inner)
        for node in nodes
        if isinstance(node, ast.If) and ASKED.search(ast.unparse(node.test))
        for inner in ast.walk(node)
    }
    for node in nodes:
        if isinstance(node, ast.Attribute) and id(node) not in asked:
            module = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr in NAMES.get(module, ()):
                yield node.lineno, f"{module}.{node.attr}"


def without_encoding(file: Path) -> Iterator[int]:
    """Lines that read or write text in the encoding of the machine, which is not UTF-8 there."""
    for name, node, words in _calls(file):
        first = node.args[0] if node.args else words.get("mode")
        given = len(node.args) > ENCODING.get(name, 99) or "encoding" in words
        if name in ("read_text", "write_text"):
            if not given:
                yield node.lineno
        elif name in ("open", "fdopen", "TextIOWrapper", "NamedTemporaryFile", "TemporaryFile"):
            binary = name in ("NamedTemporaryFile", "TemporaryFile") and first is None
            if not binary and _is_text(name, node, words) and not given:
                yield node.lineno
        elif _of(node) == "subprocess" and TEXTUAL & set(words) and not given:
            yield node.lineno


def in_their_line_ends(file: Path) -> Iterator[int]:
    """Lines that write text with the line ends of the machine: its hash would be another there."""
    for name, node, words in _calls(file):
        if "newline" in words:
            continue
        writes = name in ("open", "fdopen") and _is_text(name, node, words) and _writes(node, words)
        if name == "write_text" or name == "TextIOWrapper" or writes:
            yield node.lineno


def with_backslashes(file: Path) -> Iterator[int]:
    """Lines that make text of a relative path, which has backslashes there."""
    for node in _nodes(file.read_text("utf-8")):
        inner: ast.expr | None = None
        if isinstance(node, ast.FormattedValue):
            inner = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            inner = node.args[0] if node.func.id == "str" else None
        called = inner.func if isinstance(inner, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr == "relative_to":
            yield node.lineno


def deaf_to_signals(file: Path) -> Iterator[int]:
    """Lines that wait for an event without end: a signal does not end that there."""
    for name, node, words in _calls(file):
        if name == "wait" and not node.args and not words and _of(node) != "child":
            yield node.lineno


def _calls(file: Path) -> Iterator[tuple[str, ast.Call, dict[str | None, ast.expr]]]:
    for node in _nodes(file.read_text("utf-8")):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            yield name, node, {word.arg: word.value for word in node.keywords}


def _of(node: ast.Call) -> str:
    """The last name before the dot of what is called."""
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    return getattr(owner, "id", "") or getattr(owner, "attr", "")


def _mode(node: ast.Call, words: dict[str | None, ast.expr]) -> str | None:
    """What a call to open says of its mode; "r" if nothing, None where it is no open of a file."""
    modes = [one.value for one in (*node.args, *words.values())
             if isinstance(one, ast.Constant) and isinstance(one.value, str)
             and re.fullmatch("[rwax][bt+]*", one.value)]  # fmt: skip
    if modes:
        return modes[0]
    return "r" if isinstance(node.func, ast.Attribute) and not (node.args or words) else None


def _is_text(name: str, node: ast.Call, words: dict[str | None, ast.expr]) -> bool:
    mode = "w" if name == "TextIOWrapper" else _mode(node, words)
    return mode is not None and "b" not in mode and _of(node) not in NO_FILES


def _writes(node: ast.Call, words: dict[str | None, ast.expr]) -> bool:
    return bool(set(_mode(node, words) or "") & set("wax+"))


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_that_windows_lacks_is_imported_with_a_module(package: str) -> None:
    faults = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in sources(package)
        for line, name in imports(file, top_level_only=True)
        if name.split(".")[0] in MODULES
    ]
    assert faults == []


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_that_windows_lacks_is_used_unasked(package: str) -> None:
    faults = [
        f"{file.relative_to(ROOT)}:{line} uses {name}"
        for file in sources(package)
        for line, name in unguarded(file)
    ]
    assert faults == []


@pytest.mark.parametrize("package", PACKAGES)
def test_text_is_read_and_written_in_utf_8_on_every_machine(package: str) -> None:
    faults = [
        f"{file.relative_to(ROOT)}:{line} leaves the encoding to the machine"
        for file in sources(package)
        for line in without_encoding(file)
    ]
    assert faults == []


@pytest.mark.parametrize("package", PACKAGES)
def test_text_is_written_with_the_same_bytes_on_every_machine(package: str) -> None:
    faults = [
        f"{file.relative_to(ROOT)}:{line} leaves the line ends to the machine"
        for file in sources(package)
        for line in in_their_line_ends(file)
        if "os.devnull" not in file.read_text("utf-8").splitlines()[line - 1]
    ]
    assert faults == []


@pytest.mark.parametrize("package", PACKAGES)
def test_a_place_in_a_folder_is_told_with_slashes(package: str) -> None:
    faults = [
        f"{file.relative_to(ROOT)}:{line} leaves the slashes to the machine; as_posix() does not"
        for file in sources(package)
        for line in with_backslashes(file)
    ]
    assert faults == []


def test_a_command_that_waits_can_be_ended() -> None:
    faults = [
        f"{file.relative_to(ROOT)}:{line} waits without a limit"
        for file in sources("conformance")
        if file.name.startswith("cli")
        for line in deaf_to_signals(file)
    ]
    assert faults == []


def test_no_port_is_shared_with_another_program() -> None:
    faults = [
        f"{file.relative_to(ROOT)}: SO_REUSEADDR lets a second program listen there on Windows"
        for package in PACKAGES
        for file in sources(package)
        if "SO_REUSEADDR" in (text := file.read_text("utf-8")) and "SO_EXCLUSIVEADDRUSE" not in text
    ]
    assert faults == []


def test_a_checkout_on_windows_has_the_bytes_of_every_other() -> None:
    command = ["git", "check-attr", "text", "--", "conformance/planning.py", "action/run.sh"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    assert [line.rpartition(": ")[2] for line in told.decode().splitlines()] == ["unset", "unset"]


@pytest.mark.soak
def test_the_types_hold_on_windows_too(tmp_path: Path) -> None:
    packages = [word for name in PACKAGES for word in ("--package", name)]
    command = ["-m", "mypy", "--platform", "win32", "--cache-dir", str(tmp_path), *packages]
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_file_can_be_checked_out_on_windows() -> None:
    command = ["git", "ls-files", "-z", *PACKAGES]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    names = [name for name in told.decode("utf-8").split("\0") if name]
    assert len(names) > 500
    assert [name for name in names if FORBIDDEN.search(name) or len(name) > LONGEST] == []
    folded = Counter(name.lower() for name in names)
    assert [name for name, count in folded.items() if count > 1] == []


def test_the_rule_sees_what_windows_lacks(tmp_path: Path) -> None:
    file = tmp_path / "sample.py"
    file.write_text("import os, signal\nos.fchmod(1, 2)\nsignal.SIGKILL\n", "utf-8")
    assert sorted(unguarded(file)) == [(2, "os.fchmod"), (3, "signal.SIGKILL")]
    file.write_text("import os\nif os.name == 'posix':\n    os.fchmod(1, 2)\n", "utf-8")
    assert list(unguarded(file)) == []


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("path.write_text(text)", without_encoding),
        ("path.open('w', newline='')", without_encoding),
        ("path.open()", without_encoding),
        ("open(path, 'a', newline='')", without_encoding),
        ("subprocess.run(words, text=True)", without_encoding),
        ("path.write_text(text, 'utf-8')", in_their_line_ends),
        ("path.open('x', encoding='utf-8')", in_their_line_ends),
        ("str(path.relative_to(here))", with_backslashes),
        ("f'{path.relative_to(here)}:1'", with_backslashes),
        ("stop.wait()", deaf_to_signals),
    ],
)
def test_the_rules_see_what_windows_does_otherwise(
    tmp_path: Path, line: str, rule: Callable[[Path], Iterator[int]]
) -> None:
    file = tmp_path / "sample.py"
    file.write_text(f"{line}\n", "utf-8")
    assert list(rule(file)) == [1]
    file.write_text(
        "path.write_text(text, 'utf-8', newline='')\npath.open('wb')\npath.open('rb')\n"
        "path.open('w', encoding='utf-8', newline='')\nstop.wait(0.5)\nhub.open(name)\n"
        "path.relative_to(here).as_posix()\nstr(path)\n",
        "utf-8",
    )
    assert list(rule(file)) == []


@pytest.mark.parametrize("name", ["a:b.xml", "aux.py", "x/con", "a/b.", "what?.md"])
def test_the_rule_sees_a_name_that_windows_forbids(name: str) -> None:
    assert FORBIDDEN.search(name)
    assert not FORBIDDEN.search("conformance/console.py")
