// A resource: who can do which verb on it, and where, as a matrix.

import { h, growing, name, a } from './dom.js'
import { empty, heading, subjectLink, tabs, doubtsBox } from './parts.js'
import { graphSection } from './graph.js'
import { resourceTriples } from './graph_model.js'
import { link, withQuery } from './router.js'
import { resourcesOf } from './search.js'
import { pattern, whoCan, EVERYWHERE } from './whocan.js'
import { resourceText } from './words.js'

const USUAL = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']

export function resourceView(app, { parts, query }) {
  const { policy } = app
  const [group, resource] = parts
  if (resource === undefined) return null
  const known = resourcesOf(policy).find(one => one.group === group && one.resource === resource)
  const [parent, subresource = ''] = cutSlash(resource)
  const asked = { group, resource: parent, subresource, namespace: query.ns || null }
  const verbs = known?.verbs.length ? known.verbs.filter(verb => verb !== '*') : USUAL
  const matrix = makeMatrix(policy, asked, [...new Set([...verbs, ...special(parent)])], query.all === '1')
  const tab = query.tab || 'who'
  const href = link('resource', group, resource)
  const list = [
    ['who', 'Who can', matrix.rows.length],
    ['graph', 'Graph'],
  ]
  const bodies = {
    who: () => [filters(app, query, href), doubtsBox(matrix.doubts), matrixTable(matrix, query)],
    graph: () => [
      filters(app, query, href),
      graphSection(app, resourceTriples(policy, asked), `resource:${resourceText(group, resource)}`),
    ],
  }
  const kind = known?.known ? (known.namespaced ? 'resource in namespaces' : 'resource of the cluster') : 'resource that rules name'
  const subs = known?.subresources?.length
    ? h(
        'span',
        {},
        'with ',
        known.subresources.flatMap((sub, i) => [i ? ', ' : '', a(link('resource', group, `${resource}/${sub.name}`), sub.name)]),
      )
    : null
  return {
    title: resourceText(group, resource),
    content: [
      heading(kind, resourceText(group, resource), h('span', {}, `API group ${group || 'core'}`), subs),
      tabs(list, tab, href, 'About this resource'),
      ...(bodies[tab] || bodies.who)(),
    ],
  }
}

function cutSlash(resource) {
  const at = resource.indexOf('/')
  return at < 0 ? [resource] : [resource.slice(0, at), resource.slice(at + 1)]
}

function special(resource) {
  if (['roles', 'clusterroles'].includes(resource)) return ['bind', 'escalate']
  return ['users', 'groups', 'serviceaccounts'].includes(resource) ? ['impersonate'] : []
}

// Rows of somebody with a cell for each verb: everywhere, or the namespaces.
function makeMatrix(policy, asked, verbs, all) {
  const rows = new Map()
  let doubts = []
  let left = 0
  for (const verb of verbs) {
    const found = whoCan(policy, pattern({ ...asked, verb, name: null }))
    doubts = found.doubts
    for (const { who, scope, names, grant } of found.holders) {
      if (!all && grant.binding?.shipped) {
        left++
        continue
      }
      const row = rows.get(who.key) || { who, cells: new Map(), reach: 0 }
      rows.set(who.key, row)
      const cell = row.cells.get(verb) || { everywhere: false, namespaces: new Set(), named: true }
      row.cells.set(verb, cell)
      if (scope === EVERYWHERE) cell.everywhere = true
      else cell.namespaces.add(scope)
      if (!names.length) cell.named = false
      row.reach += (scope === EVERYWHERE ? 1000 : 1) * (names.length ? 0.1 : 1)
    }
  }
  const sorted = [...rows.values()].sort((x, y) => y.reach - x.reach || (x.who.name < y.who.name ? -1 : 1))
  return { verbs, rows: sorted, doubts, left }
}

function filters(app, query, href) {
  const select = h(
    'select',
    { id: 'filter-ns', onchange: event => (location.hash = withQuery(href, { ...query, ns: event.target.value })) },
    h('option', { value: '' }, 'every namespace'),
    app.policy.namespaces.map(one => h('option', { value: one.name, selected: one.name === query.ns }, one.name)),
  )
  const box = h('input', {
    type: 'checkbox',
    id: 'filter-all',
    checked: query.all === '1',
    onchange: event => (location.hash = withQuery(href, { ...query, all: event.target.checked ? '1' : '' })),
  })
  return h(
    'form',
    { class: 'filters', onsubmit: event => event.preventDefault() },
    h('label', {}, 'Where ', select),
    h('label', {}, box, ' also grants that every cluster has'),
  )
}

function matrixTable(matrix, query) {
  const left = matrix.left ? h('p', { class: 'soft' }, 'Grants that every cluster has are left out.') : null
  if (!matrix.rows.length) return [left, empty('Nobody', 'No grant allows anything on this resource here.')]
  const head = h(
    'thead',
    {},
    h(
      'tr',
      {},
      h('th', { scope: 'col' }, 'Who'),
      matrix.verbs.map(verb => h('th', { scope: 'col', class: 'verb' }, name(verb))),
    ),
  )
  const body = h('tbody', {})
  const render = row =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, subjectLink(row.who)),
      matrix.verbs.map(verb => cellOf(row.cells.get(verb), query)),
    )
  const more = growing(matrix.rows, render, { step: 100, target: body })
  const legend = h(
    'p',
    { class: 'legend' },
    h('span', { class: 'dot everywhere' }),
    ' everywhere',
    h('span', { class: 'dot some' }),
    ' in so many namespaces',
    h('span', { class: 'dot named' }),
    ' only named objects',
  )
  return [
    left,
    legend,
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Who can do what' },
      h('table', { class: 'matrix' }, head, body),
    ),
    more,
  ]
}

function cellOf(cell, query) {
  if (!cell) return h('td', {}, h('span', { class: 'visually-hidden' }, 'no'))
  const spaces = [...cell.namespaces].sort()
  const where = cell.everywhere
    ? 'everywhere'
    : query.ns
      ? `in ${query.ns}`
      : `in ${spaces
          .slice(0, 8)
          .map(one => one || 'the cluster scope')
          .join(', ')}${spaces.length > 8 ? ` and ${spaces.length - 8} more` : ''}`
  const text = `${where}${cell.named ? ', only named objects' : ''}`
  const mark = cell.everywhere ? '' : cell.namespaces.size > 1 ? String(cell.namespaces.size) : ''
  return h(
    'td',
    { title: text },
    h(
      'span',
      { class: `dot ${cell.everywhere ? 'everywhere' : 'some'}${cell.named ? ' named' : ''}` },
      h('span', { 'aria-hidden': 'true' }, mark),
      h('span', { class: 'visually-hidden' }, text),
    ),
  )
}
