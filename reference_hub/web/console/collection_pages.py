"""State collections: how the last run went, errors by rule and by school, records, another run."""

from __future__ import annotations

from itertools import groupby

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound

from reference_hub.journeys import console_collections as journey
from reference_hub.journeys.console_collections import Collected
from reference_hub.model.collection import Finding, Run
from reference_hub.model.console import DECIDING, DISTRICT
from reference_hub.model.party import Subscriber
from reference_hub.model.scope import Scope
from reference_hub.store import collection_runs, console_collections
from reference_hub.web.console import districts, lists
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here

# The place of this hub among the ways to a run.
_HERE = "here"


@page("/collection", DISTRICT)
def collections(here: Here) -> Response:
    """Every collection with its last run."""
    zone = districts.chosen(here)
    found = journey.collections(here.connection, Scope(zone))
    return here.show(
        "collections.html",
        zone=zone,
        zones=districts.known(here),
        found=found,
        may_act=here.may(*DECIDING),
    )


@page("/collection/<name>", DISTRICT)
def collection(here: Here, name: str) -> Response:
    """One collection: the last run by rule and by school, in counts."""
    zone = districts.chosen(here)
    found = _found(here, zone, name)
    run, scope = found.run, Scope(zone)
    return here.show(
        "collection.html",
        zone=zone,
        zones=districts.known(here),
        found=found,
        run=run,
        rules=[(run.rule(rule), number) for rule, number in found.by_rule.items()] if run else [],
        schools=journey.by_school(here.connection, scope, run) if run else [],
        may_act=here.may(*DECIDING),
    )


@page("/collection/<name>/records", DECIDING)
def collection_records(here: Here, name: str) -> Response:
    """The records with errors, by the numbers under which their school knows them. Logged."""
    zone = districts.chosen(here)
    found, scope = _found(here, zone, name), Scope(zone)
    if found.run is None:
        raise NotFound
    wanted = lists.filters("rule", "school")
    refids = _at_school(here, scope, found.run, wanted["school"]) if wanted["school"] else None
    page_of = console_collections.page(
        here.connection, found.run.id, lists.asked(), wanted["rule"], refids
    )
    findings = [console_collections.finding(row) for row in page_of.rows]
    here.audit(scope, "console looked at collection records", count=len(findings), collection=name)
    changed = _changed(here, scope, found.run, findings)
    return here.show(
        "collection_records.html",
        zone=zone,
        zones=[zone],
        found=found,
        run=found.run,
        wanted=wanted,
        rows=[(each, found.run.rule(each.rule), _key(each) in changed) for each in findings],
        links=lists.links(page_of),
    )


@page("/collection/<name>/again", DECIDING, methods=("GET", "POST"))
def collection_again(here: Here, name: str) -> Response:
    """Choose where the new run is made, then have a worker do it."""
    zone = districts.chosen(here)
    found = _found(here, zone, name)
    if request.method == "GET":
        return _again_form(here, zone, found)
    way, is_known = _chosen(found, here.value("way"))
    if not is_known:
        return _again_form(here, zone, found, {"way": here.say("collection.again.no_way")})
    is_new, again = journey.wish(here.connection, Scope(zone), name, way, here.account, here.clock)
    notice = "collection.again.done" if is_new else "collection.again.already"
    return here.go("collection", notice, name=name, zone=zone, say_n=again)


def _again_form(
    here: Here, zone: str, found: Collected, faults: dict[str, str] | None = None
) -> Response:
    ways = [(each.name, here.say("collection.again.state", name=each.name)) for each in found.ways]
    return here.show(
        "collection_again.html",
        422 if faults else 200,
        zone=zone,
        found=found,
        ways=[*ways, (_HERE, here.say("collection.again.here"))],
        faults=faults or {},
        back=url_for("console.collection", name=found.name, zone=zone),
    )


def _chosen(found: Collected, said: str) -> tuple[Subscriber | None, bool]:
    """The connection, None for this hub; and whether there is such a way."""
    way = next((each for each in found.ways if each.name == said), None)
    return way, way is not None or said == _HERE


def _found(here: Here, zone: str, name: str) -> Collected:
    found = journey.collected(here.connection, Scope(zone), name)
    if found.run is None and found.title == name:
        raise NotFound
    return found


def _at_school(here: Here, scope: Scope, run: Run, school: str) -> list[str]:
    findings = list(collection_runs.findings(here.connection, run.id))
    at = journey.schools_of(here.connection, scope, findings)
    wanted = "" if school == "none" else school
    return sorted({each.refid for each in findings if at.get(_key(each), "") == wanted})


def _changed(here: Here, scope: Scope, run: Run, findings: list[Finding]) -> set[tuple[str, str]]:
    """Those that were changed here after the run."""
    found: set[tuple[str, str]] = set()
    for object_type, of_type in groupby(findings, key=lambda each: each.object_type):
        refids = [each.refid for each in of_type]
        found |= collection_runs.changed(here.connection, scope, object_type, refids, run.begun)
    return found


def _key(each: Finding) -> tuple[str, str]:
    return each.object_type, each.refid
