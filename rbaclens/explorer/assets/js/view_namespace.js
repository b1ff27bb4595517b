// A namespace: who can do the telling things there, what is bound there, its findings.

import { h, growing } from './dom.js'
import { bindingLink, empty, heading, levelBadge, placeTag, refLink, subjectLink, tabs, doubtsBox } from './parts.js'
import { findingsList } from './view_findings.js'
import { graphSection } from './graph.js'
import { bindingTriples } from './graph_model.js'
import { roleLevel } from './level.js'
import { link, withQuery } from './router.js'
import { pattern, whoCan } from './whocan.js'
import { count } from './words.js'

const TELLING = [
  ['read secrets', { verb: 'get', resource: 'secrets', group: '' }],
  ['run code in pods', { verb: 'create', resource: 'pods', group: '', subresource: 'exec' }],
  ['start pods', { verb: 'create', resource: 'pods', group: '' }],
  ['change deployments', { verb: 'patch', resource: 'deployments', group: 'apps' }],
  ['make role bindings', { verb: 'create', resource: 'rolebindings', group: 'rbac.authorization.k8s.io' }],
  ['delete config maps', { verb: 'delete', resource: 'configmaps', group: '' }],
]

export function namespaceView(app, { parts, query }) {
  const { policy } = app
  const known = policy.namespaces.find(one => one.name === parts[0])
  if (!known) return null
  const bindings = policy.bindings.filter(one => one.namespace === known.name)
  const found = app.findings ? app.findings.where({ ns: known.name, all: true }) : []
  const tab = query.tab || 'who'
  const list = [
    ['who', 'Who can what'],
    ['bindings', 'Bound here', bindings.length],
    ['graph', 'Graph'],
    ['findings', 'Findings', found.length],
  ]
  const bodies = {
    who: () => whoBody(policy, known.name),
    bindings: () => [bindingRows(bindings)],
    graph: () => [graphSection(app, bindingTriples(bindings), '')],
    findings: () => [findingsList(app, found)],
  }
  return {
    title: `Namespace ${known.name}`,
    content: [
      heading('namespace', known.name, placeTag(known.at)),
      tabs(list, tab, link('namespace', known.name), 'About this namespace'),
      ...(bodies[tab] || bodies.who)(),
    ],
  }
}

function whoBody(policy, namespace) {
  const cards = TELLING.map(([title, asked]) => {
    const { holders } = whoCan(policy, pattern({ name: null, namespace, ...asked }))
    const here = new Map()
    const everywhere = new Map()
    for (const one of holders) (one.scope === '*' ? everywhere : here).set(one.who.key, one.who)
    for (const key of everywhere.keys()) here.delete(key)
    const href = withQuery(link('ask'), {
      ...asked,
      ns: namespace,
      name: 'any',
      resource: asked.resource + (asked.group ? `.${asked.group}` : ''),
      group: '',
      sub: asked.subresource,
      subresource: '',
    })
    return h(
      'li',
      { class: 'card' },
      h('h2', {}, h('a', { href }, `Who can ${title}`)),
      h('p', {}, `${count(here.size, 'subject')} here, ${everywhere.size.toLocaleString('en')} by cluster-wide grants`),
      h(
        'p',
        { class: 'soft' },
        [...here.values()].slice(0, 3).flatMap((who, i) => [i ? ', ' : '', subjectLink(who)]),
      ),
    )
  })
  return [doubtsBox(whoCan(policy, pattern({ verb: 'get', resource: 'pods', group: '' })).doubts), h('ul', { class: 'cards-grid' }, cards)]
}

function bindingRows(bindings) {
  if (!bindings.length) return empty('Nothing is bound here', 'Only cluster-wide grants count in this namespace.')
  return growing(
    bindings,
    one =>
      h(
        'li',
        { class: 'row' },
        refLink(one),
        one.role ? levelBadge(roleLevel(one.role)) : null,
        h(
          'span',
          { class: 'by' },
          'to ',
          one.principals.slice(0, 6).flatMap(({ who }, i) => [i ? ', ' : '', subjectLink(who)]),
          one.principals.length > 6 ? ` and ${one.principals.length - 6} more` : '',
          ' by ',
          bindingLink(one),
          ' ',
          placeTag(one.at),
        ),
      ),
    { attributes: { class: 'rows' } },
  )
}
