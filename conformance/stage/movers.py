"""Let the client act: by a command of the target file, or by asking the person at the terminal."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from conformance.claims import ORDERS
from conformance.problems import NotVerified
from conformance.roles import Setting


def act(setting: Setting, order: str, facts: Mapping[str, str]) -> bool:
    """Whether the order is done; else a person was told. Raises NotVerified if a command fails.

    `facts` reach a command as environment variables CONFORMANCE_<NAME>.
    """
    if setting.move is not None and setting.move(order, facts):
        return True
    command: tuple[str, ...] = getattr(setting.config.consumer, order)
    wait = setting.config.consumer.wait_seconds
    if not command:
        name = setting.evidence.check or "doctor"
        setting.tell(f"[{name}] {ORDERS[order]} (hub: {facts['hub']}; waiting up to {wait:g} s)")
        return False
    values = {f"CONFORMANCE_{name.upper()}": value for name, value in facts.items()}
    try:
        # The command is the user's own, from the target file.
        done = subprocess.run(  # noqa: S603
            command,
            env=os.environ | values,
            timeout=wait,
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        kind = type(error).__name__
        raise NotVerified(f"the command [consumer] {order} did not run: {kind}") from None
    if done.returncode != 0:
        raise NotVerified(f"the command [consumer] {order} ended with {done.returncode}")
    return True
