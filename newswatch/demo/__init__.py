"""The demonstration: sample feeds of our own words, served over loopback and watched live."""
