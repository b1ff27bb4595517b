// Attack paths: from somebody to what an attacker is after, step by step.

import { h, growing, name } from './dom.js'
import { empty, placeTag } from './parts.js'
import { link, withQuery } from './router.js'
import { count } from './words.js'

// The paths that begin at somebody; paths name a start as links do ("sa:shop/web").
export function pathsOf(policy, who) {
  return policy.paths
    .map((path, number) => ({ path, number }))
    .filter(({ path }) => path.from === who.key || (who.key.startsWith('user:system:node:') && path.from === `node:${who.name.slice(12)}`))
}

export function pathList(found) {
  return growing(
    found,
    ({ path, number }) =>
      h(
        'li',
        { class: 'row' },
        h('a', { href: withQuery(link('paths'), { p: String(number) }) }, name(path.from), ' → ', name(path.to)),
        h(
          'span',
          { class: 'by' },
          `${count(path.steps.length, 'step')}, cost ${path.cost}`,
          isClosed(path) ? h('span', { class: 'badge closed' }, 'closed') : '',
        ),
      ),
    { attributes: { class: 'rows' } },
  )
}

function isClosed(path) {
  return path.steps.some(step => step.closed)
}

export function pathsView(app, { query }) {
  const { paths } = app.policy
  const head = h('header', { class: 'heading' }, h('h1', {}, 'Attack paths'))
  if (!paths.length)
    return {
      title: 'Attack paths',
      content: [head, empty('No attack paths', 'Either nobody can get further than they already are, or paths were not asked for.')],
    }
  const chosen = paths[Number(query.p)]
  if (query.p !== undefined && chosen) return { title: `${chosen.from} to ${chosen.to}`, content: [onePath(chosen)] }
  const every = paths.map((path, number) => ({ path, number }))
  const words = (query.q || '').toLowerCase().split(/\s+/).filter(Boolean)
  const found = every.filter(
    ({ path }) =>
      (!query.to || path.to === query.to) &&
      (query.closed === '1' || !isClosed(path)) &&
      words.every(word => `${path.from} ${path.to}`.toLowerCase().includes(word)),
  )
  return {
    title: 'Attack paths',
    content: [
      head,
      pathFilters(paths, query),
      h('p', { role: 'status' }, `${count(found.length, 'path')} shown`),
      found.length ? pathList(found) : empty('No path fits', 'Other filters may show some.'),
    ],
  }
}

function pathFilters(paths, query) {
  const set = changes => (location.hash = withQuery(link('paths'), { ...query, ...changes }))
  const targets = [...new Set(paths.map(path => path.to))].sort()
  const to = h(
    'select',
    { id: 'filter-to', onchange: event => set({ to: event.target.value }) },
    h('option', { value: '' }, 'every end'),
    targets.map(one => h('option', { value: one, selected: one === query.to }, one)),
  )
  const from = h('input', {
    id: 'filter-from',
    type: 'search',
    value: query.q || '',
    placeholder: 'part of a name',
    onchange: event => set({ q: event.target.value.trim() }),
  })
  const closed = h('input', {
    type: 'checkbox',
    id: 'filter-closed',
    checked: query.closed === '1',
    onchange: event => set({ closed: event.target.checked ? '1' : '' }),
  })
  return h(
    'form',
    { class: 'filters', onsubmit: event => event.preventDefault() },
    h('label', {}, 'To ', to),
    h('label', {}, 'Search ', from),
    paths.some(isClosed) ? h('label', {}, closed, ' also closed ones') : null,
  )
}

function onePath(path) {
  const steps = path.steps.map((step, number) =>
    h(
      'li',
      { class: step.closed ? 'step closed' : 'step' },
      h('p', { class: 'at' }, name(number ? step.source : path.from)),
      h(
        'div',
        { class: 'how' },
        h('h2', {}, `${number + 1}. ${step.title || step.technique}`, ' ', h('small', {}, step.technique)),
        step.request ? h('pre', {}, name(step.request)) : null,
        step.by
          ? h(
              'p',
              { class: 'by' },
              'allowed by ',
              name(step.by),
              ' ',
              step.file ? placeTag({ file: step.file, line: step.line || 0, column: 0 }) : null,
            )
          : null,
        step.closed ? h('p', { class: 'warn' }, 'Closed: ', name(step.closed)) : null,
      ),
    ),
  )
  return [
    h(
      'header',
      { class: 'heading' },
      h('p', { class: 'kind' }, 'attack path'),
      h('h1', {}, name(path.from), ' → ', name(path.to)),
      h(
        'p',
        { class: 'facts' },
        `${count(path.steps.length, 'step')}, cost ${path.cost}`,
        /^(sa|user|group|node):/.test(path.from) ? h('a', { href: link('subject', path.from) }, 'About the start') : null,
        h('a', { href: link('paths') }, 'All paths'),
      ),
    ),
    h('ol', { class: 'steps' }, steps, h('li', { class: 'step end' }, h('p', { class: 'at' }, name(path.to)))),
  ]
}
