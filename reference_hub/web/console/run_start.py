"""Start a run from any page: note it, begin its process, say where it is watched."""

from __future__ import annotations

from reference_hub.journeys import console_run
from reference_hub.model.console_run import Way
from reference_hub.model.party import Vendor
from reference_hub.model.vendor_kind import FILES, KINDS
from reference_hub.problems import SetupError
from reference_hub.store import console_runs
from reference_hub.web.console.visit import Here
from reference_hub.web.services import services


def schemes_of(kind: str) -> tuple[str, ...]:
    """How the address of such a product may begin."""
    return ("http", "https", "sftp") if kind == FILES else ("http", "https")


def started(
    here: Here, vendor: Vendor, way: Way, product: str, *, kind: str, quick: bool = False
) -> str:
    """Start it; the key of a text that says why not, '' when it runs.

    The note has a transaction of its own: the thread that looks after the process must see it.
    """
    hub = services()
    try:
        if not KINDS[way.kind].comes or way.url:
            hub.outside.refuse_url(way.url, *schemes_of(way.kind))
        secret = hub.outside.secret(way.secret)
    except SetupError:
        return "runs.not_set_up"
    with hub.engine.begin() as connection:
        told = (kind, quick, way, product, here.account.name, hub.clock)
        job = console_run.note(connection, vendor, *told)
    if job is None:
        return "runs.one_at_a_time"
    names = (vendor.party_id, product)
    try:
        console_run.begin(hub.engine, hub.settings.console, job, way, names, secret, hub.clock)
    except OSError as error:
        with hub.engine.begin() as connection:
            result = {"said": f"{type(error).__name__}: {error.strerror}"}
            console_runs.end(connection, job.id, "interrupted", None, result, hub.clock.now())
        return "runs.not_started"
    return ""
