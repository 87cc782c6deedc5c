"""From where a seller stands to what the marketplace is to do: the difference to what it was asked before.

Warnings, points, suspensions and closings each rest on offences. Whatever no longer follows from the facts is taken
back, and what follows anew is asked for; so an appeal lifts exactly what rested on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from agoranomos.engine.stream.monitor import Output
from agoranomos.kernel.findings import Subject
from agoranomos.sellers.points import telling
from agoranomos.sellers.points.cabinet import Asked, Sheet
from agoranomos.sellers.points.standing import ALL_STORES, Graded, SellerStanding
from agoranomos.sellers.points.telling import Hands, Speaker

_BECAUSE_MAX = 90


class Measures:
    """Works out one seller's difference; afterwards `asked` is in force, and `outputs` are to be said."""

    def __init__(self, sheet: Sheet, found: SellerStanding, speaker: Speaker, hands: Hands) -> None:
        self.asked: list[Asked] = []
        self.outputs: list[Output] = []
        self._found = found
        self._graded = {each.case_id: each for each in found.offences}
        self._seller = Subject("seller", sheet.seller_id)
        self._gone = {each.store_id for each in sheet.history.held if not each.open_at(found.as_of)}
        self._speaker = speaker
        self._hands = hands
        before = {kind: [each for each in sheet.asked if each.kind == kind] for kind in ("warn", "points", "suspend")}
        self._closings([each for each in sheet.asked if each.kind == "close"])
        self._suspensions(before["suspend"])
        self._warnings(before["warn"])
        self._points(before["points"])

    def _warnings(self, before: Iterable[Asked]) -> None:
        kept = set()
        for each in before:
            graded = self._graded.get(each.case_id)
            if graded is not None and graded.warn:
                self.asked.append(each)
                kept.add(each.case_id)
            else:
                self._take_back(each, telling.UNWARN, self._seller, {})
        for graded in self._found.offences:
            if graded.warn and graded.case_id not in kept:
                action = self._speaker.ask(
                    telling.WARN, self._seller, {"course_id": graded.course_id}, (graded.case_id,)
                )
                self._say(action, Asked(kind="warn", case_id=graded.case_id, action_id=action.id))

    def _points(self, before: list[Asked]) -> None:
        told: dict[str, list[Asked]] = {}
        for each in before:
            told.setdefault(each.case_id, []).append(each)
        for case_id in sorted(told.keys() | self._graded.keys(), key=self._place):
            graded = self._graded.get(case_id)
            wanted = graded.points_at(self._found.as_of) if graded is not None else 0
            more = wanted - sum(each.left for each in told.get(case_id, ()))
            if more < 0:
                self.asked += self._give_back(told[case_id], -more, graded)
            else:
                self.asked += told.get(case_id, [])
            if more > 0:
                action = self._speaker.ask(telling.DEDUCT, self._seller, {"points": more}, (case_id,))
                self._say(action, Asked(kind="points", case_id=case_id, action_id=action.id, points=more, left=more))

    def _give_back(self, told: list[Asked], count: int, graded: Graded | None) -> list[Asked]:
        """Gives back `count` points of a case, of the latest deduction first; returns what stays in force.

        A whole deduction that rests on nothing any more is taken back; of what ended or was taken off, points are given
        back.
        """
        ended = graded is not None and (graded.ends_at <= self._found.as_of or graded.points_off > 0)
        stays: list[Asked] = []
        loose = 0
        for each in reversed(told):
            part = min(count, each.left)
            count -= part
            if part == each.points and not ended:
                self._take_back(each, telling.RESTORE, self._seller, {"points": part})
            else:
                loose += part
            if part < each.left:
                stays.append(msgspec.structs.replace(each, left=each.left - part))
        if loose:
            params = {"points": loose}
            because = (told[0].case_id,)
            self.outputs.append(self._speaker.ask(telling.RESTORE, self._seller, params, because, by=telling.ENDING))
        return stays[::-1]

    def _suspensions(self, before: Iterable[Asked]) -> None:
        now = self._found.as_of
        wanted = {
            (graded.case_id, store_id): graded
            for graded in self._found.offences
            for store_id in graded.stores
            if graded.suspended_until > now
        }
        kept = set()
        for each in before:
            key = (each.case_id, each.store_id)
            graded = self._graded.get(each.case_id)
            if key in wanted and wanted[key].suspend_days == each.days:
                self.asked.append(each)
                kept.add(key)
                continue
            others = any(store == each.store_id and case != each.case_id for case, store in wanted)
            stays = others or each.store_id in self._gone or each.store_id in self._found.closed
            store = self._place_of(each.store_id)
            ran_out = graded is not None and graded.suspend_days == each.days and each.store_id in graded.stores
            if not ran_out:
                self._take_back(each, None if stays else telling.RESUME, store, {})
            elif not stays:
                self.outputs.append(self._speaker.ask(telling.RESUME, store, {}, (each.case_id,), by=telling.ENDING))
        for (case_id, store_id), graded in wanted.items():
            if (case_id, store_id) in kept or store_id in self._gone:
                continue
            action = self._speaker.ask(
                telling.SUSPEND, self._place_of(store_id), {"days": graded.suspend_days}, (case_id,)
            )
            asked = Asked(
                kind="suspend", case_id=case_id, action_id=action.id, store_id=store_id, days=graded.suspend_days,
                ends_at=graded.suspended_until,
            )  # fmt: skip
            self._say(action, asked)

    def _closings(self, before: Iterable[Asked]) -> None:
        since = self._found.closed_since
        kept = set()
        for each in before:
            if each.store_id in self._found.closed:
                self.asked.append(each)
                kept.add(each.store_id)
            else:
                self._take_back(each, telling.REOPEN, self._place_of(each.store_id), {})
        for store_id in self._found.closed:
            if since is None or store_id in kept or store_id in self._gone:
                continue
            costing = [each for each in self._found.offences if each.points_at(since)]
            because = tuple(each.case_id for each in costing)[-_BECAUSE_MAX:]
            points = sum(each.points_at(since) for each in costing)
            action = self._speaker.ask(telling.CLOSE, self._place_of(store_id), {"points": points}, because)
            self._say(action, Asked(kind="close", case_id=because[-1], action_id=action.id, store_id=store_id))

    def _say(self, action: Output, asked: Asked) -> None:
        self.outputs.append(action)
        self.asked.append(asked)

    def _take_back(self, asked: Asked, kind: str | None, subject: Subject, params: dict[str, int]) -> None:
        reversing = None if kind is None else self._speaker.ask(kind, subject, params, (asked.case_id,))
        self.outputs += self._hands.take_back(asked, reversing)

    def _place_of(self, store_id: str) -> Subject:
        return self._seller if store_id == ALL_STORES else Subject("store", store_id)

    def _place(self, case_id: str) -> tuple[bool, datetime, str]:
        graded = self._graded.get(case_id)
        return graded is not None, graded.at if graded is not None else self._found.as_of, case_id
