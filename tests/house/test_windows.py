"""The suite also runs on Windows: what is missing there is not used, and no file is named so."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
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


def unguarded(file: Path) -> Iterator[tuple[int, str]]:
    """Line and name of what Windows lacks, outside code that asks for the platform first."""
    tree = ast.parse(file.read_text("utf-8"))
    asked = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ASKED.search(ast.unparse(node.test))
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in asked:
            module = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr in NAMES.get(module, ()):
                yield node.lineno, f"{module}.{node.attr}"


def without_encoding(file: Path) -> Iterator[int]:
    """Lines that read or write text in the encoding of the machine, which is not UTF-8 there."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        named = any(word.arg == "encoding" for word in node.keywords)
        if node.func.attr == "read_text" and not (node.args or named):
            yield node.lineno
        if node.func.attr == "write_text" and not (len(node.args) > 1 or named):
            yield node.lineno


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


@pytest.mark.parametrize("name", ["a:b.xml", "aux.py", "x/con", "a/b.", "what?.md"])
def test_the_rule_sees_a_name_that_windows_forbids(name: str) -> None:
    assert FORBIDDEN.search(name)
    assert not FORBIDDEN.search("conformance/console.py")
