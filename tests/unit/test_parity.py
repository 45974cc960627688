"""Audit and AsyncAudit offer the same, word for word."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from pgaudit_py import AsyncAudit, Audit


def public(cls: type) -> dict[str, Callable[..., Any]]:
    return {
        name: method
        for name, method in vars(cls).items()
        if not name.startswith("_") and inspect.isfunction(method)
    }


def test_the_same_methods() -> None:
    assert list(public(AsyncAudit)) == list(public(Audit))


@pytest.mark.parametrize("name", list(public(Audit)))
def test_the_same_signature_and_docstring(name: str) -> None:
    sync, asynchronous = public(Audit)[name], public(AsyncAudit)[name]
    assert inspect.signature(sync) == inspect.signature(asynchronous)
    assert sync.__doc__
    assert sync.__doc__ == asynchronous.__doc__
    assert inspect.iscoroutinefunction(asynchronous)
