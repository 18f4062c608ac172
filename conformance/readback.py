"""Read what the vendor stored, in the vendor's own form: OneRoster 1.2 CSV exports."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable

from conformance import auth
from conformance.problems import Finding, NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.target import TargetConfig
from conformance.trees import folded
from conformance.wire import Wire

Rows = dict[str, dict[str, str]]
POLL_SECONDS = 0.1


class ReadBack:
    """Fetches the exports, signed Basic with the application key and secret."""

    def __init__(self, wire: Wire, config: TargetConfig) -> None:
        if "readback" not in config.capabilities:
            raise NotApplicable("the target declares no readback")
        self._wire = wire
        self._config = config
        self.last: Reply | None = None

    def users(self) -> Rows:
        """Rows of users.csv by folded sourcedId."""
        return self._rows(self._config.readback.users)

    def demographics(self) -> Rows:
        """Rows of demographics.csv by folded sourcedId."""
        return self._rows(self._config.readback.demographics)

    def user(self, refid: str) -> dict[str, str]:
        """The row of one student in users.csv, waited for; empty if it does not come."""
        return self.wait(lambda: self.users().get(folded(refid), {}))

    def demographic(self, refid: str) -> dict[str, str]:
        """The row of one student in demographics.csv, waited for; empty if it does not come."""
        return self.wait(lambda: self.demographics().get(folded(refid), {}))

    def wait(self, look: Callable[[], dict[str, str]]) -> dict[str, str]:
        """Look until something is there or `[readback] wait_seconds` are over."""
        deadline = time.monotonic() + self._config.readback.wait_seconds
        while not (found := look()) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        return found

    def settle(self) -> None:
        """Give an asynchronous vendor its `wait_seconds` before absence is claimed."""
        time.sleep(self._config.readback.wait_seconds)

    def fetch(self, path: str) -> Reply:
        """GET one export; raises NotVerified if it is refused."""
        who = self._config.credentials
        signed = auth.sign(auth.BASIC, who.key, self._config.secret)
        headers = signed.headers | {"Accept": "text/csv"}
        self.last = self._wire.send("GET", self._config.url(path), headers, named=path)
        if self.last.status not in (200, 204):
            raise NotVerified(
                f"the readback {self.last.request} answered {self.last.status}"
                f" (exchange {self.last.exchange})"
            )
        return self.last

    def _rows(self, path: str) -> Rows:
        reply = self.fetch(path)
        try:
            text = reply.body.decode("utf-8-sig")
            rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error) as error:
            raise Finding(
                f"{reply.request} is not a UTF-8 CSV file",
                "CSV with a header line",
                type(error).__name__,
                reply.exchange,
            ) from None
        return {folded(row.get("sourcedId") or ""): _filled(row) for row in rows}


def _filled(row: dict[str, str]) -> dict[str, str]:
    return {name: value or "" for name, value in row.items() if name}
