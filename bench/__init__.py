"""Benchmarks: what capture costs a write, and what reading costs as the log grows. Never run by the tests."""
