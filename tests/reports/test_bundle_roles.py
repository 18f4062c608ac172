"""Redaction proven for every role: whole runs of a product that conforms and of one that tells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance import bundle, bundle_scan, runfile
from conformance.bundle_archive import packed, unpacked
from conformance.claims import ROLES
from conformance.cli_bundle import views
from conformance.evidence import Evidence
from conformance.wire import Capture
from tests.conformance.products import running

pytestmark = pytest.mark.soak

SEED = 2033
# Products that quote what they got or what they were trusted with, each wherever its role can.
TELLTALES = {
    "receiver": ("ErrorQuotesTheStudent", "LeaksInBase64", "QuotesWhatItCannotRead",
                 "ShowsNamesSwapped", "EchoesTheUserToken", "TokenTellsTheSecret"),
    "provider": ("QuotesTheQuery", "HandsTheUserTokenBack", "WrapsTheSecretIntoTheToken",
                 "FingerprintTellsTheKey", "SaysLatin1"),
    "consumer": ("PutsTheSecretIntoTheAddress", "SaysLatin1", "TellsTheSameAgain"),
    "broker": ("NamesAStudentInThePod", "NamesTheRefusedStudent", "NamesAStudentInThePurpose",
               "LinksWithTheToken", "NotesTokens"),
    "publisher": ("PutsTheSecretIntoTheEnvironment", "PutsTheSecretIntoTheAddress", "SaysLatin1"),
    "file-receiver": ("QuotesTheRow", "ShowsEveryFolder", "TellsTheWrongKey",
                      "ShowsResultsToAnyCustomer"),
    "oneroster-consumer": ("SecretInTheAddress", "TokenInTheAddress", "WritesNamesInCapitals"),
    "oneroster-provider": ("TellsPasswords", "TellsCredentials", "IdsHoldFamilyNames"),
    "edfi-receiver": ("NamesTheStudent", "LocationTellsTheName"),
}  # fmt: skip
# What stands on the wire as a secret, told without the help of what redacts it.
_TOKENS = re.compile(
    rb"<sessionToken>([^<]{8,})|\"(?:access_token|sessionToken|password)\"\s*:\s*\"([^\"]{8,})"
    rb"|(?:access_token|userToken)=([\w%.+/-]{8,})"
)


class _Seen:
    """The bytes of a run as they went over the wire."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.parts: list[bytes] = []
        plain, parts = Evidence.record, self.parts

        def record(evidence: Evidence, capture: Capture) -> int:
            parts.extend((capture.sent, capture.body, capture.head, capture.decoded))
            return plain(evidence, capture)

        patch.setattr(Evidence, "record", record)

    def secrets(self, told: list[str]) -> set[str]:
        """The secrets of the target that were told, and every token that was sent."""
        found = {group for part in self.parts for one in _TOKENS.findall(part) for group in one}
        return {one.decode("latin-1") for one in found if one} | set(filter(None, told))


@pytest.mark.parametrize("faulty", [False, True], ids=["conforming", "telltale"])
@pytest.mark.parametrize("role", ROLES)
def test_the_bundle_of_a_whole_run_shows_no_person_and_no_secret(
    role: str, faulty: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = _Seen(monkeypatch)
    with running(role, TELLTALES[role] if faulty else ()) as up:
        outcome = up.judged(seed=SEED, out=tmp_path, tier="full")
        secrets = seen.secrets([up.config.secret, up.config.second_secret])
    assert outcome.directory is not None
    files = unpacked(packed(bundle.bundle(outcome.directory, views(outcome.directory),
                                          exchanges=True)))  # fmt: skip
    assert bundle_scan.leaks(files, SEED, secrets) == []
    wire = {"wire": b"\n".join(seen.parts)}
    assert len(bundle_scan.leaks(wire, SEED, secrets, most=500)) > 100
    verdicts = [one.verdict for one in outcome.verdict.checks]
    assert runfile.FAIL in verdicts or not faulty
    # A product that is found out at the door would show nothing.
    assert verdicts.count(runfile.NOT_VERIFIED) * 10 < len(verdicts)
