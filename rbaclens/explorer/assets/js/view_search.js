// Everything that a search finds, or, without one, everything there is, by kind.

import { h, growing, name } from './dom.js'
import { empty } from './parts.js'
import { GROUPS, search } from './search.js'
import { link, withQuery } from './router.js'

export function searchView(app, { query }) {
  const text = query.q || ''
  const found = search(app.index, text, Infinity)
  const groups = GROUPS.map(group => found.groups.find(one => one.name === group)).filter(Boolean)
  const title = text ? `Search: ${text}` : 'Browse'
  const head = h('header', { class: 'heading' }, h('h1', {}, text ? ['Found for “', name(text), '”'] : 'Everything there is'))
  if (!groups.length)
    return {
      title,
      content: [
        head,
        empty(
          'Nothing has this name',
          'Search looks for every word in names of subjects, roles, resources, namespaces, bindings and findings.',
        ),
      ],
    }
  const tab = groups.some(group => group.name === query.tab) ? query.tab : found.groups[0] && text ? found.groups[0].name : groups[0].name
  const bar = h(
    'nav',
    { class: 'tabs', 'aria-label': 'Kinds' },
    groups.map(group =>
      h(
        'a',
        { href: withQuery(link('search'), { q: text, tab: group.name }), 'aria-current': group.name === tab ? 'page' : null },
        group.name,
        ' ',
        h('span', { class: 'number' }, group.total.toLocaleString('en')),
      ),
    ),
  )
  const chosen = groups.find(group => group.name === tab)
  return {
    title,
    content: [
      head,
      bar,
      growing(chosen.shown, one => h('li', {}, h('a', { href: one.href }, name(one.label)), ' ', h('small', {}, one.kind)), {
        step: 100,
        attributes: { class: 'plain-list columns' },
      }),
    ],
  }
}
