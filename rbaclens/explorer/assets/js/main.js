// The start: read the document, build the shell, show the view that the address names.

import { readDocument } from './document.js'
import { readPolicy } from './model.js'
import { readFindings } from './findings.js'
import { buildIndex } from './search.js'
import { buildShell } from './shell.js'
import { parseHash } from './router.js'
import { initTheme } from './theme.js'
import { h, replace } from './dom.js'
import { empty } from './parts.js'
import { overviewView } from './view_overview.js'
import { askView } from './view_ask.js'
import { subjectView } from './view_subject.js'
import { roleView, bindingView } from './view_role.js'
import { resourceView } from './view_resource.js'
import { namespaceView } from './view_namespace.js'
import { findingsView, findingView } from './view_findings.js'
import { pathsView } from './view_paths.js'
import { searchView } from './view_search.js'

const VIEWS = {
  overview: overviewView,
  ask: askView,
  subject: subjectView,
  role: roleView,
  binding: bindingView,
  resource: resourceView,
  namespace: namespaceView,
  findings: findingsView,
  finding: findingView,
  paths: pathsView,
  search: searchView,
}

// What has the focus inside a view, as a selector that finds the same thing in the view that replaces it.
function focusOf(main) {
  const active = document.activeElement
  if (!main.contains(active)) return null
  if (active.id) return `#${CSS.escape(active.id)}`
  return active.closest('.tabs') ? '.tabs [aria-current]' : null
}

// A filter or tab changes the view around it: whoever works by keyboard stays where they were.
function keepFocus(main, selector) {
  if (selector && selector !== '#main') main.querySelector(selector)?.focus({ preventScroll: true })
}

async function start() {
  const main = document.getElementById('main')
  try {
    const element = document.getElementById('data')
    const doc = await readDocument(element.textContent)
    element.remove()
    const policy = readPolicy(doc)
    const findings = readFindings(doc, policy)
    const app = { policy, findings, index: buildIndex(policy, findings), onTheme: null, themeChanged: () => app.onTheme?.(), cleanup: null }
    initTheme(app.themeChanged)
    const shell = buildShell(document.getElementById('header'), app)
    const show = first => showView(app, shell, main, first === true)
    addEventListener('hashchange', show)
    document.getElementById('skip').addEventListener('click', event => {
      event.preventDefault()
      main.focus()
    })
    show(true)
    document.documentElement.dataset.ready = 'true'
  } catch (error) {
    replace(main, empty('This page could not be read', String(error?.message || error)))
    throw error
  }
}

function showView(app, shell, main, first) {
  const route = parseHash(location.hash)
  const moved = route.path !== app.path
  app.path = route.path
  app.onTheme = null
  app.cleanup?.()
  app.cleanup = null
  const focused = focusOf(main)
  const view = VIEWS[route.view]
  const found = view ? view(app, route) : null
  const { title, content } = found || {
    title: 'Not found',
    content: [
      h('header', { class: 'heading' }, h('h1', {}, 'Not found')),
      empty('Nothing stands at this address', 'The policy may have changed since the link was made. Search finds what there is.'),
    ],
  }
  document.title = `${title} – rbaclens`
  shell.mark(route.view)
  replace(main, h('div', { class: 'view' }, ...content))
  if (first) return
  if (!moved) return keepFocus(main, focused)
  scrollTo(0, 0)
  main.focus({ preventScroll: true })
  document.getElementById('announce').textContent = title
}

start()
