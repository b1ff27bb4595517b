// A question: may SUBJECT do VERB on RESOURCE, with yes, no or unknown and the evidence; without a subject: who can.

import { h, growing } from './dom.js'
import { combobox } from './combobox.js'
import { doubtsBox, empty, scopeLink, section, subjectLink } from './parts.js'
import { grantItem } from './grants.js'
import { decide } from './chain.js'
import { groupsOf } from './model.js'
import { principalOfWords } from './identity.js'
import { resourcesOf, search } from './search.js'
import { userOf } from './held.js'
import { link, withQuery } from './router.js'
import { pattern, whoCan } from './whocan.js'
import { count, requestText, resourceText } from './words.js'

const VERBS = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'bind',
  'escalate',
  'impersonate',
  'use',
  'approve',
  'sign',
]

export function askView(app, { query }) {
  const asked = requestOf(app.policy, query)
  const result = asked
    ? query.who
      ? answer(app, asked, query)
      : holders(app, asked)
    : [empty('Ask a question', 'Say a verb and a resource, and who is to do it. Without a subject the answer is everybody who can.')]
  return {
    title: 'Ask',
    content: [
      h('header', { class: 'heading' }, h('h1', {}, 'May they?')),
      form(app, query),
      h('div', { class: 'answer', role: 'region', 'aria-label': 'Answer', 'aria-live': 'polite' }, result),
    ],
  }
}

// The request that the fields say: a path begins with "/"; a resource may be plural, singular, kind or short name, with ".group" and "/sub".
export function requestOf(policy, query) {
  const verb = (query.verb || '').trim()
  const what = (query.resource || '').trim()
  if (!verb || !what) return null
  if (what.startsWith('/'))
    return { verb, resource: '', group: '', subresource: '', namespace: '', name: '', path: what, namespaced: false }
  const slash = what.indexOf('/')
  const [word, sub] = slash < 0 ? [what, ''] : [what.slice(0, slash), what.slice(slash + 1)]
  const found = resolved(policy, word)
  const namespaced = found.namespaced
  return {
    verb,
    resource: found.resource,
    group: found.group,
    subresource: query.sub || sub,
    namespace: namespaced ? query.ns || '' : '',
    name: query.name === 'any' && !query.who ? null : query.name || '',
    path: null,
    namespaced,
    known: found.known,
  }
}

function resolved(policy, word) {
  const lower = word.toLowerCase()
  const every = resourcesOf(policy).filter(one => !one.resource.includes('/'))
  const exact = every.find(one => resourceText(one.group, one.resource) === word) || every.find(one => one.resource === word)
  const found = exact || every.find(one => one.known && one.names.some(known => known.toLowerCase() === lower))
  if (found) return found
  const dot = word.indexOf('.')
  return { resource: dot < 0 ? word : word.slice(0, dot), group: dot < 0 ? '' : word.slice(dot + 1), namespaced: true, known: false }
}

function field(label, input, wide) {
  return h('label', { class: wide ? 'field wide' : 'field' }, h('span', {}, label), input)
}

function suggesting(app, input, group) {
  const source = text =>
    search(app.index, text, 8)
      .groups.filter(one => one.name === group)
      .map(one => ({
        name: one.name,
        total: one.total,
        items: one.shown.map(item => ({ label: item.label, kind: item.kind, value: valueOf(item) })),
      }))
  return h(
    'div',
    { class: 'suggesting' },
    input,
    combobox(input, source, item => (input.value = item.value), { listLabel: group }),
  )
}

// What a suggestion puts into its field: of a subject the key of its link, which tells a group from a user of its name.
function valueOf(item) {
  return item.group === 'Subjects' ? decodeURIComponent(item.href.replace('#/subject/', '')) : item.label
}

