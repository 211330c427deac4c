"""From mentions to hits: what a watch means and when it fires."""
