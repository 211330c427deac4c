"""`newswatch run`: from a feed to one delivered alert, on a fresh directory, by the commands a user types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from house import Entry, House, Loopback, rss

from streams.archive import articles

CONVOY = Entry(
    "convoy",
    "Un convoi d'aide attendu sur l'axe du désert",
    "Un convoi de farine a pris lundi la route reliant Alep à Khanasser et Athriya, selon un responsable logistique. "
    "Les chauffeurs attendent la levée d'un barrage.",
)
FOOTBALL = Entry("match", "Football: victoire à domicile", "L'équipe locale a gagné deux à un devant son public.")
CITY = Entry("city", "Un concert à Alep", "Un orchestre de jeunes a joué samedi soir à Alep devant une salle comble.")


async def test_one_alert_with_its_sentence_and_none_for_a_revision(tmp_path: Path, kept_in: dict[str, Any]) -> None:
    async with Loopback().serving() as loopback:
        loopback.feeds["sample.xml"] = rss([FOOTBALL, CONVOY, CITY])
        house = House(tmp_path, loopback, **kept_in)
        async with house.running():
            await house.until(lambda: loopback.received, 180, "a delivered alert")
            ((identity, body),) = loopback.received
            alert = body["data"]
            assert body["type"] == "alert.opened"
            assert alert["watch"] == "khanasser-road"
            assert "route" in alert["kinds"]
            assert alert["quote"].startswith("Un convoi de farine a pris lundi la route reliant Alep")
            assert {alert["quote"][start:end] for start, end in alert["quote_spans"]}
            assert all(one["surface"] == CONVOY.text[one["start"] : one["end"]] for one in alert["evidence"])

            revised = Entry("convoy", CONVOY.title, CONVOY.text + " Le barrage a été levé dans la soirée.")
            later = Entry("later", "Athriya: la route rouverte", "La circulation a repris entre Khanasser et Athriya.")
            loopback.feeds["sample.xml"] = rss([FOOTBALL, revised, CITY, later])
            await house.until(lambda: len(loopback.received) == 2, 30, "the next story's alert")
            assert loopback.received[1][1]["data"]["title"] == later.title
            await house.until(lambda: _waiting(house) == 0, 30, "everything done")
            assert len(loopback.received) == 2
            assert identity != loopback.received[1][0]

            found = await house.status()
            assert found["healthy"]
            assert {role["role"]: role["state"] for role in found["roles"]} == dict.fromkeys(
                ("broker", "poll", "work", "notify", "web"), "up"
            )
            addresses = {role["role"]: role["address"] for role in found["roles"]}
            async with aiohttp.ClientSession() as session:
                for role, address in addresses.items():
                    async with session.get(f"http://{address}/healthz") as answer:
                        assert answer.status == 200, role
                    async with session.get(f"http://{address}/readyz") as answer:
                        assert (answer.status, (await answer.json())["ready"]) == (200, True), role
                    async with session.get(f"http://{address}/metrics") as answer:
                        assert "newswatch_role_start_timestamp_seconds" in await answer.text(), role
                async with session.get(f"http://{addresses['work']}/metrics") as answer:
                    assert 'newswatch_alerts_total{watch="khanasser-road"} 2.0' in await answer.text()
                async with session.get(f"http://{addresses['web']}/api/v1/alerts") as answer:
                    told = [one["title"] for one in (await answer.json())["alerts"]]
                    assert told == [later.title, CONVOY.title]
                right = house.config.read_text()
                house.config.write_text(right.replace("Khanasser", "Khannasserville-sur-Rien"))
                async with session.post(f"http://{addresses['work']}/-/reload") as answer:
                    assert answer.status == 400
                    assert "Khannasserville-sur-Rien" in (await answer.json())["mistakes"][0]
                house.config.write_text(right + "nonsense: 1\n")
                for role, address in addresses.items():
                    async with session.post(f"http://{address}/-/reload") as answer:
                        assert answer.status == 400, role
                        assert "nonsense" in (await answer.json())["mistakes"][0], role
                house.config.write_text(right)
                for role, address in addresses.items():
                    async with session.post(f"http://{address}/-/reload") as answer:
                        assert answer.status == 200, role


@pytest.mark.slow
async def test_a_second_start_tells_nothing_again(tmp_path: Path, kept_in: dict[str, Any]) -> None:
    async with Loopback().serving() as loopback:
        loopback.feeds["sample.xml"] = rss([CONVOY])
        async with House(tmp_path, loopback, **kept_in).running() as house:
            await house.until(lambda: loopback.received, 180, "a delivered alert")
        polls = loopback.gets["sample.xml"]
        async with House(tmp_path, loopback, **kept_in).running() as house:
            await house.until(lambda: loopback.gets["sample.xml"] >= polls + 3, 60, "three more polls")
            assert _waiting(house) == 0
        assert len(loopback.received) == 1


@pytest.mark.slow
async def test_a_watch_whose_name_means_nothing_ends_the_run_with_its_line(tmp_path: Path) -> None:
    async with Loopback().serving() as loopback:
        house = House(tmp_path, loopback, watches=[{"id": "typo", "any": [{"town": "Khannasserville-sur-Rien"}]}])
        code, _, err = await house.command("run")
        assert code == 1
        assert f"{house.config}:" in err
        assert "Khannasserville-sur-Rien" in err
        assert "work cannot start" in err
        house.archive.close()


async def test_status_of_what_does_not_run_says_so(tmp_path: Path) -> None:
    async with Loopback().serving() as loopback:
        house = House(tmp_path, loopback)
        code, out, _ = await house.command("status", "--json")
        assert code == 0
        assert {role["state"] for role in json.loads(out)["roles"]} == {"never started"}
        code, out, _ = await house.command("dead", "list")
        assert (code, out) == (0, "no dead articles\n")
        house.archive.close()


def _waiting(house: House) -> int:
    with house.archive.read() as connection:
        return articles.waiting(connection).articles
