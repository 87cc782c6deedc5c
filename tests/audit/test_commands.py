"""`agora audit …` from the command line: what it prints, and its exit codes."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from agoranomos.audit import actions, queries, witness
from agoranomos.audit.notes import Note, VerifierKey
from agoranomos.audit.tables import audit_anchors, audit_entries
from agoranomos.main import cli
from agoranomos.wiring import Wiring
from tests.audit.log import FORGER, KEY, make_entry


class Home:
    """A home folder, and the command line in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wiring = Wiring(folder)

    def run(self, *arguments: str, code: int = 0, **environment: str) -> Result:
        done = CliRunner().invoke(cli, ["audit", *arguments], env={"AGORA_HOME": str(self.folder), **environment})
        assert done.exit_code == code, done.output
        return done

    def json(self, *arguments: str, **options: Any) -> Any:
        return json.loads(self.run(*arguments, "--json", **options).stdout)

    def record(self, *numbers: int) -> None:
        with self.wiring.store().transaction() as connection:
            for number in numbers:
                actions.record(connection, make_entry(number))

    def key(self) -> str:
        return self.run("key").stdout.strip()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv("AGORA_DATABASE_URL", raising=False)
    monkeypatch.delenv("AGORA_AUDIT_KEY", raising=False)
    return Home(tmp_path / "home")


@pytest.mark.slow
def test_a_log_from_the_first_entry_to_a_proof(home: Home, tmp_path: Path) -> None:
    assert home.run("key", "--origin", "example.com/audit").stdout.startswith("example.com/audit+")
    home.record(0, 1, 2)
    assert home.json("checkpoint")["size"] == 3
    assert not home.json("checkpoint")["new"]
    assert home.run("verify").stdout == "3 entries, 3 under 1 checkpoints: all as they were signed.\n"
    home.record(3)
    assert home.json("verify") == {"ok": True, "entries": 4, "sealed": 3, "checkpoints": 1, "findings": []}
    (tmp_path / "proof").write_text(home.run("prove", "1").stdout)
    said = home.run("check-proof", str(tmp_path / "proof"), "--key", home.key()).stdout
    assert said == "Entry 1 is in the log example.com/audit, of 3 entries.\nperson:p-1 case.decide case:c-1\n"
    assert home.json("check-proof", str(tmp_path / "proof"), "--key", home.key())["recorded"]["index"] == 1
    home.run("check-proof", str(tmp_path / "proof"), "--key", str(FORGER.verifier), code=1)
    entry_id = home.json("list")["items"][1]["id"]
    assert home.run("prove", "--entry", entry_id).stdout == (tmp_path / "proof").read_text()
    assert home.run("prove", "1", "--tlog-proof").stdout.startswith("c2sp.org/tlog-proof@v1\nindex 1\n")


@pytest.mark.slow
def test_the_list(home: Home) -> None:
    home.record(0, 1, 2, 3, 4)
    lines = home.run("list", "--actor", "person:p-1").stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["1", "2026-05-01T08:00:01Z", "person:p-1", "case.decide", "case:c-1"],
        ["4", "2026-05-01T08:00:04Z", "person:p-1", "case.decide", "case:c-4"],
    ]
    cursor = home.json("list", "--limit", "2")["next"]
    assert home.run("list", "--limit", "2").stdout.splitlines()[-1] == f"More: --cursor {cursor}"
    assert len(home.json("list", "--cursor", cursor)["items"]) == 3
    home.run("list", "--cursor", "x", code=2)


@pytest.mark.slow
def test_a_change_is_exit_1_and_named(home: Home, tmp_path: Path) -> None:
    home.record(0, 1, 2)
    home.run("checkpoint")
    home.run("export", str(tmp_path / "copy"))
    home.run("verify", "--export", str(tmp_path / "copy"))
    with home.wiring.store().transaction() as connection:
        connection.execute(audit_entries.delete().where(audit_entries.c.leaf_index == 1))
    done = home.run("verify", code=1)
    assert "entry_removed: entry 1 was removed (by the tree)" in done.stdout.splitlines()
    told = home.json("verify", "--export", str(tmp_path / "copy"), code=1)
    assert not told["ok"]
    assert {"code": "entry_removed", "message": f"entry 1 was removed (by the export in {tmp_path / 'copy'})",
            "index": 1} in told["findings"]  # fmt: skip
    (tmp_path / "copy" / "tile/0/000.p/3").write_bytes(bytes(96))
    assert "export_changed" in home.run("verify", "--export", str(tmp_path / "copy"), code=1).stdout


@pytest.mark.slow
def test_the_key_rotates(home: Home, tmp_path: Path) -> None:
    old = home.key()
    home.record(0)
    home.run("checkpoint")
    new = home.run("key", "--rotate").stdout.strip()
    assert new != old
    assert home.key() == new
    home.record(1)
    home.run("checkpoint")
    for key in (old, new):
        home.run("verify", "--key", key)
    home.run("verify", "--key", str(FORGER.verifier), code=1)
    home.run("key", "--origin", "example.com/other", code=1)
    assert {path.name for path in home.folder.iterdir() if "audit" in path.name} == {"audit.key"}


