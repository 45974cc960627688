"""Records on the page, as the command line was asked for them: for people, or as JSON or CSV."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from itertools import islice
from typing import Any

import click
from rich.console import RenderableType

from pgaudit_py.output.listing import Listing
from pgaudit_py.output.programs import to_json, write_csv
from pgaudit_py.output.terminal import Page, Wanted, console, is_terminal, open_page
from pgaudit_py.output.values import visible
from pgaudit_py.records import Activity


def emit(
    wanted: Wanted,
    records: Iterable[Any],
    listing: Callable[[list[Any]], RenderableType],
    nothing: str = "",
    *,
    of: type | Sequence[str] | None = None,
    together: int | None = None,
) -> None:
    """Print records: as a listing for people, or each as a line of JSON or CSV, as they come.

    Args:
        wanted: what the options say.
        records: dataclasses or mappings, all of one kind.
        listing: lays all of them out.
        nothing: what people are told, on standard error, where there are none.
        of: the dataclass that the records are, or their names, so that CSV begins with these where there are none.
        together: how many are laid out as one listing; None for all of them.
    """
    with open_page(wanted) as page:
        if wanted.output != "table":
            _for_programs(wanted, records, page, of)
        elif not _lay_out(wanted, records, page, listing, together) and nothing:
            click.echo(visible(nothing), err=True)


def _lay_out(
    wanted: Wanted,
    records: Iterable[Any],
    page: Page,
    listing: Callable[[list[Any]], RenderableType],
    together: int | None,
) -> bool:
    """Print listings; tell whether there was anything."""
    paper, rest, any_at_all = console(wanted.color, page.stream), iter(records), False
    while found := list(islice(rest, together)):
        any_at_all = True
        paper.print(listing(found))
    return any_at_all


def feed(wanted: Wanted, records: Iterable[Activity], listing: Callable[[list[Any]], Listing]) -> None:
    """Print activities one by one as they come, in columns that only ever get wider, or each as a line of JSON or CSV."""
    with open_page(wanted, paged=False) as page:
        if wanted.output != "table":
            _for_programs(wanted, _shown_at_once(records, page), page, Activity)
            return
        paper = console(wanted.color, page.stream)
        so_far = replace(listing([]), least=_USUAL)
        paper.print(so_far)
        page.flush()
        for one in records:
            so_far = replace(listing([one]), least=so_far.widths(), headed=False)
            paper.print(so_far)
            page.flush()


_USUAL = (6, 19, 12, 15, 9, 10)
"""Widths of id, when, who, from, action and what, as they mostly are."""


def report(
    wanted: Wanted,
    records: Iterable[Any],
    line: Callable[[Any], str],
    *,
    of: type | Sequence[str] | None = None,
) -> None:
    """Print what was done as it is done: a line for people, or each as a line of JSON or CSV.

    Args:
        wanted, records, of: as for `emit`; a generator may do the work.
        line: says one of them.
    """
    if wanted.output == "table":
        for record in records:
            click.echo(visible(line(record)))
    else:
        with open_page(wanted, paged=False) as page:
            _for_programs(wanted, _shown_at_once(records, page), page, of)


def _shown_at_once(records: Iterable[Any], page: Page) -> Iterable[Any]:
    """Let each record be seen before the next one is worked for."""
    for record in records:
        yield record
        page.flush()


def _for_programs(
    wanted: Wanted, records: Iterable[Any], page: Page, of: type | Sequence[str] | None
) -> None:
    if wanted.output == "csv":
        escape = visible if is_terminal(sys.stdout) else str
        write_csv(records, page.stream, _names(of), escape)
        return
    for record in records:
        page.write(to_json(record) + "\n")


def _names(of: type | Sequence[str] | None) -> Sequence[str] | None:
    return [field.name for field in fields(of)] if isinstance(of, type) else of
