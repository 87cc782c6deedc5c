"""People and keys from the command line; secrets are never arguments."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Wanted
from agoranomos.kernel.store import Store
from agoranomos.main import cli
from agoranomos.staff import actions, approving, queries
from agoranomos.staff.model import LOCAL
from agoranomos.staff.secrets import is_password, split_api_key
from agoranomos.wiring import Wiring
from tests.builders import NOW
from tests.staff.house import PASSWORD

ADA = "ada@example.org"


class Terminal:
    """The command line over the store of the test."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        url = store.engine.url.render_as_string(hide_password=False)
        self.wiring = Wiring(folder, database_url=url, clock=lambda: NOW)

    def run(self, *arguments: str, typed: str | None = None) -> Result:
        from agoranomos.staff import commands

        group = getattr(commands, arguments[0])
        return CliRunner().invoke(group, list(arguments[1:]), obj=self.wiring, input=typed)

    def told(self, *arguments: str, typed: str | None = None) -> Any:
        """What a command says in JSON."""
        done = self.run(*arguments, "--json", typed=typed)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)


@pytest.fixture
def terminal(store: Store, tmp_path: Path) -> Iterator[Terminal]:
    one = Terminal(store, tmp_path)
    yield one
    one.wiring.store().close()


def test_the_first_administrator_and_a_colleague(terminal: Terminal) -> None:
    added = terminal.told("people", "add", ADA, "--name", "Ada", "--role", "admin", "--password", typed=f"{PASSWORD}\n")
    assert (added["name"], added["roles"], added["has_password"]) == ("Ada", ["admin"], True)
    with terminal.store.reading() as connection:
        assert is_password(PASSWORD, actions.password_of(connection, ADA))
    bob = terminal.told("people", "add", "bob@example.org", "--name", "Bob")
    assert bob["has_password"] is False
    assert terminal.told("people", "grant", "bob@example.org", "auditor")["roles"] == ["auditor"]
    assert terminal.told("people", "revoke", bob["person_id"], "auditor")["roles"] == []
    assert terminal.told("people", "disable", "Bob@example.org")["disabled_at"] == "2026-05-01T08:00:00Z"
    assert "(closed)" in terminal.run("people", "list").stdout
    assert terminal.told("people", "enable", bob["person_id"])["disabled_at"] is None
    assert len(terminal.told("people", "list")["items"]) == 2
    assert terminal.run("people", "revoke", ADA, "admin").exception is not None


def test_a_password_is_read_from_standard_input(terminal: Terminal) -> None:
    terminal.told("people", "add", ADA, "--name", "Ada")
    done = terminal.run("people", "password", ADA, typed=f"{PASSWORD}\r\nmore\n")
    assert PASSWORD not in done.output
    with terminal.store.reading() as connection:
        assert is_password(PASSWORD, actions.password_of(connection, ADA))
    assert terminal.run("people", "password", "p_none", typed=PASSWORD).exception is not None
    assert terminal.run("people", "password", ADA, typed="short\n").exception is not None


def test_a_key_is_shown_once(terminal: Terminal) -> None:
    made = terminal.run("keys", "create", "importer", "--permission", "events.write", "--days", "30")
    assert "shown once" in made.stderr
    parts = split_api_key(made.stdout.strip())
    assert parts is not None
    with terminal.store.reading() as connection:
        assert queries.find_key(connection, parts[0], NOW) is not None
    assert parts[1] not in terminal.run("keys", "list", "--json").stdout
    assert terminal.run("keys", "list").stdout == f"{parts[0]}  good  importer  events.write\n"
    turned = terminal.told("keys", "rotate", parts[0], "--grace-hours", "0")
    assert split_api_key(turned["secret"]) != parts
    assert terminal.told("keys", "revoke", parts[0])["revoked_at"]
    assert "over" in terminal.run("keys", "list").stdout
    assert terminal.run("keys", "create", "k", "--permission", "approvals.decide").exit_code == 2


def test_what_waits_is_listed(terminal: Terminal) -> None:
    assert terminal.run("approvals", "list").stdout == "Nothing waits.\n"
    wanted = Wanted(kind="payment.release", subject_kind="order", subject_id="o-1")
    with terminal.store.transaction() as connection:
        one = approving.request(connection, wanted, by=Actor("person", "p_1"), now=NOW)
    assert "payment.release  order:o-1  asked for by person:p_1" in terminal.run("approvals", "list").stdout
    assert terminal.told("approvals", "list")["items"][0]["approval_id"] == one.approval_id
    assert terminal.told("approvals", "list", "--after", one.approval_id)["items"] == []


def test_who_did_it_is_the_person_at_the_machine(terminal: Terminal) -> None:
    from agoranomos.audit import queries as audit

    terminal.told("people", "add", ADA, "--name", "Ada")
    with terminal.store.reading() as connection:
        entries = [each.entry for each in audit.find(connection, after=-1, limit=10)]
    assert [(each.actor, each.verb) for each in entries] == [(LOCAL, "person.add")]


@pytest.fixture
def port() -> str:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return str(door.getsockname()[1])


def test_nobody_can_sign_in_beyond_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, port: str) -> None:
    monkeypatch.setenv("AGORA_HOME", str(tmp_path))
    monkeypatch.delenv("AGORA_DATABASE_URL", raising=False)
    monkeypatch.setattr("agoranomos.web.logs.configure", lambda *_, **__: None)
    refused = CliRunner().invoke(cli, ["serve", "--host", "0.0.0.0", "--port", port])
    assert refused.exit_code == 2
    assert "nobody could sign in at 0.0.0.0" in refused.stderr
    assert "agora people add" in refused.stderr


@pytest.mark.parametrize("somebody", [False, True])
@pytest.mark.slow
def test_serving_says_how_to_begin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, port: str, somebody: bool) -> None:
    served: list[Any] = []
    monkeypatch.setattr(
        "agoranomos.web.serving.serve_on", lambda doors, *_: served.extend(door.getsockname()[0] for door in doors)
    )
    monkeypatch.setattr("agoranomos.web.logs.configure", lambda *_, **__: None)
    monkeypatch.setattr(Wiring, "app", lambda *_, **__: None)
    monkeypatch.setenv("AGORA_HOME", str(tmp_path))
    monkeypatch.delenv("AGORA_DATABASE_URL", raising=False)
    if somebody:
        CliRunner().invoke(cli, ["people", "add", ADA, "--name", "Ada"])
    host = "0.0.0.0" if somebody else "127.0.0.1"
    done = CliRunner().invoke(cli, ["serve", "--host", host, "--port", port])
    assert served == [host]
    assert ("The first administrator" in done.stderr) is not somebody


def test_the_identity_provider_is_set_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, port: str
) -> None:
    monkeypatch.setenv("AGORA_HOME", str(tmp_path))
    monkeypatch.delenv("AGORA_DATABASE_URL", raising=False)
    monkeypatch.setattr("agoranomos.web.logs.configure", lambda *_, **__: None)
    monkeypatch.setenv("AGORA_OIDC_ISSUER", "http://id.example")
    refused = CliRunner().invoke(cli, ["serve", "--port", port])
    assert refused.exit_code == 2
    assert "AGORA_OIDC_ISSUER must begin with https://" in refused.stderr
