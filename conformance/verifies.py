"""Tie a check function to the requirements it proves.

    @verifies("INF-CRE-001")
    def check_single_create_returns_the_new_object(sif, student): ...

The id of the check is the name of the function without `check_`; its title is the first line of
the docstring; its area is the folder and file below `checks/`, for example `sif/create`.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeVar

from conformance.claims import ROLES
from conformance.problems import SuiteFault

PREFIX = "check_"
Function = TypeVar("Function", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """One registered check. `source` is the file it stands in, `line` where."""

    id: str
    title: str
    requirements: tuple[str, ...]
    area: str
    negative: bool
    source: Path
    line: int
    module: str

    @property
    def role(self) -> str:
        """Who is judged: the role that the folder is named after, else `receiver`."""
        return _role_of(self.source)


@cache
def _role_of(source: Path) -> str:
    folder = source.parent.name.replace("_", "-")
    return folder if folder in ROLES else "receiver"


CHECKS: dict[str, CheckSpec] = {}


def verifies(*requirements: str, negative: bool = False) -> Callable[[Function], Function]:
    """Register the decorated `check_*` function for these requirement ids.

    `negative` marks a check that feeds wrong input and expects a refusal. Raises SuiteFault for a
    function without the prefix, without a docstring, or with an id that is taken.
    """

    def register(function: Function) -> Function:
        spec = _spec(function, requirements, negative)
        known = CHECKS.get(spec.id)
        if known is not None and known.source != spec.source:
            raise SuiteFault(f"check {spec.id} stands in {known.source} and in {spec.source}")
        CHECKS[spec.id] = spec
        return function

    return register


def check_id(function_name: str) -> str:
    """The id of the check that a function of this name is."""
    return function_name.removeprefix(PREFIX)


def _spec(
    function: Callable[..., None], requirements: tuple[str, ...], negative: bool
) -> CheckSpec:
    name = function.__name__
    title = (inspect.getdoc(function) or "").split("\n", 1)[0]
    if not name.startswith(PREFIX) or not title or not requirements:
        raise SuiteFault(f"{name}: a check is named check_*, has a docstring and a requirement id")
    source = Path(function.__code__.co_filename)
    return CheckSpec(
        id=check_id(name),
        title=title,
        requirements=requirements,
        area=f"{source.parent.name}/{source.stem}",
        negative=negative,
        source=source,
        line=function.__code__.co_firstlineno,
        module=function.__module__,
    )


def load_checks() -> dict[str, CheckSpec]:
    """Import every module below `conformance.checks` and return their checks, sorted by id."""
    own = f"{_imported()}."
    return {name: spec for name, spec in sorted(CHECKS.items()) if spec.module.startswith(own)}


@lru_cache(maxsize=1)
def _imported() -> str:
    """Import the checks, once in a process; returns the name of their package."""
    package = importlib.import_module("conformance.checks")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
    return package.__name__
