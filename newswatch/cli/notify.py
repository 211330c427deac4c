"""`newswatch notify`: the notifier's role, and `newswatch notify test ENDPOINT` to try one endpoint."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from agents.notify.endpoint import Endpoint
from agents.notify.sample import trial_alert
from agents.notify.senders import Senders
from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.config_file import load_settings
from newswatch.settings import Settings
from streams.addresses import AddressPolicy
from streams.archive import facts
from streams.archive.deliveries import DueDelivery
from streams.archive.engine import open_archive
from streams.clock import utc_now
from streams.errors import BrokerUnavailable, ChangeRefused, DeliveryFailed, DeliveryRefused
from streams.ids import delivery_id
from streams.kafka import Kafka
from streams.records import Alert

notify = typer.Typer(help="Run the notifier: alerts to their endpoints; or try an endpoint.")


@notify.callback(invoke_without_command=True)
def run_notifier(context: typer.Context, config: Config = DEFAULT_CONFIG) -> None:
    """Run the notifier: alerts to their endpoints. `notify test ENDPOINT` tries one."""
    if context.invoked_subcommand is None:
        from newswatch.roles.notify import main  # noqa: PLC0415 - only the role needs its parts
        from newswatch.roles.runner import run_role  # noqa: PLC0415

        raise typer.Exit(run_role("notify", config, main))
    context.obj = config


@notify.command("test")
def try_endpoint(
    context: typer.Context,
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="The endpoint's id.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Send an alert marked as a test, and print what the endpoint answered. Exit code 1 if it did not take it."""
    if config == DEFAULT_CONFIG and context.obj is not None:
        config = context.obj
    settings = load_settings(config)
    chosen = next((one for one in settings.endpoints if one.id == endpoint), None)
    if chosen is None:
        known = ", ".join(one.id for one in settings.endpoints) or "none"
        raise ChangeRefused(f'no endpoint has the id "{endpoint}": the settings have {known}')
    try:
        answer = asyncio.run(_try(settings, chosen))
    except (DeliveryFailed, DeliveryRefused) as error:
        print(f"{endpoint} ({chosen.kind}) did not take the test alert: {error}", file=sys.stderr)
        raise typer.Exit(1) from error
    print(f"{endpoint} ({chosen.kind}) took the test alert: {answer}")


async def _try(settings: Settings, endpoint: Endpoint) -> str:
    now = utc_now()
    alert = trial_alert(now)
    due = DueDelivery(delivery_id(alert.id, alert.revision, endpoint.id), endpoint.id, 0, now, alert)

    async def find_kafka() -> Kafka:
        return await asyncio.to_thread(_kafka_of, settings)

    policy = AddressPolicy(settings.notify.allow_networks)
    async with Senders(utc_now, policy, _nothing_earlier, find_kafka) as senders:
        return await senders.sender_of(endpoint)(due)


async def _nothing_earlier(_alert: Alert) -> list[Alert]:
    return []


def _kafka_of(settings: Settings) -> Kafka:
    wanted = settings.kafka
    if wanted.bootstrap != "embedded":
        return wanted.external()
    archive = open_archive(settings.archive_url())
    try:
        with archive.read() as connection:
            address = facts.told(connection, facts.BROKER_ADDRESS)
    finally:
        archive.close()
    if address is None:
        raise BrokerUnavailable("the embedded broker has not started: run `newswatch run`")
    return Kafka(address, wanted.partitions, 1)
