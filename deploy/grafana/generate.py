"""Write the dashboards of `deploy/grafana/dashboards`: `python deploy/grafana/generate.py`. Grafana reads the JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_WIDE, _HIGH = 12, 8


@dataclass(frozen=True)
class Panel:
    """One graph; `queries` are (PromQL, legend), `unit` is Grafana's name for it."""

    title: str
    queries: tuple[tuple[str, str], ...]
    unit: str = "short"
    kind: str = "timeseries"


DASHBOARDS: dict[str, tuple[str, tuple[Panel, ...]]] = {
    "newswatch": (
        "newswatch",
        (
            Panel("Roles that answer", (('sum by (job) (up{job=~"poll|work|notify|web"})', "{{job}}"),), kind="stat"),
            Panel("Alerts opened an hour", (("sum(increase(newswatch_alerts_total[1h]))", "alerts"),), kind="stat"),
            Panel(
                "From found to alert",
                (
                    ("newswatch:first_seen_to_alert_seconds:p50_15m", "half of them"),
                    ("newswatch:first_seen_to_alert_seconds:p99_15m", "99 of 100"),
                ),
                "s",
            ),
            Panel(
                "Articles a second, each step",
                (('newswatch:articles:rate5m{outcome="ok"}', "{{step}}"),),
                "reqps",
            ),
            Panel(
                "What waits",
                (
                    ("max(newswatch_outbox_articles)", "for Kafka"),
                    ("max(newswatch_articles_waiting)", "for the work"),
                    ("max(newswatch_deliveries_waiting)", "deliveries"),
                ),
            ),
            Panel(
                "The oldest that waits",
                (
                    ("max(newswatch_oldest_waiting_seconds)", "article"),
                    ("max(newswatch_oldest_delivery_seconds)", "delivery"),
                ),
                "s",
            ),
            Panel("Feeds by how they are", (("max by (state) (newswatch_feeds)", "{{state}}"),)),
            Panel("Polls a second", (("newswatch:feed_polls:rate5m", "{{outcome}}"),), "reqps"),
            Panel("Deliveries a second", (("newswatch:deliveries:rate5m", "{{endpoint_kind}} {{outcome}}"),), "reqps"),
            Panel("Set aside an hour", (("sum by (step) (increase(newswatch_dead_articles_total[1h]))", "{{step}}"),)),
        ),
    ),
    "newswatch-machine": (
        "newswatch: the machine",
        (
            Panel("Memory of each role", (('process_resident_memory_bytes{job!="prometheus"}', "{{job}}"),), "bytes"),
            Panel("Processor of each role", (("rate(process_cpu_seconds_total[5m])", "{{job}}"),), "percentunit"),
            Panel("Open files of each role", (("process_open_fds", "{{job}}"),)),
            Panel("From Kafka to its step, 99 of 100", (("newswatch:queue_seconds:p99_5m", "{{step}}"),), "s"),
            Panel(
                "Time of a batch, 99 of 100",
                (
                    (
                        "histogram_quantile(0.99, sum by (le, step) (rate(newswatch_batch_seconds_bucket[5m])))",
                        "{{step}}",
                    ),
                ),
                "s",
            ),
            Panel("Free part of the disk", (("min by (role) (newswatch_disk_free_ratio)", "{{role}}"),), "percentunit"),
            Panel("The archive", (("max(newswatch_archive_bytes)", "on its disk"),), "bytes"),
            Panel(
                "Processes started again or replaced",
                (
                    ("sum by (what) (increase(newswatch_process_restarts_total[1h]))", "{{what}}, ended unasked"),
                    ("sum by (what) (increase(newswatch_process_recycles_total[1h]))", "{{what}}, replaced"),
                ),
            ),
            Panel(
                "Watches in force",
                (("max by (origin) (newswatch_watches)", "{{origin}}"),),
            ),
            Panel("Pollers that share the feeds", (("max(newswatch_pollers)", "pollers"),)),
        ),
    ),
}


def dashboard(name: str) -> dict[str, Any]:
    """A dashboard as Grafana reads it."""
    title, panels = DASHBOARDS[name]
    return {
        "uid": name,
        "title": title,
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}]
        },
        "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "${datasource}"}
    return {
        "id": number + 1,
        "type": panel.kind,
        "title": panel.title,
        "datasource": source,
        "gridPos": {"x": number % 2 * _WIDE, "y": number // 2 * _HIGH, "w": _WIDE, "h": _HIGH},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + index), "datasource": source, "expr": query, "legendFormat": legend}
            for index, (query, legend) in enumerate(panel.queries)
        ],
    }


def written(name: str) -> str:
    """The text of a dashboard's file."""
    return json.dumps(dashboard(name), indent=2) + "\n"


if __name__ == "__main__":
    for each in DASHBOARDS:
        (HERE / "dashboards" / f"{each}.json").write_text(written(each))
