// Where the nodes stand: in the columns of their kind, in an order with few crossings; the same graph always looks the same.

const COLUMN = 280
const ROW = 52
const SWEEPS = 4

export function placeNodes({ nodes, edges }) {
  const used = [...new Set(nodes.map(node => node.column))].sort((x, y) => x - y)
  const columns = used.map(column => nodes.filter(node => node.column === column))
  const neighbours = new Map(nodes.map(node => [node.id, []]))
  for (const { source, target } of edges) {
    neighbours.get(source).push(target)
    neighbours.get(target).push(source)
  }
  const order = new Map()
  const number = column => column.forEach((node, i) => order.set(node.id, i - column.length / 2))
  columns.forEach(number)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const column of sweep % 2 ? [...columns].reverse() : columns) {
      const at = new Map(column.map(node => [node.id, mean(neighbours.get(node.id), order, order.get(node.id))]))
      column.sort((x, y) => at.get(x.id) - at.get(y.id) || (x.id < y.id ? -1 : 1))
      number(column)
    }
  }
  const places = new Map()
  columns.forEach((column, x) =>
    column.forEach((node, i) => places.set(node.id, { x: x * COLUMN, y: (i - (column.length - 1) / 2) * ROW })),
  )
  return places
}

function mean(ids, order, none) {
  return ids.length ? ids.reduce((sum, id) => sum + order.get(id), 0) / ids.length : none
}
