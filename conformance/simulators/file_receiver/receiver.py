"""The conforming product: files by PUT or POST and by SFTP, results and exports by GET.

Every behaviour is one method, so that a mutant is this class with one method changed.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from conformance.simulators.file_receiver.keeping import APPLIED, REFUSED, Keeping, Result
from conformance.simulators.file_receiver.lines import Row
from conformance.simulators.file_receiver.sftp import SftpFace
from conformance.simulators.message import Request, Response, read_request, send
from conformance.simulators.problems import Refusal
from fixtures.writers.oneroster.columns import COLUMNS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

JSON, CSV = "application/json", "text/csv; charset=utf-8"
TYPES = {"zip": ("application/zip", "application/x-zip-compressed"), "csv": ("text/csv",)}


class FileReceiver(Keeping):
    """A product that takes files; `sftp` is its other face, which `open` starts."""

    breaks: ClassVar[tuple[str, ...]] = ()
    also: ClassVar[tuple[str, ...]] = ()
    special: ClassVar[bool] = False
    base = "/vendor"
    party = "Example Reading App"

    def __init__(
        self, *, secret: str | None = None, key: str = "demo-vendor", other: str = "demo-secret-2"
    ) -> None:
        super().__init__()
        self.key = key
        self.secret = secret or os.environ.get("SIMULATOR_SECRET") or "demo-secret-1"
        self.logins = {key: self.secret, "demo-other": other}

    def doors(self, port: int = 0) -> SftpFace:
        """Start the SFTP face; whoever asks closes it."""
        return SftpFace(self, port)

    # -- HTTP --------------------------------------------------------------------------------

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI entry."""
        try:
            request = read_request(environ)
            self.check_whole(request)
            response = self.route(request)
        except Refusal as refusal:
            headers = (("WWW-Authenticate", "Basic"),) if refusal.status == 401 else ()
            response = Response(refusal.status, refusal.message.encode(), "text/plain", headers)
        except Exception:  # a defect of ours must not tear the connection down
            response = Response(500, b"Something broke here.", "text/plain")
        return send(response, environ["REQUEST_METHOD"], start_response)

    def check_whole(self, request: Request) -> None:
        """Refuse a body that is shorter than was announced."""
        if int(request.header("content-length") or 0) != len(request.body):
            raise Refusal(400, "The body is shorter than its Content-Length.")

    def route(self, request: Request) -> Response:
        """Find what stands at a path."""
        who = self.authenticate(request)
        match request.method, request.segments[1:]:
            case "PUT" | "POST", ("files", name):
                return self.take_upload(request, name, who)
            case "GET" | "HEAD", ("results", name):
                return self.show_result(name.removesuffix(".json"), who)
            case "GET" | "HEAD", ("export", name) if name.removesuffix(".csv") in COLUMNS:
                return self.export(name.removesuffix(".csv"))
        raise Refusal(404, "Nothing stands here.")

    def authenticate(self, request: Request) -> str:
        """The key of whoever asks; anybody else is 401."""
        method, _, proof = (request.header("authorization") or "").partition(" ")
        try:
            user, _, secret = base64.b64decode(proof).decode().partition(":")
        except ValueError:
            user = secret = ""
        if method != "Basic" or not self.lets_in(user, secret):
            raise Refusal(401, "Key or secret are not known.")
        return user

    def lets_in(self, user: str, secret: str) -> bool:
        """Whether a secret is that of a user."""
        return bool(secret) and self.logins.get(user) == secret

    def take_upload(self, request: Request, name: str, who: str) -> Response:
        """Take a file: 201, or 422 with what is wrong."""
        self.check_type(request, name)
        self.check_digest(request)
        result = self.receive(self.named(name, who), request.body)
        status = self.status_of(result)
        return Response(status, self.kept.results[self.named(name, who)], JSON)

    def named(self, name: str, who: str) -> str:
        """The name of a delivery: those of others are apart."""
        return name if who == self.key else f"{who}/{name}"

    def check_type(self, request: Request, name: str) -> None:
        """Refuse what says of itself that it is something else."""
        told = (request.header("content-type") or "").partition(";")[0].strip().lower()
        if told not in TYPES.get(name.rpartition(".")[2], ()):
            raise Refusal(415, "A file is application/zip or text/csv.")

    def check_digest(self, request: Request) -> None:
        """Refuse a body that its Content-Digest does not fit (RFC 9530)."""
        told = request.header("content-digest")
        real = base64.b64encode(hashlib.sha256(request.body).digest()).decode()
        if told is not None and told != f"sha-256=:{real}:":
            raise Refusal(400, "The body is not what Content-Digest says.")

    def status_of(self, result: Result) -> int:
        """The status that tells how it ended."""
        return 422 if result.outcome == REFUSED else 201 if result.outcome == APPLIED else 200

    def show_result(self, name: str, who: str) -> Response:
        """The result of a delivery; that of another customer is not there."""
        found = self.kept.results.get(self.named(name, who))
        if found is None:
            raise Refusal(404, "There is no such result.")
        return Response(200, found, JSON)

    # -- what it shows -----------------------------------------------------------------------

    def export(self, table: str) -> Response:
        """Everything of a table as OneRoster 1.2 CSV."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(COLUMNS[table])
        for row in self.shown(table):
            writer.writerow([row.get(column, "") for column in COLUMNS[table]])
        return Response(200, text.getvalue().encode(), CSV)

    def shown(self, table: str) -> Iterable[Row]:
        """The rows of a table as they are shown."""
        with self.kept.lock:
            rows = list(self.kept.rows.get(table, {}).values())
        return [self.shown_row(table, row) for row in rows]

    def shown_row(self, table: str, row: Row) -> Row:  # noqa: ARG002
        """One row as it is shown."""
        return row | {"status": "", "dateLastModified": ""}

    # -- SFTP --------------------------------------------------------------------------------

    def may_enter(self, user: str, secret: str) -> bool:
        """Whether somebody may open an SFTP session."""
        return self.lets_in(user, secret)

    def may_reach(self, user: str, path: str) -> bool:
        """Whether a path, whole and without dots, is the user's own."""
        return path == f"/{user}" or path.startswith(f"/{user}/")

    def is_finished(self, name: str) -> bool:
        """Whether the name of a file in the folder says that it is whole."""
        return name.endswith((".zip", ".csv"))

    def may_write(self, path: str) -> bool:
        """Whether anything may be written there: only what comes in."""
        return "/incoming/" in path

    def does_commands(self) -> bool:
        """Whether a command of the machine is done."""
        return False

    def host_key_seed(self) -> bytes:
        """From what the server's key is made: the same each time, and known to everybody."""
        return b"the host key of the simulated file receiver"

    def dropped(self, name: str, user: str, data: bytes) -> bytes:
        """Take a file from the folder; the result that is laid into the other one."""
        self.receive(self.named(name, user), data)
        return self.kept.results[self.named(name, user)]
