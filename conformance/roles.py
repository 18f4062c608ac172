"""What a role needs besides its checks: tools that reach the target and are put away again."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from conformance.evidence import Evidence
from conformance.target import TargetConfig
from conformance.wire import Wire

if TYPE_CHECKING:
    from conformance.doctor import Diagnosis
    from conformance.understudy import Understudy

Tell = Callable[[str], None]
Move = Callable[[str, Mapping[str, str]], bool]


def silent(text: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the tools of every role are made of.

    `tell` prints an instruction; `move` replaces the commands of the target file: it is given
    the name of a command and the facts for it, and says whether it did it. `part` names the part
    of a run that is judged apart; its draws are not those of another part. `understudy` stands in
    for a product that calls, where a recording is judged.
    """

    config: TargetConfig
    wire: Wire
    evidence: Evidence
    seed: int = 0
    tell: Tell = silent
    move: Move | None = None
    part: str = ""
    understudy: Understudy | None = None

    def rng(self) -> random.Random:
        """What the tools of the role draw from; checks have their own."""
        return random.Random(f"{self.seed}:{self.part}" if self.part else self.seed)  # noqa: S311


class Tools(Protocol):
    """The fixtures of a role.

    `endpoint` is the address that the run file shows, `granted` the field paths that the PODs of
    a run grant at first.
    """

    endpoint: str
    granted: tuple[str, ...]

    def examine(self) -> Diagnosis:
        """Look whether the target can be judged; raises SetupFault."""

    def put_away(self) -> None:
        """Take back what the cases of one check had in common."""

    def close(self) -> None:
        """Take back what the whole run had in common."""


def tools_of(role: str, setting: Setting) -> Tools:
    """The tools of a role; they hold pytest fixtures, so they are loaded when a run starts."""
    module = import_module(f"conformance.plugin_{role.replace('-', '_')}")
    made: Tools = getattr(module, f"{role.title().replace('-', '')}Tools")(setting)
    return made
