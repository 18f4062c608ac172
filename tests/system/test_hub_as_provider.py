"""The suite judges the reference hub as a provider: applications that may read a loaded district.

One is a source of the district, which needs no document, the other a vendor's under its POD.
The hub, its commands and the suite run as they do at a district; only the data is synthetic.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import hub_pods, runfile, trees
from fixtures.generate import generate
from fixtures.writers import xpress
from tests.system.processes import ROOT, Processes, free_port
from tests.system.sis import Sis

SECRETS = {"A_SECRET": "reader-secret-1", "B_SECRET": "reader-secret-2", "PYTHONPATH": str(ROOT)}
READERS = {"reader": "A_SECRET", "other": "B_SECRET"}
READ = ("xStudents", "xSchools", "xStaffs", "xRosters", "xCourses", "xLeas", "xCalendars")
GRANTS = (
    *(f"OBJECT {name} QUERY" for name in READ),
    "SERVICEPATH xSchools/{}/xStudents QUERY",
    "UTILITY pods QUERY",
)
FIELDS = (
    *(f"xStudent/{name}" for name in ("@refId", "localId", "name", "demographics", "enrollment")),
    *("xStaff/@refId", "xStaff/name"),
    *("xSchool", "xRoster", "xCourse", "xLea", "xCalendar"),
)
PARTY = "Example Reading App"
TARGET = """
[vendor]
name = "Reference hub"
role = "provider"

[endpoint]
url = "http://127.0.0.1:PORT"

[credentials]
key = "reader"
secret_env = "A_SECRET"

[second]
key = "other"
secret_env = "B_SECRET"

[capabilities]
query = true
paging = true
head = true
where = true
example = true
servicepath = true
changes = true
result = true
etag = true
json = true
pod = UNDER_POD

[offer]
services = SERVICES
denied = "xContacts"
path = "xSchools/{}/xStudents"
largest_page = 1000
earlier = "MARKER"
"""
# The hub offers queues, speaks PESC to this application, and forgets no marker of changes; TLS and
# unusual secrets are those of test_hub_by_tls.
NOT_JUDGED = [
    "basic_secret_of_a_reader_may_hold_a_colon",
    "delayed_reading_without_queues_is_refused",
    "expired_marker_is_410",
    "goessner_json_tells_what_xml_tells",
    "key_of_a_reader_beside_a_bearer_token_is_taken",
    "letters_of_a_reader_beyond_ascii_count",
    "mac_of_a_reader_whose_secret_holds_a_colon_is_verified",
    "provider_has_a_key_that_is_long_enough",
    "provider_is_reached_over_https",
    "provider_refuses_tls_1_0",
    "secret_of_a_reader_does_not_end_at_its_colon",
    "secret_of_a_reader_is_read_as_utf_8",
    "unknown_key_of_a_reader_beside_a_bearer_token_is_refused",
]


@pytest.fixture(scope="module", params=["source", "vendor"])
def verdict(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[runfile.Verdict]:
    """What the suite says of the hub, read by an application of this kind."""
    vendor = request.param == "vendor"
    folder = tmp_path_factory.mktemp("hub-as-provider")
    with Processes(folder, SECRETS) as kit:
        port = free_port()
        kit.start("reference-hub", "serve", "--port", str(port), port=port)
        if vendor:
            register(kit, folder)
        grants = [word for grant in GRANTS for word in ("--grant", grant)]
        for key, secret in READERS.items():
            words = ("--secret-env", secret, "--environment", "DIRECT", "--notation", "pesc")
            acts = ("--vendor", "reading") if vendor and key == "reader" else ()
            kit.run("reference-hub", "app", "add", key, *acts, *words, *grants)
        marker = before(f"http://127.0.0.1:{port}", vendor)
        load(kit, folder)
        text = TARGET.replace("PORT", str(port)).replace("MARKER", marker)
        text = text.replace("UNDER_POD", str(vendor).lower())
        target = folder / "judged.toml"
        target.write_text(text.replace("SERVICES", json.dumps(READ)), "utf-8")
        done = kit.run(
            *["conformance", "run", "--target", str(target), "--seed", "11"],
            *["--out", str(folder / "runs"), "--json"],
            ok=(0, 1, 2),
        )
        directory = Path(json.loads(done.stdout)["directory"])
        yield runfile.read_verdict(directory / "verdict.json")


def register(kit: Processes, folder: Path) -> None:
    """A vendor with a POD for the application `reader`."""
    kit.run("reference-hub", "vendor", "add", "reading", "--party", PARTY)
    entry = hub_pods.Entry(
        FIELDS, app="reader", zone="demo-district", context="DEFAULT", namespace=trees.NA4
    )
    file = folder / "pod.xml"
    file.write_bytes(hub_pods.document(PARTY, entry))
    kit.run("reference-hub", "pod", "import", "reading", str(file))


def before(hub: str, vendor: bool) -> str:
    """The marker of changes while the hub is empty; a vendor reads under its POD."""
    reader = Sis(hub, "reader", SECRETS["A_SECRET"])
    shown = {}
    if vendor:
        pods = trees.parse(reader.send("GET", "pods", serviceType="UTILITY").content)
        shown = {"dataPrivacyMarker": trees.every(pods, "podToken")[0].text or ""}
    return reader.send("HEAD", "xStudents", b"", **shown).headers["changesSinceMarker"]


def load(kit: Processes, folder: Path) -> None:
    """Put a synthetic district into the hub."""
    files = []
    for name, collection in xpress.documents(generate(5, 60, 2)):
        files.append(folder / f"{name}.xml")
        files[-1].write_bytes(xpress.tostring(collection))
    kit.run("reference-hub", "load", "--quiet", *map(str, files))


def with_verdict(verdict: runfile.Verdict, word: str) -> list[str]:
    """The checks that came to this verdict, with their reasons."""
    return [f"{one.id}: {one.reason}" for one in verdict.checks if one.verdict == word]


@pytest.mark.soak
def test_the_hub_fails_no_check_of_a_provider(verdict: runfile.Verdict) -> None:
    assert with_verdict(verdict, runfile.FAIL) == []


@pytest.mark.soak
def test_no_check_of_a_provider_is_left_undecided(verdict: runfile.Verdict) -> None:
    assert with_verdict(verdict, runfile.NOT_VERIFIED) == []
    assert with_verdict(verdict, runfile.OUR_FAULT) == []


@pytest.mark.soak
def test_what_is_not_judged_is_what_the_hub_does_not_do(verdict: runfile.Verdict) -> None:
    left = [line.partition(":")[0] for line in with_verdict(verdict, runfile.NOT_APPLICABLE)]
    assert left == NOT_JUDGED
