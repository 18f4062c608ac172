"""The functional service stateCollection: a district asks a state's hub what its records lack.

A job names the collection in its phase `selection`; its phase `report` gives out the report of the
last run, or of a new one that the job makes. (Profile: the standard has services, not this one.)

    <collectionChoices xmlns="urn:reference-hub:collection-report:1">
      <collectionChoice refId="1"><collection>ma-sims</collection><run>new</run></collectionChoice>
    </collectionChoices>
"""

from __future__ import annotations

from datetime import timedelta

from reference_hub.clock import Clock
from reference_hub.codec import collection_toml
from reference_hub.codec.xml import read
from reference_hub.journeys.collection_run import run_on
from reference_hub.journeys.job_service import Done, JobService, Task
from reference_hub.model.collection import OWN, Collection, Run
from reference_hub.model.job import Phase
from reference_hub.store import collection_runs

LAST, NEW = "last", "new"
CHOICE = "collectionChoice"


def hand_out(task: Task) -> Done:
    """The report of the collection that the job names; a sentence where there is none."""
    chosen = [read(each.body) for each in task.submitted if each.object_type == CHOICE]
    if not chosen:
        return Done("No collection was named; submit a collectionChoice to the phase selection.")
    name = (chosen[-1].findtext("{*}collection") or "").strip()
    last = collection_runs.last(task.connection, task.scope, name, OWN)
    wanted = (chosen[-1].findtext("{*}run") or LAST).strip()
    if wanted not in (LAST, NEW):
        return Done("The run of a collectionChoice is last or new.")
    if wanted == LAST:
        if last is None:
            return Done("There was no run of this collection yet; ask for a new one.")
        report, _ = collection_runs.document(task.connection, last.id)
        return Done(_words(last), {"report": report})
    return _anew(task, name, last)


def _anew(task: Task, name: str, last: Run | None) -> Done:
    collection = _collection(task, name, last)
    if collection is None:
        return Done(
            f"There is no such collection; known are {', '.join(collection_toml.shipped())}."
        )
    run = run_on(task.connection, task.scope, collection, Clock())
    with task.connection.engine.connect() as reading:
        report, _ = collection_runs.document(reading, run.id)
    return Done(_words(run), {"report": report})


def _collection(task: Task, name: str, last: Run | None) -> Collection | None:
    if name in collection_toml.shipped():
        return collection_toml.load(name)
    if last is None:
        return None
    # A file of the state's own: the rules it was last run with.
    _, source = collection_runs.document(task.connection, last.id)
    return collection_toml.parse(source, name)


def _words(run: Run) -> str:
    return f"Run {run.number}: {run.checked} objects checked, {run.rejected} rejected."


STATE_COLLECTION = JobService(
    name="stateCollection",
    phases=(
        Phase(
            "selection",
            required=True,
            rights=("CREATE", "UPDATE", "DELETE"),
            states_rights=("QUERY", "CREATE"),
            accepts=(CHOICE,),
        ),
        Phase("validation", required=True),
        Phase("report", required=True, rights=("QUERY",)),
    ),
    work_phase="validation",
    work=hand_out,
    timeout=timedelta(days=1),
)
