"""What a checked bundle proves and what it does not, in sentences for whoever has to rely on it."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.bundle_verify import TRUSTED, UNKNOWN_KEY, Verified
from conformance.runfile import REDACTED, VERDICTS

HEADS = {
    TRUSTED: "The bundle is whole, and a key you trust has signed it.",
    UNKNOWN_KEY: "The bundle is whole, but nobody has vouched for the key that signed it.",
    "unsigned": "The bundle is whole, but nobody has signed it.",
}
NOT_PROVEN = (
    "That the signer was honest: whoever runs the suite chooses what it talks to.",
    "That the product in use is the one that was tested: name and version are the vendor's word.",
    "That the signer left the pages as they were: what stands above was read from verdict.json.",
    "That the clock of the machine was right: the times are its own.",
    "What no message can show: who looks at the data later, whether copies are deleted.",
    "Anything about another version, another set-up, or real pupils: all data was invented.",
)


def proven(found: Verified) -> Iterator[str]:
    """One sentence for each thing that the check of this bundle shows."""
    header, result = found.header, found.verdict
    vendor = header.vendor
    product = " ".join(filter(None, (vendor.get("product"), vendor.get("version"))))
    yield (
        f"What: {product or 'a product without a name'} of "
        f"{vendor.get('name') or 'no vendor named'}, as declared, in the role {header.role}, "
        f"tier {header.tier}."
    )
    yield f"Result: {result.outcome}; {told_counts(result.counts)}."
    yield (
        f"Suite: version {result.suite_version}, hash {result.suite_hash}, seed {result.seed}; "
        "whoever has both can repeat the run."
    )
    yield _list(found)
    until = f"; good until {header.valid_until}" if header.valid_until else ""
    yield f"When: {header.started} to {found.finished}, by the clock of that machine{until}."
    yield _who(found)
    if set(result.redaction) == set(REDACTED):
        yield _redacted(result.redaction)
    yield "Unchanged: every file has the hash that the statement names, and there is no other file."


def told_counts(counts: dict[str, int]) -> str:
    """`12 pass, 1 fail` of requirements; what is zero is left out."""
    told = [f"{counts[word]} {word}" for word in VERDICTS if counts.get(word)]
    return ", ".join(told) or "nothing"


def _redacted(counts: dict[str, int]) -> str:
    told = [f"{REDACTED[name]} {counts[name]} times" for name in REDACTED if counts[name]]
    return f"Taken out before anything was written, as counted: {', '.join(told) or 'nothing'}."


def _list(found: Verified) -> str:
    result = found.verdict
    told = f"Checks: each of the {len(result.planned)} that had to run has its verdict"
    if result.only:
        return f"{told}, but the run was narrowed to {', '.join(result.only)}."
    if found.list_known:
        return f"{told}; this suite, which is the same, says that these are all."
    return (
        f"{told}. The list was not held against the suite itself: the run was made with another "
        "version than the one that checks here."
    )


def _who(found: Verified) -> str:
    executor = found.header.executor
    by = f"Run by {executor}, as declared. " if executor else ""
    if not found.signer:
        return f"Who: {by}Nobody signed; whoever packed it may have changed it before."
    trust = (
        "which you trust"
        if found.signature == TRUSTED
        else ("which you did not name with --trust; compare the fingerprint with the signer's")
    )
    return f"Who: {by}Signed with the key {found.signer}, {trust}."


def not_proven(found: Verified, today: str) -> Iterator[str]:
    """One sentence for each thing that it does not show; `today` is a day as YYYY-MM-DD."""
    if found.header.valid_until and found.header.valid_until < today:
        yield f"That it still holds: it was good until {found.header.valid_until}."
    yield from NOT_PROVEN
    if found.signature == UNKNOWN_KEY:
        yield "Who signed: anybody can make a key."
    if not found.signer:
        yield "That it comes from whoever ran the suite."
    if not found.has_exchanges:
        yield "The messages themselves: run.jsonl is not in the bundle, only its hash."
