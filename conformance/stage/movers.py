"""Let the client act: by a command of the target file, or by asking the person at the terminal."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from conformance.claims import ORDERS, PUBLISHING
from conformance.problems import NotVerified
from conformance.roles import Setting


def act(setting: Setting, order: str, facts: Mapping[str, str]) -> bool:
    """Whether the order is done; else a person was told. Raises NotVerified if a command fails.

    `facts` reach a command as environment variables CONFORMANCE_<NAME>.
    """
    if setting.understudy is not None:
        setting.understudy.act()
        return True
    if setting.move is not None and setting.move(order, facts):
        return True
    publishes = setting.config.vendor.role == "publisher"
    table, waits = ("publisher", setting.config.publisher) if publishes else (
        "consumer", setting.config.consumer
    )  # fmt: skip
    command: tuple[str, ...] = getattr(waits, order)
    wait = waits.wait_seconds
    if not command:
        name = setting.evidence.check or "doctor"
        wanted = (PUBLISHING if publishes else ORDERS)[order].format_map(facts)
        setting.tell(f"[{name}] {wanted} (hub: {facts['hub']}; waiting up to {wait:g} s)")
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
        raise NotVerified(f"the command [{table}] {order} did not run: {kind}") from None
    if done.returncode != 0:
        raise NotVerified(f"the command [{table}] {order} ended with {done.returncode}")
    return True
