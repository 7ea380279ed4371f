"""What several entries of one slot of the safety line say in the same words is said once, with how many say it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from clinical.summary.view_model import SlotLine


def once(blocks: Iterable[Sequence[SlotLine]]) -> tuple[SlotLine, ...]:
    """blocks: the lines of one entry each. Only entries of a single line are put together; the first keeps its place.

    Its sources are those of all of them.
    """
    alike: dict[object, list[SlotLine]] = {}
    for place, block in enumerate(blocks):
        lead = block[0]
        single = len(block) == 1 and lead.text and lead.state is None and not lead.differs
        key = (lead.text.lower(), lead.level, lead.loud, lead.strong) if single else place
        alike.setdefault(key, []).extend(block)
    lines: list[SlotLine] = []
    for said, found in alike.items():
        lines += found if isinstance(said, int) or len(found) == 1 else [_together(found)]
    return tuple(lines)


def _together(found: Sequence[SlotLine]) -> SlotLine:
    sources = tuple(dict.fromkeys(token for line in found for token in line.sources))
    text = f"{found[0].text} ({len(found)} entries)"
    return msgspec.structs.replace(found[0], text=text, sources=sources)
