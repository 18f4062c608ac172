"""What the district's policy asks for before real data of a vendor is switched on by a command.

The console's own flow asks in `model/onboarding.barred`; here are the ways beside it. Applications
of the settings are registered at once and held by the gate (`store/held_applications`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.console_sandbox import SUFFIX
from reference_hub.journeys.end_pod import end_pods
from reference_hub.model.console_run import APPROVED, REFUSED, Decision
from reference_hub.model.party import Vendor
from reference_hub.problems import SetupError
from reference_hub.settings import Settings, Zone
from reference_hub.store import audits, console_runs, outbox
from reference_hub.store.held_applications import Held

if TYPE_CHECKING:
    from sqlalchemy import Connection

OPERATOR = "operator"
HELD_CURE = "record one with reference-hub vendor decide {vendor}, or in the console"
_HOW = 'record one here with --decided-by NAME --because "WORDS", or in the console'


def refuse_half(who: str, why: str) -> None:
    """Raise SetupError where only one half of a decision is given."""
    if bool(who) != bool(why):
        raise SetupError(
            "A decision needs who decided and in which words; give both --decided-by NAME and "
            '--because "WORDS", or neither.'
        )


def record(
    connection: Connection, vendor: Vendor, who: str, why: str, clock: Clock,
    verdict: str = APPROVED, by: str = OPERATOR,
) -> int:  # fmt: skip
    """Keep, for good, what `who` decided about the vendor in the words `why`; audited under the
    name of whoever wrote it down, `by`.

    The gate lets nothing go to a vendor that was refused, and a refusal ends its documents; how
    many these were. Any other decision lets wait again what was held.
    """
    now = clock.now()
    decision = Decision(verdict, why, now, who)
    console_runs.decide(connection, vendor.scope, vendor.id, decision)
    told = {"vendor": vendor.name, "decided_by": who, "conditions": why}
    if by == OPERATOR:
        told["by"] = "command line"
    entry = audits.Entry(by, f"decided {verdict}", "", 1, told)
    audits.add(connection, vendor.scope, now, entry)
    if verdict == REFUSED:
        return len(end_pods(connection, vendor, "refused by the district", clock))
    if outbox.release(connection, vendor.id, vendor.scope):
        outbox.notify(connection)
    return 0


def held_words(each: Held) -> str:
    """Why an application of the settings gets no data."""
    why = "was refused" if each.refused else "waits for a decision of the district"
    return f"{each.key} gets no data: its vendor {each.vendor} {why}"


def refuse_undecided(connection: Connection, vendor: Vendor, settings: Settings) -> None:
    """Raise SetupError where the district wants a decision first, or has refused the vendor."""
    zone = vendor.scope.zone_id
    found = console_runs.decisions(connection, vendor.id)
    if found and found[0].verdict == REFUSED:
        raise SetupError(
            f"{vendor.name} was refused by {found[0].decided_by} on {found[0].decided:%Y-%m-%d}; a "
            f"refused vendor gets no data. If that has changed, {_HOW}."
        )
    policy = settings.zones.get(zone, Zone()).decision
    if policy == "required" and not found and not _is_sandbox(zone, settings):
        raise SetupError(
            f"No decision about {vendor.name} is recorded, and the district {zone} wants one first "
            f"(its decision is 'required'). To go on, {_HOW}."
        )


def _is_sandbox(zone: str, settings: Settings) -> bool:
    """Whether only made-up students stand in the zone: a sandbox is no zone of the settings."""
    named = {each.sandbox or f"{name}{SUFFIX}" for name, each in settings.zones.items()}
    return zone in named - settings.zones.keys()
