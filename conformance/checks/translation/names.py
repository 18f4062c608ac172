"""Names in any script, and names of more than one kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.checks.exports import ABSENT, sent_and_kept
from conformance.checks.preparation import created, element
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.verifies import verifies

Edge = Callable[[str], etree._Element]
NAMES = ("users.givenName", "users.familyName")
SCRIPTS = ("apostrophe", "combining-marks", "right-to-left", "cjk", "one-letter-name", "digits",
           "name-null", "name-none", "markup")  # fmt: skip
LETTERS = "Łucja-Đặng ß ﬁ Ўладзімір नमः 𠮷 \U0001f469\u200d\U0001f680 Zoë\u00a0N"


@pytest.mark.parametrize("name", SCRIPTS)
@verifies("TRN-TX-01")
def check_names_arrive_letter_for_letter(
    sif: SifClient, readback: ReadBack, edge: Edge, name: str
) -> None:
    """Names with marks, in right-to-left and Han script, or that look like null, are kept."""
    sent_and_kept(sif, readback, edge(name), NAMES)


@verifies("TRN-TX-01")
def check_rare_letters_arrive(sif: SifClient, readback: ReadBack, student: etree._Element) -> None:
    """Letters outside Latin-1, ligatures, joined signs and a no-break space are kept."""
    name = trees.child(student, "name", "familyName")
    assert name is not None
    name.text = LETTERS
    sent_and_kept(sif, readback, student, ("users.familyName",))


@verifies("TRN-LR-05")
def check_middle_and_preferred_names_have_their_columns(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """Middle name and preferred names stand in their own columns beside the legal name."""
    name = trees.child(student, "name")
    assert name is not None
    for one in [one for one in name if trees.local(one) in ("middleName", "suffix")]:
        name.remove(one)
    name.append(element("middleName", "Mairead Una"))
    _other_names(student, ("PreferredGivenName", "givenName", "Wrenna"),
                 ("PreferredFamilyName", "familyName", "Alderton"))  # fmt: skip
    fields = ("users.middleName", "users.preferredGivenName", "users.preferredFamilyName")
    sent_and_kept(sif, readback, student, fields)


@verifies("TRN-GU-06")
def check_former_names_appear_nowhere(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """A previous legal name and an alias stand in no column of any export."""
    _other_names(student, ("PreviousLegalName", "familyName", "Zzyxformerly"),
                 ("Alias", "givenName", "Zzyxalias"))  # fmt: skip
    if not readback.user(created(sif, student)):
        raise NotVerified(ABSENT)
    for name in ("users", "demographics"):
        cells = [cell for row in readback.table(name) for cell in row.values()]
        shown = any("Zzyx" in cell for cell in cells)
        expect.true(not shown, "no export shows a former name", readback.last)


def _other_names(student: etree._Element, *names: tuple[str, str, str]) -> None:
    for one in [one for one in student if trees.local(one) == "otherNames"]:
        student.remove(one)
    made = element(
        "otherNames",
        *(
            element("name", element("type", kind), element(part, value))
            for kind, part, value in names
        ),
    )
    legal = trees.child(student, "name")
    assert legal is not None
    legal.addnext(made)
