"""Pages of one template and one style sheet, without a script."""

from __future__ import annotations

from markupsafe import Markup

from reports.markup import asset, environment, policy


def render_page(template: str, style: str, **values: object) -> str:
    """A page of one template and one style sheet of ours, both named by file; it runs no script."""
    text = asset(style)
    page = environment().get_template(template)
    return page.render(style=Markup(text), policy=policy(text), **values)  # noqa: S704  our own file
