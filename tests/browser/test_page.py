"""The page in Debian's Chromium, over a whole newswatch that runs as a user starts it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from house import Entry, House, Loopback, rss

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]
ROAD = "La route reliant Alep à Khanasser et Athriya est coupée depuis mardi, selon des témoins."
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CONTRAST = """() => {
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
  const found = [];
  for (const e of document.querySelectorAll("nav *, article *, h1, h2, p, mark, button, td, th")) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    if (!e.checkVisibility() || e.classList.contains("skip")) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push([e.outerHTML.slice(0, 120), ratio]);
  }
  return found;
}"""


@contextlib.asynccontextmanager
async def opened(path: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        await browser.close()


def watched(page: Page) -> tuple[list[str], list[str]]:
    """Hosts that the page asks, and its errors."""
    hosts: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: hosts.append(request.url.split("/")[2]))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return hosts, errors


async def test_an_alert_is_seen_as_it_comes_proven_and_seen_to(tmp_path: Path, chromium: str) -> None:
    async with Loopback().serving() as loopback, opened(chromium) as browser:
        loopback.feeds["sample.xml"] = rss([Entry("a", "Marché", "Le marché du village a rouvert ce matin.")])
        house = House(tmp_path, loopback, enrich={"models": {}})
        async with house.running():
            await house.until(lambda: "agents are running" in house.log, 120, "a worker")
            status = await house.status()
            (base,) = [f"http://{one['address']}" for one in status["roles"] if one["role"] == "web"]
            page = await browser.new_page(viewport={"width": 1300, "height": 800}, locale="en-GB")
            hosts, errors = watched(page)
            await page.goto(base)
            await page.wait_for_selector(".leaflet-container[data-ready]", timeout=60_000)
            await expect(page.get_by_text("No alerts yet.")).to_be_visible()
            assert await page.evaluate("document.querySelectorAll('path.leaflet-interactive').length") >= 2

            loopback.feeds["sample.xml"] = rss([Entry("b", "Une route coupée", ROAD)])
            card = page.locator("article.alert")
            await expect(card).to_be_visible(timeout=90_000)
            await expect(card.locator("mark").first).to_contain_text("route reliant Alep")
            await expect(page.locator("path.alert-dot").first).to_be_visible()
            assert await page.evaluate(CONTRAST) == []

            await page.keyboard.press("Tab")
            for _ in range(20):
                if await page.evaluate("document.activeElement.closest('article.alert') !== null"):
                    break
                await page.keyboard.press("Tab")
            await page.keyboard.press("Enter")
            await page.wait_for_url("**/alert/**")
            await expect(page.locator("div.text mark.evidence").first).to_be_visible(timeout=30_000)
            await page.locator("[data-act=acknowledge]").click()
            await expect(page.get_by_text("Acknowledged by this machine")).to_be_visible()

            await page.get_by_role("button", name="Dark or light").click()
            await expect(page.locator("body.body--dark")).to_have_count(1)
            assert await page.evaluate(CONTRAST) == []

            await page.goto(f"{base}/system?lang=ar")
            await expect(page.locator("html[dir=rtl]")).to_have_count(1)
            await expect(page.get_by_role("cell", name="work", exact=True)).to_be_visible()
            await page.goto(f"{base}/feeds?lang=fr")
            await page.get_by_role("button", name="Suspendre").click()
            await expect(page.get_by_role("button", name="Reprendre")).to_be_visible()

            await page.set_viewport_size({"width": 390, "height": 800})
            await page.goto(f"{base}/read?lang=en")
            await page.get_by_label("Text").fill(ROAD)
            await page.get_by_role("button", name="Read and judge").click()
            await expect(page.get_by_text("khanasser-road: Fires")).to_be_visible(timeout=60_000)
            assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            assert set(hosts) == {base.removeprefix("http://")}
            assert errors == []
