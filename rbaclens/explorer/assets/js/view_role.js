// A role: its rules, who holds it by which binding, what it is gathered from; and a binding.

import { h, growing } from './dom.js'
import {
  empty,
  heading,
  levelBadge,
  placeTag,
  refLink,
  roleLink,
  rulesTable,
  scopeLink,
  section,
  subjectLink,
  bindingLink,
  tabs,
} from './parts.js'
import { findingsList } from './view_findings.js'
import { graphSection } from './graph.js'
import { roleTriples } from './graph_model.js'
import { roleLevel } from './level.js'
import { link } from './router.js'
import { bindingScope } from './whocan.js'
import { principalOf } from './whocan.js'
import { count, bindingName, roleName } from './words.js'

export function roleView(app, { parts, query }) {
  const [kind, namespace, name] = parts
  const role = app.policy.roles.find(one => one.kind === kind && one.namespace === namespace && one.name === name)
  if (!role) return null
  const href = link('role', kind, namespace, name)
  const tab = query.tab || 'rules'
  const found = app.findings ? app.findings.where({ roleOf: role, all: true }) : []
  const holders = role.bindings.flatMap(binding => binding.principals.map(({ who }) => ({ who, binding })))
  const list = [
    ['rules', 'Rules', role.rules.length],
    ['holders', 'Who holds it', holders.length],
    ['graph', 'Graph'],
    ['findings', 'Findings', found.length],
  ]
  const bodies = {
    rules: () => [rulesTable(role), gathering(role)],
    holders: () => [holdersList(holders)],
    graph: () => [graphSection(app, roleTriples(role), `role:${role.id}`)],
    findings: () => [findingsList(app, found)],
  }
  const head = heading(
    kind,
    roleName(role),
    levelBadge(roleLevel(role)),
    role.shipped ? h('span', {}, 'as every cluster has it') : null,
    placeTag(role.at),
  )
  return {
    title: `${kind} ${roleName(role)}`,
    content: [head, tabs(list, tab, href, 'About this role'), ...(bodies[tab] || bodies.rules)()],
  }
}

function gathering(role) {
  const list = (title, roles) =>
    roles.length
      ? section(
          title,
          h(
            'ul',
            { class: 'plain-list' },
            roles.map(one => h('li', {}, roleLink(one))),
          ),
        )
      : null
  const none =
    role.aggregates && !role.from.length
      ? section('Gathered from', empty('No role', 'Its selectors choose no ClusterRole, so it gives nothing.'))
      : null
  return [list('Gathered from', role.from), none, list('Gathered into', role.into)]
}

function holdersList(holders) {
  if (!holders.length) return empty('Nobody holds this role', 'No binding refers to it.')
  return growing(
    holders,
    ({ who, binding }) =>
      h(
        'li',
        { class: 'row' },
        subjectLink(who),
        h('span', {}, scopeLink(bindingScope(binding))),
        h('span', { class: 'by' }, 'by ', bindingLink(binding), ' ', placeTag(binding.at)),
      ),
    { attributes: { class: 'rows' } },
  )
}

export function bindingView(app, { parts }) {
  const [kind, namespace, name] = parts
  const binding = app.policy.bindings.find(one => one.kind === kind && one.namespace === namespace && one.name === name)
  if (!binding) return null
  const rows = binding.subjects.map(subject => {
    const who = principalOf(subject, binding.namespace)
    return h('li', {}, who ? subjectLink(who) : [`${subject.kind} ${subject.name} `, h('small', { class: 'warn' }, 'stands for nobody')])
  })
  const head = heading(
    kind,
    bindingName(binding),
    scopeLink(bindingScope(binding)),
    binding.shipped ? h('span', {}, 'as every cluster has it') : null,
    placeTag(binding.at),
  )
  const subjects = rows.length ? h('ul', { class: 'plain-list' }, rows) : empty('No subjects', 'This binding binds nobody.')
  return {
    title: `${kind} ${bindingName(binding)}`,
    content: [
      head,
      section('Grants', h('p', {}, refLink(binding))),
      section(`To ${count(rows.length, 'subject')}`, subjects),
      binding.role ? section('Which may then', rulesTable(binding.role)) : null,
    ],
  }
}
