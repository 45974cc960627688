"""The command line: parse, call, print."""

from pgaudit_py.cli.root import main

__all__ = ["main"]
