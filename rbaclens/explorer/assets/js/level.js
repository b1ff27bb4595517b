// How strong a rule is, in four steps, for colours and order only; the catalogue of the audit says what is dangerous and why.

import { ALL } from './matching.js'

export const LEVELS = ['nothing', 'reads', 'changes', 'sensitive', 'everything']
const READS = ['get', 'list', 'watch']
const SECRETS = ['secrets', 'serviceaccounts/token', 'pods/exec', 'pods/attach', 'pods/ephemeralcontainers', 'nodes/proxy']
const POWERS = ['bind', 'escalate', 'impersonate']
const GRANTING = ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings']
const RUNNING = ['pods', 'deployments', 'daemonsets', 'statefulsets', 'replicasets', 'jobs', 'cronjobs', 'replicationcontrollers']

export function ruleLevel(rule) {
  if (!rule.verbs.length) return 0
  const anything = rule.verbs.includes(ALL)
  const changes = rule.verbs.some(verb => !READS.includes(verb))
  if (!rule.resources.length || !rule.groups.length) return rule.urls.length ? (changes ? 2 : 1) : 0
  const named = rule.names.length > 0
  if (rule.resources.includes(ALL)) {
    if (anything && rule.groups.includes(ALL) && !named) return 4
    return named ? (changes ? 2 : 1) : 3
  }
  if (rule.verbs.some(verb => POWERS.includes(verb)) || (anything && rule.resources.some(one => GRANTING.includes(one)))) return 3
  if (rule.resources.some(one => SECRETS.includes(one))) return 3
  if (changes && rule.resources.some(one => GRANTING.includes(one))) return 3
  if (rule.verbs.some(verb => verb === 'create' || verb === ALL) && rule.resources.some(one => RUNNING.includes(one))) return 3
  return changes ? 2 : 1
}

export function roleLevel(role) {
  if (role.level === undefined) role.level = Math.max(0, ...role.rules.map(ruleLevel))
  return role.level
}

export function lineLevel(line) {
  if (line.resource === ALL && line.apiGroup === ALL && !line.readonly) return 4
  if (!line.resource) return line.readonly ? 1 : 2
  return line.readonly ? (line.resource === ALL || line.resource === 'secrets' ? 3 : 1) : line.resource === ALL ? 3 : 2
}

export function grantLevel(grant) {
  if (grant.type === 'rbac') return grant.role ? roleLevel(grant.role) : 0
  return grant.type === 'abac' ? lineLevel(grant.line) : 4
}
