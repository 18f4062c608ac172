"""Whole students sent and read back: the table of fidelity, held against the target file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from lxml import etree

from conformance import fidelity_table, own_profile
from conformance.checks.preparation import all_created, stored
from conformance.checks.readings import due
from conformance.evidence import Evidence
from conformance.readback import ReadBack
from conformance.runfile import Fidelity
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]
Edge = Callable[[str], etree._Element]


@verifies("DAT-FID-001")
def check_fidelity_of_the_own_form(
    sif: SifClient, readback: ReadBack, students: Draw, edge: Edge, evidence: Evidence
) -> None:
    """Of whole students the part that the target file names is kept in the vendor's own form."""
    drawn = [edge("every-field"), *students(sif.config.fidelity.students - 1)]
    people = [fidelity_table.comparable(one) for one in drawn]
    all_created(sif, people)
    readback.renew()
    people = [own_profile.due_in_form(sif.config, evidence, one) for one in people]
    table = fidelity_table.of_form(people, readback, datetime.now(UTC).date())
    _judge(table, sif, evidence)


@verifies("DAT-FID-002")
def check_fidelity_of_sif(sif: SifClient, students: Draw, edge: Edge, evidence: Evidence) -> None:
    """Of whole students the part that the target file names is kept when read back as SIF."""
    people = [edge("every-field"), *students(sif.config.fidelity.students - 1)]
    refids = all_created(sif, people)
    table = fidelity_table.of_sif(
        (due(sif, one), stored(sif, refid)) for one, refid in zip(people, refids, strict=True)
    )
    _judge(table, sif, evidence)


def _judge(table: Fidelity, sif: SifClient, evidence: Evidence) -> None:
    # The table of a run is that by the standard.
    if not sif.config.by_profile:
        evidence.compared(table)
    fidelity_table.judge(table, sif.config.fidelity)
