"""What the worker does: the steps of a release, advance() and recover(), the function lock."""
