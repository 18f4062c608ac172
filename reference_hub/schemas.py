"""The registry of schemas that a user downloaded: a TOML file of model, namespace, mode and path.

One namespace serves Unity 4.0 to 4.3, so the model id, not the namespace, names a release.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from reference_hub.problems import SetupError

STRICT = "strict"
LAX = "lax"
# The published models start from one of these: single-file releases, releases with includes.
_ENTRIES = ("SIF_Message.xsd", "Collections.xsd")


@dataclass(frozen=True, slots=True)
class Registered:
    """One schema: `path` is absolute, `mode` strict (whole objects) or lax (partial updates)."""

    model: str
    namespace: str
    mode: str
    path: str

    def __str__(self) -> str:
        return f"{self.model} ({self.mode})"


def read(registry: Path) -> tuple[Registered, ...]:
    """All entries in file order; none when there is no file. SetupError when it is no registry."""
    try:
        rows = tomllib.loads(registry.read_text("utf-8")).get("schema", [])
        return tuple(Registered(**row) for row in rows)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError) as error:
        raise SetupError(
            f"{registry} is no list of schemas ({error}); correct it, or remove it and add the "
            "schemas again."
        ) from error


def add(registry: Path, entry: Registered) -> None:
    """Add the entry, in place of one with the same model and mode."""
    kept = [old for old in read(registry) if (old.model, old.mode) != (entry.model, entry.mode)]
    _write(registry, [*kept, entry])


def remove(registry: Path, model: str, mode: str = "") -> tuple[Registered, ...]:
    """Remove and return the entries of a model, or that of one mode; SetupError when none."""
    entries = read(registry)
    gone = tuple(old for old in entries if old.model == model and mode in ("", old.mode))
    if not gone:
        known = ", ".join(str(old) for old in entries) or "none"
        wanted = f"{model} ({mode})" if mode else model
        raise SetupError(f"No schema {wanted} is registered; registered: {known}.")
    _write(registry, [old for old in entries if old not in gone])
    return gone


def entry_file(path: Path) -> Path:
    """The absolute XSD to start from: the file itself, or the one entry file of a folder."""
    if not path.exists():
        raise SetupError(
            f"There is no schema {path}; name an XSD file or the folder that holds it."
        )
    if not path.is_dir():
        return path.resolve()
    found = [path / name for name in _ENTRIES if (path / name).is_file()] or sorted(
        path.glob("*.xsd")
    )
    if len(found) != 1:
        names = ", ".join(file.name for file in found[:10]) or "no XSD file"
        raise SetupError(f"{path} holds {names}; name the one file that includes the others.")
    return found[0].resolve()


def model_id(entry: Path) -> str:
    """A model id for a file nobody named: its own name, or that of the folder with a version."""
    if entry.name not in _ENTRIES:
        return entry.stem
    folders = [folder.name for folder in entry.parents if folder.name]
    versioned = [name for name in folders if any(sign.isdigit() for sign in name)]
    return (versioned or folders or [entry.stem])[0]


def _write(registry: Path, entries: Sequence[Registered]) -> None:
    registry.parent.mkdir(parents=True, exist_ok=True)
    # Replaced in one step: a hub that starts meanwhile reads the old list or the new one.
    scratch = registry.with_name(f"{registry.name}.{os.getpid()}")
    scratch.write_text("\n".join(_table(entry) for entry in entries), "utf-8")
    scratch.replace(registry)


def _table(entry: Registered) -> str:
    # A JSON string is a TOML basic string.
    rows = [f"{key} = {json.dumps(value)}" for key, value in asdict(entry).items()]
    return "\n".join(["[[schema]]", *rows, ""])
