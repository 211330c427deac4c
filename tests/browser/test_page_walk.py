"""A walk through the whole page over the running demonstration, as a new user takes it; its pictures are the docs'."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from chromium import listen, opened, tab_to, violations
from playwright.async_api import Page, expect

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]
SECONDS = 1000
PATIENCE = 120 * SECONDS
expect.set_options(timeout=60 * SECONDS)  # machines may be busy


@contextlib.asynccontextmanager
async def demonstration(log: Path) -> AsyncIterator[str]:
    """The address of the page of `newswatch demo`, running."""
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "newswatch", "demo", "--json", stdout=asyncio.subprocess.DEVNULL, stderr=out
        )
    try:
        for _ in range(1_800):
            found = re.search(r"see it at (http://127\.0\.0\.1:\d+)", log.read_text("utf-8", "replace"))
            if found:
                break
            assert process.returncode is None, log.read_text()
            await asyncio.sleep(0.1)
        else:
            raise AssertionError(f"the demonstration did not start: {log.read_text()}")
        yield found[1]
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 60)


async def ready(page: Page, address: str) -> None:
    await page.goto(address)
    await page.wait_for_selector(".leaflet-container[data-ready]", timeout=PATIENCE)


async def picture(page: Page, name: str) -> None:
    """A picture for the documentation where it is asked for; with the settled map."""
    folder = os.environ.get("NEWSWATCH_SCREENSHOTS")
    await page.wait_for_timeout(2_500 if folder else 0)
    if folder:
        await page.screenshot(path=str(Path(folder) / f"{name}.png"))


async def test_the_whole_page_is_walked(tmp_path: Path, chromium: str, axe: str) -> None:
    wrong: list[object] = []
    async with demonstration(tmp_path / "demo.log") as base, opened(chromium) as browser:
        page = await browser.new_page(viewport={"width": 1280, "height": 760}, locale="en-GB")
        heard = listen(page)

        await ready(page, base)
        assert await page.locator("path.leaflet-interactive").count() >= 6, "watched roads and areas are drawn"
        card = page.locator("article.alert").first
        await expect(card).to_be_visible(timeout=PATIENCE)
        await expect(page.locator("article.alert mark").first).to_be_visible()
        before = await page.locator("article.alert").count()
        await expect(page.locator(f"article.alert:nth-of-type({before + 2})")).to_be_visible(timeout=PATIENCE)
        await expect(page.locator("path.alert-dot").first).to_be_visible()
        await picture(page, "live")
        wrong += await violations(page, axe)
        await go_back(page)

        await tab_to(page, "article.alert a")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/alert/**")
        await expect(page.locator("div.text mark.evidence").first).to_be_visible(timeout=PATIENCE)
        await picture(page, "alert")
        wrong += await violations(page, axe)
        await judge_and_silence(page)

        await page.goto(f"{base}/watches")
        await expect(page.locator("tr[data-watch=khanasser-road]")).to_be_visible(timeout=PATIENCE)
        await picture(page, "watches")
        wrong += await violations(page, axe)
        await choose_one_of_several(page, base)
        wrong += await violations(page, axe)
        await write_a_watch(page, base)
        wrong += await violations(page, axe)
        await ready(page, base)
        fired = page.locator("article.alert", has_text="Road to Athriya").first
        await expect(fired).to_be_visible(timeout=PATIENCE)

        for view in ("read", "feeds", "system"):
            await page.goto(f"{base}/{view}")
            await expect(page.locator("h1")).to_be_visible(timeout=PATIENCE)
            if view != "read":
                await expect(page.locator("table.plain tr").nth(3)).to_be_visible(timeout=PATIENCE)
            await picture(page, view)
            wrong += await violations(page, axe)
        role = page.locator("tr", has=page.get_by_role("cell", name="web", exact=True))
        await expect(role.locator("td").last).to_have_text("")  # nothing of all this was an error of the web role

        await page.emulate_media(color_scheme="dark")
        await ready(page, f"{base}/?lang=ar")
        await expect(page.locator("html[dir=rtl]")).to_have_count(1)
        await expect(page.locator("article.alert").first).to_be_visible(timeout=PATIENCE)
        alert = await page.locator("article.alert").first.get_attribute("data-alert")
        await picture(page, "live-dark-arabic")
        wrong += await violations(page, axe)
        await page.set_viewport_size({"width": 390, "height": 800})
        for view in ("", f"alert/{alert}", "watches", "watch/road-to-athriya", "read", "feeds", "system"):
            wrong += await on_a_phone(page, f"{base}/{view}", axe)

        assert wrong == [], json.dumps(wrong, indent=1)
        assert heard.hosts == {base.removeprefix("http://")}
        assert heard.errors == []


async def on_a_phone(page: Page, address: str, axe: str) -> list[object]:
    """Nothing is wider than a phone, in French; what axe finds there in Arabic, from right to left."""
    for language in ("fr", "ar"):
        await page.goto(f"{address}?lang={language}")
        await expect(page.locator("#content")).to_be_visible(timeout=PATIENCE)
        await page.wait_for_timeout(300)
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
        if language == "fr" and "/watch/" in address:
            await expect(page.locator(".meaning p").first).to_be_visible(timeout=PATIENCE)
            await picture(page, "watch-phone")
    await expect(page.locator("html[dir=rtl]")).to_have_count(1)
    return await violations(page, axe)


async def go_back(page: Page) -> None:
    """Scrub back in time by keyboard, and return."""
    said = page.locator(".timeline [role=status]")
    for _ in range(10):  # a machine that is too busy loses the page's connection, and the page begins anew
        await page.locator(".timeline input").focus()
        await page.keyboard.press("ArrowLeft")
        with contextlib.suppress(AssertionError):
            await expect(said).to_contain_text("UTC", timeout=10 * SECONDS)
            break
    await expect(said).to_contain_text("UTC")
    await expect(page.get_by_text("No alerts yet.")).to_be_visible()
    await expect(page.locator("path.alert-dot")).to_have_count(0)
    await tab_to(page, "[data-act=now]")
    await page.keyboard.press("Enter")
    await expect(page.locator("article.alert").first).to_be_visible()


async def judge_and_silence(page: Page) -> None:
    """Say by keyboard that it is wrong, with a comment, and silence its watch."""
    await tab_to(page, "[data-act=silence]")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Silenced for an hour.")).to_be_visible()
    await tab_to(page, "input[aria-label=Comment]")
    await page.keyboard.type("another road")
    await tab_to(page, "[data-act=wrong]")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("this machine called it wrong another road")).to_be_visible()


async def choose_one_of_several(page: Page, base: str) -> None:
    """A name of several places: the map shows them all, and one is chosen on it."""
    await ready(page, f"{base}/watch")
    await page.locator("[data-field=name]").fill("Tripoli")
    dots = page.locator("path.candidate-dot")
    await expect(dots.nth(1)).to_be_visible(timeout=PATIENCE)
    await expect(page.locator("[data-act=choose]").first).to_contain_text("LB")
    await picture(page, "watch-several")
    await page.locator("[data-act=choose]").first.click()
    await expect(page.locator("[data-field=name]")).to_have_value("Tripoli, LB")
    await expect(page.locator(".meaning")).to_contain_text("Means Tripoli (Lebanon), LB")


async def write_a_watch(page: Page, base: str) -> None:
    """A road with a slip in a name, corrected, tried and saved, by keyboard alone."""
    await ready(page, f"{base}/watch")
    await tab_to(page, "[data-field=watch_name]")
    await page.keyboard.type("Road to Athriya")
    await tab_to(page, "fieldset .field:nth-of-type(2) select")
    await page.keyboard.type("r")
    await expect(page.locator("[data-field=name]")).to_have_count(2)
    await expect(page.locator("[data-field=name]").first).to_be_focused()
    await page.keyboard.type("Khanaser")
    await expect(page.locator("[data-act=correct]")).to_have_text("Khanasser?")
    await expect(page.locator("datalist option").first).to_have_attribute("value", re.compile("Khanas"))
    await tab_to(page, "[data-act=correct]")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-field=name]").first).to_have_value("Khanasser")
    await page.locator("[data-field=name]").first.focus()
    await tab_to(page, "[data-field=name]")
    await page.keyboard.type("Athriya")
    await tab_to(page, "[data-field=corridor_km]")
    await page.keyboard.type("10")
    await expect(page.locator(".editor-map path.leaflet-interactive")).to_have_count(2)
    await expect(page.locator(".meaning", has_text="Athriya").first).to_contain_text("Means Athriya")
    await tab_to(page, "[data-act=try]")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-hits]")).to_be_visible(timeout=PATIENCE)
    assert int(await page.locator("[data-hits]").get_attribute("data-hits") or 0) > 0
    await expect(page.get_by_text("Noisiest name")).to_be_visible()
    await picture(page, "watch")
    await tab_to(page, "[data-act=save]")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Saved. Every worker has it within a second.")).to_be_visible(timeout=PATIENCE)
    await page.wait_for_url(f"{base}/watch/road-to-athriya**", timeout=PATIENCE)
