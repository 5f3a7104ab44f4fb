"""A real browser, and a site that is hostile in every field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    path = request.getfixturevalue("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(path), args=list(FLAGS))
        yield opened
        opened.close()


@dataclass(kw_only=True)
class Opened:
    """A page and everything that it did."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)


@pytest.fixture
def open_map(browser: Browser) -> Iterator[Any]:
    contexts = []

    def opener(
        path: Path, *, width: int = 1920, height: int = 1080, ready: str = "html[data-ready=yes]"
    ) -> Opened:
        context = browser.new_context(
            viewport={"width": width, "height": height}, offline=True, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        seen = Opened(page=page)
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", lambda event: seen.requests.append(event["request"]["url"]))
        page.on("console", lambda m: seen.errors.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: seen.errors.append(str(error)))

        def dismiss(dialog: Any) -> None:
            seen.dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", dismiss)
        page.goto(path.resolve().as_uri())
        page.wait_for_selector(ready, timeout=60_000)
        return seen

    yield opener
    for context in contexts:
        context.close()
