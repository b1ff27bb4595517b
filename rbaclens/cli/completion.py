"""Completion for shells: ``rbaclens completion``, and what the arguments of all commands complete to.

A shell asks with every press of a key: whatever goes wrong here means no suggestions, and never a message between the words
that somebody is typing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rbaclens.model.policy import PolicySet

PROGRAM = "rbaclens"
VARIABLE = "_RBACLENS_COMPLETE"
SHELLS = ("bash", "zsh", "fish")

HELP = """The script that teaches a shell to complete the words of rbaclens: commands, options, verbs, resources, and the
subjects and namespaces of the policy at hand.

\b
For good:
  bash:  echo 'eval "$(rbaclens completion bash)"' >> ~/.bashrc
  zsh:   echo 'eval "$(rbaclens completion zsh)"' >> ~/.zshrc
  fish:  rbaclens completion fish > ~/.config/fish/completions/rbaclens.fish

\b
Examples:
  rbaclens completion bash
  rbaclens completion zsh
"""

# click's own script takes the words as bash splits them, which is at every colon: sa:shop/deployer would be three. This one
# puts them together again, and quotes what it inserts, as names come from files that others wrote.
_BASH = """\
_rbaclens_completion() {
    local rest=$COMP_LINE word key prefix last i
    local -a words=()
    for (( i = 0; i <= COMP_CWORD; i++ )); do
        word=${COMP_WORDS[i]}
        last=$(( ${#words[@]} - 1 ))
        if (( i > 0 )) && [[ $rest != [[:space:]]* ]]; then
            words[last]+=$word
        else
            words+=("$word")
        fi
        rest=${rest#"${rest%%[![:space:]]*}"}
        rest=${rest#"$word"}
    done
    last=$(( ${#words[@]} - 1 ))
    word=${words[last]}
    prefix=
    if [[ $word == *[:=]* ]]; then
        prefix=${word%"${word##*[:=]}"}
    fi
    COMPREPLY=()
    while IFS=, read -r key word; do
        case $key in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                word=${word#"$prefix"}
                printf -v word %q "$word"
                COMPREPLY+=("$word") ;;
        esac
    done < <(IFS=$'\\n'; COMP_WORDS="${words[*]}" COMP_CWORD=$last _RBACLENS_COMPLETE=bash_complete "$1" 2>/dev/null)
}

complete -o nosort -F _rbaclens_completion rbaclens 2>/dev/null || complete -F _rbaclens_completion rbaclens
"""

# click's own script splits a suggestion at all of its commas.
_FISH = """\
function _rbaclens_completion
    env _RBACLENS_COMPLETE=fish_complete COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -t) \
rbaclens 2>/dev/null | while read -l line
        set -l parts (string split -m 1 "," -- $line)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                echo $parts[2]
        end
    end
end

complete --no-files --command rbaclens --arguments "(_rbaclens_completion)"
"""


@click.command("completion", help=HELP, short_help="The completion script for bash, zsh or fish.")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """The command; see HELP."""
    if shell == "zsh":
        from click.shell_completion import ZshComplete

        from rbaclens.cli import cli

        click.echo(ZshComplete(cli, {}, PROGRAM, VARIABLE).source())
    else:
        click.echo({"bash": _BASH, "fish": _FISH}[shell], nl=False)


Completer = Callable[[click.Context, click.Parameter, str], list[str]]


def _quietly(complete: Callable[[click.Context, str], Iterable[str]]) -> Completer:
    """A callback for ``shell_complete`` that offers what begins with the word so far, each once, and nothing on any error."""

    @wraps(complete)
    def completer(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
        try:
            return [one for one in dict.fromkeys(complete(ctx, incomplete)) if one.startswith(incomplete) and one.isprintable()]
        except Exception:
            # A broken policy file, a file that is not there, a defect of ours: not now.
            return []

    return completer


def _policy(ctx: click.Context) -> PolicySet | None:
    """The policy at hand, as far as it can be read; ``None`` where that would mean to read what the user has yet to type."""
    from rbaclens.cli import options

    files = tuple(os.path.expanduser(name) for name in ctx.params.get("files") or ())  # noqa: PTH111 - stdin's - is no path
    if "-" in files:
        return None
    abac_file = ctx.params.get("authorization_policy_file")
    paths, _ = options.local_paths(files, abac_file)
    # A cluster is never asked for a suggestion: no key press may wait for the network.
    return options.load_files(paths, abac_file=abac_file, skip_bad_files=True) if paths is not None else None


@_quietly
def complete_subject(ctx: click.Context, incomplete: str) -> Iterator[str]:
    """Subjects as the command line takes them: those of the policy, service accounts and nodes, and the well-known ones."""
    policy = _policy(ctx)
    if policy is not None:
        yield from _subjects(policy, incomplete)
    yield "anonymous"
    from rbaclens.model.identity import AUTHENTICATED, MASTERS, UNAUTHENTICATED

    yield from (f"group:{name}" for name in (MASTERS, AUTHENTICATED, UNAUTHENTICATED))


def _subjects(policy: PolicySet, incomplete: str) -> Iterator[str]:
    from rbaclens.index.lookup import BOOTSTRAP_FILE, all_grants, find_subjects
    from rbaclens.reports.lookup import subject_word

    # The bootstrap policy names dozens of controllers that nobody asks about.
    grants = (grant for grant in all_grants(policy) if grant.origin.file != BOOTSTRAP_FILE)
    for entry in find_subjects(policy, grants):
        if entry.kind == "User" and incomplete.startswith("user:"):
            yield f"user:{entry.name}"
        elif entry.kind == "ServiceAccount" and incomplete.startswith("system:"):
            yield f"system:serviceaccount:{entry.name.replace('/', ':')}"
        else:
            yield subject_word(entry.kind, entry.name)
    yield from (f"node:{node.name}" for node in policy.nodes)


@_quietly
def complete_namespace(ctx: click.Context, incomplete: str) -> Iterable[str]:
    """The namespaces that the policy has or names."""
    policy = _policy(ctx)
    if policy is None:
        return []
    found = {one.name for one in policy.namespaces}
    for objects in (policy.roles, policy.bindings, policy.service_accounts, policy.abac or ()):
        found.update(one.namespace for one in objects)
    return sorted(found - {"", "*"})


@_quietly
def complete_verb(ctx: click.Context, incomplete: str) -> Iterable[str]:
    """The verbs of the API, and those that the policy's rules name."""
    from rbaclens.requests.verbs import SPECIAL_VERBS, STANDARD_VERBS

    policy = _policy(ctx) if incomplete else None
    named = {verb for role in policy.roles for rule in role.rules for verb in rule.verbs} if policy else set()
    return (*STANDARD_VERBS, *SPECIAL_VERBS, *sorted(named))


@_quietly
def complete_resource(ctx: click.Context, incomplete: str) -> Iterable[str]:
    """Resources by their plural, with their group where several have one; subresources behind a slash; paths of rules."""
    policy = _policy(ctx)
    if incomplete.startswith("/"):
        return sorted({url for role in policy.roles for rule in role.rules for url in rule.non_resource_urls} if policy else ())
    return _resources(policy, incomplete)


def _resources(policy: PolicySet | None, incomplete: str) -> Iterator[str]:
    from rbaclens.requests.resources import ResourceCatalogue

    catalogue = ResourceCatalogue(policy)
    head, slash, _ = incomplete.partition("/")
    if slash:
        parent = catalogue.resolve(head)
        served = {
            sub.name
            for one in catalogue.resources
            if (one.group, one.resource) == (parent.group, parent.resource)
            for sub in one.subresources
        }
        yield from (f"{head}/{name}" for name in sorted(served | catalogue.mentions.subresources(parent.group, parent.resource)))
        return
    groups: dict[str, list[str]] = {}
    for one in catalogue.resources:
        if one.group not in groups.setdefault(one.resource, []):
            groups[one.resource].append(one.group)
    for resource, found in sorted(groups.items()):
        # Alone, the name means the first group; where there are several, each can be said.
        yield resource
        if len(found) > 1 or incomplete.startswith(f"{resource}."):
            yield from (f"{resource}.{group}" for group in found if group)
    if policy is not None:
        yield from sorted(name for name in catalogue.mentions.resources if name != "*")


def complete_words(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The words of a question, VERB RESOURCE [NAME]: by how many there are already."""
    words = ctx.params.get(param.name or "") or ()
    by_position: tuple[Completer, ...] = (complete_verb, complete_resource)
    return by_position[len(words)](ctx, param, incomplete) if len(words) < len(by_position) else []
