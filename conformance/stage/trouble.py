"""What the suite's own hub does to a publisher on purpose, for the next messages only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Trouble:
    """A fault for the next `left` messages with objects, in one `zone` if it is named.

    `status` refuses the whole message, with the pause `retry_after` (seconds, as it is written);
    `garbage` answers it with 200 and a web page, and takes nothing. `wait` delays the answer,
    `half` cuts it in the middle and `cut` leaves it out after the objects were taken. `item_status`
    refuses the object that holds the value `target`; `most` is the number of objects that a
    message may have. `before` is done when the next message comes, once.
    """

    left: int = 1
    zone: str = ""
    status: int = 0
    retry_after: str = ""
    wait: float = 0.0
    cut: bool = False
    half: bool = False
    garbage: bool = False
    item_status: int = 0
    target: str = ""
    most: int = 0
    before: Callable[[], None] | None = None

    def spend(self) -> bool:
        """Whether it strikes once more."""
        if self.left <= 0:
            return False
        self.left -= 1
        return True
