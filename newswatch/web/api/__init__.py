"""The API, version 1: one file a thing that can be asked for."""
