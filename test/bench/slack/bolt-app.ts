import { readFileSync } from 'node:fs'
import { App, LogLevel } from '@slack/bolt'

/**
 * The yardstick for our app: a Bolt app written as in Bolt's documentation, over the same transport, that only
 * acknowledges. It opens the same form as ours, so that both get the same submissions.
 */

const { SLACK_BOT_TOKEN = '', SLACK_APP_TOKEN = '', SLACK_API_URL = '', FORM_FILE } = process.env
const form = FORM_FILE ? JSON.parse(readFileSync(FORM_FILE, 'utf8')) : null

const app = new App({
  token: SLACK_BOT_TOKEN,
  appToken: SLACK_APP_TOKEN,
  socketMode: true,
  logLevel: LogLevel.ERROR,
  clientOptions: { slackApiUrl: SLACK_API_URL },
})
app.command('/withdraw-coupon', async ({ ack, command, client }) => {
  await ack()
  if (command.text.startsWith('send')) await client.views.open({ trigger_id: command.trigger_id, view: form })
})
app.shortcut('give', async ({ ack, shortcut, client }) => {
  await ack()
  await client.views.open({ trigger_id: shortcut.trigger_id, view: form })
})
app.action(/./, async ({ ack }) => ack())
app.view('give', async ({ ack }) => ack())

process.on('SIGTERM', () => process.exit(0))
await app.start()
process.stdout.write('ready\n')
