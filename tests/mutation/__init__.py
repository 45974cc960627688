"""Would a test notice? Each safety clause of what runs while the application writes is taken away, and tests must turn red.

By hand: `make mutants`, or `python -m tests.mutation [NAME …]`; docs/explanation/mutants.md has what came out.
"""
