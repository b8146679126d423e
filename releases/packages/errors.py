"""What is wrong with a package, in words for the person who uploaded it."""


class PackageError(Exception):
    """A package was refused: what is wrong and where, and what to do about it."""

    def __init__(self, code: str, message: str, advice: str) -> None:
        super().__init__(code, message, advice)
        self.code = code
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return self.message
