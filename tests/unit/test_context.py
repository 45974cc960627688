"""Who is acting in this task or thread."""

import asyncio
import contextvars
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pgaudit_py.context import actor, current_actor
from pgaudit_py.models import Actor


def current_id() -> str | None:
    who = current_actor()
    return who.id if who else None


def test_nobody_acts_outside_a_block() -> None:
    assert current_actor() is None


def test_the_actor_holds_for_the_block() -> None:
    with actor("alice", ip="203.0.113.7") as who:
        assert current_actor() is who
        assert who == Actor.of("alice", ip="203.0.113.7")
    assert current_actor() is None


def test_blocks_nest() -> None:
    with actor("alice"):
        with actor("bob"):
            assert current_id() == "bob"
        assert current_id() == "alice"
        with actor(None) as nobody:
            assert current_actor() is None
            assert nobody == Actor()
        assert current_id() == "alice"


def test_an_error_ends_the_block_too() -> None:
    with pytest.raises(ZeroDivisionError), actor("alice"):
        raise ZeroDivisionError
    assert current_actor() is None


def test_it_decorates_a_function_and_starts_anew_each_time() -> None:
    @actor("cron", type="job")
    def job() -> str | None:
        return current_id()

    assert (job(), job(), current_id()) == ("cron", "cron", None)


def test_threads_have_actors_of_their_own() -> None:
    both_inside = threading.Barrier(2, timeout=10)

    def work(name: str) -> str | None:
        with actor(name):
            both_inside.wait()
            return current_id()

    with ThreadPoolExecutor(2) as threads, actor("main"):
        assert list(threads.map(work, ["alice", "bob"])) == ["alice", "bob"]
        assert threads.submit(current_id).result() is None
        assert threads.submit(contextvars.copy_context().run, current_id).result() == "main"


def test_tasks_have_actors_of_their_own_and_inherit() -> None:
    async def work(name: str) -> list[str | None]:
        seen = [current_id()]
        with actor(name):
            await asyncio.sleep(0)
            seen.append(current_id())
            seen.append(await asyncio.to_thread(current_id))
        return seen

    async def main() -> list[list[str | None]]:
        with actor("main"):
            return list(await asyncio.gather(work("alice"), work("bob")))

    assert asyncio.run(main()) == [["main", "alice", "alice"], ["main", "bob", "bob"]]


def test_a_block_left_in_another_context_says_so() -> None:
    def pieces() -> Iterator[None]:
        with actor("alice"):
            yield

    steps = pieces()
    contextvars.copy_context().run(next, steps)
    with pytest.raises(ValueError, match="different Context"):
        contextvars.copy_context().run(next, steps)
    assert current_actor() is None
