"""The reference hub, judged by the suite as a broker: processes, commands and sockets are real."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.reference_hub.operating.certificates import issue
from tests.system.processes import ROOT, Processes, free_port

SEED = 11
SECRETS = {
    "A_SECRET": "vendor-secret-1",
    "B_SECRET": "vendor-secret-2",
    "PYTHONPATH": str(ROOT),
    "HUB_QUEUES_MIN_WAIT_SECONDS": "0",
}
VENDORS = {
    "reading": ("Example Reading App", "A_SECRET"),
    "maths": ("Example Maths App", "B_SECRET"),
}
# What an application of a vendor may do by default, and updates of students.
GRANTS = (
    "OBJECT xStudents QUERY,SUBSCRIBE,UPDATE",
    *(f"OBJECT {name} QUERY,SUBSCRIBE" for name in ("xSchools", "xStaffs", "xContacts")),
    "OBJECT StudentPersonals QUERY,SUBSCRIBE",
    "SERVICEPATH xSchools/{}/xStudents QUERY",
    "UTILITY pods QUERY,SUBSCRIBE",
)
TARGET = """
[vendor]
name = "Example Reading App"
role = "broker"

[endpoint]
url = "https://localhost:{port}"
ca_file = "{issuer}"

[credentials]
key = "reading-portal"
secret_env = "A_SECRET"

[second]
name = "Example Maths App"
key = "maths-portal"
secret_env = "B_SECRET"

[capabilities]
query = true
paging = true
head = true
pod = true
update = true
delete = true
markers = true
queue = true
example = true
where = true
servicepath = true
changes = true
json = true
receipt = true
persons = true

[operator]
vendor = "reading"
second = "maths"
url = "http://127.0.0.1:{operator}"
settle_seconds = 5.0
"""


def judge_hub(folder: Path, *options: str) -> Path:
    """Judge a hub served by TLS from this folder with these options; the folder of the run."""
    pair = issue(folder, "hub")
    protected = {
        "HUB_SERVER_CERTIFICATE": str(pair.certificate),
        "HUB_SERVER_PRIVATE_KEY": str(pair.private_key),
    }
    with Processes(folder, SECRETS | protected) as kit:
        port = free_port()
        kit.start("reference-hub", "serve", "--port", str(port), *options, port=port)
        for name, (party, secret) in VENDORS.items():
            kit.run("reference-hub", "vendor", "add", name, "--party", party)
            words = ("--vendor", name, "--secret-env", secret, "--notation", "pesc")
            grants = [word for grant in GRANTS for word in ("--grant", grant)]
            kit.run("reference-hub", "app", "add", f"{name}-portal", *words, *grants)
        target = folder / "judged.toml"
        told = {"port": port, "issuer": pair.certificate, "operator": _operate(kit)}
        target.write_text(TARGET.format(**told), "utf-8")
        done = kit.run(
            *["conformance", "run", "--target", str(target), "--seed", str(SEED)],
            *["--out", str(folder / "runs"), "--json"],
            ok=(0, 1, 2),
        )
        return Path(json.loads(done.stdout)["directory"])


def _operate(kit: Processes) -> int:
    """Start the operator in the folder of the hub; gives its port."""
    port = free_port()
    command = ("-m", "tests.system.hub_operator", str(port))
    kit.start(Path(sys.executable).name, *command, port=port)
    return port
