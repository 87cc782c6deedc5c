"""`agora audit …`: verify the log, prove an entry, sign, export, witness, anchor."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import click
import msgspec

from agoranomos.audit import actions, anchoring, exporting, keys, proving, queries, timestamps, verifying, witnessing
from agoranomos.audit import witness as witnesses
from agoranomos.audit.comparing import Finding
from agoranomos.audit.notes import Note, NoteError, SigningKey, VerifierKey
from agoranomos.audit.service import AuditService
from agoranomos.kernel.actors import SYSTEM
from agoranomos.kernel.context import Context
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.terminal import json_option


class AuditContext(Context, Protocol):
    """A context that can also sign the log."""

    @property
    def given_audit_key(self) -> str | None:
        """The signing key of AGORA_AUDIT_KEY; None when it is in `home`."""

    def audit_key(self, origin: str | None = None) -> SigningKey:
        """The signing key of the log; made, under the name `origin`, when there is none."""


class _Key(click.ParamType[VerifierKey]):
    name = "vkey"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> VerifierKey:
        try:
            return value if isinstance(value, VerifierKey) else VerifierKey.parse(str(value))
        except NoteError as error:
            self.fail(str(error), param, ctx)


VKEY = _Key()
FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
witness_key_option = click.option("--witness-key", type=VKEY, help="The witness' public key.")


class _Group(click.Group):
    """A Conflict is what verification found: exit code 1; other refusals are wrong input."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Conflict as error:
            click.echo(f"Error: {error.message}", err=True)
            raise SystemExit(1) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
def audit() -> None:
    """The audit log: verify it, prove an entry, sign, export, witness, anchor."""


def _print(value: Any, as_json: bool, *lines: str) -> None:
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
    else:
        for line in lines:
            click.echo(line)


@audit.command()
@click.option("--origin", help="The log's name for a new key, such as example.com/audit.")
@click.option("--rotate", is_flag=True, help="Let a new key sign from now on; the old one vouches for it in the log.")
@json_option
@click.pass_obj
def key(context: AuditContext, origin: str | None, rotate: bool, as_json: bool) -> None:
    """Show the log's public key; auditors and witnesses are given it once, by another way than the log."""
    present = context.audit_key(origin)
    if rotate:
        present = _rotate(context, present)
    _print({"origin": present.name, "key": str(present.verifier)}, as_json, str(present.verifier))


def _rotate(context: AuditContext, old: SigningKey) -> SigningKey:
    new = keys.make_next(context.home, old.name, secrets.token_bytes)
    with context.store().transaction() as connection:
        last = queries.last_checkpoint(connection)
        # Not again, when an earlier call got as far as this and no further.
        if last is None or new.verifier.key_id not in {one.key_id for one in Note.parse(last.note).signatures}:
            actions.rotate_key(connection, old, new, by=SYSTEM, now=context.now())
    if context.given_audit_key is None:
        keys.settle(context.home)
    else:
        path = context.home / keys.NEXT
        click.echo(f"Put the key in {path} into AGORA_AUDIT_KEY now, and remove the file.", err=True)
    return new


@audit.command()
@click.option("--witness", "url", help="Let the witness at this address cosign it.")
@witness_key_option
@click.option("--request", "old", type=click.IntRange(0), metavar="SIZE",
              help="Print it as a request to a witness that knows the tree of this size.")  # fmt: skip
@json_option
@click.pass_obj
def checkpoint(
    context: AuditContext, url: str | None, witness_key: VerifierKey | None, old: int | None, as_json: bool
) -> None:
    """Sign the tree as it is now; without new entries the last checkpoint stands."""
    if (url is None) != (witness_key is None):
        raise click.UsageError("Give both --witness and --witness-key.")
    with context.store().transaction() as connection:
        sealed = actions.checkpoint(connection, context.audit_key(), context.now())
    size = sealed.checkpoint.size
    if url is not None and witness_key is not None:
        with context.store().reading() as connection:
            cosigned, lines = witnessing.submit(connection, url.rstrip("/"))
        with context.store().transaction() as connection:
            actions.add_cosignatures(connection, cosigned, lines, witness_key)
    with context.store().reading() as connection:
        note = anchoring.last(connection).note
        asked = None if old is None else witnessing.request(connection, old)
    _print({"size": size, "new": sealed.new, "note": note, "request": asked}, as_json, (asked or note).rstrip("\n"))


