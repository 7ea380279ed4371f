"""What is the same on every page is drawn once: heads of tables, keys and signs, addresses of files."""

from __future__ import annotations

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


class Once(template.Node):
    """What stands inside, as it was drawn first in this language. It is drawn without the names of the page around
    it, so that nothing of one patient can stay in it."""

    def __init__(self, inside: NodeList) -> None:
        self.inside = inside
        self._drawn: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        language = get_language()
        known = self._drawn.get(language)
        if known is None:
            known = self._drawn[language] = self.inside.render(context.new({}))
        return known


@register.tag
def once(parser: Parser, token: Token) -> Once:
    """{% once %} … {% endonce %}"""
    inside = parser.parse(("endonce",))
    parser.delete_first_token()
    return Once(inside)
