// Elements without markup: text from a policy only ever becomes text, never HTML.

export function h(tag, attributes, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...flat(children))
  return element
}

function flat(children) {
  return children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false && child !== '')
}

export function replace(element, ...children) {
  element.replaceChildren(...flat(children))
}

// A name from the policy: isolated, so that right-to-left marks in it cannot rearrange what stands around it, and invisible ones show.
export function name(text, attributes = {}) {
  return h('bdi', { class: 'name', ...attributes }, visible(text))
}

const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

export function visible(text) {
  return text === '' ? '(empty)' : text.replace(INVISIBLE, found => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export function a(href, ...children) {
  return h('a', { href }, ...children)
}

// A list of which only the first are made, with a button for more: thousands of rows would make the page slow.
export function growing(items, render, { step = 50, container = 'ul', attributes = {}, target } = {}) {
  const list = target || h(container, attributes)
  const button = h('button', { type: 'button', class: 'more', onclick: () => more() })
  const holder = h('div', { class: 'growing' }, target ? null : list, button)
  let shown = 0
  const more = () => {
    const next = items.slice(shown, shown + step)
    list.append(...next.map(render))
    const first = list.children[shown]
    if (shown && first) (first.querySelector('a, button, summary') || first).focus?.()
    shown += next.length
    button.hidden = shown >= items.length
    button.textContent = `Show ${Math.min(step, items.length - shown)} more of ${(items.length - shown).toLocaleString('en')}`
  }
  more()
  return holder
}
