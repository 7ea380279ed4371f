"""Names for the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def name_of(content: Mapping[str, Any]) -> str:
    """The name of a person or a place as recorded first; "" when there is none that can be read.

    >>> name_of({"name": [{"family": "Example", "given": ["Ann", "B."]}]})
    'Ann B. Example'
    """
    names = content.get("name")
    if isinstance(names, str):
        return names
    listed = names if isinstance(names, list) else [names]
    first: Mapping[str, Any] = next((each for each in listed if isinstance(each, dict)), {})
    text = first.get("text")
    if isinstance(text, str) and text:
        return text
    given = first.get("given")
    parts = [*(given if isinstance(given, list) else [given]), first.get("family")]
    return " ".join(part for part in parts if isinstance(part, str))
