/** @import { ReadChart } from '../markup/read.js' */
import { html } from 'htm/preact'
import { useOwnId } from './scene.js'

/** In units of its `viewBox`. */
const [BAR, GAP, HIGH, LINE] = [22, 6, 90, 14]

/**
 * Draws any kind of chart as bars, with the values above them; a screen reader hears its title and every value.
 *
 * @param {{ read: ReadChart }} props
 */
export function Chart({ read: { title, names, points } }) {
  const id = useOwnId()
  const most = Math.max(1, ...points.flatMap(({ values }) => values))
  const bars = points.flatMap(({ label, values }, point) =>
    values.map((value, series) => ({
      name: [label, names.length > 1 ? names[series] : ''].join(' ').trim(),
      value,
      at: (point * values.length + series) * (BAR + GAP),
      high: Math.max(0, (value / most) * HIGH),
    })),
  )
  const wide = bars.length * (BAR + GAP)
  return html`<figure class="block chart">
    <figcaption id=${id}>${title}</figcaption>
    <svg
      role="img"
      aria-labelledby=${id}
      aria-describedby=${`${id}-values`}
      viewBox=${`0 0 ${wide} ${HIGH + 2 * LINE}`}
      width=${wide}
      height=${HIGH + 2 * LINE}
    >
      ${bars.map(
        ({ name, value, at, high }) => html`<g>
          <rect x=${at} y=${LINE + HIGH - high} width=${BAR} height=${high} />
          <text x=${at + BAR / 2} y=${LINE + HIGH - high - 3}>${value}</text>
          <text x=${at + BAR / 2} y=${HIGH + 2 * LINE - 2}>${name}</text>
        </g>`,
      )}
    </svg>
    <p id=${`${id}-values`} hidden>${bars.map(({ name, value }) => `${name}: ${value}`).join(', ')}</p>
  </figure>`
}
