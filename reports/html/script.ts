/**
 * The script of the page: sorts and filters tables, and lets the keyboard walk along a strip. The page
 * says everything without it. Plain JavaScript, as browsers run it; it makes no markup of texts.
 */
export const script: string = `
(() => {
  'use strict'
  const make = (name, attributes, text) => {
    const element = document.createElement(name)
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
    if (text !== undefined) element.textContent = text
    return element
  }
  const valueOf = (cell) =>
    cell.dataset.sort === undefined ? cell.textContent.trim() : Number(cell.dataset.sort)
  const compare = (a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0

  const sortable = (table) => {
    const body = table.tBodies[0]
    const heads = [...table.tHead.rows[0].cells]
    heads.forEach((head, i) => {
      const button = make('button', { type: 'button' }, head.textContent)
      head.replaceChildren(button)
      button.addEventListener('click', () => {
        const up = head.getAttribute('aria-sort') !== 'ascending'
        for (const other of heads) other.removeAttribute('aria-sort')
        head.setAttribute('aria-sort', up ? 'ascending' : 'descending')
        const rows = [...body.rows]
        rows.sort((a, b) => compare(valueOf(a.cells[i]), valueOf(b.cells[i])) * (up ? 1 : -1))
        body.append(...rows)
      })
    })
  }

  const filterable = (table) => {
    const rows = [...table.tBodies[0].rows]
    const frame = table.closest('.wide')
    const label = make('label', { class: 'filter' }, 'Filter ')
    const input = make('input', { type: 'search', placeholder: 'id, edge, kind …' })
    const shown = make('span', { class: 'dim', role: 'status' })
    label.append(input, shown)
    frame.before(label)
    input.addEventListener('input', () => {
      const wanted = input.value.trim().toLowerCase()
      let left = 0
      for (const row of rows) {
        row.hidden = wanted !== '' && !row.textContent.toLowerCase().includes(wanted)
        if (!row.hidden) left++
      }
      shown.textContent = wanted === '' ? '' : left + ' of ' + rows.length
    })
  }

  for (const table of document.querySelectorAll('.wide > table')) {
    const rows = table.tBodies[0].rows.length
    if (rows > 1) sortable(table)
    if (rows > 8) filterable(table)
  }

  const grouped = new Intl.NumberFormat('en-US')
  const words = { met: '✓ met', breached: '✗ breached', indeterminate: '? indeterminate', open: '… open', no_data: '? no data' }
  const instant = (iso) => iso.replace('T', ' ').replace('.000Z', 'Z')
  const cellWords = (cell) => {
    const counts = [
      [cell.expected, 'expected'], [cell.lost, 'lost'], [cell.duplicated, 'doubled'],
      [cell.altered, 'altered'], [cell.inFlight, 'in flight'], [cell.undetermined, 'undetermined'],
    ]
    return [
      instant(cell.start) + ' – ' + instant(cell.end).slice(11),
      words[cell.standing],
      grouped.format(cell.windows) + (cell.windows === 1 ? ' window' : ' windows'),
      counts.filter(([n], i) => i === 0 || n > 0).map(([n, word]) => grouped.format(n) + ' ' + word).join(', '),
    ].join(' · ')
  }

  const walkable = (strip, cells, output) => {
    const from = Date.parse(strip.dataset.from)
    const span = Date.parse(strip.dataset.to) - from
    const cursor = make('span', { class: 'cursor', hidden: '' })
    strip.append(cursor)
    let at = cells.length - 1
    const show = (next) => {
      at = Math.min(cells.length - 1, Math.max(0, next))
      const cell = cells[at]
      const [start, end] = [Date.parse(cell.start), Date.parse(cell.end)]
      cursor.hidden = false
      cursor.style.left = ((start - from) / span) * 100 + '%'
      cursor.style.width = ((end - start) / span) * 100 + '%'
      strip.setAttribute('aria-valuenow', String(at + 1))
      strip.setAttribute('aria-valuetext', cellWords(cell))
      output.textContent = cellWords(cell)
    }
    const hide = () => { cursor.hidden = true; output.textContent = output.dataset.hint }
    strip.setAttribute('role', 'slider')
    strip.setAttribute('aria-label', strip.querySelector('title').textContent)
    strip.setAttribute('aria-valuemin', '1')
    strip.setAttribute('aria-valuemax', String(cells.length))
    strip.setAttribute('aria-valuenow', String(cells.length))
    strip.setAttribute('aria-valuetext', cellWords(cells[at]))
    strip.addEventListener('focus', () => show(at))
    strip.addEventListener('blur', hide)
    strip.addEventListener('pointerleave', () => { if (document.activeElement !== strip) hide() })
    strip.addEventListener('pointermove', (event) => {
      const box = strip.getBoundingClientRect()
      const time = from + ((event.clientX - box.left) / box.width) * span
      const found = cells.findIndex((c) => Date.parse(c.start) <= time && time < Date.parse(c.end))
      if (found >= 0) show(found)
    })
    strip.addEventListener('keydown', (event) => {
      const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: cells.length - 1 }
      if (steps[event.key] !== undefined) show(steps[event.key])
      else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        const all = [...strip.closest('.strips').querySelectorAll('[role=slider]')]
        const next = all[all.indexOf(strip) + (event.key === 'ArrowDown' ? 1 : -1)]
        if (next === undefined) return
        strip.tabIndex = -1
        next.tabIndex = 0
        next.focus()
      } else return
      event.preventDefault()
    })
  }

  const report = JSON.parse(document.getElementById('report').textContent)
  for (const strips of document.querySelectorAll('.strips')) {
    const output = strips.parentElement.querySelector('.strip-words')
    const hint = 'Point at a cell, or walk with the arrow keys.'
    output.dataset.hint = hint
    let first = true
    for (const strip of strips.querySelectorAll('.strip')) {
      const [pipeline, edge] = strip.dataset.edge.split(' ').map(Number)
      const summary = report.pipelines[pipeline]?.edges[edge]
      const found = report.strips.find((s) => s.pipeline === summary?.pipeline && s.edge === summary?.edge)
      if (found === undefined || found.cells.length === 0) continue
      strip.tabIndex = first ? 0 : -1
      first = false
      walkable(strip, found.cells, output)
    }
    if (!first) output.textContent = hint
  }
})()
`
