"""The operations of OneRoster as the hub's own OpenAPI document names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reference_hub.web.oneroster import resources

_IDS = ("{id}", "{otherId}")
_DOES = {"GET": "read", "PUT": "write", "POST": "add", "DELETE": "delete"}
BODY = "oneRoster"
_ANSWERS = {
    "GET": ("200", BODY),
    "PUT": ("201", ""),
    "POST": ("201", BODY),
    "DELETE": ("204", ""),
}


def paths() -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """Path, tag, suffix of the names, and a row for each method, as the table of the rest has."""
    for root, (service, version) in resources.SERVICES.items():
        found: dict[str, dict[str, Any]] = {}
        for verb, form in resources.forms(service):
            found.setdefault(form, {})[verb.lower()] = _row(verb, form, version)
        for form, methods in found.items():
            suffix = f"V{version.replace('.', 'p')}"
            yield f"{root}{_named(form)}", f"OneRoster {version}", suffix, methods


def _row(verb: str, form: str, version: str) -> dict[str, Any]:
    words = [part[:1].upper() + part[1:] for part in form.split("/") if part != "{}"]
    one = "One" if form.endswith("{}") else ""
    row: dict[str, Any] = {
        "id": f"{_DOES[verb]}{one}{'Of'.join(words)}",
        "does": f"OneRoster {version}: {_DOES[verb]} {_named(form)}.",
        "security": [{"bearer": []}],
    }
    if verb in ("PUT", "POST"):
        row["body"] = BODY
    answers = {
        "GET": ("200", BODY),
        "PUT": ("201", ""),
        "POST": ("201", BODY),
        "DELETE": ("204", ""),
    }
    status, body = answers[verb]
    return row | {status: body}


def _named(form: str) -> str:
    ids = iter(_IDS)
    return "/".join(next(ids) if part == "{}" else part for part in form.split("/"))
