"""Bundled packs: places, actors and routes of one theatre each, with their names in several languages."""
