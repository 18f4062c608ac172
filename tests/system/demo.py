"""`make demo`: a district, a hub, two vendors, and the suite that tells them apart.

Ends with 0 exactly when the conforming vendor conforms and the careless one is caught on all
three of its faults. With KEEP=1 everything goes on running until Ctrl-C, and the district's console
can be opened.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from lxml import etree
from rich.console import Console
from rich.table import Table

from conformance import runfile
from fixtures.generate import generate
from fixtures.writers import xpress
from tests.system.processes import Processes, StartError, free_port
from tests.system.puller import Puller
from tests.system.sis import Sis

SEED = 2027
STUDENTS = 300
ROOT = Path(__file__).parents[2]
RUNS = ROOT / "reports" / "runs"

# The careless vendor's three faults, and the requirement each must be caught by.
FAULTS = {
    "StoresInvalidStudents": "INF-CRE-008",
    "DropsMiddleNames": "TRN-LR-05",
    "NeedsNoMarker": "POD-GATE-002",
}


@dataclass(frozen=True, slots=True)
class VendorUnderTest:
    """One simulated vendor: its name at the hub, party in the agreement, port and faults."""

    name: str
    party: str
    port: int
    mutants: tuple[str, ...]

    @property
    def url(self) -> str:
        """Base URL of its SIF end point."""
        return f"http://127.0.0.1:{self.port}/sif3"


class Story:
    """Tells on the screen what happens, with the seconds each step took."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)
        self.began = time.monotonic()

    @contextmanager
    def step(self, text: str) -> Iterator[Callable[[str], None]]:
        """One step; the yielded function says how it went."""
        result: list[str] = []
        began = time.monotonic()
        with self.console.status(text):
            yield result.append
        seconds = time.monotonic() - began
        self.console.print(f"[green]✓[/] {text} [dim]({seconds:.1f} s)[/] {''.join(result)}")


def register(kit: Processes, hub: list[str], vendors: list[VendorUnderTest]) -> None:
    """Register the SIS and both vendors, each with two connections and its POD."""
    kit.run(*hub, "app", "add", "district-sis", "--secret-env", "SIS_SECRET")
    for vendor in vendors:
        kit.run(*hub, "vendor", "add", vendor.name, "--party", vendor.party)
        for form, objects in (
            ("sif-xml", "xStudent"),
            ("oneroster-1.2-csv", "xLea,xSchool,xStudent"),
        ):
            kit.run(
                *[*hub, "vendor", "connect", vendor.name, "--format", form],
                *["--url", vendor.url if form == "sif-xml" else f"{vendor.url}/files"],
                *["--key", "demo-vendor", "--secret-env", "VENDOR_SECRET", "--objects", objects],
            )
        kit.run(*hub, "pod", "issue", vendor.name, "--agreement", "reading-app")


def publish(address: str, secret: str) -> str:
    """Post the whole district as the SIS would; returns what was posted."""
    sis = Sis(address, "district-sis", secret)
    counts = {
        name: sum(sis.publish(collection))
        for name, collection in xpress.documents(generate(SEED, STUDENTS))
    }
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def wait_for_delivery(kit: Processes, hub: list[str]) -> str:
    """Wait until nothing is open at the hub; returns the settled counts, or what is stuck."""
    deadline = time.monotonic() + 30
    while True:
        rows = json.loads(kit.run(*hub, "deliveries", "--json").stdout)
        open_rows = [row for row in rows if row["state"] in ("waiting", "leased", "held")]
        if rows and not open_rows:
            return ", ".join(f"{row['connection']} {row['messages']} {row['kind']}" for row in rows)
        if time.monotonic() > deadline:
            raise StartError(f"After 30 s the hub still has {open_rows}")
        time.sleep(0.2)


def join(kit: Processes, hub: list[str], address: str, vendor: VendorUnderTest) -> Puller:
    """Let a product of the vendor open an environment and subscribe to students."""
    key, secret = f"{vendor.name}-portal", "VENDOR_SECRET"
    kit.run(*hub, "app", "add", key, "--vendor", vendor.name, "--secret-env", secret)
    return Puller(address, key, kit.environ[secret])


def pulled(portal: Puller) -> str:
    """What the queue gives without the POD's token, and with it."""
    refused = portal.send("GET", f"/queues/{portal.queue}/messages").status_code
    events = [etree.fromstring(each.content) for each in portal.events(portal.marker())]
    students = [student for event in events for student in event]
    fields = sorted({etree.QName(each).localname for student in students for each in student})
    return f"{refused} without its token, then {len(students)} students with {', '.join(fields)}"


def arrived(vendor: VendorUnderTest) -> int:
    """How many students the vendor holds in its own form."""
    answer = requests.get(
        f"{vendor.url}/export/users.csv", auth=("demo-vendor", "demo-secret-1"), timeout=10
    )
    answer.raise_for_status()
    return len(answer.text.strip().splitlines()) - 1


