"""Read what the vendor stored in the vendor's own form, as rows of OneRoster 1.2 CSV."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlencode

from lxml import etree

from conformance import auth, readback_edfi, readback_forms, readback_rest, trees
from conformance.evidence import Evidence
from conformance.problems import NotApplicable, NotVerified
from conformance.readback_forms import Row, Table
from conformance.reply import Reply, read_json
from conformance.roles import Tell, silent
from conformance.target import TargetConfig
from conformance.trees import folded
from conformance.wire import Wire

Rows = dict[str, Row]
POLL_SECONDS = 0.1
FORMS: Mapping[str, Table] = {
    "csv": readback_forms.csv_files,
    "zip": readback_forms.zipped,
    "rest": readback_rest.table,
    "edfi": readback_edfi.table,
    "flat": readback_forms.flat,
    "folder": readback_forms.from_folder,
}
# Forms without a place for the id of a person; who it is, the local id tells.
TABLES = ("users", "demographics", "roles")
ROSTER_FORMS = ("csv", "zip", "folder", "rest")
WITHOUT_IDS = ("edfi", "flat")


class ReadBack:
    """Fetches the exports, signed Basic with the application key and secret, or with a token.

    `people` are the ids by local id of those who were sent in this run.
    """

    def __init__(
        self,
        wire: Wire,
        config: TargetConfig,
        people: dict[str, str] | None = None,
        evidence: Evidence | None = None,
        tell: Tell = silent,
    ) -> None:
        if "readback" not in config.capabilities:
            raise NotApplicable("the target declares no readback")
        self._wire = wire
        self.config = config
        self._people = {} if people is None else people
        self.evidence = evidence or Evidence()
        self._tell = tell
        self._token = ""
        self.told = config.readback
        self.folder = Path(config.path).parent
        self.since = time.time()
        self.last: Reply | None = None

    def users(self) -> Rows:
        """Rows of users by folded id."""
        return self._rows("users")

    def demographics(self) -> Rows:
        """Rows of demographics by folded id."""
        return self._rows("demographics")

    def table(self, name: str) -> list[Row]:
        """All rows of `users`, `demographics` or `roles`, as the form shows them.

        OneRoster has other tables as well; NotVerified where the form has none such.
        """
        if name not in TABLES and self.told.form == "edfi":
            raise NotApplicable(f"{name} of OneRoster are not what Ed-Fi shows")
        if name not in TABLES and self.told.form not in ROSTER_FORMS:
            raise NotVerified(f"the read back of form {self.told.form} shows no {name}")
        return FORMS[self.told.form](self, name)

    def roles_of(self, refid: str) -> list[Row]:
        """The active roles of one student; none if the target shows none."""
        self.must_see("roles")
        key = folded(refid)
        return [
            row
            for row in self.table("roles")
            if folded(row.get("userSourcedId", "")) == key
            and row.get("status", "").lower() != "tobedeleted"
        ]

    def know(self, student: etree._Element) -> None:
        """Learn under which local id a student is to be found from now on.

        NotApplicable if it has none and the form has no place for other ids.
        """
        if self.told.form in WITHOUT_IDS and not trees.text(student, "localId"):
            raise NotApplicable(f"the form {self.told.form} tells nobody without a local id")
        introduce(self._people, student)

    def sees(self, field: str) -> bool:
        """Whether the form shows a field such as `users.givenName` at all."""
        if field == "roles":
            return self.told.form not in WITHOUT_IDS
        if self.told.form == "edfi":
            return field in readback_edfi.SEEN
        column = field.partition(".")[2]
        local = column == "userIds" and "identifier" in self.told.columns
        return self.told.form != "flat" or column in self.told.columns or local

    def has_place(self, field: str) -> bool:
        """Whether the standard of the form has a place for a field at all."""
        return self.told.form != "edfi" or field not in readback_edfi.NO_PLACE

    def must_see(self, *fields: str) -> None:
        """Raise for the first field that the form does not show.

        NotApplicable where the form has no place for it at all, else NotVerified.
        """
        for field in fields:
            if not self.has_place(field):
                raise NotApplicable(f"the form edfi has no place for {field}")
            if not self.sees(field):
                raise NotVerified(f"the read back of form {self.told.form} does not show {field}")

    def user(self, refid: str) -> Row:
        """The row of one student in users, waited for; empty if it does not come."""
        return self.wait(lambda: self.users().get(folded(refid), {}))

    def demographic(self, refid: str) -> Row:
        """The row of one student in demographics, waited for; empty if it does not come."""
        return self.wait(lambda: self.demographics().get(folded(refid), {}))

    def wait(self, look: Callable[[], Row]) -> Row:
        """Look until something is there or `[readback] wait_seconds` are over."""
        deadline = time.monotonic() + self.told.wait_seconds
        while not (found := look()) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        return found

    def settle(self) -> None:
        """Give an asynchronous vendor its `wait_seconds` before absence is claimed."""
        time.sleep(self.told.wait_seconds)

    def renew(self) -> None:
        """Have the export made anew: by waiting, or by a person who puts files into a folder."""
        if self.told.form != "folder":
            self.settle()
            return
        self.since = time.time()
        named = (readback_forms.file_of(self, name) for name in ("users", "demographics", "roles"))
        files = [file for file in named if file is not None]
        listed = ", ".join(file.name for file in files)
        wait = self.told.wait_seconds
        self._tell(f"Export {listed} into {files[0].parent} now; the suite waits {wait:g} s.")
        deadline = time.monotonic() + wait
        while not all(readback_forms.is_fresh(self, file) for file in files):
            if time.monotonic() > deadline:
                raise NotVerified(f"within {wait:g} s nobody put {listed} into the folder")
            time.sleep(POLL_SECONDS)

    def fetch(self, path: str, accept: str = "text/csv") -> Reply:
        """GET one address; raises NotVerified if it is refused."""
        headers = self._signed() | {"Accept": accept}
        url = self.config.url(path)
        self.last = self._wire.send("GET", url, headers, named=path.partition("?")[0])
        if self.last.status not in (200, 204):
            raise NotVerified(
                f"the readback {self.last.request} answered {self.last.status}"
                f" (exchange {self.last.exchange})"
            )
        return self.last

    def _signed(self) -> dict[str, str]:
        who = self.config.credentials
        basic = auth.sign(auth.BASIC, who.key, self.config.secret).headers
        if not self.told.token_url:
            return dict(basic)
        if not self._token:
            headers = basic | {"Content-Type": "application/x-www-form-urlencoded"}
            body = urlencode({"grant_type": "client_credentials"}).encode()
            url = self.config.url(self.told.token_url)
            reply = self._wire.send("POST", url, headers, body, named=self.told.token_url)
            self._token = self._granted(reply)
        return {"Authorization": f"Bearer {self._token}"}

    def _granted(self, reply: Reply) -> str:
        try:
            token = str(read_json(reply.body)["access_token"]) if reply.ok else ""
        except (ValueError, KeyError, TypeError):
            token = ""
        if not token:
            raise NotVerified(
                f"the readback gave no token: {reply.request} answered {reply.status}"
                f" (exchange {reply.exchange})"
            )
        self.evidence.secret(token)
        return token

    def _rows(self, name: str) -> Rows:
        if self.told.form not in WITHOUT_IDS:
            return {folded(row.get("sourcedId", "")): row for row in self.table(name)}
        rows = self.table(name)
        return {folded(self._people.get(row.get("identifier", ""), "")): row for row in rows}


def introduce(people: dict[str, str], student: etree._Element) -> None:
    """Remember under which local id a student is known where no RefId has a place."""
    local = trees.text(student, "localId")
    if local:
        people[local] = trees.refid(student)
