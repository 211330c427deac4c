"""The command line: one file a command."""

from newswatch.cli.main import main

__all__ = ["main"]
