"""A second translation of SIF into OneRoster, Ed-Fi and Clever, in XSLT, to judge vendors by."""

from conformance.crosswalk.facts import Fact, of_body, of_row
from conformance.crosswalk.rest import of_rest
from conformance.crosswalk.sheets import TARGETS, expected

__all__ = ["TARGETS", "Fact", "expected", "of_body", "of_rest", "of_row"]