def judge(kit: Processes, vendor: VendorUnderTest) -> tuple[Path, int]:
    """Run the suite against a vendor; returns the run directory and the exit code."""
    target = kit.folder / f"{vendor.name}.toml"
    kit.run("conformance", "init", str(target))
    text = target.read_text("utf-8")
    for ours, theirs in (
        ("http://127.0.0.1:8090/sif3", vendor.url),
        ('name = "Example Reading App"', f'name = "{vendor.party}"'),
        ('product = "Reading App"', f'product = "{vendor.party}"'),
    ):
        text = text.replace(ours, theirs)
    target.write_text(text, "utf-8")
    done = kit.run(
        *["conformance", "run", "--target", str(target), "--seed", str(SEED)],
        *["--out", str(RUNS), "--json"],
        ok=(0, 1),
    )
    return Path(json.loads(done.stdout)["directory"]), done.returncode


def failed(directory: Path) -> set[str]:
    """The requirements a run found broken."""
    verdict = runfile.read_verdict(directory / "verdict.json")
    return {each.id for each in verdict.requirements if each.verdict == runfile.FAIL}


def tell(story: Story, results: dict[VendorUnderTest, tuple[Path, int]]) -> bool:
    """Print the table; True when the good vendor conforms and each fault was caught."""
    table = Table("vendor", "verdict", "requirements failed", title="The suite's verdict")
    reports, good = [], True
    for vendor, (directory, code) in results.items():
        broken = failed(directory)
        wanted = {FAULTS[name] for name in vendor.mutants}
        good = good and (code == 1 if wanted else code == 0) and wanted <= broken
        reports.append(f"{vendor.party}: {(directory / 'report.html').relative_to(ROOT)}")
        word = "conforms" if code == 0 else "does not conform"
        table.add_row(vendor.party, word, ", ".join(sorted(broken)) or "none")
    story.console.print(table)
    story.console.print("Open in a browser:", *reports, sep="\n  ", soft_wrap=True)
    return good


def play(story: Story, kit: Processes, port: int) -> bool:
    """The whole story, step by step, with the hub on this port."""
    address = f"http://127.0.0.1:{port}"
    hub = ["reference-hub"]
    good = VendorUnderTest("reading", "Example Reading App", free_port(), ())
    careless = VendorUnderTest("maths", "Careless Maths App", free_port(), tuple(FAULTS))
    vendors = [good, careless]
    with story.step("Start the hub on embedded PostgreSQL, and two vendors"):
        kit.start(*hub, "serve", "--port", str(port), port=port)
        for vendor in vendors:
            flags = [word for name in vendor.mutants for word in ("--mutant", name)]
            kit.start(
                *["conformance", "simulate", "--role", "receiver", "--port", str(vendor.port)],
                *["--party", vendor.party, *flags],
                port=vendor.port,
            )
    with story.step("Register the SIS, the vendors and their PODs"):
        register(kit, hub, vendors)
    portal = join(kit, hub, address, good)
    with story.step(f"Post a district of {STUDENTS} students as the SIS would") as say:
        say(publish(address, kit.environ["SIS_SECRET"]))
    with story.step("Deliver: POD first, then filtered SIF and a OneRoster zip") as say:
        kit.start(*hub, "work")
        say(wait_for_delivery(kit, hub))
    with story.step("Pull the same from a queue, as a consumer with a POD") as say:
        say(pulled(portal))
    with story.step("Ask the vendors what they hold") as say:
        say(", ".join(f"{vendor.name} {arrived(vendor)} students" for vendor in vendors))
    with story.step("Run the suite against both"), ThreadPoolExecutor() as pool:
        results = dict(zip(vendors, pool.map(lambda each: judge(kit, each), vendors), strict=True))
    return tell(story, results)


def keep(story: Story, kit: Processes, port: int) -> None:
    """Make an account for the console and wait until somebody has looked around."""
    kit.environ["CONSOLE_PASSWORD"] = password = secrets.token_urlsafe(12)
    words = ("console", "account", "add", "demo", "--role", "admin")
    kit.run("reference-hub", *words, "--password-env", "CONSOLE_PASSWORD")
    address = f"http://127.0.0.1:{port}/console/"
    story.console.print(
        f"The district's console: {address}", f"Sign in as demo, password {password}",
        "Ctrl-C ends it all.", sep="\n  ", soft_wrap=True, highlight=False,
    )  # fmt: skip
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        story.console.print("Stopped.")


def main() -> int:
    """Play the story in a fresh folder; the exit code says whether it ended as it must."""
    # Whoever ends the demo by its id ends what it started too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    story = Story()
    environ = {"SIS_SECRET": "sis-secret-1", "VENDOR_SECRET": "demo-secret-1"}
    environ["CONFORMANCE_SECRET"] = environ["VENDOR_SECRET"]
    environ["PYTHONWARNINGS"] = os.environ.get("PYTHONWARNINGS", "")
    with (
        tempfile.TemporaryDirectory(prefix="sif-demo-") as folder,
        Processes(Path(folder), environ) as kit,
    ):
        try:
            port = free_port()
            good = play(story, kit, port)
            if os.environ.get("KEEP"):
                keep(story, kit, port)
        except (StartError, requests.RequestException) as error:
            story.console.print(f"[red]The demo stopped:[/] {error}")
            return 1
    seconds = time.monotonic() - story.began
    word = "as it must" if good else "[red]not[/] as it must"
    story.console.print(f"The story ended {word}, after {seconds:.0f} s.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
