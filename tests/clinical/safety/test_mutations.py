"""Every rule's test fails when the rule is broken on purpose: a test that cannot fail protects nobody."""

from __future__ import annotations

import importlib
import inspect
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clinical.reconcile import localcodes
from clinical.units.convert import _rule
from clinical.units.read import _ucum
from tests.clinical.safety.mutations import MUTATIONS, Mutation

ROOT = Path(__file__).parents[1]
_CACHES = (_ucum, _rule, localcodes.names)


def test_there_are_at_least_thirty_of_them_and_no_two_are_the_same() -> None:
    assert len({mutation.rule for mutation in MUTATIONS}) >= 30
    assert len({(m.where, m.what) for m in MUTATIONS}) == len(MUTATIONS)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: f"{m.rule}-{m.what}")
def test_the_test_of_a_rule_fails_when_the_rule_is_broken(
    mutation: Mutation, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _test(mutation.test)
    assert not _fails(run), "the test fails without any fault"
    owner, name = _owner(mutation.where)
    monkeypatch.setattr(owner, name, mutation.change(inspect.getattr_static(owner, name)))
    assert _fails(run), f"{mutation.test} does not notice: {mutation.what}"


def _owner(where: str) -> tuple[Any, str]:
    """The module or class that holds the name, and the name."""
    module, _, path = where.partition(":")
    owner: Any = importlib.import_module(module)
    *classes, name = path.split(".")
    for one in classes:
        owner = getattr(owner, one)
    return owner, name


def _test(named: str) -> Callable[[], None]:
    """The test as a call without arguments that goes through all its parameters."""
    path, _, name = named.partition("::")
    assert (ROOT / path).is_file(), path
    module = importlib.import_module("tests.clinical." + path.removesuffix(".py").replace("/", "."))
    function = getattr(module, name)

    def run() -> None:
        for arguments in _arguments(function):
            function(**arguments)

    return run


def _arguments(function: Callable[..., None]) -> Iterator[dict[str, Any]]:
    marks = [m for m in getattr(function, "pytestmark", ()) if m.name == "parametrize"]
    several = [list(_sets(mark)) for mark in marks]
    for combination in itertools.product(*several):
        yield {name: value for part in combination for name, value in part.items()}


def _sets(mark: pytest.Mark) -> Iterator[dict[str, Any]]:
    names = mark.args[0]
    names = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)
    for sent in mark.args[1]:
        values = sent.values if hasattr(sent, "values") and hasattr(sent, "marks") else sent
        values = (values,) if len(names) == 1 and values is sent else tuple(values)
        yield dict(zip(names, values, strict=True))


def _fails(run: Callable[[], None]) -> bool:
    for cache in _CACHES:
        cache.cache_clear()
    try:
        run()
    except (Exception, pytest.fail.Exception):  # noqa: BLE001  any way of failing counts
        return True
    finally:
        for cache in _CACHES:
            cache.cache_clear()
    return False
