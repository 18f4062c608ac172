"""`[files]` of `conformance.toml`: how a product takes files, and where it tells what it did."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec

from conformance.problems import TargetError

ROLE = "file-receiver"
HTTP, SFTP, FOLDER = "http", "sftp", "folder"
WAYS = (HTTP, SFTP, FOLDER)
ONEROSTER_11, ONEROSTER_12 = "oneroster-1.1", "oneroster-1.2"
CLEVER, SDS, FLAT = "clever", "sds-2.1", "flat"
FORMS = (ONEROSTER_12, ONEROSTER_11, CLEVER, SDS, FLAT)
NAME = "{name}"


class Files(msgspec.Struct, frozen=True, kw_only=True):
    """`[files]`: the way and the form of what is delivered.

    `way` is http | sftp | folder, `form` one of FORMS. In addresses {name} is the name of the
    file. `address` and `result` stand below `[endpoint] url`, `incoming` and `results` in the
    folder of the SFTP user, or below `folder`, which lies beside the target file. `words` are the
    product's words for applied, partly and refused. `columns` are those of the form flat, by the
    columns of OneRoster. `host_key` is a file with the server's public key, or its fingerprint;
    `foreign` the folder of another customer. `digest`: Content-Digest is checked. Seconds:
    `wait_seconds` until a result shows. `seed_students` stay from file to file. `loose`: the files
    of a set (clever, sds-2.1) come one by one under their own names, the people before the classes,
    enrollments last.
    """

    way: str = HTTP
    form: str = ONEROSTER_12
    method: str = "PUT"
    address: str = "files/{name}"
    result: str = "results/{name}.json"
    digest: bool = False
    sftp: str = ""
    user: str = ""
    host_key: str = ""
    client_key: str = ""
    incoming: str = "incoming/{name}"
    results: str = "results/{name}.json"
    foreign: str = ""
    folder: str = "drop"
    wait_seconds: float = 5.0
    seed_students: int = 30
    words: dict[str, str] = {}
    columns: dict[str, str] = {}
    loose: bool = False


NO_FILES = Files()


def past_http(role: str, told: Files) -> bool:
    """Whether a product of this role takes files in another way than HTTP."""
    return role == ROLE and told.way != HTTP


def variants_of(role: str, told: Files) -> dict[str, str]:
    """What a run of this role is a variant of, as its header tells."""
    return {"form": told.form, "way": told.way} if role == ROLE else {}


def refuse_files(path: str, role: str, told: Files, capabilities: dict[str, bool]) -> None:
    """Raise TargetError for what cannot be meant, in a target of the role file-receiver."""
    if role != ROLE:
        return
    for key, value, words in (
        ("way", told.way, WAYS),
        ("form", told.form, FORMS),
        ("method", told.method, ("PUT", "POST")),
    ):
        if value not in words:
            fix = f"Use one of: {', '.join(words)}."
            raise TargetError(f"{path}, [files] {key}", f"the value is {value!r}.", fix)
    for key in ("address", "incoming"):
        if NAME not in getattr(told, key):
            fix = "Write {name} where the name of the file stands."
            raise TargetError(f"{path}, [files] {key}", "it holds no {name}.", fix)
    if not (math.isfinite(told.wait_seconds) and told.wait_seconds >= 0):
        fix = "Write 0 or a number above 0."
        raise TargetError(f"{path}, [files] wait_seconds", f"it is {told.wait_seconds!r}.", fix)
    if told.seed_students < 1:
        fix = "Write a number of students, at least 1."
        raise TargetError(f"{path}, [files] seed_students", f"it is {told.seed_students}.", fix)
    if told.form == FLAT and told.way and not told.columns and capabilities.get("bulk"):
        fix = 'Write what your columns are called, for example givenName = "First".'
        raise TargetError(f"{path}, [files] columns", "the form flat has no columns.", fix)
    if told.loose and (told.form not in (CLEVER, SDS) or capabilities.get("outcome")):
        seen = "only clever and sds-2.1 come as loose files, and no result can be told apart."
        fix = "Write loose = false, or declare outcome = false."
        raise TargetError(f"{path}, [files] loose", seen, fix)
    if told.way == SFTP or capabilities.get("sftp"):
        _refuse_sftp(path, told)


def _refuse_sftp(path: str, told: Files) -> None:
    host, _, port = told.sftp.rpartition(":")
    if not host or not port.isdecimal():
        fix = 'Write host and port, for example "sftp.example.org:22".'
        raise TargetError(f"{path}, [files] sftp", f"the value is {told.sftp!r}.", fix)
    if not told.host_key:
        fix = "Name the file with the server's public key, or its fingerprint SHA256:..."
        raise TargetError(f"{path}, [files] host_key", "it is missing.", fix)
    for key in ("host_key", "client_key"):
        name = getattr(told, key)
        if name and not name.startswith("SHA256:") and not (Path(path).parent / name).is_file():
            seen = f"there is no file {name!r}."
            raise TargetError(f"{path}, [files] {key}", seen, "Correct the path.")
