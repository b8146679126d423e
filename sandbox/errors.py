"""What can stop the sandbox from starting, as one sentence for the person who started it."""


class SandboxError(Exception):
    """The message is a whole sentence that says what to do."""
