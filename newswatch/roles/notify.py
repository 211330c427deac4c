"""The notify role: from the archive to the endpoints."""

from __future__ import annotations

from agents.notify.deliver import Notifier
from newswatch.roles.runner import RoleContext


async def main(context: RoleContext) -> None:
    """Deliver until stopped."""
    notifier = Notifier(context.archive, context.settings.endpoints, context.clock)
    await context.until_stopped(notifier.run(), patience_seconds=5)
