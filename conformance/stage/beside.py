"""What stands beside the suite's own hub: its way in by TLS, itself in clear text, another hub."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.problems import NotApplicable, NotVerified
from conformance.roles import Setting
from conformance.stage.doors import Doors, aside
from conformance.stage.entrance import Entrance
from conformance.stage.second import Second, second_of
from conformance.stage.server import Answer

IN_CLEAR = "the suite's hub speaks no TLS: [tls] authority names the file of its issuer"


class Beside:
    """As far as the target file asks for it."""

    def __init__(
        self, setting: Setting, doors: Doors, answer: Answer, zones: Sequence[str]
    ) -> None:
        self._config = setting.config
        self._entrance = doors.entrance
        self._second = second_of(setting, zones, doors)
        # Whoever comes by http:// to a hub that speaks TLS was led astray.
        self._clear = aside(setting, answer, doors.log.stray) if self._entrance else None

    @property
    def entrance(self) -> Entrance:
        """The way in by TLS; NotApplicable where the target file names no authority."""
        if self._entrance is not None:
            return self._entrance
        if self._config.doors.authority:
            raise NotVerified("not recorded: a handshake is not played")
        raise NotApplicable(IN_CLEAR)

    @property
    def in_clear(self) -> str:
        """The address of the hub in clear text, where it speaks TLS."""
        return self._clear.url if self._clear is not None else ""

    @property
    def second(self) -> Second:
        """The second hub; NotApplicable where the client is not said to be connected to two."""
        if self._second is not None:
            return self._second
        if "hubs" in self._config.capabilities:
            raise NotVerified("the calls to a second hub are not relayed")
        raise NotApplicable("the target does not declare hubs")

    def facts(self) -> dict[str, str]:
        """What an order tells of it."""
        told = {"authority": self._config.doors.authority}
        if self._second is not None and self._second.engaged:
            told["second_hub"] = self._second.url
        return told

    def told(self) -> str:
        """The lines about it for who sets up the client."""
        lines = f"\n  a second hub: {self._second.url}" if self._second is not None else ""
        path = self._config.doors.authority
        return lines + (f"\n  certificate to be trusted: {path}" if path else "")

    def knocks(self) -> tuple[int, str]:
        """How many connections came by TLS or should have, and how the last one ended."""
        attempts = self._entrance.attempts if self._entrance is not None else []
        if not attempts:
            return 0, ""
        last = f"ended with {attempts[-1].fault}" if attempts[-1].fault else "brought no call"
        return len(attempts), "came in clear text" if attempts[-1].in_clear else last

    def close(self) -> None:
        """Stop listening."""
        for one in (self._clear, self._second):
            if one is not None:
                one.close()
