"""The web server of newswatch."""