@audit.command()
@click.option(
    "--key", "log_keys", type=VKEY, multiple=True, help="A public key of the log; by default this home's own."
)
@click.option("--export", "folder", type=FOLDER, help="Also against an exported log.")
@click.option("--witness", "place", help="Also against what a witness saw last: its address, folder or state file.")
@witness_key_option
@click.option("--checkpoint", "files", type=FILE, multiple=True, help="Also against a checkpoint kept elsewhere.")
@json_option
@click.pass_obj
def verify(
    context: AuditContext, log_keys: tuple[VerifierKey, ...], folder: Path | None, place: str | None,
    witness_key: VerifierKey | None, files: tuple[Path, ...], as_json: bool,
) -> None:  # fmt: skip
    """Compute the whole log anew and hold it against every checkpoint; exit code 1 when anything is not as signed."""
    trusted = log_keys or _own_key(context)
    elsewhere: list[verifying.Elsewhere] = [witnessing.published(path) for path in files]
    problems: list[str] = []
    if folder is not None:
        copy = exporting.read(folder)
        problems = copy.problems()
        elsewhere.append(copy)
    if place is not None:
        seen = witnessing.last_seen(place)
        if witness_key is not None:
            witnessing.require_cosigned(seen, witness_key)
        else:
            click.echo("Without --witness-key, whoever answers there is believed to be the witness.", err=True)
        elsewhere.append(seen)
    with context.store().reading() as connection:
        report = verifying.verify(connection, trusted, elsewhere)
    findings = [*report.findings, *(Finding("export_changed", f"{folder}: {one}") for one in problems)]
    report = msgspec.structs.replace(report, findings=tuple(findings))
    _print(
        {"ok": report.ok, **msgspec.to_builtins(report)}, as_json,
        *(f"{one.code}: {one.message}" for one in findings),
        f"{report.entries} entries, {report.sealed} under {report.checkpoints} checkpoints: "
        + ("all as they were signed." if report.ok else f"{len(findings)} findings."),
    )  # fmt: skip
    if not report.ok:
        raise SystemExit(1)


def _own_key(context: AuditContext) -> Sequence[VerifierKey]:
    own = keys.find(context.home, context.given_audit_key)
    if own is None:
        raise Invalid("there is no key of a log here; say by --key whose signatures to trust")
    return [own.verifier]


@audit.command()
@click.argument("index", type=click.IntRange(0), required=False)
@click.option("--entry", help="The entry's id instead of its index.")
@click.option("--tlog-proof", is_flag=True, help="In the form of C2SP tlog-proof, without the entry.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; a proof is JSON in any case.")
@click.pass_obj
def prove(context: AuditContext, index: int | None, entry: str | None, tlog_proof: bool, as_json: bool) -> None:  # noqa: ARG001 - JSON in any case
    """Print the proof that an entry is in the log, to be checked by anyone without the log."""
    if (index is None) == (entry is None):
        raise click.UsageError("Give an INDEX or --entry ID.")
    with context.store().reading() as connection:
        place = index if index is not None else queries.index_of(connection, str(entry))
        proof = proving.prove(connection, place)
    if tlog_proof:
        click.echo(proof.tlog_proof(), nl=False)
    else:
        _print(proof, as_json=True)


@audit.command("check-proof")
@click.argument("file", type=FILE)
@click.option("--key", "log_key", type=VKEY, required=True, help="The log's public key.")
@click.option("--witness-key", "witness_keys", type=VKEY, multiple=True, help="A witness that must have cosigned.")
@json_option
def check_proof(file: Path, log_key: VerifierKey, witness_keys: tuple[VerifierKey, ...], as_json: bool) -> None:
    """Check a proof in FILE; needs nothing but the file and the key."""
    shows = proving.check(file.read_bytes(), log_key, witness_keys)
    entry = shows.recorded.entry
    _print(
        shows, as_json,
        f"Entry {shows.recorded.index} is in the log {shows.signed_by}, of {shows.size} entries.",
        f"{entry.actor} {entry.verb} {entry.subject_kind}:{entry.subject_id}",
        *(f"Cosigned by {name}." for name in shows.cosigned_by),
    )  # fmt: skip


@audit.command()
@click.argument("folder", type=FOLDER)
@json_option
@click.pass_obj
def export(context: AuditContext, folder: Path, as_json: bool) -> None:
    """Write the signed log to FOLDER as static files, laid out as C2SP tlog-tiles."""
    folder.mkdir(parents=True, exist_ok=True)
    with context.store().reading() as connection:
        done = exporting.export(connection, folder)
    _print(done, as_json, f"{done.size} entries in {folder}, {done.files} new files.")


