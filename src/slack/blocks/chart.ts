import type { AnyBlock } from '@slack/types'
import { barLines, type MonthReport } from '../../grants/index.ts'
import { section } from './text.ts'
import type { Words } from './words/index.ts'

/** The days of a month as bars, and what replaces them in a workspace that takes no charts. */

/**
 * `@slack/types` doesn't have this block yet:
 * https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
 */
interface ChartBlock {
  type: 'data_visualization'
  title: string
  chart: {
    type: 'bar'
    series: { name: string; data: { label: string; value: number }[] }[]
    axis_config: { categories: string[] }
  }
}

/** Slack takes 20 bars in a chart, and two charts in a message. */
const MOST_DAYS = 16

/** The days of a month as bar charts, one for each half. */
export function dayCharts(days: MonthReport['days'], { report: says }: Words): ChartBlock[] {
  const halves = [days.slice(0, MOST_DAYS), days.slice(MOST_DAYS)].filter(({ length }) => length > 0)
  return halves.map((some) => {
    const data = some.map(({ day, count }) => ({ label: day.slice(-2), value: count }))
    const categories = data.map(({ label }) => label)
    return {
      type: 'data_visualization',
      title: says.days(categories[0] ?? '', categories.at(-1) ?? ''),
      chart: { type: 'bar', series: [{ name: says.series, data }], axis_config: { categories } },
    }
  })
}

/** Whether any of these blocks is a chart. */
export function hasChart(blocks: readonly AnyBlock[]): boolean {
  return blocks.some(isChart)
}

/**
 * The same blocks for a workspace that takes no charts: the days as one chart in text, in place of the first chart.
 */
export function withoutCharts(blocks: readonly AnyBlock[], { report: says }: Words): AnyBlock[] {
  const charts = blocks.filter(isChart)
  const days = charts.flatMap(({ chart }) =>
    chart.series.flatMap(({ data }) => data.map(({ label, value }) => ({ day: label, count: value }))),
  )
  return blocks.flatMap((block) => {
    if (!isChart(block)) return [block]
    return block === charts[0] ? [section(`${says.chart}\n\`\`\`${barLines(days).join('\n')}\`\`\``)] : []
  })
}

function isChart(block: AnyBlock): block is ChartBlock {
  return (block as { type: string }).type === 'data_visualization'
}
