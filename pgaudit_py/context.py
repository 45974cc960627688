"""Who is acting in this task or thread: one ContextVar, and `actor` to set it for a block of code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from pgaudit_py.models import Actor, IPAddress

_current: ContextVar[Actor | None] = ContextVar("pgaudit_py.actor", default=None)


def current_actor() -> Actor | None:
    """Return who is acting here, or None for nobody.

    The only place that reads the variable: integrations ask this function at the start of a transaction.
    """
    return _current.get()


@contextmanager
def actor(
    user: object,
    *,
    type: str | None = None,
    ip: IPAddress | None = None,
    user_agent: str | None = None,
    request_id: str | None = None,
    metadata: Mapping[str, object] | None = None,
) -> Iterator[Actor]:
    """Say who is acting, for a block of code in this task or thread.

    An integration (AuditConnection, a middleware, …) binds it to every transaction that begins inside the
    block; one that is open already keeps its actor: call `set_actor(conn, …)` there. Blocks nest: the inner
    actor replaces the outer one, which returns afterwards. Tasks started inside inherit the actor, threads
    do not, unless started through `asyncio.to_thread` or `contextvars.copy_context`.

    Args:
        user, type, ip, user_agent, request_id, metadata: as `Actor.of` takes them; `actor(None)` makes it
            nobody.

    Returns:
        A context manager (`with`, also in async code) that gives the Actor.

    Raises:
        ValueError: the block is left in another context than it was entered in, as in a generator that
            a thread pool runs in pieces. The actor could not have been seen by the code between.
    """
    who = Actor.of(user, type=type, ip=ip, user_agent=user_agent, request_id=request_id, metadata=metadata)
    token = _current.set(who or None)
    try:
        yield who
    finally:
        _current.reset(token)
