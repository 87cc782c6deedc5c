"""Photos that were not stripped are said, by the check as in a history; what cannot be looked at tells nothing."""

from __future__ import annotations

import pickle
from pathlib import Path

from agoranomos.engine.pictures.stripping.parts import Stripped
from agoranomos.engine.pictures.stripping.strip import strip
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.decisions import Decision, Outcome
from agoranomos.kernel.findings import Finding
from agoranomos.reviews.anonymity.deciding import decide
from agoranomos.reviews.anonymity.monitor import AnonymityMonitor
from agoranomos.reviews.anonymity.policy import load_policy
from agoranomos.reviews.photos.looking import Photos, Telling, looking
from tests.engine.pictures.stripping.test_strip import jpeg, png
from tests.reviews.anonymity.test_monitor import review

POLICY = load_policy()


def root_of(folder: Path) -> Path:
    """Photos as they came, one that was stripped, and things that are none."""
    root = folder / "pictures"
    root.mkdir()
    (root / "came.jpg").write_bytes(jpeg())
    (root / "came.png").write_bytes(png())
    made = strip(jpeg())
    assert isinstance(made, Stripped)
    (root / "shown.jpeg").write_bytes(made.data)
    (root / "broken.jpg").write_bytes(jpeg()[:300])
    (root / "words.txt").write_text("no picture")
    (folder / "outside.jpg").write_bytes(jpeg())
    return root


def test_what_was_not_stripped_tells_and_everything_else_does_not(tmp_path: Path) -> None:
    look = Photos(root_of(tmp_path))
    told = look(["shown.jpeg", "came.jpg", "came.png"])
    assert [each.place for each in told] == [2, 3]
    assert "exif" in told[0].what
    assert "text" in told[1].what
    quiet = ["shown.jpeg", "../outside.jpg", "gone.jpg", "broken.jpg", "words.txt", "https://x.example/came.jpg",
             "phash:0123456789abcdef", "", "came.jpg\0"]  # fmt: skip
    assert look(quiet) == ()
    assert look(["shown.jpeg"] * 50 + ["came.jpg"]) == (), "nobody looks at more than fifty"
    assert pickle.loads(pickle.dumps(look))(["came.jpg"]) == look(["came.jpg"])
    assert looking(None)(["came.jpg"]) == ()


def test_the_check_and_a_history_say_the_same(tmp_path: Path) -> None:
    look = looking(root_of(tmp_path))
    event = review(pictures=["shown.jpeg", "came.jpg"])
    made = decide(event, POLICY, look)
    said = Run([AnonymityMonitor(POLICY, lambda *_: False, look)]).feed([event])
    assert [each for each in said if isinstance(each, Decision)] == [made]
    assert [(each.code, each.outcome) for each in made.hits] == [
        ("reviews.anonymity_held", Outcome.HOLD), ("reviews.photo_tells", Outcome.WARN),
    ]  # fmt: skip
    [found] = [each for each in said if isinstance(each, Finding)]
    assert (found.code, found.subject.id, found.score) == ("reviews.photo_tells", event.data["review_id"], 0.8)
    assert found.reasons[0].evidence["photos"][0]["photo"] == 2


def test_under_a_name_it_is_a_warning_and_without_a_root_nobody_looks(tmp_path: Path) -> None:
    event = review(anonymous=False, pictures=["came.jpg"])
    assert decide(event, POLICY, Photos(root_of(tmp_path))).outcome is Outcome.WARN
    assert decide(event, POLICY).outcome is Outcome.APPROVE
    assert decide(event, POLICY, lambda _: (Telling(1, ("exif",)),)).score == 0.8