@audit.command("list")
@click.option("--subject", help="Only about this: kind:id, or an id.")
@click.option("--actor", help="Only by this actor: kind:id, or an id.")
@click.option("--cursor", help="Where the last page ended.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@json_option
@click.pass_obj
def list_(
    context: AuditContext, subject: str | None, actor: str | None, cursor: str | None, limit: int, as_json: bool
) -> None:
    """Show entries: who did what to what."""
    from agoranomos.audit.api import shown  # noqa: PLC0415 - a quarter of a second that no other command needs
    from agoranomos.web.paging import after_number  # noqa: PLC0415

    after = after_number(cursor or "")
    page = shown(AuditService(context.store()), subject=subject, actor=actor, after=after, limit=limit)
    lines = [
        f"{one.index:>6}  {one.time}  {one.actor['kind']}:{one.actor['id']}  {one.verb}  "
        f"{one.subject['kind']}:{one.subject['id']}"
        for one in page.items
    ]
    more = [f"More: --cursor {page.next}"] if page.next else []
    _print(page, as_json, *lines, *more)


@audit.command()
@click.option("--log-key", type=VKEY, required=True, help="The log's public key.")
@click.option("--state", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Its memory.")
@click.option("--key", "key_file", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="The witness' own key; made when it is missing.")  # fmt: skip
@click.option("--name", default="witness.example", show_default=True, help="The witness' name, for a new key.")
@click.option("--listen", metavar="HOST:PORT", help="Answer over HTTP.")
@click.option("--once", type=click.File(encoding="utf-8"), help="Cosign the request or first checkpoint in a file.")
@json_option
def witness(
    log_key: VerifierKey, state: Path, key_file: Path, name: str, listen: str | None, once: Any, as_json: bool
) -> None:
    """Be the outside witness of a log: remember its last tree and cosign only what continues it.

    Meant to be run by somebody else, on another machine. Without --listen and --once, shows the public key.
    """
    try:
        one = witnesses.Witness(log_key, witnesses.load_key(key_file, name), state, time.time)
        if once is not None:
            line = one.add(witnesses.as_request(once.read()))
            _print({"cosignature": line}, as_json, line.rstrip("\n"))
        elif listen is not None:
            host, _, port = listen.rpartition(":")
            witnesses.serve(witnesses.server(one, host or "127.0.0.1", int(port)), one)
        else:
            _print({"key": str(one.signer.verifier)}, as_json, str(one.signer.verifier))
    except witnesses.Refused as refused:
        raise Conflict(f"refused ({refused.status}): {refused}") from refused
    except (NoteError, OSError, ValueError) as error:
        raise Invalid(str(error)) from error


@audit.command()
@click.option("--git", "repository", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Commit the last checkpoint to this repository.")  # fmt: skip
@click.option("--tsa", help="Have it time-stamped by the authority at this address (RFC 3161).")
@click.option("--tsa-roots", type=FILE, help="Certificates (PEM) that the authority's must lead to.")
@click.option("--out", type=FOLDER, help="Where note and time stamp are written; by default AGORA_HOME/anchors.")
@json_option
@click.pass_obj
def anchor(
    context: AuditContext, repository: Path | None, tsa: str | None, tsa_roots: Path | None, out: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Put the last checkpoint where others keep it: a git repository, or a time stamp."""
    if repository is None and tsa is None:
        raise click.UsageError("Say where: --git REPOSITORY, or --tsa URL with --tsa-roots FILE.")
    if tsa is not None and tsa_roots is None:
        raise click.UsageError("Give --tsa-roots too: a time stamp that nobody can verify is worth nothing.")
    done: dict[str, Any] = {}
    with context.store().reading() as connection:
        kept = anchoring.last(connection)
        if repository is not None:
            done["commit"] = anchoring.anchor_in_git(connection, repository)
    if tsa is not None and tsa_roots is not None:
        done |= _time_stamp(kept.size, kept.note, tsa, tsa_roots.read_bytes(), out or context.home / "anchors")
    places = [place for place, given in (("git", repository), ("time_stamp", tsa)) if given is not None]
    with context.store().transaction() as connection:
        for place in places:
            queries.add_anchor(connection, kept.size, place, context.now())
    _print({"size": kept.size, **done}, as_json, *(f"{name}: {value}" for name, value in done.items()))


def _time_stamp(size: int, note: str, url: str, roots: bytes, folder: Path) -> dict[str, str]:
    response = timestamps.stamp(note, url, roots)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{size}.checkpoint"
    path.write_text(note, "utf-8")
    path.with_suffix(".tsr").write_bytes(response)
    return {"stamped_at": timestamps.check(note, response, roots), "file": str(path.with_suffix(".tsr"))}
