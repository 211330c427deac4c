"""Debian's Chromium as tests of the page use it: opened, listened to, audited, photographed."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_AUDIT = """async () => {
  const found = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] });
  return { rules: found.passes.length,
    violations: found.violations.map((one) => [one.id, one.nodes.slice(0, 4).map((node) => node.html.slice(0, 160)
      + " " + (node.any[0] ? node.any[0].message : ""))]) };
}"""


@contextlib.asynccontextmanager
async def opened(path: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        await browser.close()


@dataclass
class Heard:
    """What a page asked and complained of."""

    hosts: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)


def listen(page: Page) -> Heard:
    heard = Heard()
    page.on("request", lambda request: heard.hosts.add(request.url.split("/")[2]))
    page.on("console", lambda message: heard.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.errors.append(str(error)))
    return heard


async def violations(page: Page, axe: str) -> list[Any]:
    """What axe finds against WCAG 2.1 AA, contrast and ARIA among it, in the light and in the dark."""
    found: list[Any] = []
    await page.evaluate(axe + "; undefined")
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        await page.wait_for_function(
            f"document.body.classList.contains('body--dark') === {str(scheme == 'dark').lower()}"
        )
        told = await page.evaluate(_AUDIT)
        assert told["rules"] > 5, "axe looked at nothing"
        found += [(page.url.split("/", 3)[3], scheme, *one) for one in told["violations"]]
    await page.emulate_media(color_scheme="light")
    return found


async def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Go there as somebody does who has only a keyboard."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        if await page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{most} times Tab never came to {selector}")
