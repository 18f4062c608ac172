"""The suite judges the reference hub behind its own certificate, with secrets that are unusual."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance import runfile
from fixtures.generate import generate
from fixtures.writers import xpress
from tests.reference_hub.operating.certificates import issue
from tests.system.processes import ROOT, Processes, free_port

ASKED = ("INF-TRN-001", "INF-TRN-005", "INF-AUT-003", "INF-AUT-024", "NEG-008")
READERS = {"reader": "A_SECRET", "colon": "C_SECRET", "letters": "L_SECRET"}
SECRETS = {
    "A_SECRET": "reader-secret-1",
    "C_SECRET": "open:sesame:and-more",
    "L_SECRET": "schlüssel-ñandú-řeka",
    "PYTHONPATH": str(ROOT),
}
TARGET = """
[vendor]
name = "Reference hub"
role = "provider"

[endpoint]
url = "https://localhost:{port}"
ca_file = "{issuer}"

[credentials]
key = "reader"
secret_env = "A_SECRET"

[secret_with_colon]
key = "colon"
secret_env = "C_SECRET"

[secret_with_letters]
key = "letters"
secret_env = "L_SECRET"

[capabilities]
query = true
paging = true

[offer]
services = ["xStudents"]
"""


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> runfile.Verdict:
    """What the suite says of the hub about TLS and secrets."""
    folder = tmp_path_factory.mktemp("hub-by-tls")
    pair = issue(folder, "hub")
    protected = {
        "HUB_SERVER_CERTIFICATE": str(pair.certificate),
        "HUB_SERVER_PRIVATE_KEY": str(pair.private_key),
    }
    with Processes(folder, SECRETS | protected) as kit:
        port = free_port()
        kit.start("reference-hub", "serve", "--port", str(port), port=port)
        for key, secret in READERS.items():
            words = ("--secret-env", secret, "--environment", "DIRECT")
            kit.run("reference-hub", "app", "add", key, *words, "--grant", "OBJECT xStudents QUERY")
        students = folder / "students.xml"
        students.write_bytes(
            xpress.tostring(dict(xpress.documents(generate(5, 10, 1)))["xStudents"])
        )
        kit.run("reference-hub", "load", "--quiet", str(students))
        target = folder / "judged.toml"
        target.write_text(TARGET.format(port=port, issuer=pair.certificate), "utf-8")
        only = [word for row in ASKED for word in ("--only", row)]
        done = kit.run(
            *["conformance", "run", "--target", str(target), "--seed", "11", *only],
            *["--out", str(folder / "runs"), "--json"],
            ok=(0, 1, 2),
        )
        directory = Path(json.loads(done.stdout)["directory"])
        return runfile.read_verdict(directory / "verdict.json")


@pytest.mark.soak
def test_the_hub_is_reached_by_tls_of_today_and_by_unusual_secrets(
    verdict: runfile.Verdict,
) -> None:
    left = [f"{one.id}: {one.reason}" for one in verdict.checks if one.verdict != runfile.PASS]
    assert left == []
    assert sorted(one.id for one in verdict.requirements) == sorted(ASKED)
