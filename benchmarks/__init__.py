"""Measurements against a named peer in the same run; each closes with a line `ratio: …`."""
