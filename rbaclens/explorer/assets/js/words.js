// Policy in words: rules, scopes, lines, grants.

import { EVERYWHERE } from './whocan.js'
import { lineVerbs } from './abac.js'

export function scopeText(scope) {
  if (scope === EVERYWHERE) return 'everywhere'
  return scope ? `in ${scope}` : 'at the cluster scope'
}

export function placeText({ file, line, column }) {
  if (!file) return ''
  if (file === 'bootstrap') return 'Kubernetes default'
  // A file of one long line is no use without the column.
  return line ? `${file}:${line}${column > 200 ? `:${column}` : ''}` : file
}

export function resourceText(group, resource) {
  return group ? `${resource}.${group}` : resource
}

export function groupText(groups) {
  return groups.map(group => (group === '' ? 'core' : group)).join(', ')
}

// A rule in one line: "get, list pods, pods/log (apps) named a, b".
export function ruleText(rule) {
  const verbs = rule.verbs.join(', ') || 'nothing'
  if (rule.urls.length && !rule.resources.length) return `${verbs} ${rule.urls.join(', ')}`
  const group = rule.groups.length === 1 && rule.groups[0] === '' ? '' : ` (${groupText(rule.groups) || 'no API group'})`
  return `${verbs} ${rule.resources.join(', ') || 'no resource'}${group}${rule.names.length ? ` named ${rule.names.join(', ')}` : ''}`
}

export function lineText(line) {
  const what = [
    line.resource &&
      `${line.resource === '*' ? 'all resources' : line.resource}${line.apiGroup && line.apiGroup !== '*' ? ` (${line.apiGroup})` : ''}`,
  ]
  what.push(line.path && `path ${line.path}`)
  return `${lineVerbs(line).join(', ').replace('*', 'do anything to')} ${what.filter(Boolean).join(' and ') || 'nothing'}`
}

export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`
}

export function roleName(role) {
  return role.namespace ? `${role.namespace}/${role.name}` : role.name
}

export function bindingName(binding) {
  return binding.namespace ? `${binding.namespace}/${binding.name}` : binding.name
}

// A request in words: "get pods/log in shop named web".
export function requestText(request) {
  if (request.path !== null) return `${request.verb} ${request.path}`
  const sub = request.subresource ? `/${request.subresource}` : ''
  const resource = resourceText(request.group, `${request.resource}${sub}`)
  return `${request.verb} ${resource}${request.name ? ` named ${request.name}` : ''} ${request.namespace ? `in ${request.namespace}` : 'at the cluster scope'}`
}

export const KIND_WORDS = { User: 'user', Group: 'group', ServiceAccount: 'service account', Everybody: '' }
