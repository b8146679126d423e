"""Embedded PostgreSQL, Redis and AWS for the demo and the tests, and the demo's data."""
