// Deep links: every view is a hash such as #/subject/sa%3Ashop%2Fweb?tab=graph, so that back, forward and bookmarks work.

export function link(view, ...parts) {
  // Half a character has no address; the rest of its name has.
  return `#/${[view, ...parts].map(part => encodeURIComponent(part.replace(/\p{Surrogate}/gu, '\ufffd'))).join('/')}`
}

export function withQuery(href, query) {
  const text = new URLSearchParams(
    Object.entries(query).filter(([, value]) => value !== '' && value !== null && value !== undefined),
  ).toString()
  return text ? `${href}?${text}` : href
}

function decoded(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

// {view, parts, query, path} of a hash; the empty one is the overview.
export function parseHash(hash) {
  const [path, query = ''] = cut(hash.replace(/^#\/?/, ''))
  const [view, ...parts] = path.split('/').map(decoded)
  return { view: view || 'overview', parts, query: Object.fromEntries(new URLSearchParams(query)), path: `#/${path}` }
}

function cut(text) {
  const at = text.indexOf('?')
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
