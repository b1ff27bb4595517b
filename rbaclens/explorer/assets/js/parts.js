// What several views are made of: links to things, places, badges, tables, tabs, and words for what is not there.

import { h, a, name } from './dom.js'
import { LEVELS } from './level.js'
import { link, withQuery } from './router.js'
import { placeText, roleName, bindingName, groupText, KIND_WORDS } from './words.js'

export function subjectLink(who) {
  if (!who.key) return h('span', {}, 'everybody')
  return h('span', { class: 'thing' }, a(link('subject', who.key), name(who.name)), ' ', h('small', {}, KIND_WORDS[who.kind]))
}

export function roleLink(role) {
  return h(
    'span',
    { class: 'thing' },
    a(link('role', role.kind, role.namespace, role.name), name(roleName(role))),
    ' ',
    h('small', {}, role.kind),
  )
}

export function bindingLink(binding) {
  return h(
    'span',
    { class: 'thing' },
    a(link('binding', binding.kind, binding.namespace, binding.name), name(bindingName(binding))),
    ' ',
    h('small', {}, binding.kind),
  )
}

// The role that a binding names, which may not be there.
export function refLink(binding) {
  if (binding.role) return roleLink(binding.role)
  return h(
    'span',
    { class: 'thing' },
    name(binding.refName),
    ' ',
    h('small', { class: 'warn' }, `${binding.refKind} – not there, gives nothing`),
  )
}

export function namespaceLink(namespace) {
  return a(link('namespace', namespace), name(namespace))
}

export function scopeLink(scope) {
  if (scope === '*') return h('strong', {}, 'everywhere')
  return scope ? h('span', {}, 'in ', namespaceLink(scope)) : 'at the cluster scope'
}

export function placeTag(at) {
  const text = placeText(at)
  if (!text) return null
  if (at.file === 'bootstrap') return h('small', {}, text)
  return h(
    'span',
    { class: 'place', title: at.column ? `column ${at.column}` : null },
    h('span', { class: 'visually-hidden' }, 'written at '),
    h('bdi', {}, text),
  )
}

export function levelBadge(level) {
  return h('span', { class: `badge level-${level}` }, LEVELS[level])
}

export function severityBadge(severity) {
  return h('span', { class: `badge severity-${severity}` }, severity)
}

export function section(title, ...content) {
  return h('section', {}, h('h2', {}, title), ...content)
}

export function empty(title, text) {
  return h('div', { class: 'empty' }, h('p', { class: 'empty-title' }, title), text ? h('p', {}, text) : null)
}

export function heading(kind, title, ...more) {
  return h(
    'header',
    { class: 'heading' },
    h('p', { class: 'kind' }, kind),
    h('h1', {}, name(title)),
    more.length ? h('p', { class: 'facts' }, ...more) : null,
  )
}

// What stands between an answer and certainty; nothing where all is known.
export function doubtsBox(doubts, lead = 'What cannot be known from here') {
  if (!doubts.length) return null
  return h(
    'aside',
    { class: 'doubts', 'aria-label': 'What cannot be known' },
    h('p', {}, h('strong', {}, lead)),
    h(
      'ul',
      {},
      doubts.map(text => h('li', {}, text)),
    ),
  )
}

// A table that may be wider than a narrow window: it scrolls by itself, the page does not.
export function table(label, head, body) {
  const rows = head
    ? h(
        'thead',
        {},
        h(
          'tr',
          {},
          head.map(text => h('th', { scope: 'col' }, text)),
        ),
      )
    : null
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label }, h('table', {}, rows, body))
}

export function rulesTable(role) {
  if (!role.rules.length) return empty('No rules', 'This role gives nothing to anybody.')
  const body = h('tbody', {})
  role.rules.forEach((rule, number) => {
    const what = rule.resources.length || !rule.urls.length ? listed(rule.resources, 'nothing') : listed(rule.urls, 'nothing')
    const also = rule.resources.length && rule.urls.length ? [h('br', {}), listed(rule.urls, '')] : []
    const group = rule.resources.length ? groupText(rule.groups) || 'none' : '–'
    const names = rule.names.length ? listed(rule.names, '') : 'any'
    const written = [placeTag(role.ruleAt(number)), writtenIn(role, number)]
    body.append(
      h(
        'tr',
        {},
        cell('verbs', listed(rule.verbs, 'none')),
        cell('what', what, ...also),
        cell('API group', group),
        cell('names', names),
        cell('written at', ...written),
      ),
    )
  })
  return h(
    'div',
    { class: 'cards' },
    table(`Rules of ${role.name}`, ['Verbs', 'Resources or paths', 'API groups', 'Names', 'Written at'], body),
  )
}

// A cell that a narrow window shows as a line of its own, with its label before it.
function cell(label, ...content) {
  return h('td', { 'data-label': label }, h('div', {}, ...content))
}

function writtenIn(role, number) {
  return role.written.length && role.written[number] >= 0 ? h('div', { class: 'soft' }, 'gathered') : null
}

function listed(values, none) {
  if (!values.length) return h('span', { class: 'soft' }, none)
  return values.flatMap((value, i) => [i ? ', ' : '', h('code', {}, name(value === '' ? '""' : value))])
}

// Tabs that are links, so that each has an address: [[id, title, count]], the chosen one, the link of the view.
export function tabs(list, chosen, href, label) {
  const bar = h('nav', { class: 'tabs', 'aria-label': label })
  for (const [id, title, number] of list) {
    const query = id === list[0][0] ? {} : { tab: id }
    const count = number === undefined ? null : h('span', { class: 'number' }, number.toLocaleString('en'))
    bar.append(h('a', { href: withQuery(href, query), 'aria-current': id === chosen ? 'page' : null }, title, ' ', count))
  }
  return bar
}
