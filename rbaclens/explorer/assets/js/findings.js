// The findings of the audit: read column by column, made into objects when one is shown.

import { principalOfKey } from './identity.js'

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical']

export function readFindings(doc, policy) {
  if (!doc.findings) return null
  const text = number => doc.strings[number]
  const columns = doc.findings.columns
  const rules = doc.findings.rules.map(([id, title, gives, fix]) => ({
    id: text(id),
    title: text(title),
    gives: text(gives),
    fix: text(fix),
    count: 0,
  }))
  columns.rule.forEach(number => rules[number].count++)
  const keys = new Map()
  const keyOf = number => {
    if (!keys.has(number)) keys.set(number, text(number) ? principalOfKey(text(number)).key : '')
    return keys.get(number)
  }
  const get = i => {
    const scopes = doc.lists[columns.scopes[i]].map(text)
    const key = keyOf(columns.who[i])
    const [file, line, column] = columns.at[i]
    return {
      index: i,
      id: `${rules[columns.rule[i]].id}-${columns.id[i]}`,
      rule: rules[columns.rule[i]],
      score: columns.score[i] / 10,
      severity: SEVERITIES[columns.severity[i]],
      state: text(columns.state[i]),
      who: key ? principalOfKey(key) : null,
      scopes,
      text: text(columns.text[i]),
      whole: columns.whole[i] === 1,
      partOf: text(columns.partOf[i]),
      at: { file: text(file), line, column },
      objects: doc.lists[columns.objects[i]].map(text),
      grants: grants(columns.grants[i], policy),
      more: columns.more[i],
      patch: text(columns.patch[i]),
    }
  }
  const severityOf = i => SEVERITIES[columns.severity[i]]
  // What is shown first: neither waived, nor a part of a broader finding by the same grant.
  const isMain = i => text(columns.state[i]) === 'open' && !text(columns.partOf[i])
  const counts = test => SEVERITIES.map(one => [one, columns.severity.filter((number, i) => SEVERITIES[number] === one && test(i)).length])
  const found = {
    count: columns.rule.length,
    rules,
    get,
    main: new Map(counts(isMain)),
    all: new Map(counts(() => true)),
    isMain,
    severityOf,
    failOn: doc.findings.failOn,
  }
  found.where = filter => matching(found, columns, doc, keyOf, filter)
  found.byRule = numbers => tallyRules(numbers, columns, rules)
  found.byId = id => columns.id.findIndex((one, i) => `${rules[columns.rule[i]].id}-${one}` === id)
  found.countOf = tally(columns.who, keyOf)
  return found
}

// The grants of one finding as the evidence of decisions has them.
function grants(parts, policy) {
  const found = []
  for (let i = 0; i < parts.length; i += 3) {
    const [binding, position, rule] = parts.slice(i, i + 3)
    if (binding < 0) found.push({ type: 'abac', line: policy.abac[rule] })
    else found.push({ type: 'rbac', binding: policy.bindings[binding], position, role: policy.bindings[binding].role, rule })
  }
  return found.filter(grant => grant.line || grant.role)
}

// For each rule how many of these findings are its own, and the worst severity among them, the worst first.
function tallyRules(numbers, columns, rules) {
  const found = new Map()
  for (const i of numbers) {
    const one = found.get(columns.rule[i]) || { rule: rules[columns.rule[i]], count: 0, worst: 0 }
    one.count++
    one.worst = Math.max(one.worst, columns.severity[i])
    found.set(columns.rule[i], one)
  }
  return [...found.values()]
    .map(one => ({ ...one, severity: SEVERITIES[one.worst] }))
    .sort((x, y) => y.worst - x.worst || y.count - x.count)
}

function tally(column, keyOf) {
  const found = new Map()
  for (const number of column) found.set(keyOf(number), (found.get(keyOf(number)) || 0) + 1)
  return found
}

// The numbers of the findings that a filter {severity, rule, ns, who, binding test, hidden} leaves, the worst first.
function matching(findings, columns, doc, keyOf, { severity, rule, ns, who, roleOf, all }) {
  const found = []
  for (let i = 0; i < findings.count; i++) {
    if (severity && findings.severityOf(i) !== severity) continue
    if (rule && findings.rules[columns.rule[i]].id !== rule) continue
    if (who && keyOf(columns.who[i]) !== who) continue
    if (ns && !doc.lists[columns.scopes[i]].some(one => doc.strings[one] === ns)) continue
    if (!all && !findings.isMain(i)) continue
    if (roleOf && !findings.get(i).grants.some(grant => grant.role === roleOf)) continue
    found.push(i)
  }
  return found
}
