"""Values of a target file that cannot be meant: addresses, texts, numbers, terms of a POD.

Each function raises TargetError with key, value seen and cure.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from conformance.claims import CALLERS
from conformance.problems import TargetError
from conformance.target_files import past_http

if TYPE_CHECKING:
    from conformance.target import File
    from conformance.target_tables import PodParty

# POD-ACK-014: a target may promise less, never more.
MOST_ACKNOWLEDGE_SECONDS = 5.0


def refuse_addresses(path: str, file: File) -> None:
    """Every address that is given can be called, and the one that is needed is there."""
    called = file.vendor.role in CALLERS or past_http(file.vendor.role, file.files)
    if not called and not file.endpoint.url:
        cure = "Write the address of the target. conformance init shows every key."
        raise TargetError(f"{path}, [endpoint] url", "it is missing.", cure)
    named = (
        ("[endpoint] url", file.endpoint.url),
        ("[listener] public_url", file.listener.public_url),
        ("[operator] url", file.operator.url),
        ("[consumer] relay", file.consumer.relay),
    )
    for key, url in named:
        if url:
            _refuse_address(f"{path}, {key}", url)


def _refuse_address(place: str, url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise TargetError(place, f"the value is {url!r}.", "It starts with http:// or https://.")
    if "?" in url:
        # The query may hold a secret, so it is not shown.
        plain = url.partition("?")[0]
        raise TargetError(place, f"a query follows {plain!r}.", "Leave off the ? and the rest.")


def refuse_texts(path: str, file: File) -> None:
    """The version is a number; name and key are not empty."""
    infrastructure = file.endpoint.infrastructure
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)*", infrastructure):
        seen = f"the value is {infrastructure!r}."
        place = f"{path}, [endpoint] infrastructure"
        raise TargetError(place, seen, 'Write a version number, for example "3.3".')
    named = (("[vendor] name", file.vendor.name), ("[credentials] key", file.credentials.key))
    for key, value in named:
        if not value.strip():
            raise TargetError(f"{path}, {key}", f"the value is {value!r}.", "It must not be empty.")


def refuse_numbers(path: str, file: File) -> None:
    """Times and sizes are above nothing, waits may be nothing."""
    above = {
        "endpoint": ("connect_seconds", "read_seconds", "total_seconds", "largest_body_mb"),
        "consumer": (
            "wait_seconds",
            "watch_seconds",
            "poll_seconds",
            "backoff_seconds",
            "retry_after_seconds",
            "slow_seconds",
            "most_tries",
        ),
        "operator": ("seconds",),
    }
    for table, keys in above.items():
        for key in keys:
            value = getattr(getattr(file, table), key)
            if not (math.isfinite(value) and value > 0):
                seen = f"the value is {value!r}."
                raise TargetError(f"{path}, [{table}] {key}", seen, "Write a number above 0.")
    waits = (
        ("[readback] wait_seconds", file.readback.wait_seconds),
        ("[operator] settle_seconds", file.operator.settle_seconds),
    )
    for place, wait in waits:
        if not (math.isfinite(wait) and wait >= 0):
            seen = f"the value is {wait!r}."
            raise TargetError(f"{path}, {place}", seen, "Write 0 or a number above 0.")


def refuse_terms(path: str, pod: PodParty) -> None:
    """What is said of PODs can be kept."""
    if not 0 < pod.acknowledge_within_seconds <= MOST_ACKNOWLEDGE_SECONDS:
        seen = f"the value is {pod.acknowledge_within_seconds!r}."
        fix = f"Write a number above 0, at most {MOST_ACKNOWLEDGE_SECONDS}."
        raise TargetError(f"{path}, [pod] acknowledge_within_seconds", seen, fix)
    within = pod.delete_within_seconds
    if within is not None and not (math.isfinite(within) and within >= 0):
        place = f"{path}, [pod] delete_within_seconds"
        raise TargetError(place, f"the value is {within!r}.", "Write 0 or a number above 0.")
    if pod.time_zone and pod.time_zone not in _time_zones():
        seen = f"the value is {pod.time_zone!r}."
        fix = 'Write a name such as "America/New_York".'
        raise TargetError(f"{path}, [pod] time_zone", seen, fix)


@lru_cache(maxsize=1)
def _time_zones() -> set[str]:
    return available_timezones()
