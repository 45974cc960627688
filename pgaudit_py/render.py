"""Make SQL out of the templates: pure, and closed to every value that was not quoted.

Jinja's autoescaping serves as taint tracking here, not as HTML escaping: what a template or a macro writes itself is
Markup, what the filters below return is Markup, and `finalize` refuses everything else. So nothing ever reaches the
HTML escaping, and no value reaches the SQL unquoted.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from itertools import count

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Undefined
from markupsafe import Markup
from psycopg import sql

from pgaudit_py.errors import TemplateValueError
from pgaudit_py.resources import template_folder


def render(name: str, **variables: object) -> str:
    """Render a template of templates/sql.

    Args:
        name: the file's name without `.sql.j2`.
        variables: what it needs; its first comment lists them.

    Returns:
        SQL, ready to be sent without parameters.

    Raises:
        TemplateValueError: the template prints a value unquoted.
        jinja2.UndefinedError: it uses a variable that was not given.
    """
    return _environment().get_template(f"sql/{name}.sql.j2").render(variables)


def digest(text: str) -> str:
    """Return the SHA-256 of a text, hexadecimal: the proof that an object is as it was rendered."""
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(template_folder()),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=_refuse_unquoted,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"ident": ident, "literal": literal, "dollar_quote": dollar_quote}
    return environment


def ident(value: str | tuple[str, ...]) -> Markup:
    """Quote an identifier, or the parts of a qualified one."""
    parts = (value,) if isinstance(value, str) else value
    return Markup(sql.Identifier(*parts).as_string())  # noqa: S704 - quoted, which is what Markup says here


def literal(value: object) -> Markup:
    """Quote a value: a text, a number, a boolean, None, or a list of them."""
    if isinstance(value, Undefined):
        str(value)  # raises
    return Markup(sql.Literal(value).as_string().strip())  # noqa: S704 - quoted, which is what Markup says here


def dollar_quote(body: str) -> Markup:
    """Quote a function's body by a tag that does not occur in it."""
    tags = (f"$body{number or ''}$" for number in count())
    tag = next(tag for tag in tags if tag not in body)
    return Markup(f"{tag}{body}{tag}")  # noqa: S704 - quoted, which is what Markup says here


def _refuse_unquoted(value: object) -> object:
    if isinstance(value, Markup):
        return value
    raise TemplateValueError(
        f"a template prints the value {value!r} unquoted", hint="Pass it through `ident` or `literal`."
    )
