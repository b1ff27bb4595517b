// Findings of the audit: filtered by severity, rule, namespace and subject; each with its evidence and what to do.

import { h, growing, name } from './dom.js'
import { empty, heading, namespaceLink, placeTag, section, severityBadge, subjectLink } from './parts.js'
import { grantItem } from './grants.js'
import { SEVERITIES } from './findings.js'
import { link, withQuery } from './router.js'
import { principalOfWords } from './identity.js'
import { count, scopeText } from './words.js'

const MANY = 40

function whereText(scopes) {
  if (!scopes.length) return ''
  if (scopes.includes('*')) return 'everywhere'
  return scopes.length <= 3 ? scopes.map(scopeText).join(', ') : `in ${scopes.length} namespaces`
}

// What a finding says, composed where the document keeps only its parts.
function sentence(one) {
  return one.whole ? one.text : `${one.text.charAt(0).toUpperCase()}${one.text.slice(1)}`
}

export function findingsList(app, numbers) {
  if (!app.findings) return empty('Nobody has looked', 'This page was written without an audit.')
  if (!numbers.length) return empty('No findings', 'The rules of the audit found nothing here.')
  return growing(numbers, number => findingRow(app.findings.get(number)), { attributes: { class: 'rows' } })
}

function findingRow(one) {
  const who = one.who
    ? [subjectLink(one.who), ' ', whereText(one.scopes)]
    : [one.objects.length ? name(one.objects.join(', ')) : whereText(one.scopes)]
  const state = one.state === 'open' ? null : h('small', {}, name(one.state))
  return h(
    'li',
    { class: 'row finding' },
    severityBadge(one.severity),
    h('span', { class: 'what' }, h('a', { href: link('finding', one.id) }, one.rule.title), ' ', h('small', {}, one.rule.id)),
    h('span', { class: 'by' }, ...who, ' ', placeTag(one.at), state),
  )
}

export function findingsView(app, { query, path }) {
  const { findings } = app
  const head = h('header', { class: 'heading' }, h('h1', {}, 'Findings'))
  if (!findings) return { title: 'Findings', content: [head, empty('Nobody has looked', 'This page was written with --no-audit.')] }
  const who = query.who ? principalOfWords(query.who) : null
  const numbers = findings.where({ ...query, who: who?.key, all: query.all === '1' })
  const set = changes => (location.hash = withQuery(path, { ...query, ...changes }))
  const content = [
    head,
    severityBar(findings, query, path),
    filterForm(app, query, set),
    h(
      'p',
      { role: 'status' },
      `${count(numbers.length, 'finding')} shown`,
      query.all === '1' ? '' : ', without narrower ones by the same grant and waived ones',
    ),
  ]
  const many = numbers.length > MANY && !query.rule
  content.push(
    numbers.length
      ? many
        ? rulesList(findings.byRule(numbers), query, path)
        : findingsList(app, numbers)
      : empty('No findings', findings.count ? 'None fits these filters.' : 'The rules of the audit found nothing in this policy.'),
  )
  return { title: 'Findings', content }
}

export function severityBar(findings, query, path) {
  const bar = h('ul', { class: 'severities', 'aria-label': 'Findings by severity' })
  const counts = query.all === '1' ? findings.all : findings.main
  for (const severity of [...SEVERITIES].reverse()) {
    const chosen = query.severity === severity
    const href = withQuery(path, { ...query, severity: chosen ? '' : severity })
    bar.append(
      h(
        'li',
        {},
        h(
          'a',
          { href, id: `tile-${severity}`, class: `severity-tile severity-${severity}`, 'aria-current': chosen ? 'true' : null },
          h('strong', {}, counts.get(severity).toLocaleString('en')),
          ' ',
          severity,
        ),
      ),
    )
  }
  return bar
}

