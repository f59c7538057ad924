"""`directfanz accounts ...`: what an operator does to accounts, with or without a working mail server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from directfanz.backends import Backends
from directfanz.backends.assembly import opened
from directfanz.domains.accounts.models import User
from directfanz.domains.accounts.service import operators
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Role
from directfanz.kit.ids import new_token
from directfanz.settings import Settings

T = TypeVar("T")
WHO = click.argument("who", metavar="ADDRESS-OR-HANDLE")


def accounts_group(settings: Callable[[], Settings]) -> click.Group:
    """Mounted by the one command, which knows where the settings come from."""

    @click.group("accounts")
    @click.pass_context
    def group(context: click.Context) -> None:
        """Make administrators, and help people who are locked out."""
        context.obj = settings

    for command in (
        create_admin,
        show,
        reset_password,
        confirm_address,
        unlock,
        sign_out,
        remove_second_step,
        set_role,
    ):
        group.add_command(command)
    return group


@click.command("create-admin")
@click.option("--email", required=True)
@click.option("--handle", required=True)
@click.option("--name", required=True, help="How the pages call them.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--generate", is_flag=True, help="Make a password and print it.")
@click.pass_obj
def create_admin(
    settings: Callable[[], Settings], email: str, handle: str, name: str, password_stdin: bool, generate: bool
) -> None:
    """Make an administrator, confirmed at once."""
    password = _password(password_stdin, generate)
    user = _do(settings, lambda backends: operators.create_admin(backends, email, handle, name, password))
    click.echo(f"{user.email} is an administrator now, called @{user.handle}.")
    if generate:
        click.echo(f"Password: {password}")


@click.command("show")
@WHO
@click.pass_obj
def show(settings: Callable[[], Settings], who: str) -> None:
    """Say what an account is."""
    _say(_do(settings, lambda backends: operators.find(backends, who)))


@click.command("reset-password")
@WHO
@click.pass_obj
def reset_password(settings: Callable[[], Settings], who: str) -> None:
    """Print the link with which a person chooses a new password; it works for an hour, once."""
    click.echo(_do(settings, lambda backends: operators.reset_link(backends, who)))


@click.command("confirm-address")
@WHO
@click.pass_obj
def confirm_address(settings: Callable[[], Settings], who: str) -> None:
    """Confirm an address without its mail."""
    _say(_do(settings, lambda backends: operators.confirm_address(backends, who)))


@click.command("unlock")
@WHO
@click.pass_obj
def unlock(settings: Callable[[], Settings], who: str) -> None:
    """Forget how often wrong passwords were typed."""
    _say(_do(settings, lambda backends: operators.unlock(backends, who)))


@click.command("sign-out")
@WHO
@click.pass_obj
def sign_out(settings: Callable[[], Settings], who: str) -> None:
    """End every session of an account."""
    ended = _do(settings, lambda backends: operators.sign_out(backends, who))
    click.echo(f"{ended} session{'' if ended == 1 else 's'} ended.")


@click.command("remove-second-step")
@WHO
@click.confirmation_option(prompt="Are you sure that this is the owner of the account?")
@click.pass_obj
def remove_second_step(settings: Callable[[], Settings], who: str) -> None:
    """Switch two-step sign-in off for somebody who lost the phone and the printed codes."""
    _say(_do(settings, lambda backends: operators.remove_second_step(backends, who)))


@click.command("set-role")
@WHO
@click.argument("role", type=click.Choice(["fan", "creator", "admin"]))
@click.pass_obj
def set_role(settings: Callable[[], Settings], who: str, role: Role) -> None:
    """Change what somebody is; it signs them out."""
    _say(_do(settings, lambda backends: operators.set_role(backends, who, role)))


def _password(from_stdin: bool, generate: bool) -> str:
    if generate:
        return new_token(18)
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def _say(user: User) -> None:
    click.echo(f"@{user.handle} ({user.email}): {user.role}, {user.status}, since {user.created_at:%Y-%m-%d}")


def _do(settings: Callable[[], Settings], work: Callable[[Backends], Awaitable[T]]) -> T:
    async def run() -> T:
        async with opened(settings(), service="cli") as backends:
            return await work(backends)

    try:
        return asyncio.run(run())
    except DirectFanzError as error:
        problems = [f"{detail.field}: {detail.problem} {detail.suggestion}".strip() for detail in error.details]
        raise click.ClickException("\n".join(problems) or error.message) from None
