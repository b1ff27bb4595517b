// Evidence: each grant as a line of "who is bound by what to which rule", with the place of each part.

import { h, name } from './dom.js'
import { subjectLink, roleLink, bindingLink, placeTag } from './parts.js'
import { principalOf } from './whocan.js'
import { ruleText, lineText } from './words.js'

export function grantItem(grant) {
  if (grant.type === 'rbac') return rbacItem(grant)
  if (grant.type === 'abac') {
    return h(
      'li',
      { class: 'grant' },
      h('div', {}, 'ABAC line: ', lineText(grant.line), ' ', placeTag(grant.line.at)),
      h('pre', {}, name(grant.line.written)),
    )
  }
  const texts = {
    group: 'Members of system:masters may do everything; no authorizer is asked.',
    always: 'The mode AlwaysAllow lets everybody do everything.',
    webhook: `The webhook ${grant.name}, whose answer is assumed.`,
  }
  return h('li', { class: 'grant' }, texts[grant.type])
}

function rbacItem({ binding, position, role, rule }) {
  const who = principalOf(binding.subjects[position], binding.namespace)
  return h(
    'li',
    { class: 'grant' },
    h('div', {}, who ? subjectLink(who) : 'somebody', ' is bound by ', bindingLink(binding), ' ', placeTag(binding.at)),
    h(
      'div',
      {},
      'to ',
      roleLink(role),
      ', whose rule ',
      h('code', {}, name(ruleText(role.rules[rule]))),
      ' allows it ',
      placeTag(role.ruleAt(rule)),
    ),
  )
}
