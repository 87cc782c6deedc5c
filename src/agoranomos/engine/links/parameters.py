"""What the model knows, as numbers that can be read: how often returners keep a fact, and what else explains it.

The model is that of Fellegi and Sunter (1969), with term frequencies (Winkler 2000), and with more than one way not to
be the same: two sellers may share facts since they are strangers who share them by chance, clients of one agent,
members of one household, namesakes, or customers of one supplier. A fact that such a circumstance explains as well says
little.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Annotated, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from agoranomos.engine.links.facets import PARTS
from agoranomos.kernel.errors import Invalid

LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "identity": ("differs", "two_parts", "three_parts", "four_parts", "same"),
    "name": ("differs", "surname", "sounds", "same"),
    "phone": ("differs", "same"),
    "bank": ("differs", "same"),
    "mailbox": ("differs", "same"),
    "licence": ("differs", "same"),
    "address": ("differs", "building", "room"),
    "device": ("differs", "same"),
    "network": ("differs", "same"),
    "face_photo": ("differs", "same"),
    "id_photo": ("differs", "same"),
    "holding_photo": ("differs", "same"),
    "picture": ("differs", "one", "several"),
    "text": ("differs", "one", "several"),
}
"""What is compared, and how far it can agree, from not at all."""
FIELDS: Final = tuple(LEVELS)
LEVELS_MAX: Final = 5
CIRCUMSTANCES: Final = ("agent", "household", "namesake", "supplier")
CLASSES: Final = ("same", "strangers", *CIRCUMSTANCES)
Share = Annotated[float, msgspec.Meta(gt=0.0, lt=1.0)]
Rate = Annotated[float, msgspec.Meta(ge=0.0, le=1_000.0)]


class Circumstance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why two different people share facts. `rate`: how many others a seller is so tied to; `grows`: by how many times
    more for every further holder of what they share; `shares`: how often which fact is shared.
    """

    rate: Rate
    shares: Mapping[str, Share]
    grows: Rate = 0.0


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`returners`: how many earlier accounts of his own a seller has, on average. `keeps`: of those who are the same,
    how many agree in a field at which level. `another_identity`: how much less often a returner shows a wholly
    different identity than a stranger does; every other difference can be made by whoever applies, and says nothing.
    `altered`: how readily a forger changes each part of a number. `number_alone`: how much rarer it is that a number
    was altered and nothing else kept, not even a name: who changes all the rest takes another's number.
    `chance`: how often two strangers agree, where the base does not tell; for identifiers, in how many others a seller
    meets his own value by mistake. `handful`: what more hold ties nobody.
    """

    returners: Rate
    keeps: Mapping[str, Mapping[str, Share]]
    another_identity: Share
    altered: Mapping[str, Annotated[float, msgspec.Meta(gt=0.0)]]
    number_alone: Share
    chance: Mapping[str, Share]
    mistaken: Mapping[str, Share]
    circumstances: Mapping[str, Circumstance]
    handful: Annotated[int, msgspec.Meta(ge=2, le=60)]
    photo_bits: Annotated[int, msgspec.Meta(ge=0, le=16)]

    @property
    def version(self) -> str:
        """A name for exactly these numbers."""
        return hashlib.blake2b(msgspec.json.encode(self, order="sorted"), digest_size=8).hexdigest()

    def __post_init__(self) -> None:
        """Raises Invalid when something is missing or unknown."""
        for field, levels in LEVELS.items():
            if set(self.keeps.get(field, ())) != set(levels[1:]):
                raise Invalid(f"keeps.{field} must give {', '.join(levels[1:])}")
            if sum(self.keeps[field].values()) >= 1.0:
                raise Invalid(f"keeps.{field} adds up to 1 or more")
        if set(self.altered) != set(PARTS[:4]):
            raise Invalid(f"altered must give {', '.join(PARTS[:4])}")
        if set(self.circumstances) != set(CIRCUMSTANCES):
            raise Invalid(f"circumstances must be {', '.join(CIRCUMSTANCES)}")
        for name, circumstance in self.circumstances.items():
            if unknown := set(circumstance.shares) - {*FIELDS, *PARTS}:
                raise Invalid(f"circumstances.{name}.shares: {min(unknown)} is not compared")
        wanted = {*PARTS, "name", "sounds", "building", "network"}
        if set(self.chance) != wanted:
            raise Invalid(f"chance must give {', '.join(sorted(wanted))}")
        if set(self.mistaken) != set(FIELDS) - {"name", "network"}:
            raise Invalid("mistaken must give every field but name and network")


class Numbers(NamedTuple):
    """The parameters as arrays, for compiled code; `size` sellers are compared with.

    `same` (logarithms) and `chance` are by field and level (float64, FIELDS x LEVELS_MAX); `unaltered` (16,
    logarithms): of numbers that agree in so many parts, how many agree in just these (a bit for each); `shared`
    (CIRCUMSTANCES x FIELDS) and `parts_shared` (CIRCUMSTANCES x PARTS) shares; `parts` (PARTS) chances; `rates` and
    `grows` (CIRCUMSTANCES).
    """

    same: npt.NDArray[np.float64]
    chance: npt.NDArray[np.float64]
    unaltered: npt.NDArray[np.float64]
    number_alone: float
    shared: npt.NDArray[np.float64]
    parts: npt.NDArray[np.float64]
    parts_shared: npt.NDArray[np.float64]
    rates: npt.NDArray[np.float64]
    grows: npt.NDArray[np.float64]
    returners: float
    size: float
    handful: int
    photo_bits: int


_TOP: Final = {"name": ("surname", "sounds", "name"), "address": ("building", "", ""), "network": ("network",)}


def numbers_of(given: Parameters, size: int) -> Numbers:
    """`given` for a base of `size` sellers."""
    many = max(size, 1)
    same, chance = np.zeros((len(FIELDS), LEVELS_MAX)), np.zeros((len(FIELDS), LEVELS_MAX))
    for place, (field, levels) in enumerate(LEVELS.items()):
        for level, name in enumerate(levels[1:], 1):
            same[place, level] = given.keeps[field][name]
            chance[place, level] = given.mistaken.get(field, 0.0) / many
    same[0, 0] = given.another_identity
    same[same == 0.0] = 1.0
    for field, names in _TOP.items():
        for level, name in enumerate(names, 1):
            if name:
                chance[FIELDS.index(field), level] = given.chance[name]
    kinds = [given.circumstances[name] for name in CIRCUMSTANCES]
    return Numbers(
        same=np.log(same),
        chance=chance,
        unaltered=_unaltered([given.altered[part] for part in PARTS[:4]]),
        number_alone=math.log(given.number_alone),
        shared=np.array([[kind.shares.get(field, 0.0) for field in FIELDS] for kind in kinds]),
        parts=np.array([given.chance[part] for part in PARTS]),
        parts_shared=np.array([[kind.shares.get(part, 0.0) for part in PARTS] for kind in kinds]),
        rates=np.array([kind.rate for kind in kinds]),
        grows=np.array([kind.grows for kind in kinds]),
        returners=given.returners,
        size=float(many),
        handful=given.handful,
        photo_bits=given.photo_bits,
    )


def _unaltered(altered: list[float]) -> npt.NDArray[np.float64]:
    """See `Numbers`: a forger changes parts as readily as `altered` says."""
    chances = np.ones(16)
    for kept in range(16):
        for part, readily in enumerate(altered):
            chances[kept] *= 1.0 if kept >> part & 1 else readily
    for many in range(5):
        alike = [kept for kept in range(16) if kept.bit_count() == many]
        chances[alike] /= chances[alike].sum()
    return np.log(chances)
