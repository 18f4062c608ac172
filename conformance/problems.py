"""Everything that can go wrong while judging, and who is to blame for it.

ConformanceError
├── Finding              the target broke a requirement            -> fail
├── NotVerified          the check could not reach its statement   -> could not verify
│   ├── Unreachable      no connection, reset, not HTTP
│   ├── HubFault         the hub behind the relay failed
│   ├── TimedOut         no (complete) answer in the time or size allowed
│   └── RateLimited      429 for longer than the target file allows to wait
├── NotApplicable        the target does not claim this            -> not applicable
├── SetupFault           the run cannot start: exit 3
│   ├── TargetError      conformance.toml cannot be used
│   └── AttestationError the form of answers cannot be used
├── PlaceFault           a folder or disk cannot take what is to be written: exit 3
├── UsageFault           the command line cannot be obeyed: exit 64
└── SuiteFault           our own parts do not fit together: exit 4
    └── CatalogueError   a malformed or duplicate catalogue row
"""

from __future__ import annotations


class ConformanceError(Exception):
    """Root of all errors this package raises on purpose."""

    exit_code = 4


class Finding(ConformanceError):
    """The target did something else than a requirement asks; the check fails.

    `summary` is one sentence, `expected` and `actual` are short; `exchange` is the number of the
    exchange to look at, `path` the place inside its body. `personal` has both values masked.
    """

    exit_code = 1

    def __init__(
        self,
        summary: str,
        expected: str = "",
        actual: str = "",
        exchange: int | None = None,
        path: str = "",
        personal: bool = False,
    ) -> None:
        super().__init__(summary)
        self.summary = summary
        self.expected = expected
        self.actual = actual
        self.exchange = exchange
        self.path = path
        self.personal = personal


class NotVerified(ConformanceError):
    """Nothing was proven either way; `reason` says what stood in the way."""

    exit_code = 2

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreachable(NotVerified):
    """No usable HTTP answer: refused, reset, name unknown, TLS failed, not HTTP at all.

    `kind` is address | dns | refused | reset | cut | chunked | protocol | connect | gave up |
    proxy | tls, the last with what failed: tls-expired | tls-early | tls-self-signed | tls-issuer |
    tls-host | tls-plain | tls-client | tls-ended.
    """

    def __init__(self, reason: str, kind: str = "connect") -> None:
        super().__init__(reason)
        self.kind = kind


class HubFault(NotVerified):
    """The hub behind the relay, which is not judged, gave no answer of a hub."""


class TimedOut(NotVerified):
    """The answer did not come, or did not end, within the limits of time or size."""


class RateLimited(NotVerified):
    """The target asked for longer pauses than the target file allows."""


class NotApplicable(ConformanceError):
    """The target does not claim what the check needs."""

    exit_code = 0

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SetupFault(ConformanceError):
    """The target cannot be judged as it is set up: which key, what was seen, what to do."""

    exit_code = 3

    def __init__(self, key: str, seen: str, fix: str) -> None:
        super().__init__(f"{key}: {seen} {fix}")
        self.key = key
        self.seen = seen
        self.fix = fix


class TargetError(SetupFault):
    """The target file is missing, malformed, or names a key that does not exist."""


class AttestationError(SetupFault):
    """The attestation form is missing or malformed, or belongs to another role or product."""


class PlaceFault(ConformanceError):
    """The disk is full, the folder is not writable or holds something else."""

    exit_code = 3


class UsageFault(ConformanceError):
    """The command cannot be obeyed as it was typed."""

    exit_code = 64


class SuiteFault(ConformanceError):
    """Parts of the suite do not fit together; never the target's fault."""


class CatalogueError(SuiteFault):
    """A catalogue row is malformed or an id stands twice; names the file and the id."""
