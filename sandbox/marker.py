"""The mark of a database that holds the demo's data: set on an empty one, asked for ever after."""

from django.db.backends.base.base import BaseDatabaseWrapper

from releases.checks import DEMO_MARK, is_demo
from sandbox.errors import SandboxError


def mark(connection: BaseDatabaseWrapper) -> None:
    """Mark an empty database. Raises SandboxError if anything is in it that is not the demo's."""
    if is_demo(connection):
        return
    if tables := connection.introspection.table_names():
        raise SandboxError(
            f"{_name(connection)} holds {len(tables)} tables and was not made for the demo, so it "
            "is left alone: use an empty database."
        )
    write(connection)


def write(connection: BaseDatabaseWrapper, text: str = DEMO_MARK) -> None:
    """Set the mark, whatever the database holds; an empty text removes it."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(_name(connection))
        # A comment and no table: no migration knows it and no dump carries it elsewhere.
        cursor.execute(f"COMMENT ON DATABASE {name} IS '{text}'")


def require(connection: BaseDatabaseWrapper) -> None:
    """Raises SandboxError unless the demo's data may be written here."""
    if not is_demo(connection):
        raise SandboxError(
            f"{_name(connection)} was not made for the demo, so nothing is written: "
            "`manage.py sandbox prepare` makes an empty database ready."
        )


def _name(connection: BaseDatabaseWrapper) -> str:
    return str(connection.settings_dict["NAME"])
