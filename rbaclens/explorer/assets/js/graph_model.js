// What a focused graph shows: subject, group, binding, role and rules in columns; equal ones folded into one node where there are many.

import { principalOfGroup } from './identity.js'
import { link, withQuery } from './router.js'
import { pattern, whoCan } from './whocan.js'
import { bindingName, lineText, roleName, ruleText, KIND_WORDS } from './words.js'

const MOST_ELEMENTS = 3000
const MOST_READABLE = 800
const FOLD_FROM = 80
const MOST_RULES = 6
const FEW_RULES = 2
const FEW_ROLES = 4

// What is drawn: rows of {who, via, binding, role, rules, line}; via is the group by which somebody is bound.
// What every cluster gives is left out, unless there is nothing else: it tells nothing of this one.
export function subjectTriples(who, held) {
  const own = held.filter(one => one.line || (one.binding && !one.binding.shipped))
  return (own.length ? own : held)
    .filter(one => one.binding || one.line)
    .map(one => ({ who, via: one.via, binding: one.binding, role: one.role, line: one.line, rules: null }))
}

export function roleTriples(role) {
  if (!role.bindings.length) return [{ role, rules: null }]
  return bindingTriples(role.bindings)
}

export function bindingTriples(bindings) {
  return bindings.flatMap(binding => {
    const rows = binding.principals.map(({ who }) => ({ who, via: '', binding, role: binding.role, rules: null }))
    return rows.length ? rows : [{ binding, role: binding.role, rules: null }]
  })
}

export function resourceTriples(policy, asked) {
  const { holders } = whoCan(policy, pattern({ ...asked, verb: null, name: null }))
  return holders
    .filter(one => one.grant.line || (one.grant.binding && !one.grant.binding.shipped))
    .map(({ who, grant }) => ({ who, via: '', binding: grant.binding, role: grant.role, line: grant.line, rules: grant.rules }))
}

class Elements {
  constructor() {
    this.nodes = new Map()
    this.edges = new Map()
    this.mostRules = MOST_RULES
  }

  node(id, kind, label, column, href, sub = '') {
    if (!this.nodes.has(id)) this.nodes.set(id, { id, kind, label, column, href, sub })
    return id
  }

  edge(source, target) {
    if (source && target) this.edges.set(`${source}\n${target}`, { source, target })
  }

  get size() {
    return this.nodes.size + this.edges.size
  }
}

export function graphOf(triples, focus) {
  const bindings = new Set(triples.map(one => one.binding).filter(Boolean))
  const subjects = new Set(triples.map(one => one.who?.key).filter(Boolean))
  const fold = bindings.size + subjects.size > FOLD_FROM
  const bindingOf = fold ? foldBindings(triples) : new Map()
  const subjectOf = fold ? foldSubjects(triples, bindingOf) : new Map()
  const found = drawn(triples, bindingOf, subjectOf)
  if (found.size > MOST_READABLE) return byKind(triples, focus)
  const notes =
    fold && (bindingOf.size || subjectOf.size)
      ? ['Subjects with the same bindings, and bindings of the same role to the same subjects, are one node each.']
      : []
  return { nodes: [...found.nodes.values()], edges: [...found.edges.values()], notes }
}

function drawn(triples, bindingOf, subjectOf) {
  const found = new Elements()
  found.mostRules = new Set(triples.map(one => one.role)).size > FEW_ROLES ? FEW_RULES : MOST_RULES
  for (const one of triples) {
    if (found.size > MOST_ELEMENTS) break
    addTriple(found, one, bindingOf, subjectOf)
  }
  return found
}

// Too much to read: subjects by kind, roles by name whatever their namespace, and what is between them as one step.
function byKind(triples, focus) {
  const found = new Elements()
  const members = new Map()
  const join = (id, member) => members.set(id, (members.get(id) || new Set()).add(member))
  for (const { who, role, binding, line } of triples) {
    const left =
      who &&
      (`who:${who.key}` === focus
        ? found.node(focus, 'subject', who.name, 0, link('subject', who.key), KIND_WORDS[who.kind])
        : found.node(`kind:${who.kind}`, 'fold', who.kind, 0, null))
    if (who && left !== focus) join(left, who.key)
    const kind = role ? role.kind : binding ? binding.refKind : 'ABAC lines'
    const name = role ? role.name : binding ? binding.refName : ''
    const right = found.node(
      `named:${kind} ${name}`,
      role ? 'role' : line ? 'line' : 'missing',
      name || kind,
      1,
      role && `role:${role.id}` === focus ? link('role', role.kind, role.namespace, role.name) : null,
      kind,
    )
    join(right, role?.namespace || '')
    found.edge(left, right)
  }
  for (const [id, of] of members) {
    const node = found.nodes.get(id)
    if (id.startsWith('kind:')) Object.assign(node, { label: `${of.size.toLocaleString('en')} ${KIND_WORDS[node.label]}s`, sub: '' })
    else if (of.size > 1) Object.assign(node, { label: `${node.label} in ${of.size} namespaces` })
  }
  const nodes = [...found.nodes.values()].slice(0, MOST_ELEMENTS / 4)
  const kept = new Set(nodes.map(node => node.id))
  const notes = ['This is too much to draw one by one: subjects are drawn by kind, roles by name. The other tabs list all of it.']
  return { nodes, edges: [...found.edges.values()].filter(one => kept.has(one.source) && kept.has(one.target)), notes }
}

