"""From text to mentions: language, recognition, actors, places, routes."""
