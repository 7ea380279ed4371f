"""The examples in the docstrings of the sandbox are true."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest

from sandbox import dates, matching, people, scopes, values


@pytest.mark.parametrize("module", [dates, matching, people, scopes, values])
def test_examples(module: ModuleType) -> None:
    failed, tried = doctest.testmod(module)
    assert tried
    assert not failed
