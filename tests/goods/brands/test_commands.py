"""`agora brands …` as people type it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from agoranomos.goods.brands.commands import brands
from agoranomos.kernel.context import Context
from agoranomos.kernel.store import Store
from tests.builders import NOW, make_lines


class Here:
    """The context of a test: its store, and always the same moment."""

    def __init__(self, store: Store, home: Path) -> None:
        self._store, self.home = store, home

    def store(self) -> Store:
        return self._store

    def now(self) -> datetime:
        return NOW


@pytest.fixture
def here(store: Store, tmp_path: Path) -> Context:
    return Here(store, tmp_path)


def run(here: Context, *arguments: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(brands, [str(item) for item in arguments], obj=here)
    assert result.exit_code == code, result.output
    return result


def run_json(here: Context, *arguments: str | Path) -> Any:
    return msgspec.json.decode(run(here, *arguments, "--json").stdout)


@pytest.fixture
def imported(here: Context) -> Context:
    path = here.home / "mine.jsonl"
    rows = [{"names": [name]} for name in ("Qxa", "Qxb", "Qxc")]
    path.write_bytes(make_lines([*rows, {"names": []}]))
    assert "3 added · 0 changed · 0 unchanged · 0 skipped · 1 rejected" in run(here, "import", path).stdout
    return here


def write_listings(folder: Path) -> Path:
    path = folder / "listings.jsonl"
    titles = [f"Lumivexa {what}" for what in ("kurta", "shirt", "jeans", "dress")] * 10
    rows = [
        {
            "listing_id": f"l{n}",
            "store_id": f"s{n % 5}",
            "title": title,
            "price_amount": 10_000 + 100 * n,
            "currency": "CNY",
            "category": "clothing",
        }
        for n, title in enumerate(titles)
    ]
    path.write_bytes(make_lines([*rows, {"listing_id": "bad"}]))
    return path


def test_import_tells_what_was_refused(here: Context) -> None:
    path = here.home / "mine.jsonl"
    path.write_bytes(make_lines([{"names": ["A"]}, {"names": [3]}]))
    result = run(here, "import", path)
    assert "mine.jsonl:2 /names/0: Expected `str`, got `int`" in result.stderr
    report = run_json(here, "import", path)
    assert (report["unchanged"], report["rejected"]) == (1, 1)
    assert report["rejects"] == [
        {
            "file": "mine.jsonl",
            "line": 2,
            "reason": "Expected `str`, got `int`",
            "pointer": "/names/0",
        }
    ]


def test_what_cannot_be_done_ends_with_two(here: Context) -> None:
    run(here, "import", here.home / "absent", code=2)
    (here.home / "bad").write_bytes(b"nothing of the kind")
    assert "bad: not a list of brands" in run(here, "import", here.home / "bad", code=2).stderr
    assert "no brand nobody" in run(here, "show", "nobody", code=2).stderr
    run(here, "accept", "nobody", code=2)
    run(here, "authorise", "nobody", code=2)
    run(here, "propose", here.home / "absent.jsonl", code=2)


def test_lists_go_page_by_page(imported: Context) -> None:
    first = run_json(imported, "list", "--query", "qx", "--limit", "2")
    second = run_json(imported, "list", "--query", "qx", "--cursor", first["next_cursor"])
    ids = [brand["brand_id"] for page in (first, second) for brand in page["items"]]
    assert ids == ["qxa", "qxb", "qxc"]
    assert second["next_cursor"] is None
    assert "--cursor qxb" in run(imported, "list", "--query", "qx", "--limit", "2").stderr


def test_show(imported: Context) -> None:
    assert run_json(imported, "show", "qxa")["names"] == ["Qxa"]
    assert run(imported, "show", "qxa").stdout.splitlines() == [
        "qxa  Qxa  (accepted)",
        "names           Qxa",
        "sold            openly",
        "much copied     yes",
    ]
    run(imported, "authorise", "qxa", "s1", "s2")
    assert "sold            only by s1, s2" in run(imported, "show", "qxa").stdout


def test_long_lists_are_wrapped_between_names(here: Context) -> None:
    text = run(here, "show", "nike").stdout
    assert max(map(len, text.splitlines())) <= 100
    assert "\u00a0" not in text
    assert not any(line.endswith(" Air") for line in text.splitlines())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.jsonl", b"", "none.jsonl: the file is empty"),
        ("blank.csv", b"\xef\xbb\xbf\r\n \n", "blank.csv: the file is empty"),
        ("header.csv", b"names,aliases\n", "header.csv: there is no brand in it"),
        ("list.json", b"[]", "list.json: there is no brand in it"),
    ],
)
def test_a_file_without_brands_is_refused(here: Context, name: str, content: bytes, said: str) -> None:
    (here.home / name).write_bytes(content)
    assert said in run(here, "import", here.home / name, code=2).stderr
    assert said in run(here, "list", "--registry", here.home / name, "--json", code=2).stderr


def test_a_folder_without_files_is_refused(here: Context) -> None:
    (here.home / "nsi").mkdir()
    assert "nsi: the folder holds no .json file" in run(here, "import", here.home / "nsi", code=2).stderr


def test_what_is_not_in_the_registry_is_said(imported: Context) -> None:
    run(imported, "reject", "qxb")
    run(imported, "merge", "qxc", "qxa")
    for arguments, said in (
        (("merge", "qxa", "qxb"), "qxb is rejected; merge into a brand of the registry"),
        (("merge", "qxa", "qxc"), "qxc is merged into qxa; merge into a brand of the registry"),
        (("merge", "qxa", "nobody"), "no brand nobody in the registry"),
        (("merge", "nobody", "qxa"), "no brand nobody in the registry"),
        (("authorise", "qxb", "s1"), "qxb is rejected; accept it first: agora brands accept qxb"),
        (("accept", "nike"), "nike is shipped with the registry"),
    ):
        assert said in run(imported, *arguments, code=2).stderr
    assert "no such brand" in run(imported, "list", "--query", "zzzzzz").stderr
    run(imported, "accept", "qxb")
    assert run_json(imported, "authorise", "qxb", "s1")["items"][0]["authorised_store_ids"] == ["s1"]


def test_authorise(imported: Context) -> None:
    done = run_json(imported, "authorise", "qxa", "s1", "s2")
    assert done["items"][0]["authorised_store_ids"] == ["s1", "s2"]
    run(imported, "authorise", "qxa", "s1", "--remove")
    assert run_json(imported, "show", "qxa")["authorised_store_ids"] == ["s2"]
    run(imported, "authorise", "qxa", "--open")
    assert run_json(imported, "show", "qxa")["authorised_store_ids"] is None
    run(imported, "authorise", "qxa", "s1", "--open", code=2)


@pytest.mark.slow
def test_from_listings_to_the_registry(imported: Context) -> None:
    listings = write_listings(imported.home)
    found = run_json(imported, "propose", listings)
    assert (found["new"], [p["name"] for p in found["proposals"]]) == (1, ["Lumivexa"])
    assert run_json(imported, "list", "--status", "proposed")["items"][0]["brand_id"] == "lumivexa"
    assert run_json(imported, "show", "lumivexa")["proposal"]["stores"] == 5
    assert "Lumivexa kurta" in run(imported, "propose", listings).stdout
    assert "1 row of the listings could not be used" in run(imported, "propose", listings).stderr
    run(imported, "accept", "lumivexa")
    assert run_json(imported, "propose", listings)["proposals"] == []
    learned = run_json(imported, "learn", listings)
    assert (learned["learned"], learned["recognised"]) == (1, 40)
    assert "learned from listings.jsonl" in run(imported, "show", "lumivexa").stdout


def test_a_rejected_proposal_is_not_asked_again(imported: Context) -> None:
    listings = write_listings(imported.home)
    run(imported, "propose", listings)
    assert "rejected: lumivexa" in run(imported, "reject", "lumivexa").stdout
    assert run_json(imported, "propose", listings)["proposals"] == []
    assert "no unknown name in these listings" in run(imported, "propose", listings).stderr


def test_a_merged_proposal_is_another_name(imported: Context) -> None:
    listings = write_listings(imported.home)
    run(imported, "propose", listings)
    run(imported, "merge", "lumivexa", "qxa")
    assert run_json(imported, "show", "qxa")["aliases"] == ["Lumivexa"]
    assert run_json(imported, "show", "lumivexa")["merged_into"] == "qxa"
    run(imported, "merge", "qxa", "qxa", code=2)


@pytest.mark.slow
def test_what_is_exported_changes_nothing_when_imported(imported: Context) -> None:
    path = imported.home / "all.jsonl"
    run(imported, "export", "--out", path)
    assert path.read_bytes() == run(imported, "export").stdout_bytes
    run(imported, "import", path)
    again = imported.home / "again.jsonl"
    run(imported, "export", "--out", again)
    assert again.read_bytes() == path.read_bytes()


def test_a_registry_file_lies_on_top(imported: Context) -> None:
    path = imported.home / "extra.jsonl"
    path.write_bytes(make_lines([{"names": ["Qxz"]}, {"names": []}]))
    page = run(imported, "list", "--query", "qxz", "--registry", path, "--json")
    assert [brand["brand_id"] for brand in msgspec.json.decode(page.stdout)["items"]] == ["qxz"]
    assert "extra.jsonl:2 /names" in page.stderr
    assert run_json(imported, "list", "--query", "qxz")["items"] == []
