"""Who may import whom: the judge never shares code with the judged."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("reference_hub", "conformance", "fixtures", "reports", "tests")

PACKAGES = {
    "fixtures": {"fixtures"},
    "conformance": {"conformance", "fixtures"},
    "reports": {"reports", "conformance.runfile"},
    "reference_hub": {
        "reference_hub",
        "fixtures.codesets",
        "fixtures.standards",
        "fixtures.pods",
        "fixtures.problems",
        "fixtures.registry",
    },
}

# Inside the hub each layer may use itself and what stands left of it.
HUB_LAYERS = {
    "model": {"model"},
    "codec": {"model", "codec"},
    "privacy": {"model", "codec", "privacy"},
    "registry": {"model", "codec", "privacy", "registry"},
    "translate": {"model", "codec", "translate"},
    "auth": {"model", "auth"},
    "store": {"model", "codec", "privacy", "translate", "store"},
    "journeys": {
        "model",
        "codec",
        "privacy",
        "registry",
        "translate",
        "auth",
        "store",
        "journeys",
    },
    "web": {"model", "codec", "privacy", "translate", "auth", "store", "journeys", "web"},
    "workers": {
        "model",
        "codec",
        "privacy",
        "translate",
        "store",
        "journeys",
        "vendors",
        "workers",
    },
    "vendors": {"model", "codec", "registry", "translate", "workers", "vendors"},
}
HUB_ANYWHERE = {"problems", "clock", "settings", "schemas", "time_zones"}

# What sends, what tapes the bytes, what names the faults of a connection, what relays, and the
# script for vendors that stands alone.
WIRE = ("wire.py", "tape.py", "heads.py", "faults.py", "listener.py", "repeat.py")

# library -> the places in the hub that may import it
HUB_LIBRARIES = {
    "flask": ("web/", "app.py"),
    "sqlalchemy": ("store/",),
    "requests": ("workers/transport.py", "vendors/"),
}


@cache
def imports(file: Path, *, top_level_only: bool = False) -> tuple[tuple[int, str], ...]:
    """Line and dotted name of everything a file imports outside TYPE_CHECKING blocks."""
    tree = ast.parse(file.read_text("utf-8"))
    found = set(tree.body) if top_level_only else set(statements(tree))
    return tuple(sorted(named(file, found)))


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """All below a node but expressions, which import nothing, and TYPE_CHECKING blocks."""
    for node in ast.iter_child_nodes(tree):
        typing_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        if not isinstance(node, ast.expr) and not typing_only:
            yield node
            yield from statements(node)


def named(file: Path, nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """Line and dotted name of what these nodes import themselves."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{file}:{node.lineno} imports relatively"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def allowed(name: str, permitted: set[str]) -> bool:
    """Whether a dotted name lies in one of the permitted modules."""
    return any(name == module or name.startswith(module + ".") for module in permitted)


def sources(package: str) -> list[Path]:
    """The Python files of a package."""
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_imports_only_what_the_architecture_allows(package: str) -> None:
    faults = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in sources(package)
        for line, name in imports(file)
        if name.split(".")[0] in OURS and not allowed(name, PACKAGES[package])
        if not (package == "conformance" and is_command(file) and name.startswith("reports."))
    ]
    assert faults == []


def is_command(file: Path) -> bool:
    """Whether a file holds CLI commands, the only place where the suite may call the scribe."""
    return file.parent.name == "conformance" and file.name.startswith("cli")


def test_the_suite_imports_reports_only_inside_a_command_function() -> None:
    faults = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in sources("conformance")
        for line, name in imports(file, top_level_only=True)
        if name.split(".")[0] == "reports"
    ]
    assert faults == []


@pytest.mark.parametrize("layer", HUB_LAYERS)
def test_each_layer_of_the_hub_imports_only_lower_layers(layer: str) -> None:
    permitted = {f"reference_hub.{part}" for part in HUB_LAYERS[layer] | HUB_ANYWHERE}
    faults = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in sources(f"reference_hub/{layer}")
        for line, name in imports(file)
        if name.startswith("reference_hub.") and not allowed(name, permitted)
    ]
    assert faults == []


@pytest.mark.parametrize("library", HUB_LIBRARIES)
def test_a_library_stays_in_its_place_in_the_hub(library: str) -> None:
    hub = ROOT / "reference_hub"
    faults = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in sources("reference_hub")
        if not str(file.relative_to(hub)).startswith(HUB_LIBRARIES[library])
        for line, name in imports(file)
        if name.split(".")[0] == library
    ]
    assert faults == []


def test_only_the_plugins_and_the_session_of_the_suite_know_pytest() -> None:
    faults = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in sources("conformance")
        if "checks" not in file.parts and not file.name.startswith(("plugin", "session"))
        for line, name in imports(file)
        if name.split(".")[0] == "pytest"
    ]
    assert faults == []


def test_only_the_wire_of_the_suite_sends_http() -> None:
    faults = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in sources("conformance")
        if file.name not in WIRE and "simulators" not in file.parts
        for line, name in imports(file)
        if name.split(".")[0] in ("requests", "urllib3") or name.startswith("http.client")
    ]
    assert faults == []


def test_only_drop_of_the_suite_speaks_sftp() -> None:
    strays = [
        f"{file.name}:{line}"
        for file in sources("conformance")
        if file.name != "drop.py" and "simulators" not in file.parts
        for line, name in imports(file)
        if name.split(".")[0] == "asyncssh"
    ]
    assert strays == []
