/**
 * Draws the charts of docs/, prints the figures behind them, and puts those into docs/sketch.md:
 * `npm run chart`. The same figures, and the same bytes, in every run.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pasteFigures } from '../sketch-paste.ts'
import { table } from '../table.ts'
import { accuracyPlot, accuracyRows, measureAccuracy } from './accuracy.ts'
import { svgOf } from './plot.ts'
import { measureSizes, sizePlot } from './size.ts'

const docs: string = join(import.meta.dirname, '..', '..', 'docs')

const accuracy = measureAccuracy()
writeFileSync(join(docs, 'sketch-accuracy.svg'), svgOf(accuracyPlot(accuracy)))
const known = table(accuracyRows(accuracy))
pasteFigures('npm run chart', known)
console.log(`docs/sketch-accuracy.svg\n${known}\n`)

const sizes = measureSizes()
writeFileSync(join(docs, 'sketch-size.svg'), svgOf(sizePlot(sizes)))
console.log(`docs/sketch-size.svg\n${table(sizes.map((point) => ({ ...point })))}`)
