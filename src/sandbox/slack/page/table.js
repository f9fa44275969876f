/** @import { ReadTable } from '../markup/read.js' */
import { html } from 'htm/preact'
import { useState } from 'preact/hooks'
import { drawn } from './markup.js'
import { useOwnId, useScene } from './scene.js'

/**
 * A table: people sort a `data_table` by its columns and page through it; a plain one shows all rows.
 *
 * @param {{ read: ReadTable }} props
 */
export function Table({ read }) {
  const scene = useScene()
  const id = useOwnId()
  const { words, viewer } = scene
  const { caption, columns, pageSize, rowHeader } = read
  const [order, setOrder] = useState(/** @type {{ column: number, sign: 1 | -1 } | undefined} */ (undefined))
  const [page, setPage] = useState(0)
  const rows = order ? read.rows.toSorted(byColumn(order, viewer.locale)) : read.rows
  const most = pageSize ?? rows.length
  // The table may have fewer rows than when it was drawn.
  const first = Math.min(page, Math.max(0, Math.ceil(rows.length / most) - 1)) * most
  const shown = rows.slice(first, first + most)
  function sort(/** @type {number} */ column) {
    setPage(0)
    if (order?.column !== column) setOrder({ column, sign: 1 })
    else setOrder(order.sign === 1 ? { column, sign: -1 } : undefined)
  }
  /** @param {ReadTable['columns'][number]} column @param {number} index */
  function head({ text, align }, index) {
    const sign = order?.column === index ? order.sign : 0
    const name = drawn(text, scene)
    return html`<th
      scope="col"
      class=${align}
      aria-sort=${pageSize === undefined ? undefined : sign === 0 ? 'none' : sign > 0 ? 'ascending' : 'descending'}
    >
      ${
        pageSize === undefined
          ? name
          : html`<button type="button" onClick=${() => sort(index)}>
              ${name}<span aria-hidden="true">${sign === 0 ? '' : sign > 0 ? ' ↑' : ' ↓'}</span>
            </button>`
      }
    </th>`
  }
  return html`<div class="block table">
    ${caption !== '' && html`<p class="caption" id=${id}>${caption}</p>`}
    <div class="wide" role="region" tabindex="0" aria-label=${caption || words.table}>
      <table aria-labelledby=${caption === '' ? undefined : id}>
        <thead>
          <tr>${columns.map(head)}</tr>
        </thead>
        <tbody>
          ${shown.map(
            (row) =>
              html`<tr>
                ${row.map(({ text }, index) => {
                  const { align = 'left', isWrapped = true } = columns[index] ?? {}
                  const look = isWrapped ? align : `${align} whole`
                  return index === rowHeader
                    ? html`<th scope="row" class=${look}>${drawn(text, scene)}</th>`
                    : html`<td class=${look}>${drawn(text, scene)}</td>`
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${
      most < rows.length &&
      html`<div class="pages">
        <span role="status">${words.ofRows(first + 1, first + shown.length, rows.length)}</span>
        <button
          type="button"
          class="small"
          disabled=${first === 0}
          onClick=${() => setPage(first / most - 1)}
        >
          ${words.previous}
        </button>
        <button
          type="button"
          class="small"
          disabled=${first + most >= rows.length}
          onClick=${() => setPage(first / most + 1)}
        >
          ${words.next}
        </button>
      </div>`
    }
  </div>`
}

/**
 * Sorts numbers by value, and texts as in the reader's language.
 * @param {{ column: number, sign: 1 | -1 }} order
 * @param {string} locale
 */
function byColumn({ column, sign }, locale) {
  const { compare } = new Intl.Collator(locale, { numeric: true })
  return (/** @type {ReadTable['rows'][number]} */ a, /** @type {ReadTable['rows'][number]} */ b) => {
    const [one, other] = [a[column]?.sort ?? '', b[column]?.sort ?? '']
    if (typeof one === 'number' && typeof other === 'number') return sign * (one - other)
    return sign * compare(String(one), String(other))
  }
}
