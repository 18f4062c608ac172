"""What every page shares: templates that escape what they are given, and a policy for browsers."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports import words
from reports.visible import visible


@cache
def environment() -> Environment:
    """The templates of this package; a value that is missing is an error, none is trusted."""
    made = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    made.globals |= {"words": words}
    return made


def asset(name: str) -> str:
    """The text of a style sheet or a script of ours."""
    return (resources.files("reports") / "templates" / name).read_text(encoding="utf-8")


def policy(style: str, script: str = "") -> str:
    """The Content-Security-Policy of a page with this style sheet and this script, or none."""
    # Should escaping ever fail, a browser still runs nothing but these and fetches nothing.
    allowed = f"default-src 'none'; style-src {_digest(style)}"
    return f"{allowed}; script-src {_digest(script)}" if script else allowed


def _finalize(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
