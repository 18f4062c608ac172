"""Every sentence that the page says by itself, for a reader without technical knowledge."""

from __future__ import annotations

from conformance.runfile import FAIL, NOT_APPLICABLE, NOT_VERIFIED, OUR_FAULT, PASS

# The order in which a reader wants them: what to mend, what to clear up, what is in order.
ORDER = (FAIL, OUR_FAULT, NOT_VERIFIED, PASS, NOT_APPLICABLE)

SHAPES = {
    PASS: "pass",
    FAIL: "fail",
    NOT_VERIFIED: "unsure",
    NOT_APPLICABLE: "none",
    OUR_FAULT: "ours",
}

MEANINGS = {
    PASS: "The product did what the requirement asks, and the values were right.",
    FAIL: "The product did something else. The vendor has to act.",
    NOT_VERIFIED: "Something stood in the way, so nobody can say. This blocks a positive outcome.",
    NOT_APPLICABLE: (
        "Not claimed by the vendor, or not testable from outside; the list above says which. "
        "This blocks nothing."
    ),
    OUR_FAULT: "The test kit itself broke. The product is not blamed, but nothing is proven.",
}

HEADLINES = {
    "conforms": ("Conforms", "pass"),
    "does not conform": ("Does not conform", "fail"),
    "could not decide": ("Could not be decided", "unsure"),
}

PARTIAL = {
    "conforms": ("Only a part was tested; that part passed", "unsure"),
    "does not conform": ("Does not conform; only a part was tested", "fail"),
    "could not decide": ("Only a part was tested, and it was not decided", "unsure"),
}

BASES = {
    "documented": "documented in the standard",
    "inferred": "inferred from the standard",
    "profile": "rule of this kit’s profile, not the standard’s",
}

# Always shown, tested or not: silence about privacy must not read as consent.
PLAIN_AREAS = {
    "sif": (
        "Takes data correctly",
        "Records that a district sends are accepted, confirmed, changed and removed as agreed.",
    ),
    "translation": (
        "Keeps data unchanged",
        "What the product stores in its own form still says what the district sent.",
    ),
    "pod": (
        "Respects the privacy obligations",
        "The product confirms the privacy terms first and refuses data that they do not cover.",
    ),
}

RISKS = {
    "sif": "lost",
    "translation": "altered",
    "pod": "left without protection",
}

TOPICS = {
    "sif": "taking data",
    "translation": "keeping data unchanged",
    "pod": "respecting the privacy obligations",
}

RECEIPT = (
    "A receipt is not compliance. The run shows how the product answered on the wire, also whether "
    "it confirmed the privacy terms. It cannot show who looks at the data afterwards, whether it "
    "is passed on, or whether it is deleted from backups."
)
ONE_DAY = (
    "It speaks of one test system on one day, with invented students. Another version or another "
    "set-up of the product may behave differently."
)

ADVICE = {
    NOT_VERIFIED: "Remove the obstacle, then run this check again.",
    OUR_FAULT: (
        "The vendor need not act. Send this report and run.jsonl to the maintainers of the kit."
    ),
}


def count(number: int, noun: str) -> str:
    """`1 check`, `12 checks`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def basis_words(basis: str) -> str:
    """Where a requirement comes from; an unknown basis under its own name."""
    return BASES.get(basis, basis)


def area_words(area: str) -> tuple[str, str]:
    """Title and explanation of an area group; an unknown one under its own name."""
    return PLAIN_AREAS.get(area, (area, "Further checks of this kit."))


def listed(parts: list[str], last: str) -> str:
    """`a, b and c`, with the given last joint."""
    return f" {last} ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
