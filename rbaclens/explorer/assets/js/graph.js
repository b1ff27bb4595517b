// The focused graph, drawn by Cytoscape; the same as a list below it, for whoever reads rather than looks.

import { h, name, visible, growing, replace, a } from './dom.js'
import { empty } from './parts.js'
import { graphOf } from './graph_model.js'
import { placeNodes } from './graph_layout.js'
import { count } from './words.js'

const KINDS = {
  subject: 'subject',
  group: 'group',
  binding: 'binding',
  role: 'role',
  rule: 'rule',
  line: 'ABAC line',
  fold: 'several',
  missing: 'not there',
}

function styleOf() {
  const css = getComputedStyle(document.documentElement)
  const value = key => css.getPropertyValue(key).trim()
  const base = {
    selector: 'node',
    style: {
      shape: 'round-rectangle',
      width: 210,
      height: 34,
      label: 'data(label)',
      'font-size': 12,
      'font-family': 'system-ui, sans-serif',
      'text-valign': 'center',
      'text-wrap': 'ellipsis',
      'text-max-width': 196,
      color: value('--ink'),
      'background-color': value('--panel'),
      'border-width': 1.5,
      'border-color': value('--line-strong'),
    },
  }
  const kinds = Object.keys(KINDS).map(kind => ({
    selector: `node[kind = "${kind}"]`,
    style: {
      'border-color': value(`--kind-${kind}`),
      'border-style': kind === 'missing' ? 'dashed' : kind === 'fold' ? 'double' : 'solid',
      'border-width': kind === 'fold' ? 4 : 1.5,
    },
  }))
  const edge = {
    selector: 'edge',
    style: {
      width: 1.2,
      'line-color': value('--line-strong'),
      'curve-style': 'straight',
      'source-endpoint': '90deg',
      'target-endpoint': '270deg',
      'target-arrow-shape': 'triangle',
      'target-arrow-color': value('--line-strong'),
      'arrow-scale': 0.7,
    },
  }
  return [
    base,
    ...kinds,
    edge,
    { selector: '.focus', style: { 'border-width': 3, 'font-weight': 'bold' } },
    { selector: '.far', style: { opacity: 0.18 } },
    { selector: 'edge.near', style: { width: 2.2, 'line-color': value('--accent'), 'target-arrow-color': value('--accent') } },
    { selector: 'node:selected', style: { 'background-color': value('--accent-soft'), 'border-width': 3 } },
  ]
}

export function graphSection(app, triples, focus) {
  const graph = graphOf(triples, focus)
  if (!graph.edges.length) return empty('Nothing to draw', 'No grant connects this to anything.')
  const box = h('div', {
    class: 'graph',
    role: 'img',
    'aria-label': `Graph of ${count(graph.nodes.length, 'node')} and ${count(graph.edges.length, 'edge')}; the list below says the same`,
  })
  const info = h('div', { class: 'graph-info', role: 'status' }, 'Select a node to see what it is connected to.')
  const tools = h('div', { class: 'graph-tools' })
  const used = new Set(graph.nodes.map(node => node.kind))
  const legend = h(
    'ul',
    { class: 'graph-legend', 'aria-label': 'Colours' },
    Object.entries(KINDS)
      .filter(([kind]) => used.has(kind))
      .map(([kind, text]) => h('li', { class: `kind-${kind}` }, text)),
  )
  // The box has no size before it stands in the page.
  requestAnimationFrame(() => box.isConnected && draw(app, graph, focus, box, info, tools))
  return h(
    'div',
    { class: 'graph-section' },
    graph.notes.map(text => h('p', { class: 'soft' }, text)),
    h('div', { class: 'graph-head' }, legend, tools),
    box,
    info,
    outline(graph),
  )
}

function draw(app, graph, focus, box, info, tools) {
  const places = placeNodes(graph)
  const nodes = graph.nodes.map(node => ({
    data: { ...node, label: visible(node.label) },
    position: places.get(node.id),
    classes: node.id === focus ? 'focus' : '',
  }))
  const edges = graph.edges.map(({ source, target }) => ({ data: { id: `${source}\n${target}`, source, target } }))
  const cy = globalThis.cytoscape({
    container: box,
    elements: [...nodes, ...edges],
    style: styleOf(),
    layout: { name: 'preset', fit: false },
    minZoom: 0.05,
    maxZoom: 2.5,
    hideEdgesOnViewport: graph.edges.length > 1500,
    textureOnViewport: graph.nodes.length > 800,
  })
  box.cytoscape = cy
  const fit = () => {
    cy.fit(undefined, 24)
    if (cy.zoom() > 1.1) cy.zoom({ level: 1.1, renderedPosition: { x: box.clientWidth / 2, y: box.clientHeight / 2 } })
    cy.center()
  }
  const start = () => {
    fit()
    // Too small to read: begin where it begins, at a readable size.
    if (cy.zoom() < 0.45) {
      cy.zoom(0.75)
      const known = cy.getElementById(focus)
      const { x, y } = known.nonempty() ? known.position() : { x: cy.nodes().boundingBox().x1 + 105, y: 0 }
      cy.pan({ x: Math.min(110, box.clientWidth / 2) - x * 0.75, y: box.clientHeight / 2 - y * 0.75 })
    }
  }
  start()
  const zoom = factor => cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: box.clientWidth / 2, y: box.clientHeight / 2 } })
  const button = (text, label, act) =>
    h(
      'button',
      { type: 'button', class: 'plain', 'aria-label': label, title: label, onclick: act },
      h('span', { 'aria-hidden': 'true' }, text),
    )
  replace(
    tools,
    button('−', 'Smaller', () => zoom(0.8)),
    button('+', 'Larger', () => zoom(1.25)),
    button('Fit', 'Fit all of it into the window', fit),
  )
  cy.on('tap', event => show(cy, info, event.target === cy ? null : event.target))
  cy.on('dbltap', 'node', event => event.target.data('href') && (location.hash = event.target.data('href')))
  app.onTheme = () => cy.style(styleOf())
  app.cleanup = () => cy.destroy()
}

function show(cy, info, target) {
  cy.elements().removeClass('far near')
  if (!target || !target.isNode()) return replace(info, 'Select a node to see what it is connected to.')
  // Everything on a way through the node: what leads to it, and what it leads to.
  const near = target.predecessors().union(target.successors()).union(target)
  cy.elements().difference(near).addClass('far')
  near.edges().addClass('near')
  const { kind, label, sub, href } = target.data()
  const title = h('strong', {}, name(label))
  return replace(
    info,
    h('small', {}, KINDS[kind]),
    ' ',
    href ? a(href, title) : title,
    ' ',
    sub ? h('span', { class: 'soft' }, name(sub)) : null,
  )
}

function outline(graph) {
  const label = new Map(graph.nodes.map(node => [node.id, node]))
  const side = node => (node.href ? a(node.href, name(node.label)) : name(node.label))
  const details = h('details', { class: 'outline' }, h('summary', {}, `The same as a list: ${count(graph.edges.length, 'edge')}`))
  details.addEventListener(
    'toggle',
    () =>
      details.children.length === 1 &&
      details.append(
        growing(
          graph.edges,
          one =>
            h('li', {}, side(label.get(one.source)), ' → ', side(label.get(one.target)), ' ', h('small', {}, label.get(one.target).sub)),
          { step: 100, attributes: { class: 'plain-list' } },
        ),
      ),
    { once: true },
  )
  return details
}
