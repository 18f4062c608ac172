"""A run for other readers: files that the suite wrote beside it, or makes of it when asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reference_hub.journeys import console_files, console_run
from reference_hub.model.console_run import Run
from reference_hub.settings import Console

_XML, _TEXT = "application/xml; charset=utf-8", "text/markdown; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a run: how its file is called, its media type, and the call that makes it, ()
    where the file lies in the run's folder. `lasts`: whether it stays as it is once made."""

    file: str
    kind: str
    call: tuple[str, ...] = ()
    lasts: bool = True


FORMS: Mapping[str, Form] = {
    "bundle": Form("bundle.zip", "application/zip", ("bundle",)),
    "pdf": Form("summary.pdf", "application/pdf", ("export", "--format", "pdf")),
    "csv": Form("csv", "text/csv; charset=utf-8", ("export", "--format", "csv")),
    "markdown": Form("md", _TEXT, ("export", "--format", "markdown")),
    # It turns grey with time.
    "badge": Form("svg", "image/svg+xml", ("export", "--format", "badge"), lasts=False),
    "junit": Form("junit.xml", _XML),
    "sarif": Form("results.sarif", "application/sarif+json"),
}


class NotMade(Exception):
    """The suite did not make the file."""


def listed(settings: Console, run: Run) -> list[str]:
    """The forms in which the run can be had, without its bundle; none while it has no result."""
    place = console_files.result_folder(settings, run)
    if place is None:
        return []
    here = {name for name, form in FORMS.items() if form.call or (place / form.file).is_file()}
    return [name for name in FORMS if name in here and name != "bundle"]


def export(settings: Console, run: Run, name: str, language: str) -> tuple[str, bytes]:
    """The run in that form: the name of the file, and what it holds.

    Raises LookupError where there is nothing of the kind, NotMade where the suite failed.
    """
    form, place = FORMS[name], console_files.result_folder(settings, run)
    if place is None:
        raise LookupError(name)
    if not form.call:
        return f"{place.name}.{form.file}", _read(place / form.file)
    asked = [*form.call, *(["--language", language] if name == "pdf" else [])]
    ending = f"{language}.{form.file}" if name == "pdf" else form.file
    made = console_files.folder(settings, run.folder) / f"run.{ending}"
    if not (form.lasts and made.is_file()):
        done = console_run.ask(settings, [*asked, str(place), "--out", str(made)], made.parent)
        if done.code or not made.is_file():
            raise NotMade(name)
    return f"{place.name}.{ending}", made.read_bytes()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise LookupError(path.name) from None
