import { expect, test } from 'vitest'
import type { Language } from '../../../src/domain/text.ts'
import { checkBlocks } from '../../../src/sandbox/slack/blocks/check.ts'
import { exampleWorkspace } from '../../../src/sandbox/slack/index.ts'
import { blockLines, readerOf } from '../../../src/sandbox/transcript/blocks.ts'
import type { Message } from '../../../src/slack/blocks/text.ts'
import { NOON } from '../builders.ts'
import { approvalCard, requesterMessage, states } from '../card-states.ts'

/** As a terminal shows it, for whoever reads the golden files. */
function inLines({ text, blocks }: Message, language: Language): string[] {
  const [lea] = exampleWorkspace.people.filter(({ id }) => id === 'U0LEAD1')
  if (!lea) throw new Error('the example workspace has no U0LEAD1')
  const locale = language === 'en' ? 'en-US' : 'zh-CN'
  const drawing = {
    reader: readerOf({ ...lea, locale, tz: 'Asia/Shanghai' }, exampleWorkspace, NOON),
    width: 76,
    words: { optional: '', forExample: '' },
    strong: (line: string) => `# ${line}`,
  }
  return [`(${text})`, ...blockLines(blocks as never, drawing)]
}

test.each([
  ['en', 'approval-cards', approvalCard],
  ['zh-CN', 'approval-cards', approvalCard],
  ['en', 'requester-messages', requesterMessage],
  ['zh-CN', 'requester-messages', requesterMessage],
] as const)('draws every state as the golden file has it: %s, %s', async (language, file, draw) => {
  const drawn = Object.keys(states).flatMap((name) => [
    `══ ${name}`,
    ...inLines(draw(name, language), language),
    '',
  ])
  await expect(drawn.join('\n')).toMatchFileSnapshot(`./${file}.${language}.txt`)
})

test.each(
  Object.keys(states),
)('draws a card that Slack takes, with live buttons only while they do something: %s', (name) => {
  const state = states[name] ?? expect.fail(name)
  for (const language of ['en', 'zh-CN'] as const) {
    const { text, blocks } = approvalCard(name, language)
    expect(checkBlocks(blocks, 'message')).toEqual([])
    expect(checkBlocks(requesterMessage(name, language).blocks, 'message')).toEqual([])
    expect(text).not.toBe('')
    const buttons = [...JSON.stringify(blocks).matchAll(/"action_id":"(approve|reject|cancel_issue)"/g)]
    const live =
      { pending: ['approve', 'reject'], approved: ['cancel_issue'] }[String(state.grant.state)] ?? []
    expect(buttons.map(([, id]) => id)).toEqual(live)
    expect(JSON.stringify(blocks)).not.toContain('"mrkdwn","text":"<!channel>')
  }
})
