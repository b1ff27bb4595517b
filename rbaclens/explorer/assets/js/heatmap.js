// The overview: who reaches which namespace, how strongly. Rows of equal reach and namespaces that are reached alike are folded;
// what is left is drawn on a canvas, which stays fluid with tens of thousands of cells, and is there as a table as well.

import { h, visible, name, growing, a, replace } from './dom.js'
import { principalOfGroup, principalOfUser } from './identity.js'
import { link } from './router.js'
import { roleLevel, lineLevel, LEVELS } from './level.js'
import { empty } from './parts.js'
import { count, KIND_WORDS } from './words.js'

const OWN = { key: 'own', name: 'service accounts, in their own namespace', kind: '' }
const MOST_ROWS = 120
const GUESTS = { key: 'guests', name: 'service accounts, in other namespaces', kind: '' }

// Rows {members, cells: level by namespace, everywhere}, columns of namespaces that are reached alike.
export function reach(policy) {
  const rows = new Map()
  const row = who => {
    if (!rows.has(who.key)) rows.set(who.key, { who, everywhere: 0, cells: new Map() })
    return rows.get(who.key)
  }
  const raise = (target, scope, level) => {
    if (scope === '*') target.everywhere = Math.max(target.everywhere, level)
    else if (scope) target.cells.set(scope, Math.max(target.cells.get(scope) || 0, level))
  }
  for (const binding of policy.hasRbac ? policy.bindings : []) {
    if (binding.shipped || !binding.role) continue
    for (const { who } of binding.principals) raise(row(standIn(who, binding.namespace)), binding.namespace || '*', roleLevel(binding.role))
  }
  for (const line of policy.hasAbac ? policy.abac : []) {
    const who = line.user ? principalOfUser(line.user) : principalOfGroup(line.group)
    if (line.user || line.group) raise(row(standIn(who, line.namespace)), line.namespace === '*' ? '*' : line.namespace, lineLevel(line))
  }
  return folded(
    [...rows.values()].filter(one => one.everywhere || one.cells.size),
    policy.namespaces.map(one => one.name),
  )
}

function standIn(who, namespace) {
  if (who.kind !== 'ServiceAccount' || !namespace || namespace === '*') return who
  return who.name.startsWith(`${namespace}/`) ? OWN : GUESTS
}

// Namespaces that every row reaches alike are one column, and rows that reach alike are one row. Most cells are empty: only the
// others are looked at.
function folded(rows, namespaces) {
  const columns = new Map(namespaces.map(one => [one, '']))
  const alike = new Map()
  rows.forEach((one, number) => {
    const cells = [...one.cells].filter(([, level]) => level > one.everywhere).sort(([x], [y]) => (x < y ? -1 : 1))
    for (const [namespace, level] of cells) columns.set(namespace, `${columns.get(namespace)}${number}:${level} `)
    const key = `${one.who.kind}${one.who.kind ? '' : one.who.key} ${one.everywhere} ${cells.join(' ')}`
    if (!alike.has(key))
      alike.set(key, {
        members: [],
        cells,
        everywhere: one.everywhere,
        sum: cells.reduce((sum, [, level]) => sum + level, one.everywhere * namespaces.length),
      })
    alike.get(key).members.push(one.who)
  })
  const spaces = new Map()
  for (const [namespace, key] of columns) spaces.set(key, [...(spaces.get(key) || []), namespace])
  const sorted = [...alike.values()].sort(
    (x, y) => y.everywhere - x.everywhere || y.sum - x.sum || (x.members[0].name < y.members[0].name ? -1 : 1),
  )
  return inColumns(withTail(sorted), [...spaces.values()])
}

