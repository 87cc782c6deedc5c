"""Where a seller stands, in words for the seller: each offence with what it cost and until when, in two languages."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from agoranomos.kernel.calendar import after
from agoranomos.sellers.points.policy import Policy
from agoranomos.sellers.points.standing import ALL_STORES, Graded, SellerStanding


class Words(msgspec.Struct, frozen=True):
    """Sentences by language."""

    en: list[str]
    zh: list[str]


def words(found: SellerStanding, policy: Policy) -> Words:
    """The points in force, what they rest on, and what ends when."""
    zone = policy.zone
    en = [f"{found.points} of {found.closes_at} points are in force."]
    zh = [f"当前有效扣分 {found.points} 分，累计 {found.closes_at} 分将关闭店铺。"]
    for each in found.offences:
        left = each.points_at(found.as_of)
        en.append(_en(each, left, zone))
        zh.append(_zh(each, left, zone))
        if (until := _course_until(each, found, policy)) is not None:
            en.append(f"The course {each.course_id}, completed by {_day(until, zone)}, takes points off.")
            zh.append(f"在 {_day(until, zone)} 前完成课程 {each.course_id} 可减免扣分。")
    for store_id, until in sorted(found.suspended.items()):
        which, which_zh = _which(store_id)
        en.append(f"{which} suspended until {_day(until, zone)}.")
        zh.append(f"{which_zh}暂停营业至 {_day(until, zone)}。")
    for store_id in found.closed:
        which, which_zh = _which(store_id)
        en.append(f"{which} to be closed; you may appeal each case.")
        zh.append(f"{which_zh}将被关闭；您可以对每个案件提出申诉。")
    return Words(en, zh)


def _which(store_id: str) -> tuple[str, str]:
    return (
        ("All your stores are", "您的全部店铺")
        if store_id == ALL_STORES
        else (f"Store {store_id} is", f"店铺 {store_id} ")
    )


def _en(each: Graded, left: int, zone: ZoneInfo) -> str:
    costs = ", ".join(
        filter(None, (
            "a warning" if each.warn else "",
            f"{each.points} points" if each.points else "",
            f"{each.suspend_days} days of suspension" if each.suspend_days else "",
        ))
    )  # fmt: skip
    off = f" A course took off {each.points_off}." if each.points_off else ""
    ends = f" {left} points last until {_day(each.ends_at, zone)}." if left else ""
    return f"Case {each.case_id} ({each.clause}), offence {each.number}: {costs}.{off}{ends}"


def _zh(each: Graded, left: int, zone: ZoneInfo) -> str:
    costs = "、".join(
        filter(None, (
            "警告" if each.warn else "",
            f"扣 {each.points} 分" if each.points else "",
            f"暂停营业 {each.suspend_days} 天" if each.suspend_days else "",
        ))
    )  # fmt: skip
    off = f"完成课程减 {each.points_off} 分。" if each.points_off else ""
    ends = f"其中 {left} 分有效至 {_day(each.ends_at, zone)}。" if left else ""
    return f"案件 {each.case_id}（{each.clause}），第 {each.number} 次违规：{costs}。{off}{ends}"


def _course_until(each: Graded, found: SellerStanding, policy: Policy) -> datetime | None:
    """Until when a course takes points off this offence; None when none does."""
    education = policy.on(each.at).education
    until = after(each.at, timedelta(days=education.within_days))
    used = sum(other.points_off > 0 for other in found.offences)
    helps = each.points_at(found.as_of) and each.number <= education.steps_max and used < education.times
    return until if helps and not each.points_off and until > found.as_of else None


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
