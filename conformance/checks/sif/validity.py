"""Bodies that the data model does not allow, and their neighbours that it does.

What is refused breaks the published schema or a key it was meant to have; what is accepted comes
as close as it can. Well-formedness, entities and encodings are in `hostile`.
"""

from __future__ import annotations

from lxml import etree

from conformance.cases import Case
from conformance.checks.payloads import (
    check_accepted,
    check_not_both,
    check_refused,
    check_taken,
    each,
)
from conformance.sif import SifClient
from conformance.verifies import verifies

Student = etree._Element


@each("refuse", "INF-CRE-008", kind="schema")
@verifies("INF-CRE-008", negative=True)
def check_invalid_students_are_refused(shared_sif: SifClient, student: Student, case: Case) -> None:
    """What the schema does not allow is refused with 400 and not stored; a valid student is."""
    check_refused(shared_sif, case, student)


@each("refuse", "INF-CRE-008", kind="code-set")
@verifies("INF-CRE-008", negative=True)
def check_codes_outside_the_lists_are_refused(
    shared_sif: SifClient, student: Student, case: Case
) -> None:
    """A code that is not on its list, letter for letter, is refused and not stored as another."""
    check_refused(shared_sif, case, student)


@each("refuse", "INF-CRE-008", kind="reference")
@verifies("INF-CRE-008", negative=True)
def check_malformed_ids_are_refused(shared_sif: SifClient, student: Student, case: Case) -> None:
    """Ids and references in braces, in words or empty are refused, not tidied up."""
    check_refused(shared_sif, case, student)


@each("refuse", "INF-CRE-008", kind="uniqueness")
@verifies("INF-CRE-008", negative=True)
def check_parts_that_stand_twice_are_refused(
    shared_sif: SifClient, student: Student, case: Case
) -> None:
    """Two of what there may be one of is refused; nobody picks the first or the last."""
    check_refused(shared_sif, case, student)


@each("refuse", "INF-CRE-008", kind="size")
@verifies("INF-CRE-008", negative=True)
def check_wrong_sizes_are_refused(shared_sif: SifClient, student: Student, case: Case) -> None:
    """What is too short, too long or too deep is refused, neither padded nor cut."""
    check_refused(shared_sif, case, student)


@each("refuse", "INF-CRE-008", kind="injection")
@verifies("INF-CRE-008", negative=True)
def check_commands_in_typed_fields_are_refused(
    shared_sif: SifClient, student: Student, case: Case
) -> None:
    """SQL, paths, scripts and lookups in ids, dates, numbers and codes are refused."""
    check_refused(shared_sif, case, student)


@each("refuse", "INF-CRE-008", kind="csv-injection")
@verifies("INF-CRE-008", negative=True)
def check_formulas_in_typed_fields_are_refused(
    shared_sif: SifClient, student: Student, case: Case
) -> None:
    """Formulas and the tricks of CSV files are refused where the type leaves no room for them."""
    check_refused(shared_sif, case, student)


@each("refuse", "INF-CRE-006")
@verifies("INF-CRE-006", negative=True)
def check_taken_id_is_refused(shared_sif: SifClient, student: Student, case: Case) -> None:
    """An id that another student has is 404 or 409 when it is a must, and changes nobody."""
    check_taken(shared_sif, case, student)


@each("refuse", "INF-FMT-005")
@verifies("INF-FMT-005", negative=True)
def check_taken_id_in_small_letters_is_refused(
    shared_sif: SifClient, student: Student, case: Case
) -> None:
    """An id that is taken is taken in small letters too."""
    check_taken(shared_sif, case, student)


@each("refuse", "DAT-UNI-001")
@verifies("DAT-UNI-001", negative=True)
def check_one_id_in_a_list_is_one_student(
    shared_sif: SifClient, student: Student, case: Case
) -> None:
    """Of two students with one id in a list at most one is created, and not as a mixture."""
    check_not_both(shared_sif, case, student)


@each("refuse", "DAT-UNI-002")
@verifies("DAT-UNI-002", negative=True)
def check_hyphens_do_not_make_another_id(
    shared_sif: SifClient, student: Student, case: Case
) -> None:
    """An id with hyphens and the same without them are not two students."""
    (check_not_both if case.many else check_taken)(shared_sif, case, student)


@each("accept", "INF-CRE-009", kind="schema")
@verifies("INF-CRE-009")
def check_optional_parts_do_no_harm(shared_sif: SifClient, student: Student, case: Case) -> None:
    """Empty lists, nil, zones on dates and uncommon parts are accepted, the rest is kept."""
    check_accepted(shared_sif, case, student)


@each("accept", "INF-CRE-009", kind="code-set")
@verifies("INF-CRE-009")
def check_listed_codes_are_accepted(shared_sif: SifClient, student: Student, case: Case) -> None:
    """Every code of a list, and any in an open one, is accepted and not turned into another."""
    check_accepted(shared_sif, case, student)


@each("accept", "INF-CRE-009", kind="reference")
@verifies("INF-CRE-009")
def check_references_are_taken_on_trust(
    shared_sif: SifClient, student: Student, case: Case
) -> None:
    """References to objects that the target has not seen, in any legal spelling, are accepted."""
    check_accepted(shared_sif, case, student)


@each("accept", "INF-CRE-009", kind="uniqueness")
@verifies("INF-CRE-009")
def check_entries_of_one_kind_are_accepted(
    shared_sif: SifClient, student: Student, case: Case
) -> None:
    """Lists with several entries of one kind are accepted where no key forbids it."""
    check_accepted(shared_sif, case, student)


@each("accept", "INF-CRE-009", kind="size")
@verifies("INF-CRE-009")
def check_large_optional_parts_do_no_harm(
    shared_sif: SifClient, student: Student, case: Case
) -> None:
    """Many entries, long texts and many digits do not make the student fail."""
    check_accepted(shared_sif, case, student)


@each("accept", "INF-CRE-001", kind="size")
@verifies("INF-CRE-001")
def check_long_and_short_names_are_kept(
    shared_sif: SifClient, student: Student, case: Case
) -> None:
    """Names of one letter and of 255 letters come back whole."""
    check_accepted(shared_sif, case, student)


@each("accept", "INF-CRE-001", kind="injection")
@verifies("INF-CRE-001")
def check_names_that_look_like_commands_are_kept(
    shared_sif: SifClient, student: Student, case: Case
) -> None:
    """SQL, scripts, paths and templates are names where a name stands, and come back unchanged."""
    check_accepted(shared_sif, case, student)


@each("accept", "INF-CRE-003")
@verifies("INF-CRE-003")
def check_lookalikes_are_all_created(shared_sif: SifClient, student: Student, case: Case) -> None:
    """Students of one list who differ in their ids alone are all created, each as itself."""
    check_accepted(shared_sif, case, student)


@each("accept", "INF-FMT-006")
@verifies("INF-FMT-006")
def check_refids_of_the_data_model_are_accepted(
    shared_sif: SifClient, student: Student, case: Case
) -> None:
    """A RefId in small letters or without hyphens is accepted, as the data model allows it."""
    check_accepted(shared_sif, case, student)
