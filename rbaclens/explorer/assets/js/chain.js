// The chain of authorizers: the first definite word wins (authorizers/chain.py). What the page cannot ask is unknown, never no.

import { lineAllows } from './abac.js'
import { MASTERS, NODES, NODE_PREFIX } from './identity.js'
import { rbacGrants } from './rbac.js'

const NOTHING = { verdict: 'no opinion' }

// What one authorizer says: a verdict with its grants, or a doubt. "perhaps allow" can only add; "unknown" may deny as well.
function opinion(policy, entry, request) {
  switch (entry.type) {
    case 'AlwaysAllow':
      return { verdict: 'allow', grants: [{ type: 'always' }] }
    case 'RBAC': {
      const grants = rbacGrants(policy.index, request)
      return grants.length ? { verdict: 'allow', grants } : NOTHING
    }
    case 'ABAC': {
      const grants = policy.abac.filter(line => lineAllows(line, request)).map(line => ({ type: 'abac', line }))
      return grants.length ? { verdict: 'allow', grants } : NOTHING
    }
    case 'Node':
      return nodeOpinion(request)
    case 'Webhook':
      return webhookOpinion(entry)
    default:
      return NOTHING
  }
}

function nodeOpinion(request) {
  if (!request.user.startsWith(NODE_PREFIX) || !request.groups.includes(NODES) || request.user === NODE_PREFIX) return NOTHING
  return {
    verdict: 'perhaps allow',
    doubt: 'The node authorizer decides by what runs on the node, which this page does not know; rbaclens check asks it.',
  }
}

function webhookOpinion(entry) {
  if (entry.answer === 'allow' || entry.answer === 'deny') {
    return { verdict: entry.answer, grants: [{ type: 'webhook', name: entry.name, answer: entry.answer }] }
  }
  if (entry.answer === 'no-opinion') return NOTHING
  return { verdict: 'unknown', doubt: `The webhook ${entry.name} was not asked: it may allow or deny.` }
}

// {answer: yes|no|unknown, verdict, authorizer, grants, doubts} for a request with user and groups.
export function decide(policy, request) {
  if (request.groups.includes(MASTERS)) {
    return { answer: 'yes', verdict: 'allow', authorizer: 'privileged group', grants: [{ type: 'group', group: MASTERS }], doubts: [] }
  }
  const unknown = []
  const perhaps = []
  for (const entry of policy.chain) {
    const said = opinion(policy, entry, request)
    if (said.verdict === 'unknown') unknown.push(said.doubt)
    else if (said.verdict === 'perhaps allow') perhaps.push(said.doubt)
    else if (said.verdict === 'allow') return settle('yes', said, entry.name, unknown)
    else if (said.verdict === 'deny') {
      const before = [...unknown, ...perhaps]
      // Policy that could not be read might have allowed before the webhook was asked.
      return settle('no', said, entry.name, before.length ? before : policy.gaps)
    }
  }
  return settle('no', NOTHING, '', [...unknown, ...perhaps, ...policy.gaps])
}

function settle(answer, said, authorizer, doubts) {
  return { answer: doubts.length ? 'unknown' : answer, verdict: said.verdict, authorizer, grants: said.grants || [], doubts: [...doubts] }
}
