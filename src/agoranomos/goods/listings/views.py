"""What the pages show of a decision: words instead of codes, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from agoranomos.goods.listings.highlight import Piece, Words, pieces
from agoranomos.goods.listings.model import Concern, Field, Listing, Signal
from agoranomos.goods.listings.policy import ListingPolicy
from agoranomos.goods.listings.presenting import advice_on, counted
from agoranomos.goods.listings.queries import StoredCheck
from agoranomos.goods.listings.wording import WEIGHT_FULL, score_words, weight_words
from agoranomos.kernel.decisions import Outcome
from agoranomos.web.i18n import Language


class Moment(msgspec.Struct, frozen=True):
    """A moment for people and for machines, in UTC."""

    text: str
    iso: str


class Said(msgspec.Struct, frozen=True):
    """One reason: its sentence, how heavy it is in words and as a bar (0..100), and the words it
    quotes.
    """

    message: str
    weight_key: str
    bar: float
    quotes: tuple[Words, ...]


class Group(msgspec.Struct, frozen=True):
    """The reasons within one concern, under the key of its heading."""

    heading_key: str
    reasons: tuple[Said, ...]


class DecisionView(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as a page shows it. `outcome` and the keys pick texts; none of them is shown."""

    decision_id: str
    made: Moment
    outcome: Outcome
    figure: int
    score_key: str
    against: tuple[Group, ...]
    in_favour: tuple[Said, ...]
    advice: tuple[str, ...]

    @property
    def warns(self) -> bool:
        return self.outcome is Outcome.WARN

    @property
    def approves(self) -> bool:
        return self.outcome is Outcome.APPROVE


class Part(msgspec.Struct, frozen=True):
    """One field of the listing: the key of its label and its text in pieces."""

    label_key: str
    pieces: tuple[Piece, ...]


def moment(at: datetime) -> Moment:
    """`at` to the minute."""
    utc = at.astimezone(UTC)
    return Moment(f"{utc:%Y-%m-%d %H:%M} UTC", utc.isoformat(timespec="seconds"))


def decision_view(check: StoredCheck, policy: ListingPolicy, language: Language) -> DecisionView:
    """`check` in `language`."""
    decision = check.decision
    signals = sorted(counted(check), key=lambda signal: (-abs(signal.weight), signal.code))
    return DecisionView(
        decision_id=decision.id,
        made=moment(check.at),
        outcome=decision.outcome,
        figure=_figure(decision.score),
        score_key=score_words(decision.score),
        against=_grouped([signal for signal in signals if signal.weight > 0], language),
        in_favour=tuple(_said(signal, language) for signal in signals if signal.weight < 0),
        advice=tuple(getattr(advice, language) for _, advice in advice_on(check, policy)),
    )


def listing_view(listing: Listing, check: StoredCheck) -> tuple[Part, ...]:
    """The listing's texts with the quoted words marked; fields that are empty are left out."""
    signals = counted(check)
    parts: dict[str, tuple[Piece, ...]] = {
        "title": _marked(listing.title, "title", signals),
        "price": (Piece(str(listing.price or "")),),
        "category": (Piece(listing.category),),
        "brand": _marked(listing.brand, "brand", signals),
        "description": _marked(listing.description, "description", signals),
    }
    filled = {name: found for name, found in parts.items() if any(piece.text for piece in found)}
    return tuple(Part(f"field.{name}", found) for name, found in filled.items())


def _marked(text: str, field: Field, signals: Iterable[Signal]) -> tuple[Piece, ...]:
    spans = [
        Words(quote.start, quote.end, quote.text, quote.reads)
        for signal in signals
        for quote in signal.quotes
        if quote.field == field and signal.weight > 0
    ]
    return tuple(pieces(text, spans))


def _grouped(signals: list[Signal], language: Language) -> tuple[Group, ...]:
    """The heaviest concern first, as its heaviest signal comes first."""
    concerns: dict[Concern, list[Said]] = {}
    for signal in signals:
        concerns.setdefault(signal.concern, []).append(_said(signal, language))
    return tuple(Group(f"concern.{concern.value}", tuple(reasons)) for concern, reasons in concerns.items())


def _said(signal: Signal, language: Language) -> Said:
    quotes = {
        (quote.text, quote.reads): Words(quote.start, quote.end, quote.text, quote.reads) for quote in signal.quotes
    }
    return Said(
        message=signal.message if language == "en" else signal.message_zh,
        weight_key=weight_words(signal.weight),
        bar=round(min(abs(signal.weight) / WEIGHT_FULL, 1.0) * 100, 1),
        quotes=tuple(quotes.values()),
    )


def _figure(score: float) -> int:
    """A probability as a whole number of 100 that never claims certainty, nor rounds up to the next
    line.
    """
    return min(99, int(score * 100 + 1e-9))
