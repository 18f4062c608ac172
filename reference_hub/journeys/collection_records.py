"""What a state says of each record of a district, with what has happened to it here since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING

from reference_hub.codec.collection_report import Report, read_report
from reference_hub.codec.xml import fold, read
from reference_hub.journeys.collection_owner import local_ids
from reference_hub.model.collection import ERROR, Finding, Run
from reference_hub.model.scope import Scope
from reference_hub.store import collection_runs

if TYPE_CHECKING:
    from sqlalchemy import Connection

ACCEPTED, REJECTED = "accepted", "rejected"
_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Record:
    """One object: accepted, or rejected with what was found; a warning alone rejects nothing.

    `changed`: it was changed here after the run, so that the state may know better by now.
    """

    object_type: str
    refid: str
    local_id: str
    verdict: str
    findings: tuple[Finding, ...]
    changed: bool = False

    def is_called(self, number: str) -> bool:
        """Whether this is its RefId or its local number."""
        return number == self.local_id or fold(number) == self.refid


def records(
    connection: Connection, scope: Scope, run: Run, *, fine: bool = True
) -> Iterator[Record]:
    """The objects that a run looked at: those with findings, then, if `fine`, all others."""
    body, _ = collection_runs.document(connection, run.id)
    told = _told(read_report(body), fine=fine)
    for _, of_type in groupby(told, key=lambda record: record.object_type):
        while part := list(islice(of_type, _TOGETHER)):
            yield from _looked_up(connection, scope, run, part)


def _told(report: Report, *, fine: bool) -> Iterator[Record]:
    found: dict[tuple[str, str], list[Finding]] = {}
    for each in report.findings:
        found.setdefault((each.object_type, each.refid), []).append(each)
    for (object_type, refid), findings in found.items():
        yield Record(object_type, refid, findings[0].local_id, verdict(findings), tuple(findings))
    for object_type, refids in report.accepted.items() if fine else ():
        others = (refid for refid in sorted(refids) if (object_type, refid) not in found)
        yield from (Record(object_type, refid, "", ACCEPTED, ()) for refid in others)


def verdict(findings: Iterable[Finding]) -> str:
    """Rejected where one of them is an error."""
    return REJECTED if any(each.level == ERROR for each in findings) else ACCEPTED


def _looked_up(
    connection: Connection, scope: Scope, run: Run, part: Sequence[Record]
) -> Iterator[Record]:
    object_type, refids = part[0].object_type, [each.refid for each in part]
    bodies = collection_runs.bodies(connection, scope, object_type, refids)
    numbers = local_ids(connection, scope, [read(body) for body in bodies])
    changed = collection_runs.changed(connection, scope, object_type, refids, run.begun)
    for each in part:
        yield Record(
            each.object_type,
            each.refid,
            each.local_id or numbers.get(each.refid, ""),
            each.verdict,
            each.findings,
            (each.object_type, each.refid) in changed,
        )


def take(connection: Connection, scope: Scope, report: Report, body: bytes) -> bool:
    """Store what the state told; False where the run is here already."""
    if not collection_runs.begin(connection, scope, report.run, ""):
        return False
    collection_runs.add_findings(connection, scope, report.run.id, report.findings)
    collection_runs.close(connection, report.run, body)
    return True
