"""Find the shared secret: in the environment, in a file beside the target file, or in the file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from conformance.problems import TargetError


class Kept(Protocol):
    """A table that says in one of three ways where its secret is."""

    @property
    def secret_env(self) -> str:
        """The environment variable."""

    @property
    def secret_file(self) -> str:
        """The file beside the target file."""

    @property
    def secret(self) -> str:
        """The secret itself."""


def secret_of(
    path: str, table: str, credentials: Kept, environ: Mapping[str, str]
) -> tuple[str, str]:
    """The secret and a note on its place, empty if it is well kept; raises TargetError."""
    given = [name for name in ("secret_env", "secret_file", "secret") if getattr(credentials, name)]
    if len(given) != 1:
        seen = f"{' and '.join(given) or 'no secret'} given."
        fix = "Give exactly one of secret_env, secret_file, secret."
        raise TargetError(f"{path}, [{table}]", seen, fix)
    place = f"{path}, [{table}] {given[0]}"
    if credentials.secret_env:
        return _from_environment(place, credentials.secret_env, environ), ""
    if credentials.secret_file:
        file = Path(path).parent / credentials.secret_file
        return _from_file(place, file), _seen_by_others(place, file)
    return credentials.secret, f"{place}: the secret stands in the file; secret_env keeps it out."


def setting(name: str, system: str = os.name) -> str:
    """How a shell of this system sets a variable."""
    if system == "nt":
        return f"$env:{name} = '...' (in cmd: set {name}=...)"
    return f"export {name}=..."


def _from_environment(place: str, name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "")
    if not value:
        seen = f"the environment variable {name} is not set."
        raise TargetError(place, seen, f"Set it: {setting(name)}")
    if value != value.strip():
        seen = f"the value of {name} begins or ends with white space."
        raise TargetError(place, seen, f"Set {name} without it.")
    return value


def _from_file(place: str, file: Path) -> str:
    try:
        value = file.read_text(encoding="utf-8-sig").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        # Windows says so of a folder too.
        if isinstance(error, PermissionError) and not file.is_dir():
            fix = "Let the user who runs the suite read it."
            raise TargetError(place, f"{file} may not be read.", fix) from None
        raise TargetError(place, f"{file} cannot be read.", "Name a text file in UTF-8.") from None
    if not value:
        raise TargetError(place, f"{file} is empty.", "Write the secret into it.")
    return value


def _seen_by_others(place: str, file: Path) -> str:
    # Windows keeps rights elsewhere; its modes say nothing.
    if os.name != "posix" or not file.stat().st_mode & 0o077:
        return ""
    return f"{place}: other users of this machine can read {file.name}; chmod 600 keeps it."
