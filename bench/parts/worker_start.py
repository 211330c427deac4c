"""Prints when a worker is ready for its first article, in seconds by the clock and of the processor, and its memory.

The memory is in MB, then and after three batches in three languages.
"""

from __future__ import annotations

import json
import sys
import time

began = time.perf_counter()

from streams.memory import loading

models, cache_dir = json.loads(sys.argv[1])
with loading():  # as streams.process_main does
    from agents.enrich.enricher import make_enricher

    work = make_enricher(models, (), cache_dir)
ready, busy = time.perf_counter() - began, time.process_time()

import psutil
from news import news

from streams.records import encode_article

memory = psutil.Process().memory_info().rss / 1e6

for start in range(3):
    for language in ("fr", "en", "ar"):
        work([encode_article(article) for article in news(32, language, seed=start)])
print(json.dumps([ready, busy, memory, psutil.Process().memory_info().rss / 1e6]))
