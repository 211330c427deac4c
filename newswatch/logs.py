"""Structured log lines on standard error: `time level=… role=… logger=… msg="…"` (logfmt)."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

# agents.pipeline only has subclasses of Faust services, which log under its name
_QUIET = (
    "agents.pipeline",
    "kafka",
    "aiokafka",
    "faust",
    "mode",
    "alembic",
    "asyncio",
    "aiohttp.access",
    "uvicorn.access",
    "uvicorn.error",
)


class LogfmtFormatter(logging.Formatter):
    """One line a record; a traceback is folded into its line as `trace="…"`."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = (
            f"{at} level={record.levelname.lower()} role={self._role} logger={record.name} "
            f"msg={json.dumps(record.getMessage(), ensure_ascii=False)}"
        )
        if record.exc_info:
            line += f" trace={json.dumps(self.formatException(record.exc_info), ensure_ascii=False)}"
        return line


def configure_logs(role: str, level: int = logging.INFO) -> None:
    """Send every logger's records to standard error in our form; chatty libraries only their warnings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogfmtFormatter(role))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
