import { expect, it } from 'vitest'
import { renderJson } from '../../reports/json.ts'
import { summarize } from '../../src/objective/summary.ts'
import { badRun, FLIGHTS, instance, NOW, START } from './build.ts'

it('the report as JSON names its schema and holds the same figures', () => {
  const assessment = summarize({
    pipelines: [FLIGHTS],
    verdicts: badRun(),
    instances: [instance('checkin')],
    now: NOW,
    since: START,
  })
  const report = JSON.parse(renderJson(assessment))
  expect(Object.keys(report)).toEqual([
    'schema',
    'at',
    'since',
    'standing',
    'pipelines',
    'coverage',
  ])
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
      "pipeline": "flights",
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
      "dropped": [],
      "foreign": 0,
      "seen": 26,
    }
  `)
})

it('is the same bytes for the same evidence', () => {
  const render = (): string =>
    renderJson(summarize({ pipelines: [FLIGHTS], verdicts: badRun(), now: NOW }))
  expect(render()).toBe(render())
})
