"""Documentation that fails when it is out of date.

Every ```console block of README.md and docs/ is run as a reader would run it, in order, in a store
of its own. The page of each detector is held against the detector. The idea is that of Datasette's
`tests/test_docs.py`.

    python -m tests.test_docs

writes the generated parts of the detector pages anew and replaces shown output lines that are no
longer true by the closest ones that are; read the difference before you commit it.
"""

from __future__ import annotations

import difflib
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from agoranomos.engine.detectors import AnyDetector, discover
from agoranomos.engine.scan.rejects import REASONS
from agoranomos.goods.listings import detectors
from agoranomos.goods.listings.evidence import ListingDetector
from agoranomos.goods.listings.judge import TextJudge
from agoranomos.goods.listings.model import Listing
from agoranomos.goods.listings.phrases import CONTACT_FAMILIES
from agoranomos.goods.listings.policy import load_policy
from agoranomos.goods.listings.vocabulary import Cue, Term, shipped_vocabulary
from agoranomos.goods.pictures import detectors as picture_detectors
from agoranomos.goods.pictures.facts import Example, PictureDetector
from agoranomos.goods.pictures.model import SKIPPED
from agoranomos.goods.pictures.remarks import Remarks
from agoranomos.staff.roles import FOR_PROGRAMS, GRANTS, PERMISSIONS, Role
from agoranomos.wiring import Wiring
from tests import complaints_page, events_page, rules_page
from tests.audit import attacks
from tests.forking import commands_at_hand
from tests.goods.listings.builders import make_facts
from tests.goods.pictures.catalogue import BAD_INPUT

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
READ_BY_PEOPLE = [
    *PAGES,
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "changelog.d").glob("*.md")),
]
DETECTORS: list[ListingDetector | PictureDetector] = [
    one
    for package in (detectors, picture_detectors)
    for one in discover(package)
    if isinstance(one, ListingDetector | PictureDetector)
]
VOCABULARY = ROOT / "src" / "agoranomos" / "goods" / "listings" / "data" / "vocabulary"
DETECTOR_PAGES = ROOT / "docs" / "detectors"
HEADINGS = ("What it looks for", "Example", "What it misses", "Settings")
ADDRESS = "http://127.0.0.1:8000"
"""The server of the examples; the test puts the address of its own in its place."""
COMPILED = ("lexicons", "registries", "snapshots", "vocabularies")
"""What readers share: made of the words of the project alone, and it takes longer than most commands."""
COMMAND_SECONDS_MAX = 300
# The first start after a change of the code compiles; a busy machine takes its time over it.
START_SECONDS_MAX = 180
# What a reader of the project has no use for: where and how it was made. The \B (no boundary) match
# nothing and keep this file clean by its own rule.
FORBIDDEN = re.compile(r"/wo\Brk/|\bhel\Bper\b|\bsess\Bion\b(?!\.started)|\biss\Bue #?\d|\bpro\Bmpt\b", re.IGNORECASE)
# Output that differs from run to run, and what a page shows in its place.
PASSING = (
    (re.compile(r"\d+\.\d s \([\d,]+/s\)"), "… s (…/s)"),
    (re.compile(r"ready in \d+\.\d s"), "ready in … s"),
    (re.compile(r"\b([df])_[0-9a-f]{30}\b"), r"\1_…"),
    (re.compile(r"\b[0-9a-f]{16}\b"), "…"),
    (re.compile(r"20\d\d-\d\d-\d\dT[\d:.]+Z"), "…"),
)


class Command(NamedTuple):
    """A command of a page; `line` is where it begins, `shown` the (line number, text) of output
    below it.
    """

    line: int
    text: str
    shown: tuple[tuple[int, str], ...]


def commands_of(markdown: str) -> list[Command]:
    """The commands in the ```console blocks, in order; a backslash at the end goes on."""
    found: list[Command] = []
    inside = False
    open_command = False
    for number, line in enumerate(markdown.splitlines(), start=1):
        if line.startswith("```"):
            inside = line == "```console"
            open_command = False
        elif inside and open_command:
            found[-1] = found[-1]._replace(text=f"{found[-1].text}\n{line}")
            open_command = line.endswith("\\")
        elif inside and line.startswith("$ "):
            found.append(Command(number, line[2:], ()))
            open_command = line.endswith("\\")
        elif inside and found and line.strip():
            found[-1] = found[-1]._replace(shown=(*found[-1].shown, (number, line)))
    return found


