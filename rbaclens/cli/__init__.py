"""The command line: one file per command, imported only when it is called."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

import click

from rbaclens import __version__
from rbaclens.errors import RbaclensError

# name of the command -> (module, one line for the overview): the overview itself imports no command
COMMANDS = {
    "check": ("check", "May SUBJECT do this, and why."),
    "who-can": ("who_can", "Everybody who may do this, and why."),
    "permissions": ("permissions", "Everything that SUBJECT may do, and where it comes from."),
    "matrix": ("matrix", "Who may do what, as a table."),
    "can-apply": ("can_apply", "May a user create or change these roles and bindings."),
    "whois": ("whois", "Who somebody is: groups, members, bindings."),
    "subjects": ("subjects", "Who is named by the policy, and what binds them."),
    "roles": ("roles", "Which roles there are, and who holds them."),
    "bindings": ("bindings", "Who is bound to which role, and which references lead nowhere."),
    "audit": ("audit", "Judge the policy by the catalogue of risks."),
    "paths": ("paths", "Attack paths, and what to remove to close them."),
    "blast-radius": ("blast_radius", "All that a compromise of SUBJECT reaches."),
    "graph": ("graph", "Who can what as a graph: a picture, a page, or data."),
    "explore": ("explore", "A page to look at all of it, in a browser."),
    "rules": ("rules", "The catalogue of the audit: every rule, or one in full."),
    "test": ("permission_tests", "Does the policy keep to these permission facts?"),
    "verify": ("verify", "Compare the model with the API server, or with its audit log."),
    "watch": ("watch", "Who gains or loses what, as it happens."),
    "snapshot": ("snapshot", "Write a cluster's policy into one file."),
    "whoami": ("whoami", "Who the cluster takes you for."),
    "attributes": ("attributes", "What the API server makes of an HTTP request."),
    "completion": ("completion", "The completion script for bash, zsh or fish."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"rbaclens.cli.{COMMANDS[cmd_name][0]}").command
        assert isinstance(command, click.Command)  # noqa: S101
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The overview of commands, from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that ``args`` begin with, or an error with the nearest names."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=2, cutoff=0.5)
            ctx.fail(f"no such command: {args[0]}" + (f" (did you mean {' or '.join(near)}?)" if near else ""))
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, "--version", message="rbaclens %(version)s")
def cli() -> None:
    """Who may do what in Kubernetes: the API server's answer, with the evidence.

    Policy comes from -f, $RBACLENS_POLICIES, ./policies, or the current kubeconfig context. Exit codes: 0 allowed or
    clean, 1 denied, findings or differences, 2 wrong usage or unreadable input, 3 unknown (incomplete data), 4 cluster
    not reached.
    """


def main() -> None:
    """Run the command line. Errors become one line on stderr, a line of help, and an exit code."""
    # A short-lived process: what loading allocates stays alive to the end, so that collecting only costs time.
    gc.freeze()
    gc.disable()
    kept: list[object] = []
    try:
        code = cli.main(standalone_mode=False, obj=kept)
        sys.stdout.flush()
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2
    except RbaclensError as error:
        click.echo(f"error: {error}", err=True)
        if error.help:
            click.echo(f"help:  {error.help}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        # Whoever read our report has seen enough; Python would complain once more while closing stdout.
        sys.stderr.close()
        code = 141
    except Exception as error:
        if "RBACLENS_TRACEBACK" in os.environ:
            raise
        click.echo(f"error: internal error: {type(error).__name__}: {error}", err=True)
        click.echo("help:  this is a defect of rbaclens; RBACLENS_TRACEBACK=1 shows where it happened", err=True)
        code = 2
    code = code if isinstance(code, int) else 0
    if kept:
        # Giving a large answer back object by object takes as long as some questions; the system does it at once.
        if not sys.stderr.closed:
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
