"""Work for the processes of a crew; imports nothing that takes long to load."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any


def third_ends(task: int, tell: Callable[[Any], None]) -> int:
    """Tell the task and give ten times of it; the third one ends the process."""
    if task == 3:
        os._exit(5)
    tell(task)
    return task * 10
