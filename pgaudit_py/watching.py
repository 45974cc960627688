"""The event triggers that watch the tables' definitions: made where that is asked for, since only a superuser may."""

from __future__ import annotations

from pgaudit_py.render import render
from pgaudit_py.statements import Flow, fetch_one, query, script, whole


def watch_definitions(*, wanted: bool) -> Flow[bool]:
    """Make the event triggers, or take them away; under the pinned search_path, in a transaction.

    Returns:
        Whether there was something to do.
    """
    state = yield from fetch_one(query("event_triggers", whole))
    if state["whole"] if wanted else not state["made"]:
        return False
    # A rehearsal leaves it out: it takes a superuser, and whoever writes the script need not be one.
    yield script(render("event_triggers", wanted=wanted), locks=True)
    return True
