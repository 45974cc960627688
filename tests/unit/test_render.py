"""No value reaches the SQL unquoted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from pgaudit_py import render as module
from pgaudit_py.errors import TemplateValueError
from pgaudit_py.render import digest, dollar_quote, ident, literal, render
from pgaudit_py.resources import template_folder


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for templates of the test's own."""
    (tmp_path / "sql").mkdir()
    monkeypatch.setattr(module, "template_folder", lambda: tmp_path)
    module._environment.cache_clear()
    yield tmp_path / "sql"
    module._environment.cache_clear()


@pytest.mark.parametrize("value", ["DROP TABLE posts", 7, None, True, ["a"]])
def test_a_bare_value_is_refused(templates: Path, value: object) -> None:
    (templates / "bad.sql.j2").write_text("SELECT {{ value }}")
    with pytest.raises(TemplateValueError, match="unquoted"):
        render("bad", value=value)


def test_a_macro_does_not_launder_values(templates: Path) -> None:
    (templates / "bad.sql.j2").write_text("{% macro m(v) %}{{ v }}{% endmacro %}SELECT {{ m(value) }}")
    with pytest.raises(TemplateValueError):
        render("bad", value="x")


def test_a_missing_variable_is_refused(templates: Path) -> None:
    (templates / "bad.sql.j2").write_text("SELECT {{ missing | literal }}")
    with pytest.raises(UndefinedError):
        render("bad")


def test_nothing_is_escaped_as_html(templates: Path) -> None:
    (templates / "good.sql.j2").write_text(
        "{% macro m(v) %}{{ v | literal }}{% endmacro %}SELECT '<&>' || {{ m(value) }}"
    )
    assert render("good", value="<'&\">") == "SELECT '<&>' || '<''&\">'"


@pytest.mark.parametrize(
    ("value", "quoted"),
    [("a", '"a"'), ('a"b', '"a""b"'), (("s", "t"), '"s"."t"'), ("{{ x }}", '"{{ x }}"'), ("100%", '"100%"')],
)
def test_identifiers(value: str | tuple[str, ...], quoted: str) -> None:
    assert ident(value) == quoted


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("a", "'a'"),
        ("a'b", "'a''b'"),
        ("a\\b", "E'a\\\\b'"),
        (7, "7"),
        (-7, "-7"),
        (None, "NULL"),
        (True, "true"),
    ],
)
def test_literals(value: object, quoted: str) -> None:
    assert literal(value) == quoted


def test_a_body_is_quoted_by_a_tag_that_it_lacks() -> None:
    assert dollar_quote("a") == "$body$a$body$"
    assert dollar_quote("$body$ $body1$") == "$body2$$body$ $body1$$body2$"


def test_digest_is_sha256() -> None:
    assert digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_every_template_says_what_it_is() -> None:
    for path in (template_folder() / "sql").glob("*.j2"):
        assert re.match(r"\{#- [A-Z]", path.read_text(encoding="utf-8")), path.name
