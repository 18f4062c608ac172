"""The releases of the SIF 3 infrastructure that a run can speak, and what came with which of them.

Everything here is built in the namespace of 3.3; `spoken` turns it into that of another release
when it leaves. Each release is a complete replacement in a namespace of its own.
Source: SIF Infrastructure 3.2.1, Base Architecture, 1.13 to 1.15 and 3.1; the published schemas of
3.0.1 to 3.3; SIF Infrastructure 3.3, Utilities. That 3.5 and 3.6 are named like those before them
is inferred: no message of these releases was seen.
"""

from __future__ import annotations

from collections.abc import Iterable

from conformance.trees import INF

VERSIONS = ("3.0.1", "3.1", "3.2", "3.2.1", "3.3", "3.4", "3.5", "3.6")
BUILT = "3.3"
# Roles whose partner, the suite, speaks the release of the target file.
FOLLOWED = ("provider", "receiver")
# Capabilities that an earlier release does not know.
SINCE = {"json": "3.1", "head": "3.2", "example": "3.2", "changes": "3.2", "pod": "3.3"}

_FAMILY = INF.removesuffix(BUILT)
_BUILT_NAMES = tuple(f"{mark}{INF}{mark}".encode() for mark in "\"'")


def namespace(version: str) -> str:
    """The namespace of a release, for example `http://www.sifassociation.org/infrastructure/3.1`.

    A dot and further numbers beyond the known releases are taken as they are.
    """
    return f"{_FAMILY}{version}"


def spoken(body: bytes, version: str) -> bytes:
    """A message as this release writes it; one of 3.3 is the same bytes."""
    if version == BUILT:
        return body
    for name in _BUILT_NAMES:
        mark = name[:1]
        body = body.replace(name, mark + namespace(version).encode() + mark)
    return body


def numbers(version: str) -> tuple[int, ...]:
    """A release for comparing: `3.2.1` is (3, 2, 1)."""
    return tuple(int(part) for part in version.rstrip("+").split(".") if part.isdigit())


def reaches(version: str, least: str) -> bool:
    """Whether a release is this one or a later one."""
    return numbers(version) >= numbers(least)


def unknown_in(version: str, capabilities: Iterable[str]) -> dict[str, str]:
    """Of these capabilities those that came later, with the release they came with."""
    return {
        name: SINCE[name]
        for name in sorted(capabilities)
        if name in SINCE and not reaches(version, SINCE[name])
    }
