"""Run the hub under gunicorn: pre-forked workers with threads, one PostgreSQL for all."""

from __future__ import annotations

import errno
import gc
import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from reference_hub import logs, tls
from reference_hub.app import create_app
from reference_hub.auth import bearer
from reference_hub.codec.schema import open_judge
from reference_hub.http_worker import HubWorker
from reference_hub.problems import SetupError
from reference_hub.settings import Log, Settings
from reference_hub.store.db import engine_of, open_engine, url_of
from reference_hub.store.outages import Outages
from reference_hub.web.operations.metrics import MULTIPROCESS

GRACEFUL_SECONDS = 10


class HubServer(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn, configured from our settings instead of a file of its own."""

    def __init__(self, settings: Settings, outages: Outages) -> None:
        """`settings.database.url` must be set: forked workers share the parent's server."""
        self.settings = settings
        self.outages = outages
        super().__init__()

    def load_config(self) -> None:
        """Hand the settings over."""
        server = self.settings.server
        options: dict[str, Any] = {
            "bind": f"{server.host}:{server.port}",
            "workers": server.workers,
            "threads": server.threads,
            "worker_class": HubWorker,
            "keepalive": 75,
            "graceful_timeout": GRACEFUL_SECONDS,
            "loglevel": "warning",
            "logger_class": _logger(self.settings.log),
            # One socket of the same name for all servers of a user, and a way in that nobody needs.
            "control_socket_disable": True,
            "certfile": server.certificate or None,
            "keyfile": server.private_key or None,
            "ssl_context": lambda cfg, _: tls.context(cfg.certfile, cfg.keyfile),
            "proc_name": "reference-hub",
            # A server that a worker started again is stopped by the master, once it knows of it.
            "on_exit": lambda _: self.outages.revive(),
        }
        for key, value in options.items():
            self.cfg.set(key, value)

    def load(self) -> Any:
        """Called once in each worker: its own connection pool, no state shared.

        The schema is up to date by now. A worker that replaces a dead one starts in an outage too.
        """
        engine = engine_of(self.settings, pool_size=self.settings.server.threads)
        app = create_app(self.settings, engine, outages=self.outages)
        # Schemas and modules stay: collecting garbage among them would only take time.
        gc.collect()
        gc.freeze()
        return app


def serve(settings: Settings, announce: Callable[[], None]) -> None:
    """Serve until stopped; `announce` is called when nothing stands in the way any more.

    Raises SetupError for a taken address, an undecided data model, or a store out of reach.
    """
    refuse_taken(settings.server.host, settings.server.port)
    open_judge(settings).refuse_ambiguity(zone.model for zone in settings.zones.values())
    tls.refuse_unusable(settings.server)
    bearer.trusted(settings.access.issuers)
    open_engine(settings).dispose()
    announce()
    database = msgspec.structs.replace(settings.database, url=url_of(settings))
    # The configured database, not `database`: only the embedded one may be started again.
    outages = Outages(settings.database)
    with _shared_meters():
        HubServer(msgspec.structs.replace(settings, database=database), outages).run()


@contextmanager
def _shared_meters() -> Iterator[None]:
    """A folder in which the server's processes count together, while the server runs."""
    owner, folder = os.getpid(), tempfile.mkdtemp(prefix="reference-hub-")
    os.environ[MULTIPROCESS] = folder
    try:
        yield
    finally:
        # Forked processes leave through here too.
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)


def _logger(log: Log) -> type[Logger]:
    class HubLogger(Logger):  # type: ignore[misc]  # gunicorn ships no types
        """gunicorn's logger, its lines in the form of ours."""

        def setup(self, cfg: Any) -> None:
            super().setup(cfg)
            for handler in logging.getLogger("gunicorn.error").handlers:
                handler.setFormatter(logs.formatter(log))

    return HubLogger


def refuse_taken(host: str, port: int) -> None:
    """Raise SetupError when nothing can listen at host:port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            cure = "stop the program that holds the port, or choose another"
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                cure = "name an address of this machine with --host or server.host, or another port"
            raise SetupError(
                f"The hub cannot listen on {host}:{port} ({error.strerror}); {cure} with --port or "
                "server.port."
            ) from error
