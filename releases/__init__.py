"""Releases of Lambda functions: the product itself. The map is in the README."""
