"""Reading a page that is not quite JSON: finding its entries so that one broken entry costs only itself.

Slow (pure Python over the brackets of a page) and used only after the ordinary reader has refused the page.
"""

from __future__ import annotations

import itertools
import re

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},:]', re.DOTALL)
_OPEN, _CLOSE = b"{[", b"}]"
_NOT_BRACKETS = bytes(code for code in range(256) if code not in b'{}[]"\\')


class Broken(ValueError):
    """The brackets of the text do not close: it was cut off, or it never was JSON."""


def entries(body: bytes) -> tuple[bytes, list[bytes]]:
    """Takes the elements of the top-level "entry" array out of a Bundle.

    Returns the Bundle with an empty entry array, and the elements as they stand in the text, whatever is in them.
    Raises Broken when brackets do not close.
    """
    found = _array(body)
    if found is None:
        return body, []
    start, end, cuts = found
    parts = [body[a:b].strip() for a, b in itertools.pairwise(cuts)]
    parts = [part.strip(b", \t\r\n") for part in parts]
    return body[:start] + b"[]" + body[end:], [part for part in parts if part]


def _array(body: bytes) -> tuple[int, int, list[int]] | None:
    """Where the entry array starts and ends, and the places of its commas."""
    depth, start, key, cuts = 0, -1, b"", []
    result: tuple[int, int, list[int]] | None = None
    for match in _TOKEN.finditer(body):
        token, first = match.group(), match.group()[0]
        if first in _OPEN:
            if depth == 1 and first == _OPEN[1] and key == b'"entry"' and result is None:
                start, cuts = match.start(), [match.end()]
            depth += 1
        elif first in _CLOSE:
            depth -= 1
            if depth == 1 and start >= 0 and result is None:
                result = (start, match.end(), [*cuts, match.start()])
        elif token == b"," and depth == 2 and start >= 0 and result is None:
            cuts.append(match.start())
        if depth == 1 and first == ord('"'):
            key = token
        elif depth == 1 and token == b",":
            key = b""
    if depth != 0:
        raise Broken("brackets do not close")
    return result


def deeper_than(limit: int, text: bytes) -> bool:
    """Whether brackets are nested deeper than limit; brackets inside strings do not count.

    >>> deeper_than(2, b'{"a": [{"b": "[[["}]}'), deeper_than(3, b'{"a": [{"b": "[[["}]}')
    (True, False)
    """
    rest = text.translate(None, _NOT_BRACKETS)
    for _ in range(limit // 2):  # a round peels at most two levels, at the speed of bytes.replace
        peeled = rest.replace(b'""', b"").replace(b"{}", b"").replace(b"[]", b"")
        if not peeled:
            return False
        if len(peeled) == len(rest):
            break  # a string holds a single bracket, or the text is not JSON
        rest = peeled
    return _exact_depth(text) > limit


def _exact_depth(text: bytes) -> int:
    deepest = now = 0
    for match in _TOKEN.finditer(text):
        first = match.group()[0]
        if first in _OPEN:
            now += 1
            deepest = max(deepest, now)
        elif first in _CLOSE:
            now -= 1
    return deepest
