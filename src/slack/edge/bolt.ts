import { createRequire } from 'node:module'
import type * as bolt from '@slack/bolt'

const require = createRequire(import.meta.url)

/**
 * Of Bolt only what the app runs on, by file: its index loads Express and whatever else others use as well, which is a
 * tenth of the whole start. `test/slack/bolt.test.ts` holds that it is the same.
 */
export const { default: App } = require('@slack/bolt/dist/App.js') as { default: typeof bolt.App }
export const { isValidSlackRequest } = require('@slack/bolt/dist/receivers/verify-request.js') as {
  isValidSlackRequest: typeof bolt.isValidSlackRequest
}
export const { default: SocketModeReceiver } =
  require('@slack/bolt/dist/receivers/SocketModeReceiver.js') as {
    default: typeof bolt.SocketModeReceiver
  }
