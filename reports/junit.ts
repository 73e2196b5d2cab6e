/**
 * JUnit XML: a suite for each pipeline, a test for each objective, or for each edge where a pipeline
 * promises none. `failure`: breached; `error`: cannot be judged; `skipped`: no data, where that is
 * allowed.
 */
import { plural } from '../src/base/words.ts'
import type { Report } from '../src/objective/report.ts'
import {
  bounded,
  type CiOptions,
  type Judgement,
  judge,
  type Outcome,
  outcomesOf,
  shown,
  stateWords,
} from './ci/outcome.ts'
import { element } from './ci/xml.ts'

export function renderJUnit(report: Report, options: CiOptions = {}): string {
  const { shown: outcomes, leftOut } = bounded(outcomesOf(report))
  const names = [...new Set(outcomes.map(({ key }) => key[0]))]
  const suites = names.map((name) =>
    suiteOf(
      name,
      outcomes.filter(({ key }) => key[0] === name),
      report,
      options,
    ),
  )
  const note = `${plural(leftOut, 'more test')} not shown, none worse than any shown`
  const lines = element(
    'testsuites',
    { name: 'quipu', ...totalsOf(outcomes, options) },
    leftOut === 0
      ? suites
      : [
          ...suites,
          element(
            'testsuite',
            { name: 'not shown', tests: 0, failures: 0, errors: 0, skipped: 0 },
            [element('system-out', {}, note)],
          ),
        ],
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n${lines.join('\n')}\n`
}

function suiteOf(
  pipeline: string,
  outcomes: readonly Outcome[],
  { at, version, since, detail, pipelines }: Report,
  options: CiOptions,
): string[] {
  const owner = pipelines.find((p) => p.pipeline === pipeline)?.owner ?? {}
  const properties = [
    ['quipu.version', version],
    ['quipu.detail', detail],
    ...(since === null ? [] : [['quipu.since', since]]),
    ...Object.entries(owner).map(([key, value]) => [`owner.${key}`, value]),
  ].map(([name = '', value = '']) =>
    element('property', { name: shown(name), value: shown(value) }),
  )
  return element(
    'testsuite',
    // Without a zone, as readers of JUnit expect it: UTC.
    { name: shown(pipeline), ...totalsOf(outcomes, options), timestamp: at.slice(0, 19) },
    [element('properties', {}, properties), ...outcomes.map((o) => caseOf(o, options))],
  )
}

const totalsOf = (
  outcomes: readonly Outcome[],
  options: CiOptions,
): Readonly<Record<string, number>> => {
  const of = (judgement: Judgement): number =>
    outcomes.filter((o) => judge(o, options) === judgement).length
  return {
    tests: outcomes.length,
    failures: of('failed'),
    errors: of('unknown'),
    skipped: of('skipped'),
    time: 0,
  }
}

/** The name begins with the id: two objectives may promise the same. */
function caseOf(outcome: Outcome, options: CiOptions): string[] {
  const { pipeline, scope, name, sentence, state, reasons, facts, ids } = outcome
  const message = `${stateWords[state]}${reasons.length === 0 ? '' : `: ${reasons[0]}`}`
  const verdict = { message, type: state }
  const text = reasons.join('\n')
  const results: Readonly<Record<Judgement, readonly string[][]>> = {
    passed: [],
    warned: [],
    failed: [element('failure', verdict, text)],
    unknown: [element('error', verdict, text)],
    skipped: [element('skipped', { message })],
  }
  const judgement = judge(outcome, options)
  const said = judgement === 'passed' || judgement === 'skipped' ? [] : [message]
  const out = [...said, ...facts, ...ids.map((id) => `id ${id}`)]
  return element(
    'testcase',
    {
      classname: `${pipeline}.${scope}`,
      name: outcome.of === 'edge' ? sentence : `${name}: ${sentence}`,
      time: 0,
    },
    [
      ...results[judgement],
      ...(out.length === 0 ? [] : [element('system-out', {}, out.join('\n'))]),
    ],
  )
}
