// A text field with suggestions: arrows move, Enter takes, Escape closes; screen readers hear it as a combobox with a listbox.

import { h, replace, name } from './dom.js'

let combos = 0

// source(text) gives [{name, items: [{label, kind, value}], total}]; pick(item) is called with the one taken.
export function combobox(input, source, pick, { listLabel, onEnter } = {}) {
  const id = `list-${++combos}`
  const list = h('div', { class: 'listbox', role: 'listbox', id, 'aria-label': listLabel || 'Suggestions', hidden: true })
  let items = []
  let active = -1
  const attributes = {
    role: 'combobox',
    'aria-expanded': 'false',
    'aria-controls': id,
    'aria-autocomplete': 'list',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
  }
  for (const [key, value] of Object.entries(attributes)) input.setAttribute(key, value)

  function open(isOpen) {
    list.hidden = !isOpen
    input.setAttribute('aria-expanded', String(isOpen))
    if (!isOpen) choose(-1)
  }

  function choose(number) {
    items[active]?.element.removeAttribute('aria-selected')
    active = number
    const one = items[active]
    if (one) {
      one.element.setAttribute('aria-selected', 'true')
      input.setAttribute('aria-activedescendant', one.element.id)
      one.element.scrollIntoView({ block: 'nearest' })
    } else input.removeAttribute('aria-activedescendant')
  }

  function show() {
    const groups = source(input.value)
    items = []
    active = -1
    replace(
      list,
      groups.map(group => groupElement(group)),
      groups.length ? null : h('div', { class: 'nothing', role: 'presentation' }, 'Nothing has this name.'),
    )
    open(groups.length > 0 || input.value.trim() !== '')
  }

  function groupElement(group) {
    const head = `${id}-${group.name}`
    const element = h(
      'div',
      { role: 'group', 'aria-labelledby': head },
      h(
        'div',
        { class: 'group', id: head, role: 'presentation' },
        group.name,
        h('span', { class: 'number' }, group.total.toLocaleString('en')),
      ),
    )
    for (const item of group.items) {
      const number = items.length
      const option = h(
        'div',
        { role: 'option', id: `${id}-${number}`, class: 'option', onmousedown: event => event.preventDefault(), onclick: () => take(item) },
        h('span', { class: 'label' }, name(item.label)),
        h('small', {}, item.kind),
      )
      items.push({ element: option, item })
      element.append(option)
    }
    return element
  }

  function take(item) {
    open(false)
    pick(item)
  }

  input.addEventListener('input', show)
  // Not on focus: a view that is made anew gives a field its focus back, and nobody asked for suggestions.
  input.addEventListener('click', () => input.value.trim() && show())
  input.addEventListener('blur', () => open(false))
  input.addEventListener('keydown', event => {
    if (event.isComposing) return
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (list.hidden) show()
      const step = event.key === 'ArrowDown' ? 1 : -1
      if (items.length) choose((active + step + items.length + (active < 0 && step < 0 ? 1 : 0)) % items.length)
    } else if (event.key === 'Enter') {
      const one = items[active]
      if (one && !list.hidden) {
        event.preventDefault()
        take(one.item)
      } else if (onEnter) {
        event.preventDefault()
        open(false)
        onEnter(input.value)
      }
    } else if (event.key === 'Escape') {
      if (!list.hidden) {
        // A search field would be emptied besides.
        event.preventDefault()
        event.stopPropagation()
        open(false)
      } else input.value = ''
    }
  })
  return list
}
