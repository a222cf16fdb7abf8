"""How a database says that it would run the statements of a piece of work."""

from collections.abc import Callable

from sqlalchemy import event

from shared.sharding.engines import Database


def plans(database: Database, work: Callable[[], object]) -> list[str]:
    """One plan for each different statement that `work` runs on the database, in the order of their first run."""
    ran: dict[str, object] = {}

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
        # Of a statement that runs for many rows at once, the first will do.
        ran.setdefault(statement, parameters[0] if isinstance(parameters, list) else parameters)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    word = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    with database.reader.connect() as connection:
        return [
            "\n".join(str(tuple(row)) for row in connection.exec_driver_sql(word + statement, parameters))
            for statement, parameters in ran.items()
            if statement.startswith(("SELECT", "UPDATE", "DELETE"))
        ]
