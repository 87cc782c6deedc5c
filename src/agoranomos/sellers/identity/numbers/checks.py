"""Check characters: what the last character of a number must be, given the others.

Each is `(text) -> bool` over the whole number with its check character, which must have the right alphabet.
"""

from __future__ import annotations

from typing import Final

_RESIDENT: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015, table 2: no I, O, S, V, Z."""
_CREDIT_VALUE: Final = {character: value for value, character in enumerate(CREDIT_ALPHABET)}
_CREDIT: Final = tuple(3**place % 31 for place in range(17))
_ORGANISATION: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_MRZ_WEIGHTS: Final = (7, 3, 1)


def resident(number: str) -> bool:
    """GB 11643-1999 after ISO 7064 MOD 11-2: eighteen characters, the last a digit or X."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _RESIDENT, strict=True))
    return "10X98765432"[total % 11] == number[17]


def credit_code(code: str) -> bool:
    """GB 32100-2015, modulo 31: eighteen characters of `CREDIT_ALPHABET`."""
    total = sum(_CREDIT_VALUE[character] * weight for character, weight in zip(code[:17], _CREDIT, strict=True))
    return CREDIT_ALPHABET[-total % 31] == code[17]


def organisation(code: str) -> bool:
    """GB 11714-1997, modulo 11: nine characters, which stand in a credit code at 9 to 17."""
    total = sum(int(character, 36) * weight for character, weight in zip(code[:8], _ORGANISATION, strict=True))
    return "0123456789X0"[11 - total % 11] == code[8]


def registration(number: str) -> bool:
    """Fifteen digits of a business registration before 2015 (GS 15-2006), after ISO 7064 MOD 11,10."""
    rest = 10
    for digit in number[:14]:
        rest = ((rest + int(digit)) % 10 or 10) * 2 % 11
    return (rest + int(number[14])) % 10 == 1


def luhn(number: str) -> bool:
    """ISO/IEC 7812-1, annex B: bank cards."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def mrz(text: str, check: str) -> bool:
    """ICAO 9303-3, section 4.9: weights 7, 3, 1, modulo 10; `<` counts nothing. An empty field may show `<`."""
    total = sum(_mrz_value(character) * _MRZ_WEIGHTS[place % 3] for place, character in enumerate(text))
    return str(total % 10) == check or (check == "<" and not text.strip("<"))


def iban(number: str) -> bool:
    """ISO 13616 after ISO 7064 MOD 97-10: capitals and digits."""
    turned = "".join(str(int(character, 36)) for character in number[4:] + number[:4])
    return int(turned) % 97 == 1


def _mrz_value(character: str) -> int:
    return 0 if character == "<" else int(character, 36)
