"""From addresses to entries: fetching, parsing, identity, polling."""
