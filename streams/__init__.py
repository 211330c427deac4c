"""The nouns of newswatch: what flows, where it enters and where it rests."""
