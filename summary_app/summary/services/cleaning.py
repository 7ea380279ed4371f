"""HTML of a source without anything that runs, loads, links or styles."""

from __future__ import annotations

import re

import nh3

LARGEST = 256_000  # bytes: the cleaner's time grows with size and, steeply, with depth
DEEPEST = 256
_TAGS = {
    "p", "br", "hr", "b", "i", "strong", "em", "u", "s", "sub", "sup", "small", "span", "div", "section", "article",
    "header", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption",
    "thead", "tbody", "tfoot", "tr", "th", "td", "blockquote", "pre", "code",
}  # fmt: skip
_GONE = {"script", "style", "title", "head", "noscript", "template", "iframe", "object"}
_CELLS = {"colspan", "rowspan"}
_VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "track",
    "wbr",
}
# A start tag of these ends the one before it, so a long list of them is not deep.
_SIBLINGS = {"p", "li", "td", "th", "tr", "dt", "dd", "option", "tbody", "thead", "tfoot"}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")


class Refused(Exception):
    """Too large or too deep to be cleaned; the message says which."""


def clean(html: str) -> str:
    """Text, headings, lists and tables of a page. Raises Refused."""
    if len(html.encode()) > LARGEST:
        raise Refused("the page is larger than 256 kB.")
    if depth(html) > DEEPEST:
        raise Refused("the page is nested too deep to be read safely.")
    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_GONE,
        attributes={"td": _CELLS, "th": _CELLS},
        strip_comments=True,
        link_rel=None,
    )


def depth(html: str) -> int:
    """How deep the elements are nested, at most.

    >>> depth("<div><p>a<p>b<br><b>c</b></div>")
    2
    """
    now = deepest = 0
    for closing, tag in _TAG.findall(html):
        if tag.lower() in _VOID or tag.lower() in _SIBLINGS:
            continue
        now = max(0, now - 1) if closing else now + 1
        deepest = max(deepest, now)
    return deepest
