"""Every metric of newswatch, by Prometheus's naming rules. No label here can grow without bound."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call] # a second series for each, which nobody reads

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86_400)
_SHORT_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
MOST_WATCH_LABELS = 500
OTHER_WATCHES = "(other)"

FEED_POLLS = Counter("newswatch_feed_polls_total", "Polls of feeds by how they ended.", ["outcome"])
FEED_ENTRIES = Counter(
    "newswatch_feed_entries_total", "Entries seen in feeds: new, revised, known or dead.", ["outcome"]
)
FULL_FETCHES = Counter("newswatch_feed_full_fetches_total", "Polls that asked for the whole document, unconditionally.")
POLL_OUTAGE = Gauge(
    "newswatch_poll_outage", "1 while more than half of the hosts polled lately cannot be reached: our network is away."
)
FEEDS = Gauge("newswatch_feeds", "Feeds by how they are: well, new, paused, quiet or failing.", ["state"])
POLLERS = Gauge("newswatch_pollers", "Pollers that share the feeds at this moment, as each of them sees it.")
PAGES = Counter("newswatch_pages_total", "Pages of articles by what became of fetching them.", ["outcome"])
PAGES_WAITING = Gauge("newswatch_pages_waiting", "Pages of articles that wait to be fetched.")
ROBOTS = Counter("newswatch_robots_total", "Askings for a site's robots.txt by how they ended.", ["outcome"])
PUSHES = Counter("newswatch_feed_pushes_total", "Documents that hubs sent by what became of them.", ["outcome"])
SUBSCRIPTIONS = Gauge("newswatch_subscriptions", "Subscriptions to feeds at their hubs by how they stand.", ["state"])
HUB_REQUESTS = Counter(
    "newswatch_hub_requests_total", "Requests to hubs to subscribe or to unsubscribe.", ["mode", "outcome"]
)
ARTICLES = Counter(
    "newswatch_articles_total",
    "Articles through each step (publish, enrich, alert) by outcome (ok, again, dead).",
    ["step", "outcome"],
)
ARTICLES_WAITING = Gauge("newswatch_articles_waiting", "Articles in the archive that are not done yet.")
OLDEST_WAITING = Gauge("newswatch_oldest_waiting_seconds", "Age of the oldest article that is not done yet.")
OUTBOX_ARTICLES = Gauge("newswatch_outbox_articles", "Articles that Kafka has not acknowledged yet.")
PUBLISHED_TO_ALERT = Histogram(
    "newswatch_published_to_alert_seconds", "From an article's own date to its alert.", buckets=_SECONDS
)
FIRST_SEEN_TO_ALERT = Histogram(
    "newswatch_first_seen_to_alert_seconds", "From the poll that found an article to its alert.", buckets=_SECONDS
)
BATCH_SECONDS = Histogram(
    "newswatch_batch_seconds", "Time a step took over one batch.", ["step"], buckets=_SHORT_SECONDS
)
BATCH_ARTICLES = Histogram(
    "newswatch_batch_articles", "Articles in one batch of a step.", ["step"], buckets=(1, 2, 4, 8, 16, 32, 64, 128)
)
QUEUE_SECONDS = Histogram(
    "newswatch_queue_seconds", "From a record's time in Kafka to its step.", ["step"], buckets=_SECONDS
)
LAST_COMMIT = Gauge(
    "newswatch_last_commit_timestamp_seconds", "When a step last finished a batch, in seconds since 1970.", ["step"]
)
WATCHES = Gauge("newswatch_watches", "Watches in force in this process, by where they are kept.", ["origin"])
WATCH_SEQUENCE = Gauge(
    "newswatch_watch_sequence", "Number of the last change of the archive's watches that this process has."
)
ALERT_LABELS = Gauge(
    "newswatch_watch_labelled_alerts", "Alerts that people have labelled, by watch and label.", ["watch", "label"]
)
ALERTS = Counter("newswatch_alerts_total", "Alerts opened by watch.", ["watch"])
HITS = Counter("newswatch_hits_total", "Watches that matched an article by what became of it.", ["outcome"])
NOTICES = Counter(
    "newswatch_notices_total",
    "Revisions of alerts for each endpoint by what became of them: sent, or why not at once.",
    ["reason"],
)
DELIVERIES = Counter(
    "newswatch_deliveries_total", "Delivery attempts by kind of endpoint and outcome.", ["endpoint_kind", "outcome"]
)
DELIVERY_SECONDS = Histogram(
    "newswatch_delivery_seconds", "From an alert's opening to its delivery.", ["endpoint_kind"], buckets=_SECONDS
)
DEAD_ARTICLES = Counter("newswatch_dead_articles_total", "Articles set aside as dead, by step.", ["step"])
PROCESS_RESTARTS = Counter(
    "newswatch_process_restarts_total",
    "Processes that ended unasked and were started again, by what they are.",
    ["what"],
)
PROCESS_RECYCLES = Counter(
    "newswatch_process_recycles_total",
    "Processes replaced for what they had done or grown to, by what they are.",
    ["what"],
)
BROKER_RECYCLES = Counter("newswatch_broker_recycles_total", "Times the embedded broker was emptied and restarted.")
BROKER_BYTES = Gauge("newswatch_broker_resident_bytes", "Memory of the embedded broker.")
ROLE_START = Gauge("newswatch_role_start_timestamp_seconds", "When the role started, in seconds since 1970.", ["role"])

FORGOTTEN = Counter(
    "newswatch_forgotten_total",
    "Rows that retention took out of the archive, by what they were: articles, alerts, revisions, dead, roles.",
    ["what"],
)
DELIVERIES_WAITING = Gauge("newswatch_deliveries_waiting", "Deliveries that are owed and not made yet.")
OLDEST_DELIVERY = Gauge("newswatch_oldest_delivery_seconds", "Age of the oldest delivery that is owed.")
ARCHIVE_BYTES = Gauge("newswatch_archive_bytes", "What the archive takes on its disk.")
DISK_FREE = Gauge("newswatch_disk_free_ratio", "Free part of the disk of `data_dir`, 0 to 1.", ["role"])

for _step in ("parse", "enrich", "alert"):  # from zero on, so that the first one counts as a rise
    DEAD_ARTICLES.labels(_step)
for _step in ("publish", "enrich", "alert"):
    for _outcome in ("ok", "again", "dead"):
        ARTICLES.labels(_step, _outcome)

_watch_labels: set[str] = set()


def count_alert(watch: str) -> None:
    """Count an alert by its watch; past `MOST_WATCH_LABELS` watches the rest share one label."""
    if watch not in _watch_labels and len(_watch_labels) >= MOST_WATCH_LABELS:
        watch = OTHER_WATCHES
    _watch_labels.add(watch)
    ALERTS.labels(watch).inc()


def show_labels(labels: Mapping[str, tuple[int, int]]) -> None:
    """Show how many alerts of each watch people call right and wrong; past `MOST_WATCH_LABELS` the rest are one."""
    ALERT_LABELS.clear()
    for number, (watch, counts) in enumerate(sorted(labels.items())):
        shown = watch if number < MOST_WATCH_LABELS else OTHER_WATCHES
        for label, count in zip(("right", "wrong"), counts, strict=True):
            ALERT_LABELS.labels(shown, label).inc(count)
