"""Money: integer minor units with an ISO 4217 currency; never a float."""

from __future__ import annotations

import msgspec

from agoranomos.kernel.errors import Invalid

# Minor-unit digits that differ from two (ISO 4217, list one). Everything else listed here has two.
_DIGITS_0 = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_DIGITS_3 = "BHD IQD JOD KWD LYD OMR TND"
_DIGITS_2 = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF "
    "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR "
    "MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD "
    "SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR "
    "ZMW ZWG"
)
MINOR_DIGITS: dict[str, int] = {
    **dict.fromkeys(_DIGITS_2.split(), 2),
    **dict.fromkeys(_DIGITS_0.split(), 0),
    **dict.fromkeys(_DIGITS_3.split(), 3),
}
AMOUNT_MAX = 10**15
"""Above ten trillion units no listing, coupon or payout is real; refused rather than summed."""


class Money(msgspec.Struct, frozen=True, order=True):
    """`amount` in minor units (fen, cents; yen itself) of `currency`."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in MINOR_DIGITS:
            raise Invalid(f"{self.currency[:8]!r} is no ISO 4217 currency code such as CNY", pointer="/currency")
        if abs(self.amount) > AMOUNT_MAX:
            raise Invalid(f"the amount {self.amount} is beyond {AMOUNT_MAX} minor units", pointer="/amount")

    def __str__(self) -> str:
        digits = MINOR_DIGITS[self.currency]
        sign = "-" if self.amount < 0 else ""
        whole, rest = divmod(abs(self.amount), 10**digits)
        return f"{sign}{whole:,}.{rest:0{digits}d} {self.currency}" if digits else f"{sign}{whole:,} {self.currency}"
