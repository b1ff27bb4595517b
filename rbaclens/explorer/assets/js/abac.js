// The ABAC authorizer: which lines match a request, as authorizers/abac.py says it.

import { ALL, urlMatches } from './matching.js'

const READ_ONLY = ['get', 'list', 'watch']

// User and group must both hold where both are set; a line that names neither speaks of nobody.
export function lineNames(line, user, groups) {
  if (!line.user && !line.group) return false
  return (!line.user || line.user === user) && (!line.group || groups.includes(line.group))
}

export function lineAllows(line, request) {
  if (!lineNames(line, request.user, request.groups)) return false
  if (line.readonly && !READ_ONLY.includes(request.verb)) return false
  if (request.path !== null) return urlMatches([line.path], request.path)
  return within(line.namespace, request.namespace) && within(line.resource, request.resource) && within(line.apiGroup, request.group)
}

// Whether somebody whom the line names may do some request that the pattern stands for.
export function lineTouches(line, pattern) {
  if (!line.user && !line.group) return false
  if (line.readonly && pattern.verb !== null && !READ_ONLY.includes(pattern.verb)) return false
  if (pattern.path !== null) return urlMatches([line.path], pattern.path)
  if (pattern.anyPath) return line.path !== ''
  const pairs = [
    [line.namespace, pattern.namespace],
    [line.resource, pattern.resource],
    [line.apiGroup, pattern.group],
  ]
  return pairs.every(([given, asked]) => asked === null || within(given, asked))
}

// The verbs of a line, as a rule would list them.
export function lineVerbs(line) {
  return line.readonly ? READ_ONLY : [ALL]
}

function within(given, asked) {
  return given === ALL || given === asked
}
