// The document made into objects that point at each other: roles, bindings, lines, subjects, findings.

import { principalOfGroup, principalOfUser, principalOfKey, accountUser, impliedGroups, MASTERS } from './identity.js'
import { indexBindings } from './rbac.js'
import { principalOf } from './whocan.js'

function place(doc, row, start) {
  return { file: doc.strings[row[start]], line: row[start + 1], column: row[start + 2] }
}

function readRoles(doc, rules) {
  const text = number => doc.strings[number]
  const roles = doc.roles.map((row, id) => {
    const [namespace, name, , , , shipped, ruleNumbers, places, sources, written, aggregates] = row
    return {
      id,
      kind: namespaceless(text(namespace)) ? 'ClusterRole' : 'Role',
      namespace: text(namespace),
      name: text(name),
      at: place(doc, row, 2),
      shipped: shipped === 1,
      rules: ruleNumbers.map(number => rules[number]),
      ruleAt: number => place(doc, places, number * 3),
      sources,
      written,
      aggregates: aggregates === 1,
      from: [],
      into: [],
      bindings: [],
    }
  })
  for (const role of roles) {
    role.from = role.sources.map(number => roles[number])
    role.from.forEach(source => source.into.push(role))
  }
  return roles
}

function namespaceless(text) {
  return text === ''
}

function readBindings(doc, roles) {
  const text = number => doc.strings[number]
  return doc.bindings.map((row, id) => {
    const [namespace, name, , , , shipped, refKind, refName, role, parts] = row
    const subjects = []
    for (let i = 0; i < parts.length; i += 3)
      subjects.push({ kind: text(parts[i]), name: text(parts[i + 1]), namespace: text(parts[i + 2]) })
    const binding = {
      id,
      kind: namespaceless(text(namespace)) ? 'ClusterRoleBinding' : 'RoleBinding',
      namespace: text(namespace),
      name: text(name),
      at: place(doc, row, 2),
      shipped: shipped === 1,
      refKind: text(refKind),
      refName: text(refName),
      role: role < 0 ? null : roles[role],
      subjects,
    }
    binding.principals = distinct(binding)
    if (binding.role) binding.role.bindings.push(binding)
    return binding
  })
}

// Whom a binding names, each once, by the first subject that does.
function distinct(binding) {
  const found = new Map()
  binding.subjects.forEach((subject, position) => {
    const who = principalOf(subject, binding.namespace)
    if (who && !found.has(who.key)) found.set(who.key, { who, position })
  })
  return [...found.values()]
}

function readLines(doc) {
  const text = number => doc.strings[number]
  return doc.abac.map((row, id) => {
    const [readonly, user, group, apiGroup, resource, namespace, path, written] = row
    return {
      id,
      readonly: readonly === 1,
      user: text(user),
      group: text(group),
      apiGroup: text(apiGroup),
      resource: text(resource),
      namespace: text(namespace),
      path: text(path),
      written: text(written),
      at: place(doc, row, 8),
    }
  })
}

function readResources(doc) {
  const list = number => doc.lists[number].map(one => doc.strings[one])
  return doc.resources.map(([group, resource, namespaced, verbs, names, subs]) => {
    const subresources = []
    for (let i = 0; i < subs.length; i += 2) subresources.push({ name: doc.strings[subs[i]], verbs: list(subs[i + 1]) })
    return {
      group: doc.strings[group],
      resource: doc.strings[resource],
      namespaced: namespaced === 1,
      verbs: list(verbs),
      names: list(names),
      subresources,
    }
  })
}

// Everybody whom policy names or has: key to {…principal, bindings, lines, at}.
function readSubjects(doc, policy) {
  const subjects = new Map()
  const take = who => {
    if (!subjects.has(who.key)) subjects.set(who.key, { ...who, bindings: [], lines: [], at: null })
    return subjects.get(who.key)
  }
  for (const row of doc.accounts) take(principalOfUser(accountUser(doc.strings[row[0]], doc.strings[row[1]]))).at = place(doc, row, 2)
  for (const row of doc.nodes) take(principalOfKey(`node:${doc.strings[row[0]]}`)).at = place(doc, row, 1)
  for (const binding of policy.bindings) for (const { who } of binding.principals) take(who).bindings.push(binding)
  for (const line of policy.abac) {
    if (line.user) take(principalOfUser(line.user)).lines.push(line)
    else if (line.group) take(principalOfGroup(line.group)).lines.push(line)
  }
  for (const [user, groups] of policy.identities) {
    take(principalOfUser(user))
    for (const group of groups) take(principalOfGroup(group))
  }
  take(principalOfGroup(MASTERS))
  return subjects
}

export function readPolicy(doc) {
  const list = number => doc.lists[number].map(one => doc.strings[one])
  const rules = doc.rules.map(([verbs, groups, resources, names, urls], id) => ({
    id,
    verbs: list(verbs),
    groups: list(groups),
    resources: list(resources),
    names: list(names),
    urls: list(urls),
  }))
  const policy = { rules, chain: doc.chain, gaps: doc.gaps, notices: doc.notices, title: doc.title, program: doc.program }
  policy.roles = readRoles(doc, rules)
  policy.bindings = readBindings(doc, policy.roles)
  policy.index = indexBindings(policy.bindings)
  policy.abac = readLines(doc)
  policy.hasRbac = doc.chain.some(entry => entry.type === 'RBAC')
  policy.hasAbac = doc.chain.some(entry => entry.type === 'ABAC')
  policy.resources = readResources(doc)
  policy.identities = new Map(doc.identities.map(([user, groups]) => [doc.strings[user], list(groups)]))
  policy.nodeDoubts = doc.nodes.length ? ['What nodes may do by the node authorizer depends on what runs on them, and is not listed.'] : []
  policy.subjects = readSubjects(doc, policy)
  policy.namespaces = doc.namespaces.map(row => ({ name: doc.strings[row[0]], at: place(doc, row, 1) }))
  policy.paths = doc.paths
  return policy
}

// The groups by which somebody is judged: known ones, and those that authentication adds. A group stands for any member of it.
export function groupsOf(policy, who) {
  if (who.kind === 'Group') return impliedGroups('', [who.name])
  return impliedGroups(who.user, policy.identities.get(who.user) || [])
}