function inColumns(rows, spaces) {
  const number = new Map(spaces.flatMap((list, i) => list.map(one => [one, i])))
  const weights = spaces.map(() => 0)
  for (const { cells } of rows)
    for (const [namespace, level] of cells) weights[number.get(namespace)] += level / spaces[number.get(namespace)].length
  const order = spaces.map((_, i) => i).sort((x, y) => weights[y] - weights[x])
  const place = new Map(order.map((old, now) => [old, now]))
  for (const row of rows) {
    row.levels = order.map(() => row.everywhere)
    for (const [namespace, level] of row.cells) row.levels[place.get(number.get(namespace))] = level
  }
  return { rows, columns: order.map(i => spaces[i]) }
}

// The strongest rows one by one, and the others of each kind together, by the most that any of them may do there.
function withTail(sorted) {
  const tails = new Map()
  for (const one of sorted.slice(MOST_ROWS)) {
    const { kind } = one.members[0]
    if (!tails.has(kind)) tails.set(kind, { members: [], most: new Map(), everywhere: 0, rest: true })
    const tail = tails.get(kind)
    tail.members.push(...one.members)
    tail.everywhere = Math.max(tail.everywhere, one.everywhere)
    for (const [namespace, level] of one.cells) tail.most.set(namespace, Math.max(tail.most.get(namespace) || 0, level))
  }
  const rest = [...tails.values()].map(tail => ({ ...tail, cells: [...tail.most].filter(([, level]) => level > tail.everywhere) }))
  return [...sorted.slice(0, MOST_ROWS), ...rest]
}

function rowTitle({ members, rest }) {
  if (members.length === 1) return members[0].name
  return `${members.length.toLocaleString('en')} ${rest ? 'more ' : ''}${KIND_WORDS[members[0].kind]}s`
}

// The section of the overview; computing it waits until the page stands, since a large policy has much to fold.
export function heatmap(app) {
  const section = h('div', { class: 'heat-section' }, h('p', { class: 'soft' }, 'Drawing …'))
  requestAnimationFrame(() => setTimeout(() => section.isConnected && fill(app, section)))
  return section
}

function fill(app, section) {
  const map = reach(app.policy)
  if (!map.rows.length || !map.columns.length)
    return replace(section, empty('Nobody, beyond what every cluster has', 'No role is bound in this policy.'))
  const canvas = h('canvas', {
    class: 'heat',
    role: 'img',
    'aria-label': `${count(map.rows.length, 'row')} of subjects by ${count(map.columns.length, 'column')} of namespaces; the table below says the same`,
  })
  const info = h('p', { class: 'heat-info', role: 'status' }, 'Point at a cell to see who reaches what there.')
  const holder = h('div', { class: 'heat-holder', tabindex: '0', role: 'region', 'aria-label': 'Who reaches which namespace' }, canvas)
  const legend = h(
    'ul',
    { class: 'heat-legend', 'aria-label': 'Colours' },
    LEVELS.slice(1).map((text, i) => h('li', {}, h('span', { class: `swatch level-${i + 1}` }), text)),
  )
  replace(section, legend, info, holder, heatTable(map))
  install(app, { map, canvas, holder, cell: 0, row: 22, left: 0, top: 0 }, info)
}

function install(app, grid, info) {
  const redraw = () => drawHeat(grid)
  const observer = new ResizeObserver(redraw)
  observer.observe(grid.holder)
  app.onTheme = redraw
  app.cleanup = () => observer.disconnect()
  const hit = event => {
    const box = grid.canvas.getBoundingClientRect()
    const row = grid.map.rows[Math.floor((event.clientY - box.top - grid.top) / grid.row)]
    const at = Math.floor((event.clientX - box.left - grid.left) / grid.cell)
    return { row, column: at >= 0 ? grid.map.columns[at] : null, level: row?.levels[at] }
  }
  grid.canvas.addEventListener('pointermove', event => tell(info, hit(event)))
  grid.canvas.addEventListener('click', event => {
    const { row, column } = hit(event)
    if (column && column.length === 1) location.hash = link('namespace', column[0])
    else if (row && row.members.length === 1 && row.members[0].kind) location.hash = link('subject', row.members[0].key)
  })
}