def matches(shown: str, actual: str) -> bool:
    """Whether `actual` is the line that a page shows, where … stands for anything."""
    pattern = ".*".join(re.escape(part) for part in shown.rstrip().split("…"))
    return re.fullmatch(pattern, actual.rstrip()) is not None


def missing(command: Command, output: list[str]) -> list[tuple[int, str]]:
    """The shown lines that do not follow one another in `output`."""
    absent = []
    at = 0
    for number, line in command.shown:
        place = next((i for i in range(at, len(output)) if matches(line, output[i])), None)
        if place is None:
            absent.append((number, line))
        elif line.strip() != "…":
            at = place + 1
    return absent


class Reader:
    """Someone who follows one page from top to bottom, with a store, a folder and a server."""

    def __init__(self, folder: Path, cache: Path, programs: Path | None = None) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        (self.folder / "docs").symlink_to(ROOT / "docs")
        home = folder / "home"
        home.mkdir()
        (home / "cache").mkdir()  # his own: what was decoded for another page, or in an earlier run, is new to him
        for part in COMPILED:
            (cache / part).mkdir(exist_ok=True)
            (home / "cache" / part).symlink_to(cache / part)
        self._log = folder / "server.log"
        installed = Path(sys.executable).parent
        self._agora = (programs or installed) / "agora"
        path = os.pathsep.join(str(one) for one in (programs, installed) if one)
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AGORA_")},
            "AGORA_HOME": str(home),
            "PATH": f"{path}{os.pathsep}{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
        }
        self._server: subprocess.Popen[bytes] | None = None
        self._port = 0

    def run(self, command: str) -> tuple[int, list[str]]:
        """Exit code and lines of both outputs; the server starts with the first command that
        asks it.
        """
        if ADDRESS in command:
            command = self.address(command)
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_SECONDS_MAX,
            check=False,
        )
        text = done.stdout.decode("utf-8", "replace").replace(f"127.0.0.1:{self._port}", "127.0.0.1:8000")
        return done.returncode, text.splitlines()

    def address(self, text: str) -> str:
        """`text` with the address of a server that runs, in place of the one that pages show."""
        self._serve()
        return text.replace(ADDRESS, f"http://127.0.0.1:{self._port}")

    def _serve(self) -> None:
        if self._server is not None:
            return
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            self._port = door.getsockname()[1]
        with self._log.open("wb") as log:
            self._server = subprocess.Popen(
                [self._agora, "serve", "--port", str(self._port)],
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        for _ in range(START_SECONDS_MAX * 5):
            assert self._server.poll() is None, self._log.read_text("utf-8")
            if _answers(self._port):
                return
            time.sleep(0.2)
        raise AssertionError(f"the server did not answer: {self._log.read_text('utf-8')}")

    def leave(self) -> None:
        """Stops the server that this reader started."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait(30)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def reader(cache: Path, programs: Path | None = None) -> Iterator[Reader]:
    """A reader with everything of his own but the compiled names and words in `cache`, and `programs` found first."""
    with tempfile.TemporaryDirectory(prefix="agora-docs-") as folder:
        one = Reader(Path(folder), cache, programs)
        try:
            yield one
        finally:
            one.leave()


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


WITH_COMMANDS = [page for page in PAGES if commands_of(page.read_text("utf-8"))]


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An `agora` that starts at once; the README's is the one that is installed."""
    with commands_at_hand(tmp_path_factory.mktemp("agora")) as folder:
        yield folder


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_COMMANDS, ids=_name)
def test_the_commands_do_what_the_page_says(page: Path, judge_cache: Path, programs: Path) -> None:
    commands = commands_of(page.read_text("utf-8"))
    if any("curl " in command.text for command in commands) and shutil.which("curl") is None:
        pytest.skip("no curl for the examples of the HTTP interface: install curl")
    with reader(judge_cache, None if page.name == "README.md" else programs) as one:
        for command in commands:
            code, output = one.run(command.text)
            said = "\n".join(output)
            where = f"{_name(page)}:{command.line}: $ {command.text}"
            assert code == 0, f"{where}\nended with {code}:\n{said}"
            absent = missing(command, output)
            assert not absent, f"{where}\nshows {absent[0][1]!r} and says:\n{said}\n{RENEW}"


