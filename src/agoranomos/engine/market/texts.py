"""What people write: reviews, complaints, questions, put together from phrases of one or two clauses."""

from __future__ import annotations

from typing import Final

from agoranomos.engine.market.streams import Stream

_GOOD: Final = (
    "质量很好", "物流很快", "和描述一致", "穿着舒服", "性价比高", "包装完好", "客服态度好", "颜色很正", "已经回购第三次了",
    "家人很喜欢", "做工精细", "没有异味", "大小合适", "值得推荐", "送人很有面子", "Great quality", "Fast delivery, thanks",
)  # fmt: skip
_FAIR: Final = (
    "还可以吧", "一般般", "对得起这个价格", "物流有点慢", "颜色和图片有一点色差", "比想象中小", "包装简单了点", "凑合用",
    "It is ok for the price",
)  # fmt: skip
_BAD: Final = (
    "质量太差了", "用了两天就坏了", "和图片完全不一样", "客服不理人", "尺码严重偏小", "掉色厉害", "有一股很重的味道", "发错货了",
    "不值这个价", "再也不会买了", "收到就是破的", "线头很多", "Broke after one week", "Not as pictured",
)  # fmt: skip
_COMPLAINTS: Final = (
    "快递一直没有更新，客服也不回复", "少发了一件，联系商家没人理", "收到的商品有破损，要求退换", "退款迟迟不到账",
    "商家承诺的赠品没有给", "实际收到的颜色和下单的不一样", "快递放驿站没有通知我", "降价了不给退差价", "尺码发错了，换货要我出运费",
    "食品快过期了才发给我", "说明书都没有，不会安装", "The parcel was left in the rain", "Wrong size, seller does not answer",
)  # fmt: skip
_DOUBTS: Final = (
    "包装和专柜的不太一样，请问怎么查真伪",
    "感觉不像正品，要求商家提供证明",
    "怀疑是假货，和之前买的不一样",
)
_DOUBTED: Final = 0.015
_RETURNS: Final = {
    "size": ("尺码不合适", "偏大，想换小一码", "穿着太紧"),
    "change_of_mind": ("不想要了", "拍错了", "家人说不合适"),
    "quality": ("开线了", "有瑕疵", "按键失灵"),
    "not_as_described": ("颜色与描述不符", "材质和详情页写的不一样"),
    "damaged": ("运输途中压坏了", "瓶子漏了"),
    "suspected_fake": ("怀疑不是正品", "扫码查不到，应该是假的"),
    "other": ("地址填错了", "其他原因"),
}
_QUESTIONS: Final = (
    "什么时候发货？",
    "可以换个颜色吗？",
    "发票怎么开？",
    "这个怎么安装？",
    "能退差价吗？",
    "保修多久？",
)
_ANSWERS: Final = (
    "亲，今天安排发出",
    "可以的，您直接申请换货",
    "您好，已为您登记",
    "亲亲，按说明书第三页操作即可",
    "质保一年哦",
)
_APOLOGIES: Final = (
    "非常抱歉给您带来不好的体验，我们可以为您免费换新",
    "您好，看到您的评价，请问是哪里不满意？我们来处理",
)
_HARASSMENT: Final = ("商家反复打电话让我改评价", "商家发短信骂人", "给了差评之后一直收到陌生电话")


def review_text(stream: Stream, rating: int) -> str:
    """A review of `rating` stars, one to three clauses."""
    phrases = _GOOD if rating >= 4 else _FAIR if rating == 3 else _BAD
    return "，".join(dict.fromkeys(stream.choice(phrases) for _ in range(stream.between(1, 3))))


def complaint_text(stream: Stream) -> str:
    """A complaint; about one in seventy doubts that the goods are genuine."""
    return stream.choice(_DOUBTS if stream.chance(_DOUBTED) else _COMPLAINTS)


def return_text(stream: Stream, reason: str) -> str:
    """Why something is sent back, for a `reason_code` of the contract."""
    return stream.choice(_RETURNS[reason])


def question(stream: Stream) -> str:
    """What a buyer asks a store."""
    return stream.choice(_QUESTIONS)


def answer(stream: Stream) -> str:
    """What a store answers."""
    return stream.choice(_ANSWERS)


def apology(stream: Stream) -> str:
    """What a decent store writes to the author of a bad review."""
    return stream.choice(_APOLOGIES)


def harassment_text(stream: Stream) -> str:
    """What a buyer reports whom a store does not leave in peace."""
    return stream.choice(_HARASSMENT)
