"""What a notice form must say, where the law asks for it, and what one form lacks.

Sources: 17 U.S.C. 512(c)(3)(A), elements (i) to (vi) (https://www.law.cornell.edu/uscode/text/17/512); Regulation (EU)
2022/2065 (DSA) Art. 16(2)(a) to (d); E-Commerce Law of the People's Republic of China, Art. 42 (a notice includes prima
facie evidence of the infringement); the notice forms of large marketplaces, which ask for proof of identity and of the
right besides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, get_args

import msgspec

from agoranomos.goods.notices.model import Element
from agoranomos.kernel.schema.base import Id
from agoranomos.kernel.schema.cases import NoticeFiled

ELEMENTS: Final[tuple[Element, ...]] = get_args(Element)
EXPLANATION_CHARACTERS_MIN: Final = 10
_FORM: Final = (
    "filer_name", "filer_email", "filer_phone", "filer_address", "signature", "capacity", "work", "good_faith",
    "accurate", "authorised",
)  # fmt: skip


class NoticeForm(NoticeFiled, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A notice form: the fields of the event `notice.filed`. Without `notice_id` it gets one."""

    listing_ids: Annotated[tuple[Id, ...], msgspec.Meta(max_length=1_000)]
    notice_id: Id | None = None  # type: ignore[assignment] # what the event must have, the form may leave out


class About(msgspec.Struct, frozen=True):
    """What an element is, in two languages, which field holds it, and where the law asks for it."""

    field: str
    en: str
    zh: str
    source: str


ABOUT: Final[dict[Element, About]] = {
    "listings": About(
        "listing_ids", "which listings are meant", "被投诉的商品链接", "512(c)(3)(A)(iii); DSA 16(2)(b)"
    ),
    "explanation": About(
        "statement", "why they infringe the right, in at least ten characters", "侵权说明（至少十个字符）",
        "DSA 16(2)(a)",
    ),
    "name": About("filer_name", "the name of whoever files", "投诉人姓名或名称", "DSA 16(2)(c)"),
    "contact": About(
        "filer_email, filer_phone or filer_address", "an e-mail address, telephone number or address", "联系方式",
        "512(c)(3)(A)(iv); DSA 16(2)(c)",
    ),
    "capacity": About("capacity", "whether owner of the right or agent", "权利人本人或代理人", "512(c)(3)(A)(vi)"),
    "work": About("work", "which work is infringed", "被侵权的作品", "512(c)(3)(A)(ii)"),
    "right": About("right_numbers", "the number under which the right is registered", "权利登记证号", "marketplaces"),
    "evidence": About("evidence", "first evidence of the infringement", "构成侵权的初步证据", "E-Commerce Law 42"),
    "good_faith": About(
        "good_faith", "the statement of good faith", "善意声明", "512(c)(3)(A)(v); DSA 16(2)(d)"
    ),
    "accurate": About(
        "accurate", "the statement that all is accurate and complete", "内容真实完整的声明",
        "512(c)(3)(A)(vi); DSA 16(2)(d)",
    ),
    "authorised": About(
        "authorised", "the statement, under penalty of perjury, of being authorised", "有权投诉的声明（伪证担责）",
        "512(c)(3)(A)(vi)",
    ),
    "signature": About("signature", "a signature, typed or scanned", "签名或盖章", "512(c)(3)(A)(i)"),
}  # fmt: skip


def has_form(body: NoticeFiled) -> bool:
    """Whether the notice brings a form; without one it was taken on one of the marketplace's own."""
    return bool(body.right_numbers) or any(getattr(body, name) is not None for name in _FORM)


def missing(body: NoticeFiled, required: tuple[Element, ...]) -> tuple[Element, ...]:
    """The elements of `required` that the form lacks, in their order."""
    return tuple(each for each in required if not _THERE[each](body))


def _said(text: str | None) -> bool:
    return bool(text and text.strip())


_THERE: Final[dict[Element, Callable[[NoticeFiled], bool]]] = {
    "listings": lambda body: bool(body.listing_ids),
    "explanation": lambda body: len(body.statement.strip()) >= EXPLANATION_CHARACTERS_MIN,
    "name": lambda body: _said(body.filer_name),
    "contact": lambda body: any(map(_said, (body.filer_email, body.filer_phone, body.filer_address))),
    "capacity": lambda body: body.capacity is not None,
    "work": lambda body: _said(body.work),
    "right": lambda body: bool(body.right_numbers),
    "evidence": lambda body: bool(body.evidence),
    "good_faith": lambda body: body.good_faith is True,
    "accurate": lambda body: body.accurate is True,
    "authorised": lambda body: body.authorised is True,
    "signature": lambda body: _said(body.signature),
}
