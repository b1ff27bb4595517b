"""READ_BY_WRITE_VERB: a patch that changes nothing and a deletion on trial both answer with the whole object."""

from __future__ import annotations

from rbaclens.graph.attack.reach import secrets_of
from rbaclens.graph.attack.rights import WRITES_THAT_READ
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="READ_BY_WRITE_VERB",
    title="read secrets by patching or deleting them",
    needs=WRITES_THAT_READ,
    leads_to=secrets_of,
    effect="what is in the secrets",
    cost=2,
    request="kubectl patch secret {name} -n {namespace} -p '{{}}' -o yaml",
    reference="https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run",
    named=("secrets",),
)
