"""A vendor of any kind on its whole way: how its product is started, called, and looked into."""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import requests

from conformance.claims import ORDERS
from conformance.cli_tools import PAUSE_SECONDS
from conformance.simulators.consumer.client import Consumer
from conformance.simulators.oneroster_consumer.client import RosterClient
from conformance.simulators.registry import registry
from reference_hub.journeys import console_files
from tests.reference_hub.console.vendor_at_work import KEY, SECRET, Taking, product
from tests.waiting import until

ANSWERED = {"decision": "ACKNOWLEDGED", "name": "Ada Example", "role": "Privacy officer",
            "mail": "ada@reading.example"}  # fmt: skip
NONE = {"users": "", "demographics": "", "method": ""}
PUSH = {"kind": "push"}
FILES = {"kind": "files", "format": "oneroster-1.2-csv", "folder": "files", "method": "",
         "can": ["outcome", "delta"], "results": "results/{name}.json"}  # fmt: skip
EDFI = NONE | {"kind": "edfi", "format": "edfi-5", "district": "255901", "school": "255901001",
               "can": ["delete", "query", "paging", "etag", "contacts", "sections", "order"],
               "organizations": "0947 = 255901\n0005 = 255901001"}  # fmt: skip
PULL = NONE | {"kind": "pull", "format": "sif-xml", "key": "reading", "method": "SIF_HMACSHA256",
               "can": ["environment", "pod", "paging", "events", "receipt", "reject", "changes"],
               "poll_seconds": "1"}  # fmt: skip
ROSTER = NONE | {"kind": "roster", "format": "oneroster-1.2-rest", "key": "reading",
                 "can": ["tokens", "pod", "delta"], "poll_seconds": "1"}  # fmt: skip
Client = Consumer | RosterClient


@dataclass
class Walk:
    """A product of one kind, conforming or with a mistake; `url` where it is called, if it is."""

    taking: Taking
    role: str
    fields: dict[str, object]
    mistake: str = ""
    url: str = ""

    @property
    def comes(self) -> bool:
        """Whether the product calls, and is not called."""
        return self.role in ("consumer", "oneroster-consumer")

    @contextmanager
    def up(self, folder: Path) -> Iterator[None]:
        """The product while it runs: a process where it is called."""
        at = {"receiver": "sif3", "file-receiver": "vendor", "edfi-receiver": "api"}
        if self.comes:
            yield
            return
        with product(
            folder, *filter(None, [self.mistake]), role=self.role, at=at[self.role]
        ) as url:
            self.url = url
            yield

    def made(self, hub: str, key: str) -> Client:
        """The product, pointed to a hub."""
        known = registry(self.role)
        made = (known.find(self.mistake) if self.mistake else known.conforming)(hub, key, SECRET)
        # That of the command; the class itself hurries, where no suite watches pauses.
        made.pause_seconds = PAUSE_SECONDS
        return made

    @contextmanager
    def coming(self, hub: str, key: str = "reading", *, judged: bool = False) -> Iterator[Client]:
        """The product, pointed to a hub, or to the suite that judges it."""
        made = self.made(hub, key)
        beside = Beside(made, self.orders if judged else None)
        beside.start()
        try:
            yield made
        finally:
            beside.stop.set()
            beside.join(30)
            close(made)

    def orders(self) -> list[str]:
        """All that the suite has asked for in the run that goes on, as its page shows it."""
        rows = self.taking.desk.run("SELECT folder FROM console_run WHERE state = 'running'")
        if not rows:
            return []
        place = console_files.folder(self.taking.desk.settings.console, str(rows[0][0]))
        return [line for line in (place / "progress.jsonl").read_text("utf-8").splitlines()
                if line.startswith("[")]  # fmt: skip

    # -- the steps ---------------------------------------------------------------------------

    def connected(self) -> None:
        """Steps 1 to 3."""
        self.taking.enter(also=["organisations"])
        self.taking.connect(self.url, **self.fields)

    def looked(self) -> None:
        """Step 4: the doctor finds the product."""
        assert "can be tested" in self.ran("doctor", {})

    def ran(self, kind: str, fields: dict[str, object], seconds: float = 120.0) -> str:
        """Start doctor or run; one that comes is pointed to where the page says."""
        if not self.comes:
            return self.taking.ran(kind, seconds, **fields)
        self.taking.press(f"start/{kind}", kind, **fields)
        page = f"{self.taking.at}/{kind}"
        where = re.compile(r"\(hub: (http://[\w.:/-]+)")
        until(lambda: where.search(self.taking.web.get(page).text) is not None)
        found = where.search(self.taking.web.get(page).text)
        assert found
        with self.coming(found[1], judged=True):
            until(lambda: self.taking.state(kind) != "running", seconds)
        return self.taking.web.get(page).text

    def tried(self) -> None:
        """Step 5: twelve students who do not exist reach the product."""
        self.taking.press("deliver", "sandbox")
        if self.comes:
            key = f"{self.fields['key']}-sandbox"
            with self.coming(self.taking.desk.base, key) as made:
                until(lambda: len(held(made)) > 9)
        else:
            until(lambda: "Delivered</dt><dd>0" not in self.page("sandbox"))
            until(lambda: "On the way</dt><dd>0" in self.page("sandbox"))
        assert 'class="done"' in self.step("Made-up students")

    def judged(self, seconds: float = 1500.0) -> str:
        """Steps 6 and 7: the outcome of the run, once its summary could be opened. Of a product
        that comes only a first look: a whole run asks for two hundred visits, in half an hour."""
        self.ran("run", {"quick": "yes"} if self.comes else {}, seconds)
        [(told, number)] = self.taking.desk.run(
            "SELECT result, id FROM console_run WHERE kind = 'run' ORDER BY id DESC LIMIT 1"
        )
        assert isinstance(told, dict)
        summary = self.taking.web.get(f"/runs/{number}/pages/summary.html")
        assert summary.status_code == 200, told
        assert "Reading App" in summary.text
        return str(told["outcome"])

    def decided(self, verdict: str) -> None:
        """Step 8."""
        self.taking.press("decision", "decision", verdict=verdict, conditions="As the run says.")

    def accepted(self) -> None:
        """Step 9, first half: the document goes out and is acknowledged."""
        self.taking.press("publish", "data")
        if self.role == "consumer":
            with self.coming(self.taking.desk.base):
                until(self.is_accepted)
        elif self.role != "receiver":
            found = re.search(r"/privacy/acknowledge/[^<]+", self.page("data"))
            assert found
            assert requests.post(self.taking.desk.base + found[0], data=ANSWERED).ok
        until(self.is_accepted)

    def is_accepted(self) -> bool:
        """Whether the page shows the acknowledgement."""
        return "has not acknowledged" not in self.page("data")

    def page(self, step: str) -> str:
        """The page of a step."""
        return self.taking.web.get(f"{self.taking.at}/{step}").text

    def step(self, title: str) -> str:
        """The line of a step in the list of all steps."""
        return next(one for one in self.page("preview").splitlines() if f">{title}<" in one)

    # -- what the product has ----------------------------------------------------------------

    def reached_by(self, names: set[str]) -> None:
        """Wait until the product has students of these family names."""
        if not self.comes:
            until(lambda: self.shown() >= names)
            return
        with self.coming(self.taking.desk.base) as made:
            until(lambda: held(made) >= names)

    def has(self) -> set[str]:
        """The family names of students that the product has now, or gets when it comes once."""
        if not self.comes:
            return self.shown()
        made = self.made(self.taking.desk.base, "reading")
        try:
            made.synchronise()
            return held(made)
        finally:
            close(made)

    def shown(self) -> set[str]:
        """The family names of students that a product that is called shows."""
        if self.role == "edfi-receiver":
            token = requests.post(f"{self.url}/oauth/token", auth=(KEY, SECRET),
                                  data={"grant_type": "client_credentials"}).json()  # fmt: skip
            lines = {"Authorization": f"Bearer {token['access_token']}"}
            listed = requests.get(f"{self.url}/data/v3/ed-fi/students?limit=500", headers=lines)
            return {one["lastSurname"] for one in listed.json()}
        text = requests.get(f"{self.url}/export/users.csv", auth=(KEY, SECRET)).text
        return {row["familyName"] for row in csv.DictReader(io.StringIO(text))}


