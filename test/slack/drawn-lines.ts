import type { Language } from '../../src/domain/text.ts'
import { exampleWorkspace } from '../../src/sandbox/slack/index.ts'
import { blockLines, readerOf } from '../../src/sandbox/transcript/blocks.ts'
import type { Message } from '../../src/slack/blocks/text.ts'
import { NOON } from './builders.ts'

/** A message as a terminal shows it, for readers of the golden files. */
export function inLines({ text, blocks }: Message, language: Language, width = 76): string[] {
  const [lea] = exampleWorkspace.people.filter(({ id }) => id === 'U0LEAD1')
  if (!lea) throw new Error('the example workspace has no U0LEAD1')
  const locale = language === 'en' ? 'en-US' : 'zh-CN'
  const drawing = {
    reader: readerOf({ ...lea, locale, tz: 'Asia/Shanghai' }, exampleWorkspace, NOON),
    width,
    words: { optional: '', forExample: '' },
    strong: (line: string) => `# ${line}`,
  }
  return [`(${text})`, ...blockLines(blocks as never, drawing)]
}
