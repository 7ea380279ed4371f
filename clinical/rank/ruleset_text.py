"""A rule set as the text of its file: the same table gives the same text, whoever writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

_WIDTH = 100
_TOP = ("id", "title", "version", "reviewed", "why", "applies_if")
_CUE = ("settings", "specialties", "icd10cm", "snomed", "words", "abbreviations", "whole", "not_words", "problems",
        "narrower_than", "default_for")  # fmt: skip
_LISTS = ("must", "should", "background")


def write(table: Mapping[str, Any]) -> str:
    """The text of a table that `ruleset_file.table_of` would give.

    >>> write({"id": "x", "title": "A \\"B\\"", "items": {"must": ["lab.a"]}})
    'id = "x"\\ntitle = "A \\\\"B\\\\""\\n\\n[items]\\nmust = ["lab.a"]\\n'
    """
    blocks = [_keys(table, _TOP)]
    for name, order in (("recognise", _CUE), ("items", _LISTS)):
        if name in table:
            blocks.append([f"[{name}]", *_keys(table[name], order)])
    for name, one in table.get("change", {}).items():
        blocks.append([f"[change.{_quoted(name)}]", *_keys(one, sorted(one))])
    for kind, items in table.get("own", {}).items():
        for name, one in items.items():
            blocks.append([f"[own.{_key(kind)}.{_key(name)}]", *_keys(one, sorted(one))])
    for row in table.get("codes", ()):
        blocks.append(["[[codes]]", *_keys(row, sorted(row))])
    for name, one in table.get("sources", {}).items():
        blocks.append([f"[sources.{_key(name)}]", *_keys(one, sorted(one))])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _keys(table: Mapping[str, Any], order: Iterable[str]) -> list[str]:
    return [f"{_key(name)} = {_value(table[name])}" for name in order if name in table]


def _key(name: str) -> str:
    bare = name.replace("_", "").replace("-", "")
    return name if bare.isascii() and bare.isalnum() else _quoted(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        return _number(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(name)} = {_value(one)}" for name, one in value.items())
        return f"{{ {inner} }}"
    return _list([_value(one) for one in value])


def _number(value: float | Decimal) -> str:
    written = format(Decimal(str(value)), "f")
    return written if "." in written else f"{written}.0"


def _list(parts: list[str]) -> str:
    whole = f"[{', '.join(parts)}]"
    if len(whole) <= _WIDTH:
        return whole
    return "[\n" + "".join(f"    {part},\n" for part in parts) + "]"


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _quoted(text: str) -> str:
    signs = (
        _ESCAPES.get(sign, sign if sign >= " " and sign != "\x7f" else f"\\u{ord(sign):04x}")
        for sign in text
    )
    return f'"{"".join(signs)}"'
