import { pino } from 'pino'
import { expect, test } from 'vitest'
import { boltLogger } from '../../../src/slack/edge/clients.ts'

function write(act: (logger: ReturnType<typeof boltLogger>) => void): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = []
  const logger = pino({ level: 'trace' }, { write: (line: string) => lines.push(JSON.parse(line)) })
  act(boltLogger(logger))
  return lines
}

test('passes on what Slack’s libraries say, one level lower where it is only information', () => {
  const lines = write((logger) => {
    logger.info('ready')
    logger.warn('slow', new Error('of a pong'))
    logger.error('down')
  })
  expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
    [20, 'ready'],
    [40, 'slow of a pong'],
    [50, 'down'],
  ])
})

test('never writes their debug lines, which hold whole payloads', () => {
  expect(write((logger) => logger.debug('{"text":"list oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}'))).toEqual([])
})

test('keeps neither tokens nor the fields of an error', () => {
  const [line] = write((logger) =>
    logger.error(Object.assign(new Error('refused xoxb-1-abc and xapp-1-A-2'), { headers: 'secret' })),
  )
  expect(line?.msg).toBe('refused x… and x…')
  expect(JSON.stringify(line)).not.toContain('secret')
})

test('has all the methods that Bolt calls', () => {
  expect(() =>
    write((logger) => {
      logger.setName('x')
      logger.setLevel(logger.getLevel())
    }),
  ).not.toThrow()
})
