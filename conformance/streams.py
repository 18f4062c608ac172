"""Standard output and error: they take every letter, and their readers may leave."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import TextIO


def able(stream: TextIO | None, system: str = os.name) -> TextIO:
    """The stream, so that no letter of a name ends the command.

    A code page of Windows lacks most letters. Files and pipes get UTF-8 there, as elsewhere, unless
    the environment says otherwise; a console takes every letter. The shell may have closed the
    output (`>&-`); then nobody wants to hear it.
    """
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        free = system == "nt" and not stream.isatty() and "PYTHONIOENCODING" not in os.environ
        stream.reconfigure(encoding="utf-8" if free else None, errors="backslashreplace")
    return stream


def reader_gone(error: BaseException, system: str = os.name) -> bool:
    """Whether the reader of a pipe has gone: click leaves by SystemExit, Windows says EINVAL."""
    if isinstance(error, BrokenPipeError | SystemExit):
        return True
    return system == "nt" and isinstance(error, OSError) and error.errno == errno.EINVAL
