"""Audit and AsyncAudit offer the same, word for word."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from pgaudit_py import AsyncAudit, Audit
from pgaudit_py.statements import Statement


def public(cls: type) -> dict[str, Callable[..., Any]]:
    methods: dict[str, Callable[..., Any]] = {}
    for base in reversed(cls.__mro__):
        methods |= {name: method for name, method in vars(base).items() if inspect.isfunction(method)}
    return {name: method for name, method in methods.items() if not name.startswith("_")}


def test_the_same_methods() -> None:
    assert list(public(AsyncAudit)) == list(public(Audit))


def test_every_filter_arrives_under_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same statement through both, with another value for each keyword."""
    given = {
        "subject": ("posts", "a key"), "causer": "a causer", "causer_type": "a type", "action": "an action",
        "field": "a field", "transaction_id": 11, "request_id": "a request",
        "since": datetime(2026, 1, 1, tzinfo=UTC), "until": datetime(2026, 1, 2, tzinfo=UTC),
        "metadata": {"a": "mapping"}, "limit": 12, "before": 13,
    }  # fmt: skip
    assert list(given) == list(inspect.signature(Audit.activity).parameters)[1:]
    sent: list[Statement[Any]] = []

    def execute(self: Audit, statement: Statement[Any]) -> list[Any]:
        sent.append(statement)
        return []

    async def execute_async(self: AsyncAudit, statement: Statement[Any]) -> list[Any]:
        return execute(Audit(None), statement)  # type: ignore[arg-type]  # never asked for anything

    monkeypatch.setattr(Audit, "_execute", execute)
    monkeypatch.setattr(AsyncAudit, "_execute", execute_async)
    Audit(None).activity(**given)  # type: ignore[arg-type]
    asyncio.run(AsyncAudit(None).activity(**given))  # type: ignore[arg-type]
    first, second = sent
    assert first == second
    assert first.params == {
        "subject_type": "posts", "key": ["a key"], "causer_type": "a type", "causer_id": "a causer",
        "action": "an action", "field": "a field", "transaction_id": 11, "request_id": "a request",
        "since": given["since"], "until": given["until"], "metadata": '{"a": "mapping"}', "before": 13,
        "max_rows": 13,
    }  # fmt: skip


@pytest.mark.parametrize("name", list(public(Audit)))
def test_the_same_signature_and_docstring(name: str) -> None:
    sync, asynchronous = public(Audit)[name], public(AsyncAudit)[name]
    given, returned = inspect.signature(asynchronous), str(inspect.signature(sync).return_annotation)
    if returned.startswith("Iterator["):
        assert given.return_annotation == f"Async{returned}"
        given = given.replace(return_annotation=returned)
    else:
        assert inspect.iscoroutinefunction(asynchronous)
    assert inspect.signature(sync) == given
    assert sync.__doc__
    assert sync.__doc__ == asynchronous.__doc__
