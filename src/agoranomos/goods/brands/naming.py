"""Which brand a listing names openly, by its brand column or the head of its title.

A plain lookup for learning, where a missed listing costs nothing and a wrong one does harm.
Finding brands that somebody hides is the matcher's work, not this one's.
"""

from __future__ import annotations

import re

from agoranomos.goods.brands.model import Brand, fold_name
from agoranomos.goods.brands.snapshot import RegistrySnapshot

_WORDS_MAX = 4
_CHARACTERS_MAX = 8
_BRACKETS = re.compile(r"^(?:\s*[【\[][^】\]]*[】\]])+\s*")
_FOR_OTHERS = re.compile(r"适用|适合|适配|兼容|通用|同款|\b(?:for|fits?|compatible|like)\b", re.IGNORECASE)
_WORD = re.compile(r"\S+")
_HAN = re.compile(r"[\u3400-\u9fff]+")


def named_brand(registry: RegistrySnapshot, title: str, brand: str = "") -> Brand | None:
    """The one brand that the listing names; None for none, for several of one name, and for "for
    …" goods.
    """
    if _FOR_OTHERS.search(title):
        return None
    if brand.strip():
        found = _only(registry, brand)
        if found is not None:
            return found
    return next(
        (found for name in _heads(_BRACKETS.sub("", title)) if (found := _head(registry, name))),
        None,
    )


def _heads(title: str) -> list[str]:
    """What the title may begin with, longest first."""
    ends = [match.end() for match in list(_WORD.finditer(title))[:_WORDS_MAX]]
    chinese = _HAN.match(title)
    if chinese:
        ends += range(2, min(chinese.end(), _CHARACTERS_MAX) + 1)
    return [title[:end] for end in sorted(set(ends), reverse=True)]


def _head(registry: RegistrySnapshot, name: str) -> Brand | None:
    """The brand called `name`, unless the name is also an ordinary word."""
    brand = _only(registry, name)
    if brand is None:
        return None
    folded = fold_name(name)
    return None if any(fold_name(word) == folded for word in brand.ordinary) else brand


def _only(registry: RegistrySnapshot, name: str) -> Brand | None:
    ids = registry.by_name.get(fold_name(name), ())
    return registry.by_id[ids[0]] if len(ids) == 1 else None
