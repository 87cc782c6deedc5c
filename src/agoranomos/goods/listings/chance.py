"""Words for restricted goods that stand in a text by chance: other words that sound or look like them.

Sellers who disguise such a word change one character of it, and leave the others so that buyers can read it. In a
Chinese text of any length some three characters sound like any three others; a short word is therefore only taken for
a disguise where it stands by itself, as words in titles do.
"""

from __future__ import annotations

import re
from typing import Final

from agoranomos.engine.text.folding import SHAPE, SOUND, TAKEN_APART, light
from agoranomos.goods.listings.facts import Spoken
from agoranomos.goods.listings.model import Listing

_CHANGED: Final = SOUND | SHAPE | TAKEN_APART
_SHORT: Final = 3
"""Characters of a word that is found changed only where it stands apart; of two, one changed leaves too little."""
_LONG: Final = 6
"""Characters from which on two may be changed."""
_EDGE: Final = re.compile(r"[\s\W_]|^$")


def by_chance(one: Spoken, listing: Listing) -> bool:
    """Whether `one`, changed by sound or shape, is more likely another word."""
    if not one.how & _CHANGED:
        return False
    meant, written = light(one.term.text), light(one.text)
    if len(meant) != len(written):
        return False  # spelled in letters, or in the parts of a character
    changed = sum(a != b for a, b in zip(meant, written, strict=True))
    if len(meant) <= _SHORT:
        return changed > 1 or len(meant) < _SHORT or not _stands_apart(one, listing)
    return changed > (2 if len(meant) >= _LONG else 1)


def _stands_apart(one: Spoken, listing: Listing) -> bool:
    text = getattr(listing, one.place.field)
    before, after = text[: one.place.start][-1:], text[one.place.end :][:1]
    return bool(_EDGE.match(before) and _EDGE.match(after))
