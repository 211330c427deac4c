"""The doors of newswatch: what a person touches."""
