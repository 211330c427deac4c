"""Names: one key for all spellings, a scan over all of them, and what a person's name means."""
