"""Files at the gate: a OneRoster bundle needs the marker, and nothing of a refused one stays."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime

from lxml import etree

from conformance import auth, expect, leaks, pods, trees
from conformance.checks.pod.doors import REFUSALS, refused, show_all
from conformance.checks.pod.refused_data import every_marker, wrong_marker
from conformance.checks.preparation import control_holds, offered
from conformance.evidence import Evidence
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.sif import MARKER, SifClient
from conformance.verifies import verifies
from fixtures.writers.oneroster import csv_files
from fixtures.writers.oneroster.rows import Row


def bundle(student: etree._Element, *, gone: bool = False) -> bytes:
    """A delta with the one user that a student becomes, or that it is to be deleted."""
    row: Row = {
        "sourcedId": trees.refid(student).lower(),
        "enabledUser": "true",
        "username": trees.text(student, "loginId") or trees.text(student, "localId"),
        "givenName": trees.text(student, "name", "givenName"),
        "familyName": trees.text(student, "name", "familyName"),
    }
    rows = [csv_files.deleted(row) if gone else row]
    return csv_files.delta({"users": rows}, datetime.now(UTC))


def put(sif: SifClient, body: bytes, marker: str | None) -> Reply:
    """PUT a bundle under a new name, signed as the application."""
    who = sif.config.credentials
    signed = auth.sign(auth.BASIC, who.key, sif.config.secret)
    headers = {**signed.headers, "Content-Type": "application/zip", "messageId": str(uuid.uuid4())}
    headers |= {MARKER: marker} if marker is not None else {}
    path = f"files/{uuid.uuid4()}.zip"
    return sif.wire.send("PUT", sif.config.url(path), headers, body, named="files/bundle.zip")


@verifies("POD-GATE-004", negative=True)
def check_bundle_with_an_unknown_marker_is_refused(
    sif: SifClient, student: etree._Element, rng: random.Random
) -> None:
    """A bundle with a token that nobody issued is refused; with the marker in force it is taken."""
    if not offered(sif, "bundle"):
        raise NotApplicable("the target does not declare bundle")
    assert sif.pod is not None
    reply = put(sif, bundle(student), pods.fresh_token(rng))
    expect.one_of(reply.status, REFUSALS, "status", reply)
    control_holds(put(sif, bundle(student), sif.pod.token), "with the marker it is taken")
    put(sif, bundle(student, gone=True), sif.pod.token)


@every_marker
@verifies("POD-GATE-016", negative=True)
def check_nothing_of_a_refused_bundle_is_kept(
    sif: SifClient, student: etree._Element, rng: random.Random, evidence: Evidence, marker: str
) -> None:
    """A bundle with a wrong marker is refused and not in the export; with the right one it is."""
    if not offered(sif, "bundle", "readback"):
        raise NotApplicable("the target does not declare bundle and readback")
    token = wrong_marker(sif, rng, marker)
    assert sif.pod is not None
    with leaks.watching(evidence) as watch:
        number = watch.know(student)
        refused(put(sif, bundle(student), token))
        show_all(sif)
        leaks.refuse(watch)
        watch.allow(number, leaks.WHOLE)
        control_holds(put(sif, bundle(student), sif.pod.token), "with the marker it is taken")
        show_all(sif)
    put(sif, bundle(student, gone=True), sif.pod.token)
    if not watch.seen:
        raise NotVerified("the user of the accepted bundle is not in the export")
