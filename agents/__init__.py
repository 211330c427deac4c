"""The verbs of newswatch: what decides or acts on a record."""
