"""The safety document and the tests say the same."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

from tests.clinical.safety.mutations import MUTATIONS

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests" / "clinical"
DOCUMENT = (ROOT / "docs" / "clinical-safety.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`([\w./]+\.py)::(test_\w+)`", DOCUMENT)
ROWS = [line.split("|")[1].strip() for line in DOCUMENT.splitlines() if line.startswith("| ")]


@lru_cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_rule_has_a_row_and_a_proof() -> None:
    assert [row for row in ROWS if row.isdigit()] == [str(n) for n in range(1, 57)]
    for line in DOCUMENT.splitlines():
        if line.startswith("| ") and line.split("|")[1].strip() not in ("rule", "---"):
            assert "::test_" in line, line


@pytest.mark.parametrize(("path", "name"), sorted(set(NAMED)))
def test_every_test_named_exists(path: str, name: str) -> None:
    file = (TESTS / path).resolve()
    assert file.is_file(), path
    assert name in functions(file), f"{path}::{name}"


def test_every_planted_fault_is_of_a_rule_of_the_document_and_its_test_is_named_there() -> None:
    rules = {row.split()[0] for row in ROWS}
    named = {f"{path}::{name}" for path, name in NAMED}
    assert {m.rule for m in MUTATIONS} <= rules
    by_rule = {m.rule for m in MUTATIONS if m.test in named}
    assert by_rule == {m.rule for m in MUTATIONS}
