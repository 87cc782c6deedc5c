"""Profiles: what they may say, which one applies, and how they are shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from agoranomos.engine.detectors import discover
from agoranomos.goods.brands.snapshot import RegistrySnapshot
from agoranomos.goods.listings import detectors as of_words
from agoranomos.goods.listings.context import Shelf
from agoranomos.goods.listings.judge import TextJudge, build_judge
from agoranomos.goods.listings.policy import OF_PICTURES, ListingPolicy, detector_codes, load_policy
from agoranomos.goods.listings.vocabulary import shipped_vocabulary
from agoranomos.goods.pictures import detectors as of_pictures
from agoranomos.goods.profiles.commands import profiles
from agoranomos.goods.profiles.model import DEFAULT, NO_PROFILE, Chooser, Costs, Profile, best_of
from agoranomos.goods.profiles.reading import (
    SHIPPED,
    parse_profile,
    profiles_of,
    shipped_files,
    shipped_profiles,
    with_own,
)
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.errors import AgoranomosError, Invalid
from tests.builders import make_listing, make_money

TOYS = """
version = "1"
title = "toys"
title_zh = "玩具"
why = "Limited series are copied."
categories = ["toys"]
names = ["盲盒", "blind boxes"]
[sources]
ccc = "the rule on toys"
[signs."goods.price_too_low"]
times = 0.5
why = "They are cleared."
[evidence.complaints]
times = 1.2
why = "Fans know every detail."
[thresholds]
warn = 0.5
hold = { false_alarm = 3, missed = 1 }
[thresholds.after_warning]
hold = 0.6
[[documents]]
en = "a certificate"
zh = "证书"
why = "it is the rule"
source = "ccc"
[[measures]]
line = 0.9
action = "listing.remove"
why = "it sells fast"
"""


def toys(text: str = TOYS) -> Profile:
    return parse_profile("toys", text.encode(), detector_codes())


def test_a_profile_may_speak_of_every_sign_in_text_and_pictures() -> None:
    assert {one.code for one in discover(of_pictures)} == OF_PICTURES
    assert detector_codes() == OF_PICTURES | {one.code for one in discover(of_words)}


def test_a_profile_says_what_its_file_says() -> None:
    one = toys()
    assert one.times("goods.price_too_low") == 0.5
    assert one.times("goods.brand_disguised") == 1.0
    assert (one.times_of("complaints"), one.times_of("price")) == (1.2, 1.0)
    assert dict(one.lines) == {Outcome.HOLD: 0.75, Outcome.WARN: 0.5}
    assert dict(one.costs) == {Outcome.HOLD: Costs(false_alarm=3, missed=1)}
    assert dict(one.lines_after_warning) == {Outcome.HOLD: 0.6}
    assert one.version.startswith("1+")
    assert toys(TOYS.replace("0.5", "0.4")).version != one.version


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "toys"', "", "required field `title`"),
        ('title = "toys"', 'title = " "', "title must be a text"),
        ('title = "toys"', 'title = "toys"\nlines = 3', "unknown field `lines`"),
        ('categories = ["toys"]', 'categories = ["toy"]', "'toy' is none of the registry"),
        ('names = ["盲盒", "blind boxes"]', 'names = [""]', "an empty name"),
        ('categories = ["toys"]\nnames = ["盲盒", "blind boxes"]', "", "apply to nothing"),
        ("goods.price_too_low", "goods.price_to_low", "no detector is called 'goods.price_to_low'"),
        ("times = 0.5", "times = 1.6", "signs.goods.price_too_low: times lies between 0 and 1.5"),
        ("times = 1.2", 'times = 1.2\nweight = "x"', "evidence"),
        ("[evidence.complaints]", "[evidence.rumours]", "Invalid enum value 'rumours'"),
        ('why = "They are cleared."', 'why = ""', "with a why"),
        ("warn = 0.5", "warn = 0.8", "thresholds.hold (0.75) is below warn (0.8)"),
        ("warn = 0.5", "warn = 0", "thresholds.warn must be above 0"),
        ("warn = 0.5", "wran = 0.5", "unknown field `wran`"),
        ("missed = 1 }", "missed = 0 }", "both costs must be above 0"),
        ("hold = 0.6", "approve = 0.6", "approve has no line"),
        ('source = "ccc"', 'source = "cc"', "'cc' is none of its sources"),
        ('"listing.remove"', '"remove it"', "an action such as listing.remove"),
        ("line = 0.9", "line = 1.9", "a line above 0 and at most 1"),
        ('version = "1"', "version = ", "not a TOML file"),
    ],
)
def test_a_mistake_is_refused_by_its_place(old: str, new: str, said: str) -> None:
    assert old in TOYS
    with pytest.raises(Invalid) as refused:
        toys(TOYS.replace(old, new, 1))
    assert said in refused.value.message


@pytest.mark.parametrize("name", ["default", "Toys", "", "a b"])
def test_a_profile_has_a_plain_name(name: str) -> None:
    with pytest.raises(Invalid, match="cannot be called"):
        parse_profile(name, TOYS.encode(), detector_codes())


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_profiles_give_a_source_for_documents_and_reasons_for_all(name: str) -> None:
    one = parse_profile(name, shipped_files()[name], detector_codes())
    assert one.documents
    assert one.measures
    assert one.signs
    assert all(document.source for document in one.documents)
    assert {document.source for document in one.documents} <= one.sources.keys()
    assert all(measure.why and measure.line >= 0.5 for measure in one.measures)
    assert one.lines[Outcome.WARN] == 0.5
    assert max(sign.times for sign in one.signs.values()) <= 1.0, "no shipped profile makes the sieve let more through"


@pytest.mark.parametrize(
    ("category", "name"),
    [
        ("鞋", "shoes"), ("Footwear >> Women's Footwear >> Ballerinas", "shoes"), ("Baby Shoes", "shoes"),
        ("箱包", "luxury"), ("名表", "luxury"), ("Watches > Men", "luxury"), ("奢侈品", "luxury"),
        ("Sunglasses", "luxury"),
        ("护肤", "cosmetics"), ("Makeup", "cosmetics"), ("美容护肤", "cosmetics"), ("Health & Beauty", "cosmetics"),
        ("奶粉", "infant-food-health"), ("Wine", "infant-food-health"), ("保健品", "infant-food-health"),
        ("infant formula", "infant-food-health"), ("Grocery & Gourmet Food", "infant-food-health"),
        ("手机数码", "electronics"), ("Mobile Phones & Tablets", "electronics"), ("家用电器", "electronics"),
        ("玩具", DEFAULT), ("服装", DEFAULT), ("", DEFAULT), ("something else", DEFAULT),
    ],
)  # fmt: skip
def test_free_names_of_categories_lead_to_a_profile(category: str, name: str) -> None:
    shelf = Shelf(shipped_vocabulary().categories)
    choose = Chooser(shipped_profiles(detector_codes())).choose
    assert choose(shelf.of_path(category), category) == name


def test_own_profiles_are_asked_first_and_replace_those_of_their_name() -> None:
    shipped = shipped_profiles(detector_codes())
    both = with_own(shipped, [toys(), parse_profile("shoes", TOYS.encode(), detector_codes())])
    assert [one.name for one in both.all] == ["toys", "shoes", *SHIPPED[1:]]
    assert both.version != shipped.version
    choose = Chooser(both).choose
    assert choose(frozenset(), "手办 > 盲盒") == "toys"
    assert choose(frozenset({"toys", "gaming"}), "") == "toys"
    assert best_of(both.all, frozenset({"electronics", "gaming", "toys"})) == "electronics", "it is about most of them"
    assert both.get("unheard-of") is NO_PROFILE


def test_a_profile_changes_what_a_sign_weighs_and_shows_it(
    judge: TextJudge, registry: RegistrySnapshot, judge_cache: Path
) -> None:
    text = TOYS.replace("times = 0.5", "times = 0.25").replace('["toys"]', '["shoes"]').replace('"盲盒", ', "")
    own = with_own(shipped_profiles(detector_codes()), [toys(text)])
    lowered = build_judge(registry, cache=judge_cache, profiles=own)
    listing = make_listing(title="N1ke running shoes replica", price=make_money(4900))
    before, after = judge.assess(listing), lowered.assess(listing)
    assert (before.profile, after.profile) == ("shoes", "toys")
    by_code = {one.code: one.weight for one in before.signals}
    assert {"goods.price_too_low", "goods.brand_disguised"} <= by_code.keys() == {one.code for one in after.signals}
    for one in after.signals:
        times = 0.25 if one.code == "goods.price_too_low" else 1.0
        shoes = 0.9 if one.code == "goods.price_too_low" else 1.0
        assert one.weight == pytest.approx(by_code[one.code] / shoes * times, abs=1e-3)
        assert ("profile_times" in one.values) == (times != 1.0)
    assert lowered.version != judge.version


def test_what_a_profile_raises_is_let_through_by_the_sieve() -> None:
    raised = profiles_of([toys(TOYS.replace("times = 0.5", "times = 1.5"))])
    assert raised.times_max == 1.5
    assert profiles_of([toys()]).times_max == 1.0


class Context:
    """What commands are given."""

    policy: ListingPolicy = load_policy()


@pytest.fixture
def run() -> Callable[..., Result]:
    def call(*arguments: str) -> Result:
        return CliRunner().invoke(profiles, arguments, obj=Context())

    return call


def test_the_list_and_one_profile_are_shown(run: Callable[..., Result]) -> None:
    listed = run("list")
    assert listed.exit_code == 0
    assert all(name in listed.output for name in (*SHIPPED, DEFAULT))
    assert [row["name"] for row in json.loads(run("list", "--json").output)] == list(SHIPPED)
    shown = run("show", "cosmetics")
    assert "hold from 0.9: a false alarm costs 9, a missed fake 1" in shown.output
    assert "[csar]" in shown.output
    assert json.loads(run("show", "cosmetics", "--json").output)["profile"]["signs"]
    refused = run("show", "cosmetic")
    assert isinstance(refused.exception, AgoranomosError)
    assert "there are shoes" in refused.exception.message


def test_a_file_is_checked(run: Callable[..., Result], tmp_path: Path) -> None:
    good, bad, policy = (tmp_path / name for name in ("toys.toml", "bad.toml", "policy.toml"))
    good.write_text(TOYS, "utf-8")
    bad.write_text(TOYS.replace("times = 0.5", "times = 5"), "utf-8")
    policy.write_bytes(Path(click.__file__).read_bytes())
    assert run("check", str(good)).exit_code == 0
    assert "toys@1+" in run("check", str(good)).output
    for path in (bad, policy):
        refused = run("check", str(path))
        assert refused.exit_code == 1
        assert "profile" in refused.output or "TOML" in refused.output
    said = json.loads(run("check", str(bad), "--json").output)
    assert said["error"].startswith("profile bad: signs.goods.price_too_low")
    shipped = Path(load_policy.__code__.co_filename).parent / "data" / "policy.toml"
    assert "cosmetics@1+" in run("check", str(shipped)).output
