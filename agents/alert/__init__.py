"""From hits to alerts: stories, lifecycle, one transaction an article."""
