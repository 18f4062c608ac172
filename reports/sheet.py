"""Small self-contained pages without scripts: comparison, history, coverage."""

from __future__ import annotations

from reports.pages import render_page


def sheet(template: str, **values: object) -> str:
    """The page of a template as HTML text; it loads nothing and runs nothing."""
    return render_page(template, "sheet.css", **values)
