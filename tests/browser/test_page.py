"""The page in Debian's Chromium, over a whole newswatch that runs as a user starts it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from chromium import listen, opened, violations
from playwright.async_api import expect

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from house import Entry, House, Loopback, rss

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]
OPML = """<opml version="2.0"><body><outline text="Autre desk" xmlUrl="https://desk.example/rss"/></body></opml>"""
ROAD = "La route reliant Alep à Khanasser et Athriya est coupée depuis mardi, selon des témoins."


async def test_an_alert_is_seen_as_it_comes_proven_and_seen_to(tmp_path: Path, chromium: str, axe: str) -> None:
    wrong: list[object] = []
    async with Loopback().serving() as loopback, opened(chromium) as browser:
        loopback.feeds["sample.xml"] = rss([Entry("a", "Marché", "Le marché du village a rouvert ce matin.")])
        house = House(tmp_path, loopback, enrich={"models": {}})
        async with house.running():
            await house.until(lambda: "agents are running" in house.log, 120, "a worker")
            status = await house.status()
            (base,) = [f"http://{one['address']}" for one in status["roles"] if one["role"] == "web"]
            page = await browser.new_page(viewport={"width": 1300, "height": 800}, locale="en-GB")
            heard = listen(page)
            await page.goto(base)
            await page.wait_for_selector(".leaflet-container[data-ready]", timeout=60_000)
            await expect(page.get_by_text("No alerts yet.")).to_be_visible()
            assert await page.evaluate("document.querySelectorAll('path.leaflet-interactive').length") >= 2

            loopback.feeds["sample.xml"] = rss([Entry("b", "Une route coupée", ROAD)])
            card = page.locator("article.alert")
            await expect(card).to_be_visible(timeout=90_000)
            await expect(card.locator("mark").first).to_contain_text("route reliant Alep")
            await expect(page.locator("path.alert-dot").first).to_be_visible()
            wrong += await violations(page, axe)

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

            await page.goto(f"{base}/system?lang=ar")
            await expect(page.locator("html[dir=rtl]")).to_have_count(1)
            await expect(page.get_by_role("cell", name="work", exact=True)).to_be_visible()
            await page.goto(f"{base}/feeds?lang=fr")
            await page.get_by_role("button", name="Suspendre").click()
            await expect(page.get_by_role("button", name="Reprendre")).to_be_visible()
            await page.get_by_label("Adresse d'un flux ou d'un site").fill(loopback.url("sample.xml"))
            await page.get_by_role("button", name="Examiner").click()
            await expect(page.get_by_role("status").get_by_text("'Our words': 1 entries")).to_be_visible(timeout=60_000)
            await page.get_by_role("button", name="Ajouter").click()
            await expect(page.get_by_text("Ce flux est déjà suivi.")).to_be_visible()
            given = {"name": "more.opml", "mimeType": "text/x-opml", "buffer": OPML.encode()}
            await page.get_by_label("Importer un OPML").set_input_files([given])  # type: ignore[list-item]
            await expect(page.get_by_text("Ajoutés : 1 ; déjà suivis : 0 ; refusés : 0.")).to_be_visible()
            await expect(page.get_by_role("cell", name="Autre desk", exact=True)).to_be_visible()

            await page.set_viewport_size({"width": 390, "height": 800})
            await page.goto(f"{base}/read?lang=en")
            await page.get_by_label("Text").fill(ROAD)
            await page.get_by_role("button", name="Read and judge").click()
            await expect(page.get_by_text("khanasser-road: Fires")).to_be_visible(timeout=60_000)
            assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            assert heard.hosts == {base.removeprefix("http://")}
            assert heard.errors == []
            assert wrong == []
