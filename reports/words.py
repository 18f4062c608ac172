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
        "Not claimed by the vendor, or not testable from outside; ‘Not tested’ says which. "
        "This blocks nothing."
    ),
    OUR_FAULT: "The test kit itself broke. The product is not blamed, but nothing is proven.",
}

HEADLINES = {
    "conforms": ("Conforms", "pass"),
    "does not conform": ("Does not conform", "fail"),
    "could not decide": ("Could not be decided", "unsure"),
}

# Where nearly every row is about privacy, "conforms" would promise what no message can show.
PASSED = "Passed what messages can show"
PRIVACY_ROLES = ("consumer", "broker")

PARTIAL = {
    "conforms": ("Only a part was tested; that part passed", "unsure"),
    "does not conform": ("Does not conform; only a part was tested", "fail"),
    "could not decide": ("Only a part was tested, and it was not decided", "unsure"),
}

BASES = {
    "documented": "documented in the standard or by its owner",
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
        "Waits for the privacy terms",
        "The product gives a receipt for the privacy terms first and refuses data that they do "
        "not cover.",
    ),
    "provider": (
        "Offers data correctly",
        "Records can be read by those who may, page by page, and are complete and consistent.",
    ),
    "consumer": (
        "Asks under the privacy terms",
        "The product fetches the privacy terms, names them when it asks for data, and stops when "
        "they end.",
    ),
    "broker": (
        "Answers under the privacy terms",
        "The hub sends nothing before the terms were acknowledged and nothing they do not grant.",
    ),
    "publisher": (
        "Sends data correctly",
        "What the product sends is whole, sent once, and in order, also when the line breaks.",
    ),
    "oneroster_provider": (
        "Offers its rosters correctly",
        "Rosters can be read by those who may, page by page, and are complete and consistent.",
    ),
    "oneroster_consumer": (
        "Reads rosters correctly",
        "The product reads rosters whole, only what it may, and only with a right to them.",
    ),
    "edfi_receiver": (
        "Takes Ed-Fi data correctly",
        "Records that are sent are confirmed, changed and removed as agreed, and stay unchanged.",
    ),
    "file_receiver": (
        "Takes files correctly",
        "Whole files are taken and kept unchanged; broken ones are refused, and this is told.",
    ),
}
AREAS_OF = {
    "receiver": ("sif", "translation", "pod"),
    "provider": ("provider",),
    "consumer": ("consumer",),
    "broker": ("broker",),
    "publisher": ("publisher",),
    "oneroster-provider": ("oneroster_provider",),
    "oneroster-consumer": ("oneroster_consumer",),
    "edfi-receiver": ("edfi_receiver",),
    "file-receiver": ("file_receiver",),
}

RISKS = {
    "sif": "lost",
    "translation": "altered",
    "pod": "left without protection",
    "provider": "read by others or wrongly",
    "consumer": "asked for without a right to them",
    "broker": "given without a right to them",
    "publisher": "sent wrongly or twice",
    "oneroster_provider": "read by others or wrongly",
    "oneroster_consumer": "lost on the way or read without a right",
    "edfi_receiver": "lost or altered",
    "file_receiver": "lost or altered",
}

TOPICS = {
    "sif": "taking data",
    "translation": "keeping data unchanged",
    "pod": "waiting for the privacy terms",
    "provider": "offering data",
    "consumer": "asking under the privacy terms",
    "broker": "answering under the privacy terms",
    "publisher": "sending data",
    "oneroster_provider": "offering rosters",
    "oneroster_consumer": "reading rosters",
    "edfi_receiver": "taking Ed-Fi data",
    "file_receiver": "taking files",
}

SEEN = {
    "receiver": (
        "Records arrived complete, stayed unchanged, and were refused without privacy terms."
    ),
    "provider": "Records were read whole and alike in every way, and by nobody without a right.",
    "consumer": "Its requests named the privacy terms in force and stopped when these ended.",
    "broker": "No record was seen to leave before the receipt, and none beyond the grant.",
    "publisher": "Records were sent whole and once, and again only where an answer was missing.",
    "oneroster-provider": "Rosters were read whole, alike in every way, by nobody without a right.",
    "oneroster-consumer": "Rosters were read whole, and nothing was asked for without a right.",
    "edfi-receiver": "Records arrived complete, stayed unchanged, and wrong ones were refused.",
    "file-receiver": "Files arrived complete, stayed unchanged, and broken ones were refused.",
}

RECEIPT = (
    "A receipt is not compliance. An acknowledgement says that a document arrived in this version, "
    "never that it is kept. The run shows how the product answered on the wire. It cannot show who "
    "looks at the data afterwards, whether it is passed on, or whether it is deleted from backups."
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