// Many findings are shown rule by rule first: nobody reads thousands of rows.
function rulesList(rules, query, path) {
  const row = ({ rule, count: number, severity }) =>
    h(
      'li',
      { class: 'row finding' },
      severityBadge(severity),
      h(
        'span',
        { class: 'what' },
        h('a', { href: withQuery(path, { ...query, rule: rule.id }) }, rule.title),
        ' ',
        h('small', {}, rule.id),
        ' ',
        h('span', { class: 'number' }, count(number, 'finding')),
      ),
      h('span', { class: 'by' }, rule.gives),
    )
  return h('ul', { class: 'rows' }, rules.map(row))
}

function filterForm(app, query, set) {
  const option = (value, text, chosen) => h('option', { value, selected: value === chosen }, text)
  const rules = h(
    'select',
    { id: 'filter-rule', onchange: event => set({ rule: event.target.value }) },
    option('', 'every rule', query.rule || ''),
    [...app.findings.rules]
      .sort((x, y) => (x.id < y.id ? -1 : 1))
      .map(rule => option(rule.id, `${rule.id} ${rule.title} (${rule.count.toLocaleString('en')})`, query.rule)),
  )
  const spaces = h(
    'select',
    { id: 'filter-ns', onchange: event => set({ ns: event.target.value }) },
    option('', 'every namespace', query.ns || ''),
    app.policy.namespaces.map(one => option(one.name, one.name, query.ns)),
  )
  const who = h('input', {
    id: 'filter-who',
    type: 'search',
    value: query.who || '',
    placeholder: 'sa:shop/web, group:devs',
    onchange: event => set({ who: event.target.value.trim() }),
  })
  const all = h('input', {
    type: 'checkbox',
    id: 'filter-all',
    checked: query.all === '1',
    onchange: event => set({ all: event.target.checked ? '1' : '' }),
  })
  return h(
    'form',
    { class: 'filters', onsubmit: event => event.preventDefault() },
    h('label', {}, 'Rule ', rules),
    h('label', {}, 'Namespace ', spaces),
    h('label', {}, 'Subject ', who),
    h('label', {}, all, ' also narrower and waived ones'),
  )
}

export function findingView(app, { parts }) {
  const number = app.findings ? app.findings.byId(parts[0]) : -1
  if (number < 0) return null
  const one = app.findings.get(number)
  const spaces = one.scopes.filter(scope => scope && scope !== '*')
  const facts = [
    severityBadge(one.severity),
    h('span', {}, `score ${one.score.toFixed(1)}`),
    one.who ? subjectLink(one.who) : null,
    h('span', {}, whereText(one.scopes)),
    placeTag(one.at),
  ]
  const content = [
    heading(one.id, one.rule.title, ...facts),
    h('p', { class: 'lead' }, h('bdi', {}, sentence(one))),
    one.state === 'open' ? null : h('p', { class: 'soft' }, name(one.state)),
    one.partOf ? h('p', { class: 'soft' }, `Part of the broader finding by ${one.partOf}.`) : null,
    section('What to do', h('p', {}, one.rule.fix), one.patch ? h('pre', {}, name(one.patch)) : null),
    one.grants.length
      ? section(
          'By',
          h('ul', { class: 'grants' }, one.grants.map(grantItem)),
          one.more ? h('p', { class: 'soft' }, `and ${one.more} more grants`) : null,
        )
      : null,
    one.objects.length
      ? section(
          'On',
          h(
            'ul',
            { class: 'plain-list' },
            one.objects.map(text => h('li', {}, name(text))),
          ),
        )
      : null,
    spaces.length
      ? section(
          count(spaces.length, 'namespace'),
          growing(spaces, space => h('li', {}, namespaceLink(space)), { step: 60, attributes: { class: 'plain-list columns' } }),
        )
      : null,
    h('p', {}, h('a', { href: withQuery(link('findings'), { rule: one.rule.id }) }, `All findings of ${one.rule.id}`)),
  ]
  return { title: `${one.rule.id} ${one.rule.title}`, content }
}