def test_the_pages_show_commands() -> None:
    assert ROOT / "README.md" in WITH_COMMANDS
    assert len(WITH_COMMANDS) >= 4


@pytest.mark.parametrize("page", READ_BY_PEOPLE, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{_name(page)} links to {target}"
        if anchor:
            assert anchor in _anchors(there), f"{_name(page)} links to {target}"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.mark.parametrize("page", READ_BY_PEOPLE, ids=_name)
def test_the_text_is_tidy_and_speaks_of_the_project_only(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    for number, line in enumerate(text.splitlines(), start=1):
        assert line == line.rstrip(), f"{_name(page)}:{number} ends with a space"
        assert not (found := FORBIDDEN.search(line)), f"{_name(page)}:{number}: {found}"


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_page_is_linked_from_another(page: Path) -> None:
    if page.name == "README.md":
        return
    others = [other for other in PAGES if other != page]
    assert any(_links_to(other, page) for other in others), f"nothing links to {_name(page)}"


def _links_to(page: Path, target: Path) -> bool:
    links = re.findall(r"\]\(([^)\s#]+)", page.read_text("utf-8"))
    return any((page.parent / link).resolve() == target for link in links)


def test_pictures_are_small() -> None:
    for picture in (ROOT / "docs" / "images").iterdir():
        assert picture.stat().st_size < 150_000, f"{picture.name} is too large for a README"


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda one: one.code)
def test_every_detector_has_a_page(detector: AnyDetector) -> None:
    page = page_of(detector)
    assert page.exists(), f"write {_name(page)}; `python -m tests.test_docs` fills in what it can"
    text = page.read_text("utf-8")
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == [*HEADINGS]
    assert settings_table(detector) in text, RENEW
    for listing in detector.hits:
        assert cell(listing.title) in text, RENEW
    index = (DETECTOR_PAGES / "index.md").read_text("utf-8")
    assert f"]({page.name})" in index


def test_no_page_of_a_detector_that_is_gone() -> None:
    known = {page_of(detector) for detector in DETECTORS} | {DETECTOR_PAGES / "index.md"}
    assert set(DETECTOR_PAGES.glob("*.md")) == known


@pytest.mark.slow
def test_the_pages_of_detectors_show_what_they_say_today(judge_cache: Path, tmp_path: Path) -> None:
    judge = Wiring(tmp_path, cache=judge_cache).judge()
    for detector in DETECTORS:
        text = page_of(detector).read_text("utf-8")
        assert renewed(text, detector, judge) == text, f"{detector.code}: {RENEW}"


def test_generated_tables_are_up_to_date() -> None:
    for page, renew in GENERATED:
        text = page.read_text("utf-8")
        assert renew(text) == text, f"{_name(page)}: {RENEW}"


RENEW = "the page is out of date: python -m tests.test_docs"


def page_of(detector: AnyDetector) -> Path:
    """Where the page of `detector` is."""
    return DETECTOR_PAGES / f"{detector.code}.md"


def cell(text: str) -> str:
    """`text` as a table cell; characters that cannot be seen are shown by their number."""
    shown = "".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in text)
    return shown.replace("|", "\\|")


def settings_table(detector: AnyDetector) -> str:
    """The settings with their values, as `Settings` of the detector has and explains them."""
    settings = detector.settings
    names = settings.__struct_fields__
    meanings = _meanings(type(settings).__doc__ or "", names)
    rows = [f"| `{name}` | {cell(_value(getattr(settings, name)))} | {cell(meanings[name])} |" for name in names]
    return "\n".join(["| setting | value | meaning |", "|---|---|---|", *rows])


def _value(value: object) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, tuple):
        return "; ".join(f"below {share:.0%}: {weight}" for share, weight in value)
    return str(value)


COMMON = {
    "families": "families of the vocabulary whose words count",
    "weight_max": "the most that the detector may weigh",
    "weight": "what the observation weighs",
}


