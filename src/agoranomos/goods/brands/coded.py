"""How the copy trade calls a house without naming it: a character, letter or initials of it and 家, as 马家,
T家, CD家 or CDjia.

Shops for copies write so for every house that they copy, so the names are made by rule and not listed. Alone
they say little (a shop may belong to a family Ma): they count as nicknames that are ordinary words, only of goods
that the house sells.
"""

from __future__ import annotations

from collections.abc import Iterable

from agoranomos.goods.brands.model import Brand

_HOUSE = "家"
_HOUSE_SPELLED = "jia"
ENDINGS = (_HOUSE, _HOUSE_SPELLED)
"""How the names that are made by rule end."""
_FINE_YUAN = {"bags": 900, "watches": 9_000, "jewellery": 900, "clothing": 700, "shoes": 1_200}
"""Who calls a maker a house: one whose goods of a kind cost at least so much, in yuan."""
_FEN = 100
_NAMES_MAX = 2
_CHARACTERS_MAX = 5
_INITIALS_MAX = 3
_TELLING = 2
"""Only the first characters of a name are heard as the name."""
# What ends in 家 and is no house of fashion: words, furniture shops, surnames of pots and food.
_WORDS = frozenset(
    "国大专作画科买卖厂商玩赢行管居私皇公全回安成老当自人我你他她咱两各独一万名百客农东西冤亲娘婆家表"
    "丈奶亡仇世起搬败酒渔船店庄本官哪住在出离恋顾到想爱宜艺思归新张李王赵刘陈杨周吴郑孙胡朱高林何郭罗梁宋唐许"
)


def coded_names(brand: Brand) -> tuple[str, ...]:
    """The names of `brand` with 家, none for makers of everyday goods.

    >>> from agoranomos.goods.brands.seed import seed_brands
    >>> coded_names(next(brand for brand in seed_brands() if brand.brand_id == "givenchy"))[:3]
    ('梵家', 'G家', 'PG家')
    """
    if not brand.much_copied:
        return ()
    if not _is_fine(brand):
        return _spelled(brand, ())
    chinese = [name for name in brand.names if _is_chinese(name) and len(name) <= _CHARACTERS_MAX][:_NAMES_MAX]
    found = [char + _HOUSE for name in chinese for char in name[:_TELLING] if char not in _WORDS]
    found += [name[:2] + _HOUSE for name in chinese if len(name) > 2]
    found += [letter + _HOUSE for letter in brand.main_name[:1].upper() if letter.isascii() and letter.isalpha()]
    found += [_initials(name) + _HOUSE for name in (*brand.names, *brand.aliases) if _initials(name)]
    called = brand.called()
    return tuple(name for name in dict.fromkeys((*found, *_spelled(brand, found))) if name not in called)


def _spelled(brand: Brand, found: Iterable[str]) -> tuple[str, ...]:
    """Initials with 家 in pinyin: LVjia, CDjia."""
    letters = (name.removesuffix(_HOUSE) for name in (*found, *brand.nicknames) if name.endswith(_HOUSE))
    return tuple(each + _HOUSE_SPELLED for each in letters if len(each) > 1 and each.isascii() and each.isupper())


def _initials(name: str) -> str:
    """The initials of a Latin name of two or three words: CD of Christian Dior."""
    words = name.split()
    plain = 1 < len(words) <= _INITIALS_MAX and all(word.isascii() and word[:1].isupper() for word in words)
    return "".join(word[0] for word in words) if plain else ""


def _is_fine(brand: Brand) -> bool:
    return any(price.amount >= _FINE_YUAN[kind] * _FEN for kind, price in brand.floors.items() if kind in _FINE_YUAN)


def _is_chinese(name: str) -> bool:
    return len(name) > 1 and all("一" <= char <= "鿿" for char in name)
