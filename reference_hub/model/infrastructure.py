"""Namespaces of the SIF 3 infrastructure, of which any version is understood."""

from __future__ import annotations

import re

_NAMESPACE = re.compile(
    r"https?://(?:www\.)?sifassociation\.org/infrastructure/(3(?:\.[0-9]+){0,2})"
)
_WRITTEN = "http://www.sifassociation.org/infrastructure/{}"
# What the hub speaks unless the caller speaks another version.
INFRASTRUCTURE = _WRITTEN.format("3.3")
_VERSION = re.compile(r"3(?:\.[0-9]+){0,2}")


def version_of(namespace: str) -> tuple[int, ...]:
    """The version, (3, 2, 1) for example; () for a namespace of something else."""
    found = _NAMESPACE.fullmatch(namespace)
    return tuple(int(each[:6]) for each in found.group(1).split(".")) if found else ()


def namespace_for(version: str) -> str:
    """The namespace of a version such as 3.2.1; '' for what is none."""
    return _WRITTEN.format(version) if _VERSION.fullmatch(version) else ""