function form(app, query) {
  const make = (id, placeholder) =>
    h('input', {
      name: id,
      id: `ask-${id}`,
      value: query[id] || '',
      placeholder,
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
    })
  const verb = make('verb', 'get')
  verb.setAttribute('list', 'verbs')
  const resource = make('resource', 'pods, deployments.apps, /metrics')
  const who = make('who', 'sa:shop/web, group:devs, bob')
  const ns = make('ns', 'empty: cluster scope')
  const submit = event => {
    event.preventDefault()
    location.hash = withQuery(link('ask'), Object.fromEntries(new FormData(element)))
  }
  const element = h(
    'form',
    { class: 'ask', onsubmit: submit },
    field('Who', suggesting(app, who, 'Subjects')),
    field('Verb', verb),
    field('Resource or path', suggesting(app, resource, 'Resources'), true),
    field('Namespace', suggesting(app, ns, 'Namespaces')),
    field('Subresource', make('sub', 'none')),
    field('Name', make('name', 'none, or any')),
    h(
      'datalist',
      { id: 'verbs' },
      VERBS.map(one => h('option', { value: one })),
    ),
    h('button', { type: 'submit', id: 'ask-submit', class: 'primary' }, 'Ask'),
  )
  return element
}

const WORDS = { yes: 'Yes', no: 'No', unknown: 'Unknown' }

function answer(app, asked, query) {
  const who = principalOfWords(query.who)
  const groups = groupsOf(app.policy, who)
  const found = decide(app.policy, { ...asked, user: userOf(who), groups })
  const lines = {
    yes: 'They may',
    no: found.verdict === 'deny' ? 'They may not: a webhook denies it.' : 'They may not: no authorizer allows it.',
    unknown:
      found.verdict === 'allow'
        ? 'A grant allows it, but something before it might deny it'
        : 'Nothing known allows it, but not everything is known',
  }
  return [
    h(
      'div',
      { class: `verdict ${found.answer}` },
      h('p', { class: 'word' }, WORDS[found.answer]),
      h('p', {}, subjectLink(who), ' – ', h('bdi', {}, requestText(asked))),
    ),
    h(
      'p',
      {},
      found.answer === 'yes' ? `${lines.yes}, by ${found.authorizer}.` : `${lines[found.answer]}${found.answer === 'unknown' ? '.' : ''}`,
    ),
    notes(asked),
    doubtsBox(found.doubts),
    found.grants.length
      ? section(
          found.grants.length === 1 ? 'Because' : `Because of any of ${found.grants.length} grants`,
          growing(found.grants, grantItem, { step: 10, attributes: { class: 'grants' } }),
        )
      : null,
    found.answer === 'yes' ? null : h('p', {}, h('a', { href: withQuery(link('ask'), { ...query, who: '' }) }, 'Who can do it?')),
  ]
}

function notes(asked) {
  const texts = []
  if (asked.path === null && asked.known === false)
    texts.push('Nothing says that the API serves this resource; the answer is for the name as written.')
  if (asked.path === null && asked.namespaced && !asked.namespace)
    texts.push('Without a namespace this asks for all namespaces at once, which only cluster-wide grants allow.')
  return texts.length
    ? h(
        'ul',
        { class: 'notes' },
        texts.map(text => h('li', {}, text)),
      )
    : null
}

function holders(app, asked) {
  const found = whoCan(app.policy, pattern({ ...asked, namespace: asked.path === null ? asked.namespace : null }))
  const row = one =>
    h(
      'li',
      { class: 'row' },
      subjectLink(one.who),
      h(
        'span',
        {},
        scopeLink(one.scope),
        one.onlyIn ? `, if in group ${one.onlyIn}` : '',
        one.names.length ? `, only named ${one.names.join(', ')}` : '',
      ),
      h('details', {}, h('summary', {}, 'why'), h('ul', { class: 'grants' }, grantItem(one.grant))),
    )
  return [
    h('p', { class: 'asked' }, 'Who can ', h('strong', {}, h('bdi', {}, requestText(asked))), `: ${count(found.holders.length, 'grant')}`),
    notes(asked),
    doubtsBox(found.doubts),
    growing(found.holders, row, { attributes: { class: 'rows' } }),
  ]
}