def _meanings(docstring: str, names: tuple[str, ...]) -> dict[str, str]:
    """What a docstring of the form "`one`: this; `other`: that" says of each name."""
    tokens = re.split(r"`(\w+)`", " ".join(docstring.split()))
    found = dict.fromkeys(names, "")
    current = ""
    for at, token in enumerate(tokens):
        begins = at % 2 and tokens[at - 1].rstrip()[-1:] in ("", ".", ";")
        if begins and token in found and token not in COMMON:
            current = token
        elif current:
            found[current] += f"`{token}`" if at % 2 else token
    for name, meaning in found.items():
        told = next((other for other in names if f"`{name}`" in found[other]), None)
        fallback = COMMON.get(name, f"see `{told}`" if told else "")
        found[name] = meaning.strip(" ,:;.") or fallback
    return found


def example_table(detector: ListingDetector | PictureDetector, judge: TextJudge) -> str:
    """What the detector says of its own examples."""
    rows = []
    for listing in detector.hits:
        if isinstance(listing, Example):
            remarks = Remarks(judge, {brand.brand_id: brand for brand in detector.registry})
            seen = remarks.facts(judge.explain(listing.listing)[0], listing.seen)
            signals = [one for one in remarks.signals(seen) if one.code == detector.code]
        elif isinstance(detector, ListingDetector) and detector.registry:
            signals = [*detector.inspect(make_facts(judge, listing, detector.registry), detector.settings)]
        else:
            # With the whole registry another detector may explain the words better.
            signals = sorted(judge.explain(listing)[1].signals, key=lambda one: one.code != detector.code)
        said = signals[0].message if signals else ""
        if signals and signals[0].code != detector.code:
            said += f" ({signals[0].code})"
        weight = f"{signals[0].weight:+.1f}" if signals else ""
        rows.append(f"| {_shown(listing)} | {weight} | {cell(said)} |")
    shows = "shows" if isinstance(detector, PictureDetector) else "writes"
    return "\n".join([f"| the seller {shows} | weight | what is said of it |", "|---|---|---|", *rows])


def misses_table(detector: AnyDetector) -> str:
    """What the detector leaves alone on purpose."""
    return "\n".join(
        [
            "| left alone on purpose |",
            "|---|",
            *(f"| {_shown(listing)} |" for listing in detector.misses),
        ]
    )


def _shown(listing: Listing | Example) -> str:
    facts = [cell(listing.title)]
    if isinstance(listing, Example):
        return facts[0]
    if listing.price is not None:
        facts.append(f"for {listing.price}")
    facts += [
        f"{name}: {cell(value)}"
        for name, value in (("brand field", listing.brand), ("category", listing.category))
        if value
    ]
    return ", ".join(facts)


def renewed(text: str, detector: ListingDetector | PictureDetector, judge: TextJudge) -> str:
    """`text` with the generated parts as they are today."""
    parts = {
        "settings": settings_table(detector),
        "misses": misses_table(detector),
        "about": detector.about,
        "example": example_table(detector, judge),
    }
    for name, part in parts.items():
        text = _put(text, name, part)
    return text


def renewed_reasons(text: str) -> str:
    """The reasons for refusing a row as they are today."""
    rows = [f"| `{code}` | {cell(meaning)} |" for code, meaning in REASONS.items()]
    head = ["| reason | what it means and how to mend it |", "|---|---|"]
    return _put(text, "reasons", "\n".join([*head, *rows]))


def renewed_skips(text: str) -> str:
    """Why pictures are not looked at, as it is today."""
    rows = [f"| `{code}` | {cell(meaning)} |" for code, meaning in SKIPPED.items()]
    text = _put(text, "skipped", "\n".join(["| reason | meaning |", "|---|---|", *rows]))
    bad = [f"| {what} | {f'`{reason}`' if reason else 'read'} |" for what, reason in BAD_INPUT.values()]
    return _put(text, "bad-input", "\n".join(["| file | what becomes of it |", "|---|---|", *bad]))


def renewed_policy(text: str) -> str:
    """The lines of the shipped policy as they are today."""
    policy = load_policy()
    rows = []
    for profile, lines in policy.thresholds.items():
        for name, table in (("", lines.usual), (" after a warning", lines.after_warning)):
            said = ", ".join(f"{outcome.value} from {line}" for outcome, line in table.items())
            rows += [f"| {profile}{name} | {said} |"] if table else []
    head = ["| profile | outcomes |", "|---|---|"]
    return _put(text, "policy", "\n".join([*head, *rows]))


