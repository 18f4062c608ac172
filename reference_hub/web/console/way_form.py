"""The fields that say how a product is reached and what it does, for each kind of vendor.

The same form stands in the taking on of a vendor and where one is tested that was connected
otherwise. What is typed as a secret goes to a file, and no form that is kept holds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import request

from reference_hub.journeys import console_connect, console_files
from reference_hub.model.console_run import Way
from reference_hub.model.vendor_kind import EDFI, FILES, KINDS, PULL, PUSH, ROSTER, Kind
from reference_hub.problems import SetupError
from reference_hub.web.console.run_start import schemes_of
from reference_hub.web.console.visit import Here
from reference_hub.web.services import services

METHODS = ("SIF_HMACSHA256", "Basic")
SIGNED = (PUSH, PULL)
# Fields of one kind alone; `organizations` has several lines.
_MORE = {
    FILES: ("folder", "results", "host_key"),
    EDFI: ("district", "school", "second_school", "organizations"),
    ROSTER: ("poll_seconds",),
    PULL: ("poll_seconds",),
}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class WayForm:
    """What a template needs: the kind, what is known of the way, the choices of the form."""

    kind: Kind
    known: Way | None
    is_fixed: bool
    is_key_fixed: bool
    formats: list[tuple[str, str]]
    capabilities: list[tuple[str, str, bool]]
    methods: tuple[str, ...] = METHODS


def form_of(
    here: Here, known: Way | None, *, is_fixed: bool, is_key_fixed: bool = False
) -> WayForm:
    """The form for the kind that was chosen, or that is known. `is_fixed`: connected already, so
    that kind and format stay; `is_key_fixed`: the key of a vendor that comes stays too."""
    kind = _kind(here, known if is_fixed else None) or (known and KINDS[known.kind]) or KINDS[PUSH]
    of_kind = known if known and known.kind == kind.name else None
    is_said = request.method == "POST" or here.is_back()
    taken = here.values("can") if is_said else of_kind.capabilities if of_kind else None
    ticks = [
        (each, here.say(f"way.can.{kind.name}.{each}"), taken is None or each in taken)
        for each in kind.capabilities
    ]
    formats = [(each, here.say(f"way.formats.{each.replace('.', '_')}")) for each in kind.formats]
    stays = is_fixed and of_kind is not None
    return WayForm(kind, of_kind, stays, stays and is_key_fixed and kind.comes, formats, ticks)


def _kind(here: Here, fixed: Way | None) -> Kind | None:
    said = here.value("kind") or request.args.get("kind", "")
    return KINDS[fixed.kind] if fixed else KINDS.get(said)


def faults_of(here: Here, form: WayForm) -> dict[str, str]:
    """What to correct, by field."""
    faults: dict[str, str] = {}
    kind, url = form.kind, here.value("url")
    if url or not kind.comes:
        try:
            services().outside.refuse_url(url, *schemes_of(kind.name))
        except (SetupError, ValueError):
            faults["url"] = here.say("way.no_url")
    is_key = bool(here.value("key")) and ":" not in here.value("key")
    if not is_key and not form.is_key_fixed:
        faults["key"] = here.say("way.no_key")
    faults |= _secret_faults(here, form)
    if kind.name in SIGNED and here.value("method") not in METHODS:
        faults["method"] = here.say("way.no_method")
    if here.value("demographics") and not here.value("users"):
        faults["users"] = here.say("way.no_users")
    if not form.is_fixed and here.value("format", kind.formats[0]) not in kind.formats:
        faults["format"] = here.say("way.no_format")
    more = _FAULTS.get(kind.name)
    return faults | (more(here) if more else {})


def _secret_faults(here: Here, form: WayForm) -> dict[str, str]:
    variable = here.value("secret_env")
    is_kept = form.known is not None and bool(form.known.secret)
    if variable and not _VARIABLE.fullmatch(variable):
        return {"secret_env": here.say("way.no_variable")}
    if not (here.value("secret_password") or variable or is_kept):
        return {"secret_password": here.say("way.no_secret")}
    if variable:
        try:
            services().outside.secret(f"env:{variable}")
        except SetupError:
            return {"secret_env": here.say("way.variable_not_set")}
    return {}


def _file_faults(here: Here) -> dict[str, str]:
    faults = {}
    if here.value("url").lower().startswith("sftp:"):
        for name in ("users", "demographics"):
            if here.value(name) and "://" not in here.value(name):
                faults[name] = here.say("way.no_whole")
        try:
            services().outside.host_key(here.value("host_key"))
        except SetupError:
            faults["host_key"] = here.say("way.no_host_key")
    for name in ("folder", "results"):
        if ".." in here.value(name).split("/"):
            faults[name] = here.say("way.no_folder")
    if here.value("results") and "{name}" not in here.value("results"):
        faults["results"] = here.say("way.no_results", place="{name}")
    return faults


def _edfi_faults(here: Here) -> dict[str, str]:
    faults = {
        name: here.say("way.no_number")
        for name in ("district", "school")
        if not _NUMBER.fullmatch(here.value(name))
    }
    if here.value("second_school") and not _NUMBER.fullmatch(here.value("second_school")):
        faults["second_school"] = here.say("way.no_number")
    try:
        console_connect.numbers(here.whole("organizations"))
    except ValueError:
        faults["organizations"] = here.say("way.no_numbers")
    return faults


def _coming_faults(here: Here) -> dict[str, str]:
    said = here.value("poll_seconds")
    fits = not said or (_NUMBER.fullmatch(said) and 0 < int(said) <= 3600)
    return {} if fits else {"poll_seconds": here.say("way.no_seconds")}


_FAULTS: Mapping[str, Callable[[Here], dict[str, str]]] = {
    FILES: _file_faults,
    EDFI: _edfi_faults,
    ROSTER: _coming_faults,
    PULL: _coming_faults,
}


def way_told(here: Here, form: WayForm) -> Way:
    """The way of a form without faults; a secret that was typed is kept in a file."""
    kind, known = form.kind, form.known
    fixed = known if form.is_fixed else None
    more = {name: here.whole(name) for name in _MORE.get(kind.name, ()) if here.whole(name)}
    if "host_key" in more:
        more["host_key"] = services().outside.host_key(more["host_key"])
    return Way(
        here.value("url").rstrip("/"),
        fixed.key if fixed and form.is_key_fixed else here.value("key"),
        _secret(here, known),
        here.value("method") if kind.name in SIGNED else "Basic",
        fixed.format if fixed else here.value("format", kind.formats[0]),
        tuple(each for each in kind.capabilities if each in here.values("can")),
        here.value("users"),
        here.value("demographics"),
        kind.name,
        more,
    )


def _secret(here: Here, known: Way | None) -> str:
    if typed := here.value("secret_password"):
        settings, name = services().settings.console, here.clock.new_uuid()
        return console_files.keep_secret(settings, name, typed)
    if variable := here.value("secret_env"):
        return f"env:{variable}"
    return known.secret if known else ""
