"""A real browser for the pages of the console: nothing from elsewhere, no error in any script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.reports.browser import DESKTOP, PHONE, chromium, violations

__all__ = ["DESKTOP", "PHONE", "Browse", "browse", "chromium", "violations"]

Browse = Callable[..., Page]


@pytest.fixture
def browse(chromium: Browser) -> Iterator[Browse]:
    """Open a page: `browse(url, size=PHONE, scheme="dark", cookies=web.http.cookies)`.

    At the end no page may have asked for anything of another host, nor have logged an error.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def _open(
        url: str,
        size: tuple[int, int] = DESKTOP,
        scheme: Literal["light", "dark"] = "light",
        cookies: object = (),
        *,
        scripts: bool = True,
        locale: str = "en-US",
    ) -> Page:
        context = chromium.new_context(
            color_scheme=scheme,
            reduced_motion="reduce",
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=scripts,
            locale=locale,
        )
        contexts.append(context)
        given = [(each.name, each.value or "") for each in cookies]  # type: ignore[attr-defined]
        base = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
        for name, value in given:
            context.add_cookies([{"name": name, "value": value, "url": f"{base}/console"}])
        page, host = context.new_page(), urlsplit(url).netloc
        page.on("request", lambda one: faults.extend(_stray(one.url, host)))
        page.on("pageerror", lambda error: faults.append(f"script failed: {error}"))
        page.on("console", lambda said: faults.extend(_complaint(said.type, said.text)))
        page.goto(url)
        return page

    yield _open
    for context in contexts:
        context.close()
    assert faults == []


def _stray(url: str, host: str) -> list[str]:
    parts = urlsplit(url)
    ours = parts.scheme == "data" or parts.netloc == host
    return [] if ours else [f"asked for {url}"]


def _complaint(kind: str, text: str) -> list[str]:
    # A form that was not taken is answered 422, which the browser calls an error.
    told = "Failed to load resource" in text and "422" in text
    return [f"{kind}: {text}"] if kind in ("error", "warning") and not told else []
