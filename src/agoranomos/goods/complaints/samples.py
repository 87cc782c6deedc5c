"""What the reader of complaints must find and must leave alone: run by the tests, shown in the documentation."""

from __future__ import annotations

from typing import Final

HITS: Final = (
    "假货，洗了头痒",
    "不是正品，商场买的没有这个问题",
    "感觉不像正品，鞋标都是歪的",
    "不知道是不是正品，用了头皮痒",
    "跟专柜买的不一样，颜色浅，味道也刺鼻",
    "这也叫正品？穿三天就断了",
    "说好的正品呢？结果发来一双高仿",
    "本来以为自营不会是假货，谁知道用了一次就过敏",
    "假.货，大家别买",
    "Fake! Stopped working after a week.",
    "This is NOT a genuine Samsung charger, the logo is crooked.",
    "Received a duplicate product, please don't buy.",
    "I don't think these are authentic, the stitching is terrible.",
    "So much for “100% original”. The sole came off in a week.",
    "Smells nothing like the one I bought at the counter. Very disappointed.",
    "First copy sold as original, waste of money.",
)
MISSES: Final = (
    "不是假货，放心买",
    "不知道是不是正品，穿着挺舒服的",
    "开始担心是假的，查了是正品",
    "以前买到过假货，这次是正品",
    "照片是假的，房间很小",
    "度假的时候穿，颜色好看",
    "仿佛回到了童年",
    "请问这个是正品吗？",
    "是翻新机，后盖有划痕",
    "假睫毛很自然",
    "This is no fake, it is the real deal.",
    "I was worried it would be counterfeit, but the serial checks out as genuine.",
    "Don't believe the fake reviews, this phone is bad.",
    "The fake nails look natural.",
    "Once I got a knockoff from another seller. This one works great.",
    "Genuinely the worst hotel ever.",
    "It was sold as new but it is refurbished.",
    "Beware of fakes on other sites; this one is original.",
)
