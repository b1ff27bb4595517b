// What somebody holds: every grant with its scope and by which of their names or groups it comes.

import { lineNames } from './abac.js'
import { MASTERS } from './identity.js'
import { boundTo } from './rbac.js'
import { bindingScope, EVERYWHERE } from './whocan.js'
import { groupsOf } from './model.js'

// A user name that nobody has: for asking about any member of a group.
export const NOBODY = '\u0000'

export function userOf(who) {
  return who.user === null ? NOBODY : who.user
}

// Grants of somebody, by name and by groups: [{scope, type, binding, role, via}] with cluster-wide ones first.
export function heldBy(policy, who) {
  const groups = groupsOf(policy, who)
  const user = userOf(who)
  const found = []
  if (groups.includes(MASTERS)) found.push({ scope: EVERYWHERE, type: 'group', via: MASTERS })
  for (const entry of policy.chain) {
    if (entry.type === 'AlwaysAllow') found.push({ scope: EVERYWHERE, type: 'always', via: '' })
    else if (entry.type === 'RBAC') {
      for (const { binding, position } of boundTo(policy.index, user, groups, null)) {
        const subject = binding.subjects[position]
        const via = subject.kind === 'Group' && subject.name !== who.name ? subject.name : ''
        found.push({ scope: bindingScope(binding), type: 'rbac', binding, position, role: binding.role, via })
      }
    } else if (entry.type === 'ABAC') {
      for (const line of policy.abac) {
        if (lineNames(line, user, groups))
          found.push({ scope: line.namespace === '*' ? EVERYWHERE : line.namespace, type: 'abac', line, via: line.user ? '' : line.group })
      }
    }
  }
  return found
}
