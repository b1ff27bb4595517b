// Search: one index over all names, made once; every key asks it again, so that answers stand while somebody types.

import { link } from './router.js'
import { resourceText, roleName, bindingName, KIND_WORDS } from './words.js'

export const GROUPS = ['Subjects', 'Roles', 'Resources', 'Namespaces', 'Bindings', 'Findings']

function entry(group, label, kind, href, more = '') {
  const lower = label.toLowerCase()
  return { group, label, kind, href, lower, words: `${lower} ${kind.toLowerCase()} ${more.toLowerCase()}` }
}

export function buildIndex(policy, findings) {
  const entries = []
  for (const who of policy.subjects.values()) {
    entries.push(entry('Subjects', who.name, KIND_WORDS[who.kind], link('subject', who.key), `${who.key} ${who.user || ''}`))
  }
  for (const role of policy.roles)
    entries.push(entry('Roles', roleName(role), role.kind, link('role', role.kind, role.namespace, role.name)))
  for (const one of resourcesOf(policy)) {
    entries.push(
      entry(
        'Resources',
        resourceText(one.group, one.resource),
        one.known ? 'resource' : 'named by rules',
        link('resource', one.group, one.resource),
        one.names.join(' '),
      ),
    )
  }
  for (const { name } of policy.namespaces) entries.push(entry('Namespaces', name, 'namespace', link('namespace', name)))
  for (const one of policy.bindings) {
    entries.push(entry('Bindings', bindingName(one), one.kind, link('binding', one.kind, one.namespace, one.name), one.refName))
  }
  for (const rule of findings ? findings.rules : []) {
    entries.push(
      entry('Findings', `${rule.id} ${rule.title}`, `${rule.count.toLocaleString('en')} found`, link('findings') + `?rule=${rule.id}`),
    )
  }
  return entries
}

// What the API serves, then what rules name besides.
export function resourcesOf(policy) {
  if (policy.known) return policy.known
  const known = new Map()
  for (const one of policy.resources) {
    known.set(resourceText(one.group, one.resource), { ...one, known: true })
    for (const sub of one.subresources) {
      const resource = `${one.resource}/${sub.name}`
      known.set(resourceText(one.group, resource), {
        group: one.group,
        resource,
        namespaced: one.namespaced,
        verbs: sub.verbs,
        names: [],
        subresources: [],
        known: true,
      })
    }
  }
  for (const rule of policy.rules) {
    for (const group of rule.groups)
      for (const resource of rule.resources) {
        const id = resourceText(group, resource)
        if (group !== '*' && resource !== '*' && !known.has(id))
          known.set(id, { group, resource, namespaced: true, verbs: [], names: [], subresources: [], known: false })
      }
  }
  policy.known = [...known.values()]
  return policy.known
}

function rank(one, asked) {
  if (one.lower === asked) return 0
  if (one.lower.startsWith(asked)) return 1
  const at = one.lower.indexOf(asked)
  if (at < 0) return 4
  return /[a-z0-9]/.test(one.lower[at - 1]) ? 3 : 2
}

// {groups: [{name, total, shown}], total}: entries that hold every word, the nearest first; most is how many of a group are shown.
export function search(index, text, most) {
  const asked = text.trim().toLowerCase()
  const words = asked.split(/\s+/).filter(Boolean)
  const found = new Map(GROUPS.map(name => [name, []]))
  for (const one of index) {
    if (words.every(word => one.words.includes(word))) found.get(one.group).push(one)
  }
  const groups = []
  for (const [name, entries] of found) {
    if (!entries.length) continue
    const ranked = asked
      ? entries
          .map(one => [rank(one, asked), one])
          .sort((a, b) => a[0] - b[0] || a[1].label.length - b[1].label.length || (a[1].label < b[1].label ? -1 : 1))
          .map(pair => pair[1])
      : entries
    groups.push({ name, total: entries.length, best: ranked.length ? rank(ranked[0], asked) : 4, shown: ranked.slice(0, most) })
  }
  groups.sort((a, b) => (asked ? a.best - b.best : 0))
  return { groups, total: groups.reduce((sum, group) => sum + group.total, 0) }
}
