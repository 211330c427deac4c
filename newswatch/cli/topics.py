"""`newswatch topics show|create|check`: the topics on Kafka, and how they should be."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.config_file import load_settings
from streams import topics as ours
from streams.archive import facts
from streams.archive.engine import open_archive
from streams.errors import BrokerUnavailable
from streams.kafka import Kafka, ensure_topics, plan_of, read_topics
from streams.topic_plan import differences

topics = typer.Typer(help="The topics on Kafka: show them, make them, check them.", no_args_is_help=True)
_HOUR_MS = 3_600_000


@topics.command()
def show(
    config: Config = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show each topic as it is on Kafka."""
    _, found = read_topics(_kafka(config))
    for topic in ours.ALL:
        shape = found.get(topic.name)
        if as_json:
            row = {"partitions": shape.partitions, "copies": shape.copies, "settings": shape.settings} if shape else {}
            print(json.dumps({"topic": topic.name, "exists": shape is not None, **row}))
        elif shape is None:
            print(f"{topic.name:<18} is missing")
        else:
            told = shape.settings
            kept = int(told.get("retention.ms", "-1"))
            print(
                f"{topic.name:<18} {shape.partitions} partitions, {shape.copies} copies, "
                f"{told.get('min.insync.replicas', '1')} must have a record; "
                f"{told.get('cleanup.policy', 'delete')}, {'for ever' if kept < 0 else f'{kept / _HOUR_MS:g} h'}"
            )


@topics.command()
def create(config: Config = DEFAULT_CONFIG) -> None:
    """Make the topics that are missing; those that exist are never changed."""
    made = ensure_topics(_kafka(config))
    print(f"made {', '.join(made)}" if made else "every topic is there")


@topics.command()
def check(config: Config = DEFAULT_CONFIG) -> None:
    """Print what is not as the settings say; nothing is changed. Exit code 1 where there is something."""
    kafka = _kafka(config)
    brokers, found = read_topics(kafka)
    told = [
        line
        for topic in ours.ALL
        for line in differences(topic.name, plan_of(topic, kafka, brokers), found.get(topic.name))
    ]
    for line in told:
        print(line)
    if not told:
        print(f"{len(ours.ALL)} topics are as the settings say ({brokers} brokers)")
    raise typer.Exit(1 if told else 0)


def _kafka(config: Config) -> Kafka:
    settings = load_settings(config)
    if settings.kafka.bootstrap != "embedded":
        return settings.kafka.external()
    with open_archive(settings.archive_url()).read() as connection:
        address = facts.told(connection, facts.BROKER_ADDRESS)
    if address is None:
        raise BrokerUnavailable("the embedded broker has not started: run `newswatch run` or `newswatch broker`")
    return Kafka(address, settings.kafka.partitions, 1, retention_hours=settings.kafka.retention_hours)
