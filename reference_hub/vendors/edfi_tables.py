"""What the client and the reader of an Ed-Fi host need to know of a mapping table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reference_hub.clock import Clock
from reference_hub.translate.tables import Line, Section, Table
from reference_hub.vendors.edfi_rows import FIRST, Settings

# Requests under way at the same time unless the connection says otherwise.
AT_ONCE = 4


def key_places(table: Table) -> dict[str, tuple[str, ...]]:
    """The places of the natural key of each resource, in the order in which they make the key."""
    found: dict[str, tuple[str, ...]] = {}
    for section in table.sections:
        places = tuple(line.places[0].path for line in section.lines if line.need == "key")
        if len(places) > len(found.get(section.collection, ())):
            found[section.collection] = places
    return found


def crosswalk(table: Table) -> dict[tuple[str, str], tuple[str, str]]:
    """(resource, place) to `Entity.field` and crosswalk id, for what a host drops."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for section in table.sections:
        for line in section.lines:
            _add(found, section, line, "")
            for below in line.items:
                _add(found, section, below, f"{line.places[0].path}/")
    return found


def connection(
    table: Table,
    url: str,
    credentials: Mapping[str, str],
    given: Mapping[str, Any],
    clock: Clock,
) -> Settings:
    """How a host is worked with: `table` names its data standard, `credentials` are key and secret,
    `given` the settings of the connection (`read_back`, `descriptors`, and those of functions)."""
    return Settings(
        url=url,
        key=credentials["key"],
        secret=credentials["secret"],
        data_standard=table.settings["data_standard"],
        keys=key_places(table),
        crosswalk=crosswalk(table),
        clock=clock,
        descriptors=given.get("descriptors", {}),
        read_back=given.get("read_back", FIRST),
        at_once=int(given.get("requests_at_once", AT_ONCE)),
    )


def _add(
    found: dict[tuple[str, str], tuple[str, str]], section: Section, line: Line, base: str
) -> None:
    at = (section.collection, base + line.places[0].path)
    if line.fields and at not in found:
        path = line.fields[0]
        found[at] = (f"{path.entity}.{path.name}", line.crosswalk_id)


def class_periods(bodies: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[str, str]]:
    """Begin and end of each period, by school and name: a section names its periods only."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for body in bodies:
        times = body.get("meetingTimes") or [{}]
        hours = (str(times[0].get("startTime", "")), str(times[0].get("endTime", "")))
        school = str(body.get("schoolReference", {}).get("schoolId", ""))
        if all(hours):
            found[school, str(body.get("classPeriodName", ""))] = hours
    return found


def reading_settings(
    table: Table,
    organizations: Mapping[str, int],
    known: Mapping[tuple[str, str], str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The settings that reading a host's documents needs: which record a natural key means.

    `known`: (resource, key) to RefId, as the rows of a connection hold it; without it RefIds are
    made from the keys, the same each time. `class_periods=` gives sections their times.
    """
    return {
        "keys": key_places(table),
        "organizations": organizations,
        "known": known or {},
        **more,
    }
