// The only place in the page that understands "*": does one rule match one request?
// The same predicates as authorizers/matching.py, one for one; tests/explorer holds the two equal.

export const ALL = '*'

export function anyOf(list, value) {
  return list.includes(ALL) || list.includes(value)
}

// "*", the exact "resource[/subresource]", or "*/subresource"; "pods/*" is no wildcard.
export function resourceMatches(resources, resource, subresource) {
  if (resources.includes(ALL)) return true
  if (!subresource) return resources.includes(resource)
  return resources.includes(`${resource}/${subresource}`) || resources.includes(`*/${subresource}`)
}

// No names at all match every name.
export function nameMatches(names, name) {
  return names.length === 0 || names.includes(name)
}

// Exact, or an entry ending in "*" whose text before all its trailing stars is a prefix.
export function urlMatches(urls, path) {
  return urls.some(url => url === path || (url.endsWith(ALL) && path.startsWith(withoutStars(url))))
}

function withoutStars(url) {
  let end = url.length
  while (end > 0 && url[end - 1] === ALL) end--
  return url.slice(0, end)
}

export function ruleAllows(rule, request) {
  if (request.path !== null) return anyOf(rule.verbs, request.verb) && urlMatches(rule.urls, request.path)
  return (
    anyOf(rule.verbs, request.verb) &&
    anyOf(rule.groups, request.group) &&
    resourceMatches(rule.resources, request.resource, request.subresource) &&
    nameMatches(rule.names, request.name)
  )
}

// Whether the rule allows some request that the pattern stands for: an open place (null) matches any list but an empty one.
export function ruleTouches(rule, pattern) {
  if (!(pattern.verb === null ? rule.verbs.length : anyOf(rule.verbs, pattern.verb))) return false
  if (pattern.path !== null) return urlMatches(rule.urls, pattern.path)
  if (pattern.anyPath) return rule.urls.length > 0
  if (!resourcesTouch(rule.resources, pattern)) return false
  if (!(pattern.group === null ? rule.groups.length : anyOf(rule.groups, pattern.group))) return false
  return pattern.name === null || nameMatches(rule.names, pattern.name)
}

function resourcesTouch(resources, pattern) {
  const { resource, subresource } = pattern
  if (resource === null) {
    if (!subresource) return resources.length > 0
    return resources.some(entry => entry === ALL || entry.endsWith(`/${subresource}`))
  }
  if (subresource === null) {
    return resources.some(entry => entry === ALL || entry === resource || isSub(entry, `${resource}/`) || isSub(entry, '*/'))
  }
  return resourceMatches(resources, resource, subresource)
}

function isSub(entry, prefix) {
  return entry.startsWith(prefix) && entry !== prefix
}