function tell(info, { row, column, level }) {
  if (!row) return
  const spaces = column ? (column.length === 1 ? column[0] : `${column.length} namespaces alike (${column.slice(0, 3).join(', ')} …)`) : ''
  replace(info, h('strong', {}, name(rowTitle(row))), column ? [' – ', level ? LEVELS[level] : 'nothing', ' in ', name(spaces)] : '')
}

function drawHeat(grid) {
  const { map, canvas, holder } = grid
  const width = holder.clientWidth
  if (!width) return
  grid.left = Math.min(280, Math.max(96, width * 0.3))
  grid.cell = Math.min(150, (width - grid.left) / map.columns.length)
  grid.top = grid.cell >= 48 ? grid.row : 0
  const height = map.rows.length * grid.row + grid.top
  const scale = devicePixelRatio || 1
  canvas.width = width * scale
  canvas.height = height * scale
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
  const css = getComputedStyle(document.documentElement)
  const pen = canvas.getContext('2d')
  pen.scale(scale, scale)
  pen.font = '13px system-ui, sans-serif'
  pen.textBaseline = 'middle'
  pen.fillStyle = css.getPropertyValue('--ink').trim()
  map.rows.forEach((row, y) => pen.fillText(clipped(pen, visible(rowTitle(row)), grid.left - 12), 0, grid.top + (y + 0.5) * grid.row))
  if (grid.top) {
    pen.fillStyle = css.getPropertyValue('--soft').trim()
    map.columns.forEach((column, x) =>
      pen.fillText(
        clipped(pen, column.length === 1 ? visible(column[0]) : `${column.length} alike`, grid.cell - 8),
        grid.left + x * grid.cell + 2,
        grid.top / 2,
      ),
    )
  }
  LEVELS.forEach((_, level) => {
    pen.fillStyle = css.getPropertyValue(`--level-${level}`).trim()
    fillLevel(pen, grid, level)
  })
}

// All cells of one colour at once, neighbours as one rectangle where there is no room between them.
function fillLevel(pen, grid, level) {
  const gap = grid.cell > 5 ? 2 : 0
  grid.map.rows.forEach(({ levels }, y) => {
    for (let x = 0; x < levels.length; x++) {
      if (levels[x] !== level) continue
      let end = x + 1
      while (!gap && levels[end] === level) end++
      pen.fillRect(grid.left + x * grid.cell, grid.top + y * grid.row + 1, (end - x) * grid.cell - gap, grid.row - 2)
      x = end - 1
    }
  })
}

function clipped(pen, text, width) {
  const whole = pen.measureText(text).width
  if (whole <= width) return text
  return `${text.slice(0, Math.max(1, Math.floor((text.length * width) / whole) - 2))}…`
}

function heatTable(map) {
  const details = h('details', { class: 'outline' }, h('summary', {}, 'The same as a table'))
  const cell = row => {
    const counts = LEVELS.map((_, level) => row.levels.reduce((sum, one, i) => sum + (one === level ? map.columns[i].length : 0), 0))
    return LEVELS.map((text, level) => (level && counts[level] ? `${text} in ${count(counts[level], 'namespace')}` : ''))
      .filter(Boolean)
      .join(', ')
  }
  const who = one => (one.kind ? a(link('subject', one.key), name(one.name)) : name(one.name))
  const render = row =>
    h(
      'li',
      { class: 'row' },
      h(
        'span',
        {},
        row.members.slice(0, 5).flatMap((one, i) => [i ? ', ' : '', who(one)]),
        row.members.length > 5 ? ` and ${row.members.length - 5} more` : '',
      ),
      h('span', { class: 'by' }, row.everywhere ? `${LEVELS[row.everywhere]} everywhere` : cell(row)),
    )
  details.addEventListener(
    'toggle',
    () => details.children.length === 1 && details.append(growing(map.rows, render, { attributes: { class: 'rows' } })),
  )
  return details
}
