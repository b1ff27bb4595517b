"""UPDATE_WORKLOAD_AS_SA: the template of a controller that is there can be changed as a whole: image, command and account.

Where the input has controllers, there must be one in the namespace, of the name to which the grant is limited; where it has none at all,
nobody can tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack.footholds import accounts
from rbaclens.graph.attack.rights import CONTROLLERS, controllers
from rbaclens.graph.attack.technique import Case, Technique


def _leads_to(case: Case) -> Iterator[str]:
    if not case.name and (case.everywhere or not case.world.controllers or case.scope in case.world.controllers):
        yield accounts(case.scope)
    elif case.name:
        yield from (accounts(namespace) for namespace in case.namespaces if case.name in case.world.controllers.get(namespace, ()))
        if not case.world.controllers:
            yield accounts(case.scope)


TECHNIQUE = Technique(
    id="UPDATE_WORKLOAD_AS_SA",
    title="change the account and the image of a controller",
    needs=controllers("update patch"),
    leads_to=_leads_to,
    effect="every service account of the namespace",
    cost=2,
    request='kubectl patch deployment {name} -n {namespace} -p \'{{"spec":{{"template":{{"spec":{{"serviceAccountName":"ACCOUNT"}}}}}}}}\'',
    reference="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation",
    named=tuple(CONTROLLERS.split()),
)
