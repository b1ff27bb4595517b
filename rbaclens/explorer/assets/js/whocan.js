// Who can: everybody who may do what a pattern says, grant by grant (index/who_can.py).

import { lineTouches } from './abac.js'
import { MASTERS, principalOfGroup, principalOfUser } from './identity.js'
import { ruleTouches } from './matching.js'
import { subjectUser } from './rbac.js'

export const EVERYWHERE = '*'

// A pattern is a request without user whose open places are null; path null and anyPath false mean resources.
export function pattern(fields) {
  return { verb: null, resource: null, group: null, subresource: '', namespace: null, name: null, path: null, anyPath: false, ...fields }
}

export function bindingScope(binding) {
  return binding.namespace || EVERYWHERE
}

// A subject as a principal; null for one that stands for nobody.
export function principalOf(subject, bindingNamespace) {
  if (subject.kind === 'Group') return principalOfGroup(subject.name)
  const user = subjectUser(subject, bindingNamespace)
  return user === null ? null : principalOfUser(user)
}

function rbacHolders(policy, asked) {
  const found = []
  const local = asked.path === null && !asked.anyPath && asked.namespace !== ''
  const touched = policy.rules.map(rule => ruleTouches(rule, asked))
  for (const role of policy.roles) {
    const rules = []
    role.rules.forEach((rule, number) => touched[rule.id] && rules.push(number))
    if (!rules.length) continue
    const names = asked.name === null ? unionOfNames(rules.map(number => role.rules[number].names)) : []
    for (const binding of role.bindings) {
      if (binding.namespace && !(local && (asked.namespace === null || asked.namespace === binding.namespace))) continue
      for (const { who, position } of binding.principals) {
        found.push({
          who,
          scope: bindingScope(binding),
          names,
          onlyIn: '',
          grant: { type: 'rbac', binding, position, role, rule: rules[0], rules },
        })
      }
    }
  }
  return found
}

// The union of name lists; one empty list (every name) makes it empty.
function unionOfNames(lists) {
  return lists.some(list => !list.length) ? [] : [...new Set(lists.flat())]
}

function abacHolders(policy, asked) {
  const resource = asked.path === null && !asked.anyPath
  return policy.abac
    .filter(line => lineTouches(line, asked))
    .map(line => ({
      who: line.user ? principalOfUser(line.user) : principalOfGroup(line.group),
      scope: line.namespace === '*' || !resource ? EVERYWHERE : line.namespace,
      names: [],
      onlyIn: line.user ? line.group : '',
      grant: { type: 'abac', line },
    }))
}

// {holders, doubts}; a holder is {who, scope, names, onlyIn, grant}.
export function whoCan(policy, asked) {
  const holders = [{ who: principalOfGroup(MASTERS), scope: EVERYWHERE, names: [], onlyIn: '', grant: { type: 'group', group: MASTERS } }]
  const doubts = [...policy.gaps]
  for (const entry of policy.chain) {
    if (entry.type === 'RBAC') holders.push(...rbacHolders(policy, asked))
    else if (entry.type === 'ABAC') holders.push(...abacHolders(policy, asked))
    else if (entry.type === 'AlwaysAllow') {
      holders.push({
        who: { kind: 'Everybody', name: 'everybody', key: '' },
        scope: EVERYWHERE,
        names: [],
        onlyIn: '',
        grant: { type: 'always' },
      })
    } else if (entry.type === 'Webhook') doubts.push(`The webhook ${entry.name} may allow or deny others: it was not asked.`)
    else if (entry.type === 'Node') doubts.push(...policy.nodeDoubts)
  }
  return { holders, doubts }
}