def renewed_index(text: str) -> str:
    """The list of detectors as it is today."""
    rows = [f"| [{one.code}]({one.code}.md) | {cell(one.about)} |" for one in DETECTORS]
    return _put(text, "detectors", "\n".join(["| code | looks for |", "|---|---|", *rows]))


def renewed_vocabulary(text: str) -> str:
    """The families of terms, the roles of cues and the kinds of goods as they are today."""
    vocabulary = shipped_vocabulary()
    files = [tomllib.loads(path.read_text("utf-8")) for path in sorted(VOCABULARY.glob("*.toml"))]
    listed = [msgspec.convert(term, Term) for file in files for term in file.get("term", ())]
    reads = {family: one.code for one in DETECTORS for family in getattr(one.settings, "families", ())}
    reads |= dict.fromkeys(CONTACT_FAMILIES, "goods.contact_in_text")
    rows = [
        f"| `{family}` | {count:,} | {languages} | {examples} | [{reads[family]}](detectors/{reads[family]}.md) |"
        for family, count, languages, examples in _indexed((term.family, term) for term in listed)
    ]
    text = _put(
        text,
        "families",
        "\n".join(["| family | terms | languages | examples | read by |", "|---|---|---|---|---|", *rows]),
    )
    rows = [
        f"| `{role}` | {count:,} | {languages} | {examples} |"
        for role, count, languages, examples in _indexed((cue.role, cue) for cue in vocabulary.cues)
    ]
    text = _put(text, "cues", "\n".join(["| role | cues | languages | examples |", "|---|---|---|---|", *rows]))
    rows = [
        f"| `{name}` | {len(of.terms)} | {len(of.accessories)} | {len(of.path)} | {_examples(of.terms)} |"
        for name, of in sorted(vocabulary.categories.items())
    ]
    head = ["| category | goods | accessories | headings | examples |", "|---|---|---|---|---|"]
    return _put(text, "categories", "\n".join([*head, *rows]))


def renewed_classes(text: str) -> str:
    """The classes of restricted goods as they are today."""
    head = ["| class | goods | rule | words | examples | by |", "|---|---|---|---:|---|---|"]
    rows = []
    for name, one in sorted(shipped_vocabulary().restricted.items()):
        texts = [*(term.text for term in one.terms), *(term.text for term in one.words.terms())]
        rule = one.rule if one.rule == "prohibited" else f"licence, {one.asked}"
        examples = ", ".join([*[t for t in texts if not t.isascii()][:2], *[t for t in texts if t.isascii()][:1]])
        rows.append(f"| `{name}` | {one.name} | {rule} | {len(texts)} | {cell(examples)} | {cell(one.source)} |")
    return _put(text, "classes", "\n".join([*head, *rows]))


def renewed_roles(text: str) -> str:
    """Which role holds which permission, as it is today."""
    head = ["permission", "allows to", *(role.replace("_", " ") for role in Role), "API keys"]
    rows = [
        [f"`{name}`", allows, *("yes" if name in GRANTS[role] else "" for role in Role), "may" * (name in FOR_PROGRAMS)]
        for name, allows in PERMISSIONS.items()
    ]
    lines = [f"| {' | '.join(line)} |".replace("  ", " ") for line in (head, *rows)]
    lines.insert(1, f"|{'---|' * len(head)}")
    return _put(text, "roles", "\n".join(lines))


def _indexed(named: Iterable[tuple[str, Term | Cue]]) -> Iterator[tuple[str, int, str, str]]:
    """Name, number, languages (most words first) and an example in each of the first three."""
    groups: dict[str, list[Term | Cue]] = {}
    for name, one in named:
        groups.setdefault(name, []).append(one)
    for name, members in sorted(groups.items()):
        languages = [language for language, _ in Counter(one.lang for one in members).most_common()]
        first = [next(one.text for one in members if one.lang == language) for language in languages[:3]]
        more = [one.text for one in members if one.text not in first]
        yield name, len(members), ", ".join(languages), _examples([*first, *more])


def _examples(texts: Sequence[str]) -> str:
    return ", ".join(cell(text) for text in texts[:3])


