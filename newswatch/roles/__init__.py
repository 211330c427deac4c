"""The roles: each a process of its own, run by its command or by `newswatch run`."""