@pytest.mark.slow
def test_a_rotation_that_was_interrupted_is_finished(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.record(0)
    home.run("checkpoint")

    def interrupted(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("agoranomos.audit.keys.settle", interrupted)
        home.run("key", "--rotate", code=130)
    home.record(1)
    home.run("checkpoint", code=1)
    home.run("key", "--rotate")
    home.run("checkpoint")
    assert home.json("verify")["entries"] == 3


@pytest.mark.slow
def test_the_key_of_the_environment(home: Home) -> None:
    assert home.run("key", AGORA_AUDIT_KEY=KEY.secret()).stdout.strip() == str(KEY.verifier)
    done = home.run("key", "--rotate", AGORA_AUDIT_KEY=KEY.secret())
    assert "into AGORA_AUDIT_KEY now" in done.stderr
    secret = (home.folder / "audit.key.next").read_text().strip()
    assert home.run("key", AGORA_AUDIT_KEY=secret).stdout.strip() == done.stdout.strip()
    home.run("verify", AGORA_AUDIT_KEY=secret)
    home.run("key", AGORA_AUDIT_KEY="nonsense", code=2)


@pytest.mark.slow
def test_with_a_witness(home: Home, tmp_path: Path) -> None:
    mine = ("--log-key", home.key(), "--state", str(tmp_path / "witness.json"), "--key", str(tmp_path / "w.key"))
    assert home.run("witness", *mine).stdout.startswith("witness.example+")
    shown = home.json("witness", *mine)["key"]
    loaded = witness.load_key(tmp_path / "w.key", "")
    known = witness.Witness(VerifierKey.parse(home.key()), loaded, tmp_path / "witness.json", lambda: 1_780_000_000)
    http = witness.server(known, "127.0.0.1", 0)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{http.server_address[1]}"
    try:
        home.record(0, 1)
        note = home.json("checkpoint", "--witness", address, "--witness-key", shown)["note"]
        assert Note.parse(note).signed_by(VerifierKey.parse(shown)) is not None
        home.run("verify", "--witness", address, "--witness-key", shown)
        assert "whoever answers" in home.run("verify", "--witness", address).stderr
        home.run("verify", "--witness", address, "--witness-key", str(FORGER.verifier), code=1)
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
    with home.wiring.store().reading() as connection:
        assert len(queries.cosignatures(connection, 2)) == 1
    home.record(2)
    (tmp_path / "request").write_text(home.run("checkpoint", "--request", "2").stdout)
    assert home.run("witness", *mine, "--once", str(tmp_path / "request")).stdout.startswith("— witness.example ")
    home.run("verify", "--witness", str(tmp_path))
    again = home.run("witness", *mine, "--once", str(tmp_path / "request"), code=1)
    assert "refused (409)" in again.stderr
    home.run("checkpoint", "--witness", address, code=2)
    home.run("checkpoint", "--request", "9", code=1)
    home.run("witness", *mine, "--listen", "nonsense", code=2)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["verify"], 2), (["verify", "--key", "nonsense"], 2), (["prove"], 2), (["prove", "0"], 2),
     (["prove", "0", "--entry", "00"], 2), (["export", "out"], 2), (["anchor"], 2), (["anchor", "--git", "."], 2),
     (["anchor", "--tsa", "http://127.0.0.1:9"], 2), (["verify", "--witness", "none"], 2),
     (["key", "--origin", "with space"], 2)],
)  # fmt: skip
@pytest.mark.slow
def test_wrong_use(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    done = home.run(*arguments, code=code)
    assert "Traceback" not in done.output


@pytest.mark.slow
def test_anchors(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.record(0)
    home.run("checkpoint")
    kept = tmp_path / "kept"
    kept.write_text(home.run("checkpoint").stdout)
    home.run("verify", "--checkpoint", str(kept))
    kept.write_text(kept.read_text().replace("\n1\n", "\n2\n"))
    assert "checkpoint_changed" in home.run("verify", "--checkpoint", str(kept), code=1).stdout
    monkeypatch.setattr("agoranomos.audit.anchoring.anchor_in_git", lambda *_: "0123abc")
    assert home.json("anchor", "--git", str(tmp_path)) == {"size": 1, "commit": "0123abc"}
    with home.wiring.store().reading() as connection:
        assert connection.execute(sa.select(audit_anchors.c.size, audit_anchors.c.place)).all() == [(1, "git")]
    monkeypatch.setattr("agoranomos.audit.timestamps.stamp", lambda *_: b"der")
    monkeypatch.setattr("agoranomos.audit.timestamps.check", lambda *_: "2026-05-01T08:00:00+00:00")
    told = home.json("anchor", "--tsa", "http://127.0.0.1:9", "--tsa-roots", str(kept))
    assert told["stamped_at"] == "2026-05-01T08:00:00+00:00"
    assert Path(told["file"]).read_bytes() == b"der"