def held(client: Client) -> set[str]:
    """The family names of students that a product that comes has."""
    if isinstance(client, Consumer):
        texts = (one.findtext("{*}name/{*}familyName") for one in client.store.held.values())
        return {text for text in texts if text}
    return {str(one["familyName"]) for one in client.store.objects.get("users", {}).values()}


def close(client: Client) -> None:
    """Close the sockets of a client."""
    (client.link if isinstance(client, Consumer) else client).close()


class Beside(threading.Thread):
    """At the suite: does at the product what the page asks for, once each. At the hub, with no
    `orders`, the product comes by itself."""

    def __init__(self, client: Client, orders: Callable[[], list[str]] | None) -> None:
        super().__init__(daemon=True)
        self.client, self.orders = client, orders
        self.stop = threading.Event()
        self.seen = 0

    def run(self) -> None:
        """Until it is stopped."""
        while not self.stop.wait(0.3):
            told = self.orders()[self.seen :] if self.orders else [""]
            self.seen += len(told)
            try:
                for line in told[-1:]:
                    self.act(line)
            except (OSError, HTTPException):
                continue

    def act(self, line: str) -> None:
        """What a line asks for."""
        found = next((name for name, words in ORDERS.items() if words in line), "synchronise")
        getattr(self.client, found)()


KINDS: dict[str, tuple[str, dict[str, object], str]] = {
    "push": ("receiver", PUSH, "CreateAnswers200"),
    "files": ("file-receiver", FILES, "LosesTheMiddleName"),
    "edfi": ("edfi-receiver", EDFI, "CreateAnswers200"),
    "roster": ("oneroster-consumer", ROSTER, "AsksAfterTheEnd"),
    "pull": ("consumer", PULL, "AsksBehindTheEnd"),
}


def walk(taking: Taking, kind: str, *, faulty: bool = False) -> Walk:
    """The walk of a kind of vendor."""
    role, fields, mistake = KINDS[kind]
    return Walk(taking, role, dict(fields), mistake if faulty else "")
