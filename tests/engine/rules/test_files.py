"""Rules in YAML: where mistakes stand, whatever the style of the text."""

from __future__ import annotations

import pytest

from agoranomos.engine.rules.errors import RuleError
from agoranomos.engine.rules.files import load_rules, read_files

RULE = """\
id: reviews.angry
desk: reviews
listens: review
when: rating <= 2
outcome: review
score: 0.5
reason: {en: "Rated {rating}.", zh: "评分 {rating}。"}
subject: {kind: review, field: review_id}
owner: governance
hits:
  - time: 2026-05-01T08:00:00+08:00
    data: {review_id: w1, author_id: a1, store_id: s1, rating: 1}
misses:
  - time: 2026-05-01T08:00:00+08:00
    data: {review_id: w1, author_id: a1, store_id: s1, rating: 5}
"""


def _refused(text: str) -> list[str]:
    with pytest.raises(RuleError) as caught:
        load_rules(text, file="angry.yaml")
    return str(caught.value).splitlines()


def test_a_rule_is_read_and_says_why_it_fires() -> None:
    (checked,) = load_rules(RULE)
    assert checked.rule.version == 1
    assert checked.rule.status == "draft"
    assert checked.reason({"rating": 1}).zh == "评分 1。"
    assert checked.reason({"rating": None}).en == "Rated –."


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rating <= 2\n", "raiting <= 2\n", "angry.yaml:4:7: there is no field raiting in review; did you mean rating"),
        ("rating <= 2\n", '"raiting <= 2"\n', "angry.yaml:4:8: there is no field raiting"),
        ("when: rating <= 2\n", "when: |\n  rating <= 2\n  AND txet = ''\n", "angry.yaml:6:7: there is no field txet"),
        ("when: rating <= 2\n", "when: >-\n  rating <= 2\n  AND txet = ''\n", "angry.yaml:6:7: there is no field txet"),
        ("when: rating <= 2\n", "when: rating <= 2\n  AND txet = ''\n", "angry.yaml:5:7: there is no field txet"),
        ("listens: review\n", "listens: reviw\n", "angry.yaml:3:10: there is no event type or check reviw; did you"),
        ("outcome: review", "outcome: rewiev", "angry.yaml:5:10: invalid enum value 'rewiev'"),
        ("Rated {rating}", "Rated {points}", "angry.yaml:7:14: the condition has no {points}; there are rating"),
        ("field: review_id", "field: rating", "angry.yaml:8:32: review has no field rating that holds an id"),
        ("owner: governance\n", "", "angry.yaml:1:1: the field owner is missing"),
        ("owner:", "onwer:", "angry.yaml:9:8: a rule has no field onwer; did you mean owner?"),
        ("desk: reviews", "desk: goods", "the id begins with the desk: goods.angry"),
        ("rating: 5", "rating: 2", "angry.yaml:14:5: this should be a miss, and the condition is TRUE: rating = 2"),
        ("rating: 1}", "rating: 9}", "no review looks like this"),
        ("owner: governance", "owner: &a governance", "anchors and aliases are not used here"),
        ("owner: governance", "owner: x\nowner: y", "angry.yaml:10:1: owner stands here twice"),
        ("owner: governance", "owner: !!python/object:x y", "tags are not used here"),
        ("owner: governance", "owner: [", "this is not YAML"),
        ("score: 0.5", "score: 1.5", "angry.yaml:6:8: expected float <= 1.0"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_file_line_and_column(old: str, new: str, said: str) -> None:
    assert old in RULE
    found = _refused(RULE.replace(old, new, 1))
    assert any(said in line for line in found), found


def test_yes_and_no_and_dates_stay_text() -> None:
    (checked,) = load_rules(RULE.replace("owner: governance", "owner: no"))
    assert checked.rule.owner == "no"


def test_mistakes_of_all_rules_and_files_are_said_at_once() -> None:
    indented = RULE.replace("\n", "\n  ").rstrip()
    listed = f"- {indented}\n- {indented}\n".replace("rating <= 2", "raiting <= 2", 1)
    with pytest.raises(RuleError) as caught:
        read_files([("a.yaml", listed), ("b.yaml", RULE.replace("owner", "onwer")), ("c.yaml", RULE)])
    assert [(p.file, p.line) for p in caught.value.problems] == [("a.yaml", 4), ("b.yaml", 9)]
    with pytest.raises(RuleError, match="stands in another file as well"):
        read_files([("a.yaml", RULE), ("b.yaml", RULE)])
    with pytest.raises(RuleError, match=r"two rules have the id reviews\.angry"):
        load_rules(f"- {indented}\n- {indented}\n")


@pytest.mark.parametrize(
    "text", ["", "[]", "3", "- 3", "[" * 5000, "a: " * 2000, "\x00", "? [a]\n: b", "---\na: 1\n---\nb: 2"]
)
def test_other_texts_are_refused(text: str) -> None:
    assert _refused(text)
