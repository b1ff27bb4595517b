// RBAC over an index by subject: which bindings concern somebody, and which rules of their roles allow a request.

import { accountUser } from './identity.js'
import { ruleAllows } from './matching.js'

// The user name that a User or ServiceAccount subject stands for, or null. A ServiceAccount without namespace takes the
// RoleBinding's; in a ClusterRoleBinding it stands for nobody.
export function subjectUser(subject, bindingNamespace) {
  if (subject.kind === 'User') return subject.name
  if (subject.kind !== 'ServiceAccount') return null
  const namespace = subject.namespace || bindingNamespace
  return namespace ? accountUser(namespace, subject.name) : null
}

function holdings(table, name) {
  let found = table.get(name)
  if (!found) table.set(name, (found = { cluster: [], local: new Map() }))
  return found
}

// {users, groups}: name to what it holds, cluster-wide and by namespace.
export function indexBindings(bindings) {
  const users = new Map()
  const groups = new Map()
  for (const binding of bindings) {
    binding.subjects.forEach((subject, position) => {
      const user = subject.kind === 'Group' ? null : subjectUser(subject, binding.namespace)
      if (subject.kind !== 'Group' && user === null) return
      const held = subject.kind === 'Group' ? holdings(groups, subject.name) : holdings(users, user)
      let list = held.cluster
      if (binding.namespace) {
        list = held.local.get(binding.namespace)
        if (!list) held.local.set(binding.namespace, (list = []))
      }
      // Of one binding, a name keeps the first subject only, as in the server.
      if (!list.length || list[list.length - 1].binding !== binding) list.push({ binding, position })
    })
  }
  return { users, groups }
}

function holdingsOf(index, user, groups) {
  const found = [...new Set(groups)].map(group => index.groups.get(group))
  return [index.users.get(user), ...found].filter(Boolean)
}

// Every binding that concerns somebody, once, in the documented order; namespace null means in every namespace.
export function boundTo(index, user, groups, namespace) {
  const best = new Map()
  const take = bound => {
    const known = best.get(bound.binding.id)
    if (!known || bound.position < known.position) best.set(bound.binding.id, bound)
  }
  for (const held of holdingsOf(index, user, groups)) {
    held.cluster.forEach(take)
    if (namespace === null) for (const list of held.local.values()) list.forEach(take)
    else if (namespace) (held.local.get(namespace) || []).forEach(take)
  }
  return [...best.values()].sort((a, b) => a.binding.id - b.binding.id)
}

// Every grant {binding, position, role, rule} that allows the request, in the documented order.
export function rbacGrants(index, request) {
  const grants = []
  const namespace = request.path === null ? request.namespace : ''
  for (const { binding, position } of boundTo(index, request.user, request.groups, namespace)) {
    const role = binding.role
    if (!role) continue
    role.rules.forEach((rule, number) => {
      if (ruleAllows(rule, request)) grants.push({ type: 'rbac', binding, position, role, rule: number })
    })
  }
  return grants
}
