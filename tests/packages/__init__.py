"""Tests of what is inside a package."""
