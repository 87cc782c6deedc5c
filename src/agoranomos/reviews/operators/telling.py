"""What is said of hired operators: on the device or the account that is paid, and on whoever signs in from there."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.kernel.ids import derived
from agoranomos.reviews.operators.judging import Judged, Sign
from agoranomos.reviews.operators.model import Place
from agoranomos.reviews.operators.policy import Policy

NAME: Final = "reviews.hired_operator"
VERSION: Final = "1"
_RELATED_MAX: Final = 100
_WHAT: Final = {
    "device": ("One device works for {n} sellers", "同一台设备为 {n} 个卖家操作店铺"),
    "network": ("One network address works for {n} sellers", "同一网络地址为 {n} 个卖家操作店铺"),
    "payee": ("One account is paid by {n} sellers", "同一账号收取 {n} 个卖家的付款"),
}
_SIGNS: Final = {
    "sellers": ("it works for {n} sellers who do not belong together", "为 {n} 个互不相关的卖家工作"),
    "exports": ("orders were read in bulk at stores of {n} sellers", "在 {n} 个卖家的店铺批量读取订单"),
    "harvests": ("reviews were read in bulk at stores of {n} sellers", "在 {n} 个卖家的店铺批量读取评价"),
    "contacts": (
        "authors of bad reviews were contacted afterwards at stores of {n} sellers, more than happens by itself",
        "随后联系了 {n} 个卖家店铺的差评作者，远超正常水平",
    ),
    "endings": (
        "bad reviews ended after that at stores of {n} sellers, more than do by themselves",
        "此后 {n} 个卖家店铺的差评被删除或改高，远超正常水平",
    ),
    "payee_of_two": ("{n} of the sellers pay the same account", "其中 {n} 个卖家向同一账号付款"),
    "payee_of_more": ("{n} of the sellers pay the same account", "其中 {n} 个卖家向同一账号付款"),
    "nights": ("much of it at night", "多在夜间操作"),
    "contracted": ("a contract covers most of the stores", "多数店铺有服务合同"),
}


class Seen(NamedTuple):
    """When it is said, since when, and how often."""

    at: datetime
    since: datetime
    revision: int


class Team(NamedTuple):
    """Those at work: from which place, what they are known by, the account that the sellers pay, and the devices."""

    place: Place
    found: Judged
    known_by: str
    behind: str | None
    devices: tuple[str, ...]


def subjects(team: Team) -> list[Subject]:
    """Whom it is about: the device, or those at the network address, or who signs in from there; and who is paid."""
    place = team.place
    at_work: list[Subject] = []
    if place.kind == "device":
        at_work = [Subject("device", place.key)]
    elif place.kind == "network":
        at_work = [Subject("device", each) for each in team.devices]
        at_work = at_work or [Subject("principal", each) for each in place.accounts]
    paid = place.key if place.kind == "payee" else team.behind
    return at_work + ([Subject("account", paid)] if paid is not None else [])


def told(subject: Subject, team: Team, seen: Seen, policy: Policy) -> Finding:
    """The finding on one of them."""
    place, everybody = team.place, subjects(team)
    related = [Related(each.kind, each.id, "member") for each in everybody if each != subject]
    related += [Related("device", each, "member") for each in team.devices if Subject("device", each) not in everybody]
    related += [Related("store", each, "reference") for each in sorted(place.stores)]
    related += [Related("principal", each, "tie") for each in place.accounts]
    return Finding(
        id=finding_id(NAME, subject, seen.since), at=rfc3339(seen.at), code=NAME, subject=subject,
        score=team.found.score, reasons=_reasons(place, team.found),
        related=tuple(dict.fromkeys(each for each in related if (each.kind, each.id) != (subject.kind, subject.id)))[
            :_RELATED_MAX
        ],
        ring_id=derived("ring", NAME, team.known_by), revision=seen.revision, detector=NAME,
        version=f"{VERSION}:{policy.version}", event_ids=tuple(place.event_ids),
    )  # fmt: skip


def _reasons(place: Place, found: Judged) -> tuple[Reason, ...]:
    english, chinese = (words.format(n=found.sellers) for words in _WHAT[place.kind])
    against = [each for each in found.signs if each.weight > 0 and each.code != "sellers"]
    words = "; ".join(_SIGNS[each.code][0].format(n=each.sellers) for each in against)
    head = Reason(NAME, f"{english}: {words}.", {"message_zh": f"{chinese}。", "sellers": found.sellers})
    return (head, *map(_sign, found.signs))


def _sign(sign: Sign) -> Reason:
    english, chinese = (words.format(n=sign.sellers) for words in _SIGNS[sign.code])
    values = {"message_zh": f"{chinese}。", "weight": round(sign.weight, 3), **sign.figures}
    return Reason(f"reviews.operator_{sign.code}", f"{english[0].upper()}{english[1:]}.", values)
