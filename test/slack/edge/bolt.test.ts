import * as bolt from '@slack/bolt'
import { expect, test } from 'vitest'
import * as ours from '../../../src/slack/edge/clients.ts'

test('takes from Bolt’s files what its index gives', () => {
  expect(ours.App).toBe(bolt.App)
  expect(ours.isValidSlackRequest).toBe(bolt.isValidSlackRequest)
  expect(ours.SocketModeReceiver).toBe(bolt.SocketModeReceiver)
})
