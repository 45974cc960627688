"""Random programs: tables, writes of several sessions, alterations; run with the audit trail and without it, and compared.

`schema`, `statements`, `alterations` and `generator` make a program out of a seed, without a database; `executor` runs one;
`oracle` tells what the log must say; `comparison` runs one in both ways; `shrinker` makes one that fails smaller.
By hand: `make random`, or `python -m tests.random --help`.
"""
