"""`agora people …`, `agora keys …`, `agora approvals …`: for whoever works at the machine itself.

Secrets are never arguments, which other users of the machine can see: passwords are typed, or read from standard
input. Approving needs somebody who has signed in, so it is not here.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Protocol

import click

from agoranomos.kernel.context import Context
from agoranomos.staff.model import LOCAL
from agoranomos.staff.presenting import (
    ShownPerson,
    ShownSecret,
    approval_shown,
    key_shown,
    person_shown,
    secret_shown,
)
from agoranomos.staff.roles import FOR_PROGRAMS, Role
from agoranomos.staff.service import StaffService
from agoranomos.terminal import json_option, write_out


class StaffContext(Context, Protocol):
    """A context that knows people and keys."""

    def staff(self) -> StaffService:
        """People, keys and approvals."""


HELP = {"help_option_names": ["-h", "--help"]}
ROLE = click.Choice([role.value for role in Role])
person_argument = click.argument("person")


@click.group(context_settings=HELP)
def people() -> None:
    """People: who may sign in, and what they may do. PERSON is an id or an e-mail address."""


@people.command()
@click.argument("email")
@click.option("--name", required=True, help="What the pages call this person.")
@click.option("--role", "roles", type=ROLE, multiple=True, help="May be given several times.")
@click.option("--password", is_flag=True, help="Ask for a password; otherwise the identity provider vouches.")
@json_option
@click.pass_obj
def add(context: StaffContext, email: str, name: str, roles: tuple[str, ...], password: bool, as_json: bool) -> None:
    """Add the person with the address EMAIL."""
    secret = _password() if password else None
    given = [Role(role) for role in roles]
    _show_person(
        person_shown(context.staff().add_person(name=name, email=email, roles=given, by=LOCAL, password=secret)),
        as_json,
    )


@people.command("list")
@json_option
@click.pass_obj
def list_people(context: StaffContext, as_json: bool) -> None:
    """List everybody."""
    shown = [person_shown(each) for each in context.staff().people()]
    write_out({"items": shown}, as_json, *map(_line, shown))


@people.command()
@person_argument
@click.argument("role", type=ROLE)
@json_option
@click.pass_obj
def grant(context: StaffContext, person: str, role: str, as_json: bool) -> None:
    """Give PERSON the ROLE."""
    staff = context.staff()
    _show_person(person_shown(staff.grant_role(staff.person_id(person), Role(role), by=LOCAL)), as_json)


@people.command()
@person_argument
@click.argument("role", type=ROLE)
@json_option
@click.pass_obj
def revoke(context: StaffContext, person: str, role: str, as_json: bool) -> None:
    """Take the ROLE from PERSON."""
    staff = context.staff()
    _show_person(person_shown(staff.revoke_role(staff.person_id(person), Role(role), by=LOCAL)), as_json)


@people.command()
@person_argument
@json_option
@click.pass_obj
def disable(context: StaffContext, person: str, as_json: bool) -> None:
    """Close the account of PERSON, who is signed out everywhere."""
    staff = context.staff()
    _show_person(person_shown(staff.disable_person(staff.person_id(person), by=LOCAL)), as_json)


@people.command()
@person_argument
@json_option
@click.pass_obj
def enable(context: StaffContext, person: str, as_json: bool) -> None:
    """Open the account of PERSON again; also lifts the block after too many wrong passwords."""
    staff = context.staff()
    _show_person(person_shown(staff.enable_person(staff.person_id(person), by=LOCAL)), as_json)


@people.command()
@person_argument
@json_option
@click.pass_obj
def password(context: StaffContext, person: str, as_json: bool) -> None:
    """Set the password of PERSON, who is signed out everywhere."""
    staff = context.staff()
    person_id = staff.person_id(person)
    staff.person(person_id)  # before anybody types
    staff.set_password(person_id, _password(), by=LOCAL)
    _show_person(person_shown(staff.person(person_id)), as_json)


@click.group(context_settings=HELP)
def keys() -> None:
    """API keys of programs."""


@keys.command()
@click.argument("name")
@click.option("--permission", "permissions", type=click.Choice(sorted(FOR_PROGRAMS)), multiple=True, required=True,
              help="May be given several times.")  # fmt: skip
@click.option("--days", type=click.IntRange(1, 3_650), help="For so many days; otherwise until it is revoked.")
@json_option
@click.pass_obj
def create(context: StaffContext, name: str, permissions: tuple[str, ...], days: int | None, as_json: bool) -> None:
    """Make a key called NAME; what is printed is shown this once."""
    lasts = timedelta(days=days) if days is not None else None
    _show_secret(
        secret_shown(context.staff().create_key(name=name, permissions=permissions, by=LOCAL, lasts=lasts)), as_json
    )


@keys.command("list")
@json_option
@click.pass_obj
def list_keys(context: StaffContext, as_json: bool) -> None:
    """List all keys, without their secrets."""
    now = context.now()
    found = context.staff().keys()
    lines = [
        f"{key.key_id}  {'good' if key.good(now) else 'over'}  {key.name}  {' '.join(sorted(key.permissions))}"
        for key in found
    ]
    write_out({"items": [key_shown(key) for key in found]}, as_json, *lines)


@keys.command()
@click.argument("key_id")
@click.option("--grace-hours", type=click.IntRange(0, 168), default=24, show_default=True,
              help="How long the earlier secret stays good; 0 when it has leaked.")  # fmt: skip
@json_option
@click.pass_obj
def rotate(context: StaffContext, key_id: str, grace_hours: int, as_json: bool) -> None:
    """Give the key KEY_ID a new secret."""
    grace = timedelta(hours=grace_hours)
    _show_secret(secret_shown(context.staff().rotate_key(key_id, by=LOCAL, grace=grace)), as_json)


@keys.command("revoke")
@click.argument("key_id")
@json_option
@click.pass_obj
def revoke_key(context: StaffContext, key_id: str, as_json: bool) -> None:
    """Make the key KEY_ID open nothing any more."""
    shown = key_shown(context.staff().revoke_key(key_id, by=LOCAL))
    write_out(shown, as_json, f"{shown.key_id} is revoked; running servers know within five seconds.")


@click.group(context_settings=HELP)
def approvals() -> None:
    """What waits for a second person; deciding is done by somebody who has signed in."""


@approvals.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--after", default="", metavar="APPROVAL_ID", help="Where the last list ended.")
@json_option
@click.pass_obj
def list_approvals(context: StaffContext, limit: int, after: str, as_json: bool) -> None:
    """List what waits, in the order of ids."""
    shown = [approval_shown(each) for each in context.staff().waiting(after=after, limit=limit)]
    lines = [
        f"{each.approval_id}  {each.kind}  {each.subject.kind}:{each.subject.id}  asked for by {each.requested_by}, "
        f"until {each.expires_at}"
        for each in shown
    ]
    write_out({"items": shown}, as_json, *(lines or ["Nothing waits."]))


def _password() -> str:
    """Typed twice at a terminal; else one line of standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _show_person(shown: ShownPerson, as_json: bool) -> None:
    write_out(shown, as_json, _line(shown))


def _show_secret(shown: ShownSecret, as_json: bool) -> None:
    if not as_json:
        click.echo("Keep this; it is shown once.", err=True)
    write_out(shown, as_json, shown.secret)


def _line(person: ShownPerson) -> str:
    state = "  (closed)" if person.disabled_at else ""
    return f"{person.person_id}  {person.name} <{person.email}>  {' '.join(person.roles) or 'no role'}{state}"
