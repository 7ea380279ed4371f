"""Rows that have not changed are not drawn anew: while a page fills, most of it stays as it was."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString

register = template.Library()

_MOST = 3000  # pieces of about one kilobyte
_pieces: OrderedDict[Hashable, SafeString] = OrderedDict()
_lock = threading.Lock()


def forget() -> None:
    """Everything is drawn anew."""
    with _lock:
        _pieces.clear()


class Kept(template.Node):
    """What stands inside, as it was drawn for equal values. It must depend on nothing but these values."""

    def __init__(self, inside: NodeList, values: list[FilterExpression], place: str) -> None:
        self.inside, self._values, self._place = inside, values, place

    def render(self, context: Context) -> SafeString:
        key = (self._place, *(value.resolve(context) for value in self._values))
        with _lock:
            known = _pieces.get(key)
            if known is not None:
                _pieces.move_to_end(key)
                return known
        drawn = self.inside.render(context)
        with _lock:
            _pieces[key] = drawn
            while len(_pieces) > _MOST:
                _pieces.popitem(last=False)
        return drawn


@register.tag
def kept(parser: Parser, token: Token) -> Kept:
    """{% kept row base %} … {% endkept %}: values are frozen structs or plain values."""
    _, *words = token.split_contents()
    inside = parser.parse(("endkept",))
    parser.delete_first_token()
    place = f"{parser.origin}:{token.lineno}"
    return Kept(inside, [parser.compile_filter(word) for word in words], place)
