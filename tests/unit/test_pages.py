"""A value is text on a page, and never markup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import TemplateAssertionError, UndefinedError

from pgaudit_py import pages
from pgaudit_py.pages import render_page


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for pages of the test's own."""
    (tmp_path / "dashboard").mkdir()
    monkeypatch.setattr(pages, "template_folder", lambda: tmp_path)
    pages._environment.cache_clear()
    yield tmp_path / "dashboard"
    pages._environment.cache_clear()


def test_a_value_is_escaped(templates: Path) -> None:
    (templates / "one.html.j2").write_text("<p title='{{ value }}'>{{ value }}</p>")
    said = "&lt;script&gt;&#39;&#34;"
    assert render_page("one", value="<script>'\"") == f"<p title='{said}'>{said}</p>"


def test_a_missing_variable_is_an_error(templates: Path) -> None:
    (templates / "one.html.j2").write_text("{{ nothing }}")
    with pytest.raises(UndefinedError):
        render_page("one")


def test_the_filters_for_sql_are_not_there(templates: Path) -> None:
    (templates / "one.html.j2").write_text("{{ 'a' | ident }}")
    with pytest.raises(TemplateAssertionError, match="ident"):
        render_page("one")
