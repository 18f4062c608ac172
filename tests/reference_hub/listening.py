"""A WSGI application on a real socket, for as long as a test or a session of tests needs it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import make_server


@contextmanager
def listening_at(app: Callable[..., Any]) -> Iterator[str]:
    """Serve on a free port of this machine; the address without a trailing slash."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    # The usual half second between two looks at the end would slow every test down.
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
