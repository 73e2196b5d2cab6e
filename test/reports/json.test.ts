import { expect, it } from 'vitest'
import { renderJson } from '../../reports/json.ts'
import { producerHop } from '../../src/hop/hop.ts'
import { type ReportInput, reportOf } from '../../src/objective/report-of.ts'
import { TimelinessFold } from '../../src/objective/timings.ts'
import { badRun, FLIGHTS, instance, latency, NOW, START, sampledVerdict } from './build.ts'

const render = (input: Partial<ReportInput>): string =>
  renderJson(
    reportOf({
      ...{ pipelines: [FLIGHTS], promises: [], verdicts: [], now: NOW },
      ...{ detail: 'ids', version: '0.1.0', ...input },
    }),
  )

it('the report as JSON names its schema and holds the same figures', () => {
  const json = render({ verdicts: badRun(), instances: [instance('checkin')], since: START })
  const report = JSON.parse(json)
  expect(report).toMatchObject({
    schema: 'quipu.report/v1',
    at: '2026-11-23T01:10:00.000Z',
    since: '2026-11-23T01:00:00.000Z',
    standing: 'breached',
  })
  expect(report.pipelines[0].edges[2]).toMatchInlineSnapshot(`
    {
      "completeness": {
        "best": 1192,
        "part": 1192,
        "whole": 1195,
      },
      "counts": {
        "altered": 0,
        "copies_removed": 0,
        "dead_lettered": 3,
        "delivered": 1192,
        "duplicated": 2,
        "expected": 1200,
        "extra": 0,
        "filtered": 2,
        "in_flight": 0,
        "landed_though_failed": 0,
        "lost": 3,
        "recovered": 0,
        "unacknowledged": 0,
        "unconfirmed": 0,
        "undetermined": 0,
        "unexpected": 0,
        "unidentified": 0,
        "unverified": 0,
        "withdrawn": 0,
        "withdrawn_delivered": 0,
      },
      "declared": true,
      "edge": "enrich → enriched + dlq",
      "evidence": "exact",
      "findings": [
        {
          "args": {
            "offsets": [
              {
                "high": 450,
                "low": 120,
                "partition": 3,
              },
            ],
            "unacknowledged": 0,
          },
          "certainty": "Proven: each is known by its id.",
          "code": "lost",
          "count": 3,
          "evidence": "exact",
          "ids": [
            {
              "born": "2026-11-23T01:01:00.007Z",
              "id": "01a205eb-a8e7-7000-82af-37bc00001c00",
              "times": 1,
            },
            {
              "born": "2026-11-23T01:01:00.008Z",
              "id": "01a205eb-a8e8-7000-82af-37bc00002000",
              "times": 1,
            },
            {
              "born": "2026-11-23T01:01:00.009Z",
              "id": "01a205eb-a8e9-7000-82af-37bc00002400",
              "times": 1,
            },
          ],
          "next": "Look at what stands between enrich and enriched + dlq in this window.",
          "sentence": "3 messages that enrich passed are not at enriched + dlq, which has seen the whole window.",
          "severity": "error",
          "span": {
            "end": "2026-11-23T01:02:00.000Z",
            "start": "2026-11-23T01:01:00.000Z",
          },
          "windows": 1,
        },
        {
          "args": {},
          "certainty": "Proven: each is known by its id.",
          "code": "duplicated",
          "count": 2,
          "evidence": "exact",
          "ids": [
            {
              "born": "2026-11-23T01:01:00.020Z",
              "copyOf": "01a205eb-a8f4-7000-82af-37bc00005000",
              "id": "01a205eb-a8f4-7000-82af-37bc00005001",
              "times": 2,
            },
          ],
          "next": "Look for a retry or a redelivery whose work was done twice.",
          "sentence": "2 messages are at enriched + dlq more often than enrich passed them.",
          "severity": "error",
          "span": {
            "end": "2026-11-23T01:02:00.000Z",
            "start": "2026-11-23T01:01:00.000Z",
          },
          "windows": 1,
        },
      ],
      "from": [
        "enrich",
      ],
      "integrity": null,
      "latency": null,
      "pipeline": "flights",
      "sampling": null,
      "span": {
        "end": "2026-11-23T01:03:00.000Z",
        "start": "2026-11-23T01:00:00.000Z",
      },
      "standing": "breached",
      "to": [
        "enriched",
        "dlq",
      ],
      "unseen": [],
      "windows": {
        "breached": 1,
        "indeterminate": 0,
        "judged": 3,
        "met": 2,
        "no_data": 0,
        "open": 0,
        "revised": 0,
      },
    }
  `)
  expect(report.coverage).toMatchInlineSnapshot(`
    {
      "agents": [
        {
          "frames": 12,
          "instances": 1,
          "lastHeard": "2026-11-23T01:09:58.000Z",
          "missingFrames": 0,
          "service": "checkin",
          "silent": 0,
        },
      ],
      "cells": 27,
      "clocks": [],
      "confidenceRatio": 0.95,
      "dropped": [],
      "foreign": 0,
      "quantileErrorRatio": 0.01,
      "seen": 26,
    }
  `)
})

it('holds latencies, intervals and clocks as numbers', () => {
  const [first] = FLIGHTS.edges
  const timings = new TimelinessFold([])
  timings.add(
    latency(producerHop('default', 'flights', 'checkin'), {
      ...{ oneIn: 64, fromHop: [3, 5], fromBirth: [-4, 6], thresholdsMs: [5] },
    }),
  )
  const json = render({
    pipelines: [{ ...FLIGHTS, edges: first === undefined ? [] : [first] }],
    verdicts: [sampledVerdict('checkin → flights', { oneIn: 64, expected: 100 })],
    timings,
    instances: [instance('checkin', { minDelayMs: -3_300 })],
  })
  const { pipelines, coverage } = JSON.parse(json)
  const [{ latency: measured, sampling }] = pipelines[0].edges
  expect(measured).toEqual({
    oneIn: 64,
    fromHop: {
      ...{ count: 128, minMs: 3, p50Ms: 3, p95Ms: 5, p99Ms: 5, maxMs: 5 },
      within: [{ thresholdMs: 5, count: 128, share: 1 }],
    },
    fromBirth: {
      ...{ count: 128, minMs: -4, p50Ms: -4, p95Ms: 6, p99Ms: 6, maxMs: 6 },
      within: [{ thresholdMs: 5, count: 64, share: 0.5 }],
    },
  })
  expect(sampling).toMatchObject({
    oneIn: 64,
    counts: { expected: { likely: 6_400 }, lost: { likely: 0, low: 0, high: 237 } },
  })
  expect(coverage).toMatchObject({
    clocks: [{ kind: 'ahead', service: 'checkin', instances: 1, atLeastMs: 3_299 }],
    quantileErrorRatio: 0.01,
    confidenceRatio: 0.95,
  })
})

it('is the same bytes for the same evidence', () => {
  expect(render({ verdicts: badRun() })).toBe(render({ verdicts: badRun() }))
})
