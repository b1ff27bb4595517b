// The first thing to see: what this is, how much of it there is, what is dangerous, who reaches what.

import { h, name, a } from './dom.js'
import { doubtsBox, levelBadge, section, subjectLink, empty } from './parts.js'
import { severityBar } from './view_findings.js'
import { heatmap } from './heatmap.js'
import { principalOfGroup, principalOfUser } from './identity.js'
import { lineLevel, roleLevel } from './level.js'
import { link, withQuery } from './router.js'

export function overviewView(app) {
  const { policy, findings } = app
  const kinds = [
    ['Subjects', policy.subjects.size],
    ['Roles', policy.roles.length],
    ['Bindings', policy.bindings.length + policy.abac.length],
    ['Namespaces', policy.namespaces.length],
  ]
  const tiles = h(
    'ul',
    { class: 'tiles' },
    kinds.map(([title, number]) =>
      h(
        'li',
        {},
        h('a', { href: withQuery(link('search'), { tab: title }) }, h('strong', {}, number.toLocaleString('en')), ' ', title.toLowerCase()),
      ),
    ),
  )
  const doubts = [
    ...policy.gaps,
    ...policy.chain
      .filter(entry => entry.type === 'Webhook' && !entry.answer)
      .map(entry => `The webhook ${entry.name} was not asked: where a request reaches it, the answer is unknown.`),
    ...policy.nodeDoubts,
    ...policy.chain
      .filter(entry => entry.type === 'AlwaysAllow')
      .map(() => 'The mode AlwaysAllow lets everybody do everything that comes to it.'),
  ]
  return {
    title: 'Overview',
    content: [
      h(
        'header',
        { class: 'heading' },
        h('h1', {}, 'Who may do what'),
        h(
          'p',
          { class: 'facts' },
          h('span', {}, 'in ', name(policy.title || 'the policy given')),
          h('span', {}, 'decided by ', name(policy.chain.map(entry => entry.name).join(', then '))),
        ),
      ),
      tiles,
      doubtsBox(doubts),
      findings
        ? section(
            'Findings',
            findings.count
              ? severityBar(findings, {}, link('findings'))
              : empty('No findings', 'The rules of the audit found nothing in this policy.'),
          )
        : null,
      strongest(policy),
      section('Who reaches which namespace', heatmap(app)),
      policy.notices.length
        ? section(
            'Notes on the input',
            h(
              'ul',
              { class: 'notes' },
              policy.notices.slice(0, 50).map(text => h('li', {}, name(text))),
            ),
          )
        : null,
    ],
  }
}

// Who holds something strong everywhere: the first names that anybody asks for.
function strongest(policy) {
  const found = new Map()
  const take = (who, level) => level >= 3 && found.set(who.key, { who, level: Math.max(level, found.get(who.key)?.level || 0) })
  if (policy.hasRbac) {
    for (const binding of policy.bindings) {
      if (!binding.namespace && binding.role && !binding.shipped)
        binding.principals.forEach(({ who }) => take(who, roleLevel(binding.role)))
    }
  }
  for (const line of policy.hasAbac ? policy.abac : [])
    if (line.namespace === '*' && (line.user || line.group))
      take(line.user ? principalOfUser(line.user) : principalOfGroup(line.group), lineLevel(line))
  const list = [...found.values()].sort(
    (x, y) => y.level - x.level || (x.who.kind < y.who.kind ? -1 : x.who.kind > y.who.kind ? 1 : 0) || (x.who.name < y.who.name ? -1 : 1),
  )
  if (!list.length) return null
  const more =
    list.length > 8
      ? h('li', {}, a(withQuery(link('findings'), { severity: 'critical' }), `and ${(list.length - 8).toLocaleString('en')} more`))
      : null
  return section(
    'Strong everywhere',
    h(
      'ul',
      { class: 'plain-list strong-list' },
      list.slice(0, 8).map(({ who, level }) => h('li', {}, subjectLink(who), ' ', levelBadge(level))),
      more,
    ),
  )
}
