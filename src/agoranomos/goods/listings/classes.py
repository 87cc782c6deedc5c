"""The classes of restricted goods as the sieve knows them: by number, with the words that stand beside theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agoranomos.engine.text import machine, summing
from agoranomos.engine.text.lexicon import Phrase
from agoranomos.goods.listings.phrases import Kind, kind_bits
from agoranomos.goods.listings.vocabulary import RestrictedClass


def class_numbers(restricted: Mapping[str, RestrictedClass]) -> dict[str, int]:
    """The number of each class of restricted goods for the machine: what is prohibited and what needs a licence are two
    signals, which add up. Classes beyond those that have a number share the last.
    """
    numbers: dict[str, int] = {}
    for rule, first, end in (
        ("prohibited", 0, summing.APART_FROM),
        ("licence", summing.APART_FROM, summing.CLASSES_MAX),
    ):
        names = sorted(name for name, one in restricted.items() if one.rule == rule)
        numbers |= {name: min(first + at, end - 1) for at, name in enumerate(names)}
    return numbers


def class_kinds(restricted: Mapping[str, RestrictedClass]) -> dict[int, tuple[int, int]]:
    """By the number of a class the kinds of goods that it is of and those that it never is (bits), where stated.

    See `RestrictedClass.means`; nothing for classes that share a number.
    """
    numbers = class_numbers(restricted)
    shared = {number for number in numbers.values() if list(numbers.values()).count(number) > 1}
    return {
        numbers[name]: (kind_bits(one.kinds), kind_bits(one.other_kinds))
        for name, one in restricted.items()
        if numbers[name] not in shared
    }


def beside_phrases(restricted: Mapping[str, RestrictedClass]) -> Iterator[Phrase]:
    """The everyday words that add to those of a class, so that the sieve knows where none stands."""
    numbers = class_numbers(restricted)
    classes: dict[str, int] = {}
    for name, one in restricted.items():
        for text in one.words.beside:
            classes[text] = classes.get(text, 0) | 1 << numbers[name]
    for text, bits in classes.items():
        yield Phrase(text=text, kind=Kind.NEAR, ref=0, rules=machine.MAY_TOUCH, beside=bits)
