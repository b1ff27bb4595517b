// What stays around every view: search, navigation, theme, help, and the keys.

import { h, name, a } from './dom.js'
import { combobox } from './combobox.js'
import { icon } from './icons.js'
import { search } from './search.js'
import { link, withQuery } from './router.js'
import { toggleTheme } from './theme.js'

const KEYS = [
  ['/', 'search'],
  ['↑ ↓ Enter', 'move in the answers, take one'],
  ['Esc', 'close what is open'],
  ['g o', 'overview'],
  ['g a', 'ask'],
  ['g f', 'findings'],
  ['g p', 'attack paths'],
  ['t', 'light or dark'],
  ['?', 'this help'],
]
const SHOWN = 5

export function buildShell(header, app) {
  const input = h('input', {
    type: 'search',
    id: 'search',
    'aria-label': 'Search subjects, roles, resources, namespaces, findings',
    placeholder: 'Search a subject, role or resource',
    enterkeyhint: 'search',
  })
  const go = href => {
    input.value = ''
    input.blur()
    location.hash = href
  }
  const source = text =>
    text.trim()
      ? search(app.index, text, SHOWN).groups.map(group => ({
          name: group.name,
          total: group.total,
          items: group.shown.map(one => ({ label: one.label, kind: one.kind, href: one.href })),
        }))
      : []
  const list = combobox(input, source, item => go(item.href), {
    listLabel: 'What was found',
    onEnter: text => text.trim() && go(withQuery(link('search'), { q: text.trim() })),
  })
  const nav = h('nav', { class: 'main-nav', 'aria-label': 'Views' }, navLinks(app))
  const dialog = helpDialog(app)
  const themeButton = h(
    'button',
    { type: 'button', class: 'plain', 'aria-label': 'Light or dark', title: 'Light or dark (t)', onclick: () => changeTheme(app) },
    icon('theme'),
  )
  const helpButton = h(
    'button',
    { type: 'button', class: 'plain', 'aria-label': 'Help and keys', title: 'Help (?)', onclick: () => dialog.showModal() },
    icon('help'),
  )
  header.append(
    h(
      'div',
      { class: 'bar' },
      h('a', { href: '#/', class: 'brand' }, 'rbaclens'),
      h('div', { class: 'search', role: 'search' }, icon('search'), input, h('kbd', { 'aria-hidden': 'true' }, '/'), list),
      h('div', { class: 'tools' }, themeButton, helpButton),
    ),
    nav,
    dialog,
  )
  bindKeys(input, dialog, app)
  return { mark: view => markCurrent(nav, view) }
}

function navLinks(app) {
  const links = [
    ['overview', 'Overview', '#/'],
    ['ask', 'Ask', link('ask')],
    ['findings', 'Findings', link('findings')],
    ['paths', 'Paths', link('paths')],
    ['search', 'Browse', link('search')],
  ]
  return links.map(([view, title, href]) =>
    h(
      'a',
      { href, 'data-view': view },
      title,
      view === 'paths' && app.policy.paths.length ? h('span', { class: 'number' }, app.policy.paths.length.toLocaleString('en')) : null,
    ),
  )
}

function markCurrent(nav, view) {
  for (const one of nav.querySelectorAll('a')) {
    if (one.dataset.view === view) one.setAttribute('aria-current', 'page')
    else one.removeAttribute('aria-current')
  }
}

function changeTheme(app) {
  toggleTheme()
  app.themeChanged()
}

function helpDialog({ policy }) {
  const dialog = h('dialog', { 'aria-labelledby': 'help-title' })
  const chain = ['privileged group', ...policy.chain.map(entry => entry.name)].join(' → ')
  dialog.append(
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { id: 'help-title' }, 'Help'),
      h('button', { type: 'button', class: 'plain', 'aria-label': 'Close', onclick: () => dialog.close() }, icon('close')),
    ),
    h(
      'p',
      {},
      'This page answers who may do what in one Kubernetes cluster, as its API server would, from ',
      name(policy.title || 'the policy given'),
      '. Everything is in this file; nothing is asked of the network.',
    ),
    h(
      'p',
      {},
      'Authorizers, in order: ',
      name(chain),
      '. What a webhook or the node authorizer would say cannot be known here: then the answer is “unknown”, never “no”.',
    ),
    h(
      'dl',
      { class: 'keys' },
      KEYS.map(([key, text]) => [
        h(
          'dt',
          {},
          key.split(' ').map(one => h('kbd', {}, one)),
        ),
        h('dd', {}, text),
      ]),
    ),
    h('p', { class: 'soft' }, `rbaclens ${policy.program} · graph by Cytoscape.js (MIT)`),
  )
  dialog.addEventListener('click', event => event.target === dialog && dialog.close())
  return dialog
}

const PLACES = { o: '#/', a: link('ask'), f: link('findings'), p: link('paths') }

function bindKeys(input, dialog, app) {
  let prefix = false
  document.addEventListener('keydown', event => {
    const typing = event.target.closest?.('input, select, textarea, [contenteditable]')
    if (typing || event.ctrlKey || event.metaKey || event.altKey || dialog.open) return
    const known = { '/': () => input.focus(), '?': () => dialog.showModal(), t: () => changeTheme(app) }
    if (prefix && PLACES[event.key]) location.hash = PLACES[event.key]
    else if (known[event.key]) known[event.key]()
    else if (event.key !== 'g') return void (prefix = false)
    prefix = event.key === 'g' && !prefix
    event.preventDefault()
  })
}
