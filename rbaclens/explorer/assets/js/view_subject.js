// A subject: what they effectively may do, scope by scope, and by which binding, role and group.

import { h, growing, name } from './dom.js'
import { bindingLink, empty, heading, levelBadge, placeTag, refLink, scopeLink, section, subjectLink, tabs, doubtsBox } from './parts.js'
import { findingsList } from './view_findings.js'
import { graphSection } from './graph.js'
import { subjectTriples } from './graph_model.js'
import { heldBy, userOf } from './held.js'
import { groupsOf } from './model.js'
import { grantLevel } from './level.js'
import { link, withQuery } from './router.js'
import { principalOfGroup, principalOfKey, NODE_PREFIX } from './identity.js'
import { pathsOf, pathList } from './view_paths.js'
import { count, KIND_WORDS, lineText, ruleText } from './words.js'

export function subjectView(app, { parts, query }) {
  const { policy } = app
  const who = principalOfKey(parts[0] || '')
  const known = policy.subjects.get(who.key)
  const held = heldBy(policy, who)
  const found = app.findings ? app.findings.where({ who: who.key, all: true }) : []
  const paths = pathsOf(policy, who)
  const tab = query.tab || 'may'
  const list = [
    ['may', 'What they may do', held.length],
    ['graph', 'Graph'],
    ['findings', 'Findings', found.length],
    ['paths', 'Attack paths', paths.length],
  ]
  const bodies = {
    may: () => [groupsLine(policy, who), doubtsBox(subjectDoubts(policy, who)), held.length ? scopes(held) : nothingHeld(known)],
    graph: () => [graphSection(app, subjectTriples(who, held), `who:${who.key}`)],
    findings: () => [findingsList(app, found)],
    paths: () => [paths.length ? pathList(paths) : empty('No attack path begins here', 'None was found in this policy.')],
  }
  const strongest = Math.max(0, ...held.map(grantLevel))
  const facts = [
    levelBadge(strongest),
    known?.at ? placeTag(known.at) : null,
    h('a', { href: withQuery(link('ask'), { who: who.key }) }, 'Ask what they may do'),
  ]
  const unknown = known
    ? null
    : h('p', { class: 'soft' }, 'Nothing in this policy names them; what they may do comes from groups that everybody is in.')
  return {
    title: `${KIND_WORDS[who.kind]} ${who.name}`,
    content: [
      heading(KIND_WORDS[who.kind], who.name, ...facts),
      unknown,
      tabs(list, tab, link('subject', who.key), 'About this subject'),
      ...(bodies[tab] || bodies.may)(),
    ],
  }
}

function groupsLine(policy, who) {
  const groups = groupsOf(policy, who).filter(group => group !== who.name)
  const members =
    who.kind === 'Group'
      ? [...policy.identities].filter(([, known]) => known.includes(who.name)).map(([user]) => principalOfKey(`user:${user}`))
      : []
  return h(
    'p',
    { class: 'groups' },
    who.kind === 'Group' ? 'Its members are also in ' : 'In groups ',
    groups.length
      ? groups.flatMap((group, i) => [i ? ', ' : '', h('a', { href: link('subject', principalOfGroup(group).key) }, name(group))])
      : 'no other group',
    members.length ? ['. Known members: ', ...members.slice(0, 20).flatMap((one, i) => [i ? ', ' : '', subjectLink(one)])] : null,
    who.kind !== 'Group' && !policy.identities.has(who.user) && !who.key.startsWith('sa:')
      ? '. Groups that an identity provider adds are not in the policy; --identities tells them'
      : '',
    '.',
  )
}

function subjectDoubts(policy, who) {
  const doubts = [...policy.gaps]
  for (const entry of policy.chain)
    if (entry.type === 'Webhook') doubts.push(`The webhook ${entry.name} may allow more, or deny: it was not asked.`)
  if (userOf(who).startsWith(NODE_PREFIX) && policy.chain.some(entry => entry.type === 'Node'))
    doubts.push('The node authorizer may allow more, by what runs on the node.')
  return doubts
}

function nothingHeld(known) {
  return empty(
    'Nothing',
    known
      ? 'No binding or line gives them anything, and neither do their groups.'
      : 'Nothing in this policy names them or a group of theirs.',
  )
}

// Scope by scope; what every cluster gives to everybody comes last and folded, since it tells nothing of this cluster.
function scopes(held) {
  const own = held.filter(one => !one.binding?.shipped)
  const usual = held.filter(one => one.binding?.shipped)
  const list = [...byScope(own)].sort(([x], [y]) => (y === '*') - (x === '*') || (x < y ? -1 : 1))
  const render = ([scope, grants]) => section(scopeLink(scope), h('ul', { class: 'rows' }, grants.map(grantRow)))
  const nothing = own.length ? null : empty('Nothing of their own', 'They have what every cluster gives to everybody, and no more.')
  const rest = usual.length
    ? h(
        'details',
        { class: 'usual', open: !own.length },
        h('summary', {}, `${count(usual.length, 'grant')} that every cluster gives`),
        h('ul', { class: 'rows' }, usual.map(grantRow)),
      )
    : null
  return [nothing, growing(list, render, { step: 20, container: 'div', attributes: { class: 'scopes' } }), rest]
}

function byScope(held) {
  const found = new Map()
  for (const one of held) found.set(one.scope, [...(found.get(one.scope) || []), one])
  return found
}

function grantRow(grant) {
  const via = grant.via ? h('span', { class: 'by' }, 'as a member of ', subjectLink(principalOfGroup(grant.via))) : null
  if (grant.type === 'rbac') {
    const { binding, role } = grant
    const rules = role
      ? role.rules.map((rule, number) =>
          h('li', {}, h('code', {}, name(ruleText(rule))), ' ', role.shipped ? null : placeTag(role.ruleAt(number))),
        )
      : []
    const head = [
      refLink(binding),
      levelBadge(grantLevel(grant)),
      h('span', { class: 'by' }, 'by ', bindingLink(binding), ' ', placeTag(binding.at)),
      via,
    ]
    if (!rules.length) return h('li', { class: 'row' }, head)
    // A strong role of many rules is not read through: it is opened by who wants to.
    return h(
      'li',
      { class: 'row' },
      head,
      h(
        'details',
        { open: rules.length <= 4 },
        h('summary', {}, `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}`),
        h('ul', { class: 'rules' }, rules),
      ),
    )
  }
  if (grant.type === 'abac')
    return h(
      'li',
      { class: 'row' },
      h('span', {}, 'ABAC line'),
      levelBadge(grantLevel(grant)),
      h('code', {}, name(lineText(grant.line))),
      placeTag(grant.line.at),
      via,
    )
  const text =
    grant.type === 'group'
      ? 'Everything, without being asked: the group system:masters bypasses authorization.'
      : 'Everything: the mode AlwaysAllow.'
  return h('li', { class: 'row' }, text, levelBadge(4), via)
}