def renewed_tampering(text: str) -> str:
    """The attacks on the audit log, and what verifying says to each."""
    return _put(text, "tampering", attacks.table())


def renewed_rules(text: str) -> str:
    """Mistakes with what is said to them, and the starter rules."""
    for name, part in (
        ("mistakes", rules_page.mistakes),
        ("starter", rules_page.starter),
        ("features", rules_page.features),
    ):
        text = _put(text, name, part())
    return text


def renewed_events(text: str) -> str:
    """The types of event as they are today."""
    return _put(text, "events", events_page.tables())


def renewed_complaints(text: str) -> str:
    """What the reader of complaints says of its examples, its codes and settings, as they are today."""
    for name in ("codes", "hits", "misses", "settings"):
        text = _put(text, name, getattr(complaints_page, name)())
    return text


def renewed_toml(page: str, room: str, *, folder: str = "goods") -> str:
    """The shipped policy of a room, by default one of goods, as it is read."""
    text = (ROOT / "src" / "agoranomos" / folder / room / "data" / "policy.toml").read_text("utf-8")
    return _put(page, f"{room if folder == 'goods' else folder} policy", f"```toml\n{text.strip()}\n```")


GENERATED = (
    (ROOT / "docs" / "complaints.md", renewed_complaints),
    (ROOT / "docs" / "auditor.md", renewed_tampering),
    (DETECTOR_PAGES / "index.md", renewed_index),
    (ROOT / "docs" / "events.md", renewed_events),
    (ROOT / "docs" / "notices.md", lambda text: renewed_toml(text, "notices")),
    (ROOT / "docs" / "redress.md", lambda text: renewed_toml(text, "redress")),
    (ROOT / "docs" / "events.schema.json", lambda _: events_page.schema_text()),
    (ROOT / "docs" / "files.md", renewed_reasons),
    (ROOT / "docs" / "pictures.md", renewed_skips),
    (ROOT / "docs" / "restricted-goods.md", renewed_classes),
    (ROOT / "docs" / "risk-analyst.md", renewed_policy),
    (ROOT / "docs" / "roles.md", renewed_roles),
    (ROOT / "docs" / "rules.md", renewed_rules),
    (ROOT / "docs" / "vault.md", lambda text: renewed_toml(text, "revealing", folder="vault")),
    (ROOT / "docs" / "vocabulary.md", renewed_vocabulary),
)
"""Pages with parts that are written from the code, and what writes them."""


def _put(text: str, name: str, part: str) -> str:
    """`part` between the marks of `name` in `text`."""
    begin, end = f"<!-- generated: {name} -->\n", "\n<!-- end -->"
    before, found, rest = text.partition(begin)
    assert found, f"the mark {begin.strip()} is missing"
    return before + begin + part + end + rest.partition(end.strip("\n"))[2]


def _renew_output(page: Path, cache: Path) -> None:
    lines = page.read_text("utf-8").splitlines()
    with reader(cache) as one:
        for command in commands_of("\n".join(lines)):
            code, output = one.run(command.text)
            if code:
                print(f"{_name(page)}:{command.line}: ended with {code}\n" + "\n".join(output))
                continue
            actual = [_passing(line) for line in output]
            for number, line in missing(command, output):
                closest = difflib.get_close_matches(line, actual, 1, cutoff=0.6)
                print(f"{_name(page)}:{number}\n- {line}\n+ {closest[0] if closest else '???'}")
                lines[number - 1] = closest[0] if closest else line
    page.write_text("\n".join(lines) + "\n", "utf-8")


def _passing(line: str) -> str:
    for pattern, shown in PASSING:
        line = pattern.sub(shown, line)
    return line.rstrip()


def main() -> None:
    """Renews what is generated."""
    with tempfile.TemporaryDirectory(prefix="agora-docs-cache-") as folder:
        cache = Path(folder)
        judge = Wiring(cache / "home", cache=cache).judge()
        for detector in DETECTORS:
            page = page_of(detector)
            page.write_text(renewed(page.read_text("utf-8"), detector, judge), "utf-8")
        for page, renew in GENERATED:
            page.write_text(renew(page.read_text("utf-8")), "utf-8")
        for page in WITH_COMMANDS:
            _renew_output(page, cache)


if __name__ == "__main__":
    main()
