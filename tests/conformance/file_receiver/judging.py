"""The suite in the role `file-receiver`, held against a simulated product."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from conformance import session, target
from conformance.claims import SPOKEN_OF
from conformance.runfile import Check
from conformance.simulators import serve
from conformance.simulators.file_receiver import FileReceiver
from tests.conformance.judging import SEED, patient


def table_for(
    url: str, sftp: str, fingerprint: str, files: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A target file for a simulated file receiver, all that it does declared."""
    return {
        "vendor": {"name": "Example Reading App", "role": "file-receiver"},
        "endpoint": {"url": url},
        "credentials": {"key": "demo-vendor", "method": "Basic", "secret": "demo-secret-1"},
        "second": {"key": "demo-other", "method": "Basic", "secret": "demo-secret-2"},
        "files": {
            "digest": True,
            "sftp": sftp,
            "host_key": fingerprint,
            "foreign": "/demo-other",
            "wait_seconds": 0.2,
            "seed_students": 4,
        }
        | (files or {}),
        "capabilities": dict.fromkeys(SPOKEN_OF["file-receiver"], True),
    }


@contextmanager
def running(product: FileReceiver, files: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """The target file of a product whose both faces are open."""
    with serve(product) as handle:
        face = product.doors()
        try:
            yield table_for(handle.url, f"127.0.0.1:{face.port}", face.fingerprint, files)
        finally:
            face.close()


def judge(
    product: type[FileReceiver], only: Iterable[str] = (), patience: float = 0.0
) -> list[Check]:
    """What the suite says of this product."""
    with running(product()) as table:
        config = patient(target.from_table(table, environ={}), patience)
        return session.run(config, seed=SEED, only=tuple(only), examine=False).verdict.checks
