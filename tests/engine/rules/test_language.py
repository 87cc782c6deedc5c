"""What is refused, and how it is said; what is bounded; where a mistake stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.rules.errors import Problem, RuleError
from agoranomos.engine.rules.language import parse_condition
from agoranomos.engine.rules.tree import Type
from agoranomos.engine.rules.types import FeatureInfo, scope_of
from agoranomos.engine.rules.unparse import written
from agoranomos.kernel.errors import Conflict, NotFound
from agoranomos.kernel.schema import TYPES
from tests.engine.rules.made import SCOPE, Maker


def _refused(text: str) -> str:
    with pytest.raises(RuleError) as caught:
        parse_condition(text, SCOPE)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pid > 3", "1, column 1: there is no field pid in order.placed; did you mean paid?"),
        ("note = 'a' AND\n  cuont > 3", "line 2, column 3: there is no field cuont in order.placed; did you mean"),
        ("paid > 100", "write paid.amount for its minor units, or money(1050, 'CNY')"),
        ("note = NULL", "a comparison with NULL is never true; write IS NULL"),
        ("note = \"a\"", "text stands in single quotes: 'a'"),
        ("count = '3'", "count is an integer and '3' is text; write 3 without quotes"),
        ("note = 3", "write '3' in quotes"),
        ("orders_10m > 5", "orders_10m is a feature; call it with its keys: orders_10m(text)"),
        ("orders_10m(count) > 5", "count is an integer; orders_10m takes 1 key: text"),
        ("count(note) > 5", "declare it as a feature"),
        ("note == 'a'", "equality is written with one ="),
        ("note = 'a' && flag", "column 12: & is not a sign of the language: write AND"),
        ("count ＞ 3", "column 7: ＞ is not a sign of the language; write >"),
        ("note = 张三", "text is written in single quotes"),
        ("(count > 3", "column 1: this parenthesis is not closed"),
        ("count > 3)", "column 10: this parenthesis was not opened"),
        ("note = 'a", "column 8: the text that begins here is not closed"),
        ("count >", "a value is missing beside >"),
        ("count > 3 flag", "column 11: a word too many stands here; join conditions by AND or OR"),
        ("count IN (SELECT 1)", "a rule is one condition, not a query"),
        ("note ~ 'a'", "regular expressions are not in the language"),
        ("note ILIKE 'a'", "write lower(text) LIKE 'pattern'"),
        ("now() > time", "a rule has no clock of its own"),
        ("CAST(note AS INT) = 3", "are not cast"),
        ("listed('known_fams', note)", "there is no list known_fams; did you mean known_farms?"),
        ("score('goods.x') > 0.5", "scores are at hand in checks only"),
        ("count > 2 IS NULL", "write parentheses"),
        ("1 < count < 3", "write parentheses"),
        ("count", "count is an integer; a condition is expected here"),
        ("1 = 1", "the condition looks at nothing of the event"),
        ("time > 'yesterday'", "'yesterday' is not a moment; write a day such as '2026-05-01'"),
        ("coupon_ids = 'a'", "ask contains(coupon_ids, 'text') or size(coupon_ids)"),
        ("lines.quantity > 3", "lines is a list of objects"),
        ("sum(lines.price) > 3", "write lines.price.amount"),
        ("sum(lines.colour) > 3", "lines has no field colour"),
        ("count > 99999999999999999999", "at most 64 bits"),
        ("strts_with(note, 'a')", "did you mean starts_with or ends_with?"),
        ("flag; DROP TABLE x", "leave out the semicolon"),
        ("flag -- why", "remarks belong into the description"),
        ("flag /* sqlglot.anonymous */", "remarks belong into the description"),
        ("flag > gift", "conditions are not greater or less"),
        ("note LIKE district", "with a constant pattern"),
        ("note LIKE 'a\\%'", "a backslash means different things"),
        ("note IN (district)", "IN takes constants only"),
        ("time + 3600 > promised_at", "of moments only the difference"),
        ("CASE WHEN flag THEN 1", "END is missing"),
        ("", "the condition is empty"),
        ("sum(count) OVER () > 3", "a rule is one condition, not a query"),
        ("note::int = 3", "are not cast"),
        ("(count, other) = (1, 2)", "one value is expected here"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_its_place_and_what_to_write(text: str, said: str) -> None:
    assert said in _refused(text)


def test_a_value_that_a_field_never_has_is_noticed() -> None:
    with pytest.raises(RuleError, match="verdict is never 'fake'; it is one of counterfeit, genuine, inconclusive"):
        parse_condition("verdict = 'fake'", scope_of("testbuy.appraised"))
    with pytest.raises(RuleError, match="never 'fake'"):
        parse_condition("verdict IN ('genuine', 'fake')", scope_of("testbuy.appraised"))


def test_all_mistakes_are_said_at_once_in_the_order_of_the_text() -> None:
    said = _refused("pid > 3 AND note = 4\n OR strts_with(note, 'a')").splitlines()
    assert [line.partition(":")[0] for line in said] == ["line 1, column 1", "line 1, column 13", "line 2, column 5"]


@pytest.mark.parametrize(
    "text",
    [
        "NOT " * 200 + "flag",
        "(" * 100 + "flag" + ")" * 100,
        "-" + " -" * 500 + " count > 3",
        " AND ".join(["flag"] * 2000),
        "CASE WHEN " * 100 + "flag" + " THEN flag END" * 100,
        "abs(" * 50 + "count" + ")" * 50 + " > 3",
        " + ".join(["count"] * 300) + " > 3",
        "note LIKE '" + "%a" * 100 + "'",
        " OR ".join(f"orders_10m('{at}') > 3" for at in range(60)),
        "flag" + " IS TRUE" * 300,
        "count > " + "9" * 3000,
        "nullif(" * 15 + "count" + ", count + 1)" * 15 + " > 3",
    ],
    ids=range(12),
)  # fmt: skip
def test_what_grows_is_refused(text: str) -> None:
    assert len(_refused(text)) < 500


def test_a_long_but_flat_condition_is_taken() -> None:
    condition = parse_condition(" OR ".join(f"note = '{at}'" for at in range(190)), SCOPE)
    assert len(condition.leaves) == 1


@given(st.text(max_size=80) | st.text("()'\"=<>!-+*/%,. \nandorntcsbiwhelu_0123456789", max_size=120))
def test_any_text_is_a_condition_or_a_rule_error(text: str) -> None:
    found: tuple[Problem, ...] = ()
    try:
        parse_condition(text, SCOPE)
    except RuleError as error:
        found = error.problems
    assert all(problem.line >= 1 and problem.column >= 1 for problem in found)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.slow
def test_what_is_written_of_a_tree_is_the_same_condition(seed: int) -> None:
    maker = Maker(seed)
    compared = 0
    for _ in range(100):
        try:
            tree = parse_condition(maker.condition(), SCOPE).tree
            again = parse_condition(written(tree), SCOPE).tree
        except RuleError:
            continue  # constants only, and other things that the maker may write
        assert written(again) == written(tree)
        compared += 1
    assert compared > 40


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_each_field_of_each_event_can_be_named(kind: str) -> None:
    for name in scope_of(kind).fields:
        quoted = f'"{name}"' if name == "from" else name
        assert parse_condition(f"{quoted} IS NOT NULL", scope_of(kind)).leaves[0].name == name


def test_scopes_refuse_names_that_are_taken_or_unknown() -> None:
    with pytest.raises(NotFound, match=r"there is no event type or check order\.placd"):
        scope_of("order.placd")
    with pytest.raises(Conflict, match="word of the language"):
        SCOPE.extended(features={"Size": FeatureInfo((Type.TEXT,), Type.INTEGER)})
    with pytest.raises(Conflict, match="already has a field paid"):
        SCOPE.extended(fields={"paid": Type.INTEGER})
