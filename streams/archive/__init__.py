"""Where everything rests: SQL, and nothing but SQL."""
