"""Checks rule set files that a site keeps in version control. Changes nothing; says line and reason."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinical import rank
from clinical.rank import ruleset, ruleset_checks, ruleset_words
from clinical.rank.ruleset import RuleSet
from clinical.rank.ruleset_file import RuleSetInvalid


class Command(BaseCommand):
    help = "Checks rule set files: what cannot be used, what to look at, what they change about the shipped packs."

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.requires_system_checks = []  # works where nothing is configured, as in a site's own pipeline

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="+", type=Path)
        parser.add_argument("--strict", action="store_true", help="a doubt counts as a fault")

    def handle(self, *_: Any, **options: Any) -> None:
        faults = sum(self._check(path, strict=options["strict"]) for path in options["file"])
        if faults:
            raise CommandError(f"{faults} of {len(options['file'])} files cannot be used.")

    def _check(self, path: Path, *, strict: bool) -> bool:
        """Whether the file is at fault."""
        base = rank.load()
        try:
            found = ruleset.read(path.read_text(encoding="utf-8"), base)
        except RuleSetInvalid as error:
            self.stdout.write(f"{path}:{error.line}: {error.reason}")
            return True
        except (OSError, UnicodeDecodeError) as error:
            self.stdout.write(f"{path}:1: cannot be read: {error}")
            return True
        library = ruleset.with_rule_sets(base, [found])
        doubts = ruleset_checks.doubts(found.pack, library)
        for one in doubts:
            self.stdout.write(f"{path}: look at {one.item or 'the set'}: {one.words}")
        self._differences(path, found)
        return bool(strict and doubts)

    def _differences(self, path: Path, found: RuleSet) -> None:
        base = rank.load()
        items = ruleset.with_rule_sets(base, [found]).items
        told = ruleset_words.difference(
            base.packs.get(found.pack.id), found.pack, items, base.items
        )
        self.stdout.write(
            f"{path}: {found.pack.rule}, {len(found.pack.listed)} rules, {len(told)} differences"
        )
        for one in told:
            self.stdout.write(f"  {one.sign} {one.text}")
