"""A kept check as the API returns it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from agoranomos.goods.listings.model import Concern, Field, Signal
from agoranomos.goods.listings.policy import Advice, ListingPolicy
from agoranomos.goods.listings.queries import Acknowledgement, StoredCheck
from agoranomos.kernel.consulting import SNOOZED
from agoranomos.kernel.decisions import Decision, Outcome

DOCUMENTS: Final = "goods.documents"
"""The code of advice on documents that the category profile asks for."""
_WE_ASK_FOR: Final = "For goods of this kind we ask for: "
_WE_ASK_FOR_ZH: Final = "此类商品需要提供："


class QuotedWords(msgspec.Struct, frozen=True):
    """The seller's own words that a reason rests on.

    `text` is `field[start:end]`, counted in Unicode code points (not bytes, not UTF-16 units) from
    0, the end not included; `reads` is what the words stand for and `code` the reason that quotes
    them.
    """

    field: Field
    start: int
    end: int
    text: str
    reads: str
    code: str


class CodedAdvice(msgspec.Struct, frozen=True):
    """What the seller can do about the reason `code`, in English and Chinese."""

    code: str
    en: str
    zh: str


class ListingDecision(Decision, frozen=True, kw_only=True):
    """A decision about a listing. `acknowledge_url` is there when the outcome is `warn`."""

    quotes: tuple[QuotedWords, ...]
    advice: tuple[CodedAdvice, ...]
    acknowledge_url: str | None = None


class ListingDecisionRecord(ListingDecision, frozen=True, kw_only=True):
    """A kept decision, and who has read its warning."""

    acknowledgement: Acknowledgement | None = None


def counted(check: StoredCheck) -> list[Signal]:
    """What was noticed and counts: the rest is snoozed."""
    if not check.signals:
        return []
    snoozed = {hit.code for hit in check.decision.hits if hit.status == SNOOZED}
    return [signal for signal in check.signals if signal.code not in snoozed]


def quoted_words(signals: Sequence[Signal]) -> tuple[QuotedWords, ...]:
    """Every quote of every signal, in reading order."""
    if not signals:
        return ()
    found = {
        QuotedWords(quote.field, quote.start, quote.end, quote.text, quote.reads, signal.code)
        for signal in signals
        for quote in signal.quotes
    }
    order: tuple[Field, ...] = ("title", "brand", "description")
    return tuple(sorted(found, key=lambda words: (order.index(words.field), words.start, words.end, words.code)))


def advice_on(check: StoredCheck, policy: ListingPolicy) -> tuple[tuple[str, Advice], ...]:
    """(code, advice) for what speaks against the listing, heaviest first, no text twice; none on
    approval.
    """
    if check.decision.outcome is Outcome.APPROVE:
        return ()
    found: dict[Advice, str] = {}
    for signal in sorted(counted(check), key=lambda signal: (-signal.weight, signal.code)):
        if signal.weight > 0:
            found.setdefault(policy.advice_for(signal.code, signal.concern), signal.code)
    if any(signal.weight > 0 and signal.concern is Concern.COUNTERFEIT for signal in check.signals):
        documents = policy.profiles.get(check.profile).documents
        for document in documents:
            found.setdefault(Advice(f"{_WE_ASK_FOR}{document.en}.", f"{_WE_ASK_FOR_ZH}{document.zh}。"), DOCUMENTS)
    return tuple((code, advice) for advice, code in found.items())


def presented(check: StoredCheck, policy: ListingPolicy) -> ListingDecision:
    """The answer to a check."""
    decision = check.decision
    warned = decision.outcome is Outcome.WARN
    return ListingDecision(
        *msgspec.structs.astuple(decision),
        quotes=quoted_words(counted(check)),
        advice=tuple(CodedAdvice(code, advice.en, advice.zh) for code, advice in advice_on(check, policy)),
        acknowledge_url=f"/v1/decisions/{decision.id}/acknowledgement" if warned else None,
    )


def recorded(
    check: StoredCheck, acknowledgement: Acknowledgement | None, policy: ListingPolicy
) -> ListingDecisionRecord:
    """The answer to a later look at the decision."""
    answer = presented(check, policy)
    return ListingDecisionRecord(
        **{name: getattr(answer, name) for name in ListingDecision.__struct_fields__},
        acknowledgement=acknowledgement,
    )
