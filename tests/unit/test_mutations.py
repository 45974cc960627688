"""Each clause that a mutation takes away is still there, exactly once; `make mutants` runs them."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.mutation.__main__ import ROOT, mutated, place
from tests.mutation.mutations import MUTATIONS, Mutation
from tests.mutation.page import told


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_it_applies_exactly_once(mutation: Mutation) -> None:
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    assert mutated(text, mutation) != text
    for name in mutation.tests.split():
        file, *test = place(name).split("::")
        assert not test or f"def {test[0]}(" in (ROOT / file).read_text(encoding="utf-8")


def test_one_that_rots_is_an_error() -> None:
    gone = Mutation("gone", "", "what nobody wrote", "", "")
    with pytest.raises(AssertionError, match="gone: what it takes away is 0 times"):
        mutated("text", gone)
    with pytest.raises(AssertionError, match="2 times"):
        mutated("what nobody wrote, what nobody wrote", gone)


def test_the_page_has_all_of_them() -> None:
    assert [name for name, times in Counter(one.name for one in MUTATIONS).items() if times > 1] == []
    assert list(told()) == [one.name for one in MUTATIONS]
    assert [name for name, test in told().items() if not test.startswith("`test_")] == []
