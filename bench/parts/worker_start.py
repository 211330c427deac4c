"""Prints the seconds in which a worker is ready for its first article, and its memory in MB then and after a batch."""

from __future__ import annotations

import json
import sys
import time

began = time.perf_counter()

import psutil

from agents.enrich.enricher import make_enricher
from streams.records import encode_article

models, cache_dir = json.loads(sys.argv[1])
work = make_enricher(models, (), cache_dir)
ready = time.perf_counter() - began
memory = psutil.Process().memory_info().rss / 1e6

from news import news

for start in range(3):
    for language in ("fr", "en", "ar"):
        work([encode_article(article) for article in news(32, language, seed=start)])
print(json.dumps([ready, memory, psutil.Process().memory_info().rss / 1e6]))
