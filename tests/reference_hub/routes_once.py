"""Routes are compiled once in a test process, not once for each app that a test builds.

Werkzeug writes a function for each route of each app, some twenty milliseconds an app. What it
writes depends on the route alone, and is bound to the app's own route afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


def share() -> None:
    """Keep what is compiled; werkzeug is pinned in requirements.lock, and this is its inside."""
    compile_builder: Callable[[Rule, bool], Builder] = Rule._compile_builder
    known: dict[tuple[Any, ...], Builder] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Builder:
        trace = tuple(rule._trace)
        key = (rule.rule, rule.subdomain, rule.host, repr(rule.defaults), trace, append_unknown)
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    Rule._compile_builder = compiled  # type: ignore[method-assign, assignment]
