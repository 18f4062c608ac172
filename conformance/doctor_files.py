"""Can files be delivered: is the way open, are we let in, does the folder lie there, is it read?"""

from __future__ import annotations

from pathlib import PurePosixPath

from conformance import doctor_readback
from conformance.delivery import Delivery
from conformance.doctor import Diagnosis
from conformance.doctor_words import fault
from conformance.problems import NotVerified, SetupFault, Unreachable
from conformance.target import TargetConfig
from conformance.target_files import FOLDER, HTTP, NAME, SFTP


def examine(drop: Delivery) -> Diagnosis:
    """Knock at each way that is declared and deliver the school; raises SetupFault."""
    config, fine = drop.config, []
    notes = list(config.notes)
    if drop.told.way == HTTP or drop.declared("upload"):
        fine.append(_http(drop))
    if drop.told.way == SFTP or drop.declared("sftp"):
        fine.append(_sftp(drop))
    if drop.told.way == FOLDER:
        fine.append(_folder(drop))
    if drop.declared("readback"):
        try:
            fine.append(doctor_readback.look(config, drop.setting.wire, drop.evidence))
        except doctor_readback.Unready as error:
            notes.append(error.reason)
    else:
        notes.append("no readback is declared: what became of values cannot be seen")
    if config.route.read_only:
        notes.append("the run is read-only: no file is delivered, so nothing will be judged")
    else:
        _school(drop)
        fine.append(f"the file of the school is taken as {drop.told.form}")
    return Diagnosis(tuple(fine), tuple(notes))


def _http(drop: Delivery) -> str:
    config = drop.config
    try:
        url = config.url(drop.told.result.replace(NAME, "qvex-none"))
        reply = drop.setting.wire.send("GET", url, drop.signed(), named="a result")
    except Unreachable as error:
        cure = "Correct the address, or start the product."
        raise fault(config, "endpoint", "url", config.base, error.reason, cure) from None
    if reply.status in (401, 403):
        seen = f"GET of a result answered {reply.status}"
        cure = "Register the key, or correct the secret; files are signed Basic."
        raise fault(config, "credentials", "key", config.credentials.key, seen, cure)
    if reply.status >= 500:
        seen = f"GET of a result answered {reply.status}"
        raise fault(config, "endpoint", "url", config.base, seen, "Look into the product's log.")
    return f"{config.base} answers"


def _sftp(drop: Delivery) -> str:
    from conformance.drop import DENIED, WRONG_KEY

    config, told = drop.config, drop.told
    try:
        step = drop.sftp.login()
    except NotVerified as error:
        cure = "Correct host and port, or start the server."
        raise fault(config, "files", "sftp", told.sftp, error.reason, cure) from None
    if step.said == WRONG_KEY:
        seen = f"the server shows {drop.sftp.shown_key}"
        cure = "Ask the vendor for the key; if it is the right one, write it here."
        raise fault(config, "files", "host_key", told.host_key, seen, cure)
    if step.said == DENIED:
        seen, cure = "the server refuses the login", "Correct the user, or its secret."
        raise fault(config, "files", "user", told.user or config.credentials.key, seen, cure)
    folder = str(PurePosixPath(told.incoming).parent)
    listed = drop.sftp.names(folder)
    if not step.ok or not listed.ok:
        seen = f"the folder {folder!r} is not there: {listed.said}"
        raise fault(config, "files", "incoming", told.incoming, seen, "Correct the folder.")
    return f"{told.sftp} lets us in and has the folder {folder}"


def _folder(drop: Delivery) -> str:
    place = drop.folder / drop.told.folder
    if not place.is_dir():
        seen = f"there is no folder {drop.told.folder!r} beside the target file"
        cure = "Make the folder from where files are loaded, or correct its name."
        raise fault(drop.config, "files", "folder", drop.told.folder, seen, cure)
    return f"files are laid into the folder {drop.told.folder}"


def _school(drop: Delivery) -> None:
    try:
        drop.ground()
    except NotVerified as error:
        cure = "Say the form that the product takes, and let it take a first file."
        raise _unfit(drop.config, error.reason, cure) from None


def _unfit(config: TargetConfig, seen: str, cure: str) -> SetupFault:
    return fault(config, "files", "form", config.files.form, seen, cure)
