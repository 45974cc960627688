"""Say who is acting on a connection: an actor becomes one statement that binds the session's settings."""

from __future__ import annotations

import codecs
import json
from collections.abc import Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Any, overload

from pgaudit_py.errors import OptionError, TransactionRequired
from pgaudit_py.models import Actor, IPAddress
from pgaudit_py.statements import Statement, query, whole

if TYPE_CHECKING:
    import psycopg

NOBODY = Actor()


def bind_statement(actor: Actor | None, *, encodings: Iterable[str] = ()) -> Statement[dict[str, Any]]:
    r"""Build the statement that binds an actor until the current transaction ends.

    Args:
        actor: who is acting; None, or an actor of whom nothing is known, clears what was bound.
        encodings: Python's names of the encodings that the texts must pass, for connections and databases
            other than UTF-8 (see `encodings_of`). What one of them lacks becomes an escape such as `\u65e5`.

    Returns:
        The statement of sql/queries/bind_actor.sql; its one row repeats the settings.
    """
    who = actor or NOBODY
    texts = {
        "causer_type": who.type or "",
        "causer_id": who.id or "",
        "ip": who.ip or "",
        "user_agent": who.user_agent or "",
        "request_id": who.request_id or "",
        "metadata": json.dumps(who.metadata, ensure_ascii=False) if who.metadata else "",
    }
    for encoding in encodings:
        texts = {
            name: text.encode(encoding, "backslashreplace").decode(encoding) for name, text in texts.items()
        }
    return query("bind_actor", whole, **texts, stamped=bool(who))


@overload
def set_actor(
    conn: psycopg.AsyncConnection[Any],
    user: object,
    *,
    type: str | None = None,
    ip: IPAddress | None = None,
    user_agent: str | None = None,
    request_id: str | None = None,
    metadata: Mapping[str, object] | None = None,
) -> Coroutine[Any, Any, None]: ...


@overload
def set_actor(
    conn: psycopg.Connection[Any],
    user: object,
    *,
    type: str | None = None,
    ip: IPAddress | None = None,
    user_agent: str | None = None,
    request_id: str | None = None,
    metadata: Mapping[str, object] | None = None,
) -> None: ...


def set_actor(
    conn: psycopg.Connection[Any] | psycopg.AsyncConnection[Any],
    user: object,
    *,
    type: str | None = None,
    ip: IPAddress | None = None,
    user_agent: str | None = None,
    request_id: str | None = None,
    metadata: Mapping[str, object] | None = None,
) -> Coroutine[Any, Any, None] | None:
    """Say who is acting on this connection, until its current transaction ends.

    What was bound before in this transaction is replaced as a whole. A rollback to an earlier savepoint takes
    the actor back with everything else; commit and rollback forget it, so that the next user of a pooled
    connection is never taken for this one. Where no transaction is open and the connection is not in
    autocommit mode, this begins one, as any statement does.

    Args:
        conn: a psycopg connection, sync or async.
        user, type, ip, user_agent, request_id, metadata: as `Actor.of` takes them; None as the user, and
            nothing else, clears the actor.

    Returns:
        None; for an async connection a coroutine: `await set_actor(conn, …)`.

    Raises:
        TransactionRequired: the connection is in autocommit mode and outside a transaction, where the actor
            would be lost at once; or the transaction has failed and takes no more statements.
        OptionError: the connection is none of psycopg's.
    """
    who = Actor.of(user, type=type, ip=ip, user_agent=user_agent, request_id=request_id, metadata=metadata)
    return _bind(conn, who)


@overload
def clear_actor(conn: psycopg.AsyncConnection[Any]) -> Coroutine[Any, Any, None]: ...


@overload
def clear_actor(conn: psycopg.Connection[Any]) -> None: ...


def clear_actor(
    conn: psycopg.Connection[Any] | psycopg.AsyncConnection[Any],
) -> Coroutine[Any, Any, None] | None:
    """Say that nobody is acting on this connection, until its current transaction ends.

    Args:
        conn: a psycopg connection, sync or async.

    Returns:
        None; for an async connection a coroutine: `await clear_actor(conn)`.

    Raises:
        TransactionRequired, OptionError: as `set_actor` does.
    """
    return _bind(conn, NOBODY)


def encodings_of(conn: psycopg.BaseConnection[Any]) -> tuple[str, ...]:
    """Name the encodings, as Python knows them, that a text must pass on its way into this database.

    Returns:
        Nothing where client and server speak UTF-8. A server's encoding that Python lacks counts as ASCII.
    """
    client = conn.info.encoding
    server = _codec(conn.info.parameter_status("server_encoding") or "UTF8")
    if client == "ascii" and server == "utf-8":
        client = "utf-8"  # what psycopg sends where the client's encoding is SQL_ASCII
    return tuple(name for name in dict.fromkeys((client, server)) if name != "utf-8")


def _codec(server_encoding: str) -> str:
    """Return Python's name of an encoding of PostgreSQL's."""
    if server_encoding == "SQL_ASCII":  # takes every byte
        return "utf-8"
    try:
        return codecs.lookup(server_encoding.replace("WIN", "cp")).name
    except LookupError:
        return "ascii"


def _bind(conn: object, actor: Actor) -> Coroutine[Any, Any, None] | None:
    import psycopg  # here, since it takes 0.1 s, and who holds a connection has paid for it already

    # Not conn.cursor(): the connection's own factories may take other parameters, or make rows that fail.
    from pgaudit_py.cursors import AsyncOwnCursor, OwnCursor

    tuple_row = psycopg.rows.tuple_row
    if isinstance(conn, psycopg.AsyncConnection):
        return _bind_async(AsyncOwnCursor(conn, row_factory=tuple_row), actor)
    if not isinstance(conn, psycopg.Connection):
        kind = f"{type(conn).__module__}.{type(conn).__qualname__}"
        raise OptionError(
            f"an actor cannot be set on a {kind}", hint="Pass the psycopg connection beneath it."
        )
    _bind_sync(OwnCursor(conn, row_factory=tuple_row), actor)
    return None


def _bind_sync(cursor: psycopg.Cursor[Any], actor: Actor) -> None:
    conn = cursor.connection
    if _is_undecided(conn):
        with conn.pipeline():  # the end of this inner one waits for the results so far
            pass
    _require_transaction(conn)
    statement = bind_statement(actor, encodings=encodings_of(conn))
    cursor.execute(statement.sql, statement.params)


async def _bind_async(cursor: psycopg.AsyncCursor[Any], actor: Actor) -> None:
    conn = cursor.connection
    if _is_undecided(conn):
        async with conn.pipeline():
            pass
    _require_transaction(conn)
    statement = bind_statement(actor, encodings=encodings_of(conn))
    await cursor.execute(statement.sql, statement.params)


def _is_undecided(conn: psycopg.BaseConnection[Any]) -> bool:
    """Tell whether only the results of a pipeline's statements will show if a transaction is open."""
    info = conn.info
    return info.pipeline_status.name != "OFF" and conn.autocommit and info.transaction_status.name == "ACTIVE"


def _require_transaction(conn: psycopg.BaseConnection[Any]) -> None:
    status = conn.info.transaction_status.name
    if status == "INERROR":
        raise TransactionRequired(
            "the transaction has failed and takes no more statements, so no actor can be set in it",
            hint="Roll it back first, or leave the `with` block of the transaction or savepoint that failed.",
        )
    if status == "IDLE" and conn.autocommit:
        raise TransactionRequired(
            "an actor holds for one transaction, and this autocommit connection has none open",
            hint="Open one around the changes, `with conn.transaction():`, and set the actor in it.",
        )
