"""The page: one file a view."""