function addTriple(found, { who, via, binding, role, line, rules }, bindingOf, subjectOf) {
  let left = null
  if (who) left = subjectNode(found, who, subjectOf.get(who.key))
  if (via) {
    const group = found.node(`group:${via}`, 'group', via, 1, link('subject', principalOfGroup(via).key), 'group')
    found.edge(left, group)
    left = group
  }
  if (line) {
    const id = found.node(`line:${line.id}`, 'line', lineText(line), 2, null, 'ABAC line')
    return found.edge(left, id)
  }
  if (binding) {
    const id = bindingNode(found, binding, bindingOf.get(binding.id))
    found.edge(left, id)
    left = id
  }
  const right = role
    ? found.node(`role:${role.id}`, 'role', roleName(role), 3, link('role', role.kind, role.namespace, role.name), role.kind)
    : found.node(`missing:${binding.id}`, 'missing', binding.refName, 3, null, `${binding.refKind} – not there`)
  found.edge(left, right)
  if (role) addRules(found, role, rules, right)
}

function subjectNode(found, who, folded) {
  if (folded && folded.length > 1) {
    const kinds = new Set(folded.map(one => KIND_WORDS[one.kind]))
    const word = kinds.size === 1 ? `${[...kinds][0]}s` : 'subjects'
    return found.node(`fold:${folded[0].key}`, 'fold', `${folded.length} ${word}`, 0, null, namesOf(folded.map(one => one.name)))
  }
  return found.node(
    `who:${who.key}`,
    who.kind === 'Group' ? 'group' : 'subject',
    who.name,
    0,
    who.key ? link('subject', who.key) : null,
    KIND_WORDS[who.kind],
  )
}

function bindingNode(found, binding, folded) {
  if (folded && folded.length > 1)
    return found.node(`fold:b${folded[0].id}`, 'fold', `${folded.length} bindings`, 2, null, namesOf(folded.map(bindingName)))
  const where = binding.namespace ? `in ${binding.namespace}` : 'everywhere'
  return found.node(
    `binding:${binding.id}`,
    'binding',
    binding.name,
    2,
    link('binding', binding.kind, binding.namespace, binding.name),
    where,
  )
}

function namesOf(names) {
  return names.slice(0, 30).join(', ') + (names.length > 30 ? ` and ${names.length - 30} more` : '')
}

function addRules(found, role, rules, right) {
  const numbers = rules || role.rules.map((_, number) => number)
  numbers
    .slice(0, found.mostRules)
    .forEach(number =>
      found.edge(right, found.node(`rule:${role.rules[number].id}`, 'rule', ruleText(role.rules[number]), 4, null, 'rule')),
    )
  const more = numbers.length - found.mostRules
  if (more > 0)
    found.edge(
      right,
      found.node(
        `more:${role.id}`,
        'rule',
        `${more} more ${more === 1 ? 'rule' : 'rules'}`,
        4,
        withQuery(link('role', role.kind, role.namespace, role.name), {}),
        'rules',
      ),
    )
}

function grouped(items, signature) {
  const by = new Map()
  for (const item of items) {
    const key = signature(item)
    if (!by.has(key)) by.set(key, [])
    by.get(key).push(item)
  }
  return by
}

// Binding id to all bindings of the same role to the same drawn subjects.
function foldBindings(triples) {
  const seen = new Map()
  for (const { binding, who, via } of triples) if (binding) seen.set(binding, [...(seen.get(binding) || []), `${who?.key} ${via}`])
  const by = grouped(
    [...seen.keys()],
    one => `${one.refKind} ${one.role?.id ?? `${one.namespace}/${one.refName}`} ${seen.get(one).sort().join('\n')}`,
  )
  return new Map([...by.values()].filter(list => list.length > 1).flatMap(list => list.map(one => [one.id, list])))
}

// Key of a subject to all subjects that are bound by the same (folded) bindings.
function foldSubjects(triples, bindingOf) {
  const by = new Map()
  const whoOf = new Map()
  for (const { who, binding, via, line } of triples) {
    if (!who) continue
    const id = line ? `line${line.id}` : binding ? (bindingOf.get(binding.id)?.[0] || binding).id : ''
    by.set(who.key, (by.get(who.key) || new Set()).add(`${id} ${via || ''}`))
    whoOf.set(who.key, who)
  }
  const groups = grouped([...whoOf.values()], who => `${[...by.get(who.key)].sort().join('\n')} ${who.kind === 'Group'}`)
  return new Map([...groups.values()].filter(list => list.length > 1).flatMap(list => list.map(who => [who.key, list])))
}
