"""Checks that end in every possible way; not part of the suite."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.problems import NotApplicable, NotVerified
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.verifies import verifies

Students = Callable[[int], list[etree._Element]]


@verifies("T-1")
def check_sample_passes(sif: SifClient, student: etree._Element) -> None:
    """A student is stored."""
    expect.status(sif.create(student), 201)


@verifies("T-2", negative=True)
def check_sample_fails(sif: SifClient, student: etree._Element) -> None:
    """A student is stored with 299, which no vendor answers."""
    expect.status(sif.create(student), 299)


@verifies("T-3")
def check_sample_shows_names(sif: SifClient, students: Students) -> None:
    """One student is like another."""
    one, other = students(2)
    reply = sif.create(one)
    expect.same_facts(other, reply.object, reply)


@verifies("T-4")
def check_sample_is_not_verified(bare_sif: SifClient) -> None:
    """Nothing can be said."""
    raise NotVerified("it was too dark to see")


@verifies("T-5")
def check_sample_does_not_apply(bare_sif: SifClient) -> None:
    """Nothing is claimed."""
    raise NotApplicable("not claimed")


@verifies("T-6")
def check_sample_is_broken(student: etree._Element) -> None:
    """Our own mistake."""
    raise KeyError(trees.text(student, "name", "familyName"))


@pytest.mark.parametrize("status", [201, 299, 200])
@verifies("T-7")
def check_sample_has_cases(sif: SifClient, student: etree._Element, status: int) -> None:
    """Two of three cases fail."""
    expect.status(sif.create(student), status)


@verifies("T-8")
def check_sample_draws(sif: SifClient, student: etree._Element, rng: random.Random) -> None:
    """What was drawn is told."""
    name = trees.text(student, "name", "familyName")
    expect.equal(f"{rng.random()} {len(name)} {trees.refid(student)}", "", "the draw")


@verifies("T-9")
def check_sample_reads_back(sif: SifClient, student: etree._Element, readback: ReadBack) -> None:
    """A stored student shows in the export."""
    expect.status(sif.create(student), 201)
    expect.true(bool(readback.user(trees.refid(student))), "the student is in users.csv")


@verifies("T-10")
def check_sample_times_out(bare_sif: SifClient) -> None:
    """The target answers at an address where nobody listens."""
    bare_sif.send("GET", "http://127.0.0.1:1/")
