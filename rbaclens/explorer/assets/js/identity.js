// Who somebody is: service accounts, and the groups that authentication adds (model/identity.py).

export const MASTERS = 'system:masters'
const AUTHENTICATED = 'system:authenticated'
const UNAUTHENTICATED = 'system:unauthenticated'
const ACCOUNTS = 'system:serviceaccounts'
const ACCOUNT_PREFIX = 'system:serviceaccount:'
export const NODE_PREFIX = 'system:node:'
export const NODES = 'system:nodes'

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

export function accountUser(namespace, name) {
  return `${ACCOUNT_PREFIX}${namespace}:${name}`
}

// Namespace and name when a user name is a service account's, else null.
export function parseAccount(user) {
  if (!user.startsWith(ACCOUNT_PREFIX)) return null
  const parts = user.slice(ACCOUNT_PREFIX.length).split(':')
  if (parts.length !== 2 || !LABEL.test(parts[0]) || parts[1].length > 253 || !SUBDOMAIN.test(parts[1])) return null
  return parts
}

// The groups of a user whose authentication succeeded, those already known first.
export function impliedGroups(user, known = []) {
  const groups = [...known]
  const add = group => groups.includes(group) || groups.push(group)
  const account = parseAccount(user)
  if (account) {
    add(ACCOUNTS)
    add(`${ACCOUNTS}:${account[0]}`)
  } else if (user.startsWith(NODE_PREFIX)) add(NODES)
  if (user === 'system:anonymous') add(UNAUTHENTICATED)
  else if (!groups.includes(UNAUTHENTICATED)) add(AUTHENTICATED)
  return groups
}

// The other groups that every member of a group is in.
export function groupsOfMembers(group) {
  if (group === UNAUTHENTICATED || group === AUTHENTICATED) return []
  return group.startsWith(`${ACCOUNTS}:`) ? [ACCOUNTS, AUTHENTICATED] : [AUTHENTICATED]
}

// Somebody as the page names them: {kind, name, key}; the key is what stands in links ("sa:shop/web", "user:bob", "group:devs").
export function principalOfUser(user) {
  const account = parseAccount(user)
  if (account) return { kind: 'ServiceAccount', name: account.join('/'), key: `sa:${account.join('/')}`, user }
  return { kind: 'User', name: user, key: `user:${user}`, user }
}

export function principalOfGroup(group) {
  return { kind: 'Group', name: group, key: `group:${group}`, user: null }
}

export function principalOfKey(key) {
  const cut = key.indexOf(':')
  const kind = key.slice(0, cut)
  const name = key.slice(cut + 1)
  if (kind === 'group') return principalOfGroup(name)
  if (kind === 'node') return principalOfUser(NODE_PREFIX + name)
  if (kind === 'sa') {
    const slash = name.indexOf('/')
    return principalOfUser(accountUser(name.slice(0, slash), name.slice(slash + 1)))
  }
  return principalOfUser(name)
}

// What somebody writes for a subject: bob, user:bob, group:devs, sa:ns/name, system:serviceaccount:ns:name; null for nothing.
export function principalOfWords(words) {
  const text = words.trim()
  if (!text) return null
  return /^(group|user|sa|node):/.test(text) ? principalOfKey(text) : principalOfUser(text)
}
