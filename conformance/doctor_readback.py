"""Can the suite see what the product stored: there, let in, in the form and encoding told?"""

from __future__ import annotations

from pathlib import Path

from conformance.doctor_words import fault, is_html, is_login
from conformance.evidence import Evidence
from conformance.problems import Finding, NotVerified, SetupFault
from conformance.readback import FORMS, ReadBack
from conformance.reply import Reply
from conformance.target import TargetConfig
from conformance.wire import Wire


class Unready(NotVerified):
    """It is there and fails: that is for the checks to see."""


def look(config: TargetConfig, wire: Wire, evidence: Evidence | None) -> str:
    """A line on what was seen; raises SetupFault, or Unready for what is only worth a note."""
    told = config.readback
    if told.form == "folder":
        return _folder(config)
    where = "users" if told.form == "csv" else "address"
    path = getattr(told, where)
    source = ReadBack(wire, config, evidence=evidence)
    try:
        rows = source.table("users")
    except NotVerified as error:
        if source.last is not None and source.last.status >= 500:
            raise Unready(f"the readback {path} answers {source.last.status}") from None
        raise _refused(config, source, where, path, error) from None
    except Finding as finding:
        raise _misread(config, source, where, path, finding) from None
    _refuse_columns(config, source, where, path)
    return f"the readback {path} is read as {told.form}: {len(rows)} users"


def _folder(config: TargetConfig) -> str:
    folder = Path(config.path).parent / config.readback.address
    if folder.is_dir():
        return f"the readback is the folder {config.readback.address}"
    seen = f"there is no folder {config.readback.address!r} beside the target file"
    cure = "Make the folder into which the export is put, or correct its name."
    raise fault(config, "readback", "address", config.readback.address, seen, cure)


def _refused(
    config: TargetConfig, source: ReadBack, where: str, path: str, error: NotVerified
) -> SetupFault:
    reply = source.last
    cure = "Correct the path, or declare readback = false."
    if config.readback.token_url and "gave no token" in error.reason:
        cure = "Let it give a token for client credentials with key and secret."
        told = config.readback.token_url
        return fault(config, "readback", "token_url", told, error.reason, cure)
    if reply is None:
        return fault(config, "readback", where, path, error.reason, cure)
    seen = f"GET {path} answered {reply.status}"
    if reply.status in (401, 403):
        cure = "Let key and secret of [credentials] read it (Basic), or name a token_url."
    elif is_html(reply):
        seen += f" with {_page(reply)}"
    return fault(config, "readback", where, path, seen, cure)


def _misread(
    config: TargetConfig, source: ReadBack, where: str, path: str, finding: Finding
) -> SetupFault:
    told, reply = config.readback, source.last
    if reply is not None and is_html(reply):
        cure = "Correct the path, or let key and secret of [credentials] read it."
        seen = f"GET {path} answered {_page(reply)}"
        return fault(config, "readback", where, path, seen, cure)
    if finding.actual.startswith("Unicode"):
        cure = 'Name the encoding of the file, for example "cp1252".'
        return fault(config, "readback", "encoding", told.encoding, finding.summary, cure)
    cure = f"Write the form that it has: {', '.join(FORMS)}."
    return fault(config, "readback", "form", told.form, finding.summary, cure)


def _page(reply: Reply) -> str:
    return "a login page" if is_login(reply) else "a web page"


def _refuse_columns(config: TargetConfig, source: ReadBack, where: str, path: str) -> None:
    """A CSV file without rows is fine, one without its header line is not."""
    told, reply = config.readback, source.last
    if reply is None or told.form not in ("csv", "flat"):
        return
    seen = f"GET {path} answered {reply.status}"
    if not reply.body.strip():
        cure = "Correct the path: even an empty export begins with its header line."
        raise fault(config, "readback", where, path, f"{seen} without any content", cure)
    if is_html(reply):
        cure = "Correct the path, or let key and secret of [credentials] read it."
        raise fault(config, "readback", where, path, f"{seen} with {_page(reply)}", cure)
    header = reply.body.decode(told.encoding).splitlines()[0]
    names = [name.strip().strip('"') for name in header.split(told.delimiter)]
    if len(names) == 1 and (other := next((one for one in ";\t|," if one in header), "")):
        cure = f"Write delimiter = {other!r}."
        seen = f"{seen}, whose header line has no {told.delimiter!r}"
        raise fault(config, "readback", "delimiter", told.delimiter, seen, cure)
    wanted = {"sourcedId"} if told.form == "csv" else set(told.columns.values())
    if missing := sorted(wanted - set(names)):
        key = where if told.form == "csv" else "columns"
        value = path if told.form == "csv" else ", ".join(missing)
        cure = "Name the file of the form that was told, and its columns as they stand there."
        seen = f"{seen} without the column {missing[0]}"
        raise fault(config, "readback", key, value, seen, cure)
