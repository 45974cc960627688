"""`python -m pgaudit_py` is `pgaudit-py`."""

from pgaudit_py.cli import main

main()
