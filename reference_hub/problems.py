"""Every way the hub refuses.

HubError
├── SetupError           settings, database, port: told on the command line, exit 3
└── Refusal              an answer of the hub: HTTP status, scope, message, SIF sub-code
"""

from __future__ import annotations

from dataclasses import dataclass


class HubError(Exception):
    """What the hub raises on purpose; its text is fit for the reader."""


class SetupError(HubError):
    """The hub cannot start or a command cannot run as configured."""


@dataclass(eq=False)
class Refusal(HubError):
    """A request the hub will not serve (Base Architecture 4.5).

    `message` never holds a value of the data. `sub_code` is the 3.6 sub-code, for example 403-01;
    `details` are single faults, where several are known.
    Neither frozen nor slotted: context managers set `__traceback__` on what passes through them.
    """

    status: int
    scope: str
    message: str
    sub_code: str = ""
    marker: str = ""
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.status} {self.scope}: {self.message}"
