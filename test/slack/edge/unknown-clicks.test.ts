import { WebClient } from '@slack/web-api'
import { expect, onTestFinished, test } from 'vitest'
import { en } from '../../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../../src/slack/blocks/words/zh-cn/index.ts'
import { OPENID } from '../builders.ts'
import { startEdge } from '../start-edge.ts'

/** What another version of the app has drawn. */
const button = {
  type: 'actions' as const,
  elements: [
    { type: 'button' as const, action_id: 'future', text: { type: 'plain_text' as const, text: 'Future' } },
  ],
}
const words = (shown: unknown) => JSON.stringify(shown)

for (const transport of ['socket', 'http'] as const) {
  const start = async () => {
    const started = await startEdge({ transport, finished: onTestFinished })
    const { slack } = started
    const client = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl })
    return { ...started, client }
  }
  /** The form, which another version has drawn otherwise. */
  const openOther = async (blocks: object[]) => {
    const started = await start()
    const ada = started.slack.person('U0AGENT1')
    await ada.command('/withdraw-coupon', `send ${OPENID}`)
    const view = await started.slack.waitFor(() => (ada.view()?.callback_id === 'give' ? ada.view() : null))
    const plain = (text: string) => ({ type: 'plain_text' as const, text })
    await started.client.views.update({
      view_id: view.id,
      view: {
        type: 'modal',
        callback_id: 'future',
        title: plain('Future'),
        submit: plain('Go'),
        blocks: blocks as never,
      },
    })
    return { ...started, ada }
  }

  test(`answers a click on a button that this version does not know, in the person’s language (${transport})`, async () => {
    const { slack, client, log } = await start()
    await client.chat.postMessage({ channel: 'C0SUPPORT', text: 'x', blocks: [button] })
    const ada = slack.person('U0AGENT1')
    const press = () => ada.press({ actionId: 'future', channel: 'C0SUPPORT' })
    const isTold = (text: string) =>
      slack.waitFor(() => ada.messages('C0SUPPORT').find((one) => one.text === text))
    expect(await press()).toMatchObject({ ok: true })
    await isTold(zhCN.notice.unknown)
    // Now it is known who that is.
    await ada.command('/withdraw-coupon', 'help')
    await slack.waitFor(() =>
      ada.messages('C0SUPPORT').find(({ blocks }) => words(blocks ?? []).includes(en.help.title)),
    )
    expect(await press()).toMatchObject({ ok: true })
    await isTold(en.notice.unknown)
    expect(log.filter(({ msg }) => msg === 'nothing in this version takes what came')).toContainEqual(
      expect.objectContaining({ what: 'future', type: 'block_actions' }),
    )
  })

  test(`answers a form that this version does not know (${transport})`, async () => {
    const { ada } = await openOther([{ type: 'section', text: { type: 'mrkdwn', text: 'x' } }])
    expect(await ada.submit()).toEqual({ kind: 'updated' })
    expect(words(ada.view()?.blocks)).toContain(en.notice.unknown)
  })

  test(`answers a button in a form that this version does not know (${transport})`, async () => {
    const { ada, slack } = await openOther([button])
    expect(await ada.press({ actionId: 'future' })).toMatchObject({ ok: true })
    await slack.waitFor(() => words(ada.view()?.blocks).includes(en.notice.unknown))
    expect(ada.views()).toHaveLength(2)
  })

  test(`offers nothing where it is asked for choices that it does not know (${transport})`, async () => {
    const { ada } = await openOther([
      {
        type: 'input',
        label: { type: 'plain_text', text: 'x' },
        element: { type: 'external_select', action_id: 'future', min_query_length: 0 },
      },
    ])
    expect(await ada.suggest('future', 'a')).toEqual([])
  })

  test(`only acknowledges what is typed into a field that it does not know (${transport})`, async () => {
    const { ada, slack } = await openOther([
      {
        type: 'input',
        dispatch_action: true,
        label: { type: 'plain_text', text: 'x' },
        element: {
          type: 'plain_text_input',
          action_id: 'future',
          dispatch_action_config: { trigger_actions_on: ['on_character_entered'] },
        },
      },
    ])
    ada.fill({ future: 'abc' })
    await slack.waitFor(() =>
      slack.traffic().some(({ name, direction }) => direction === 'to_app' && name === 'block_actions'),
    )
    expect(ada.views()).toHaveLength(1)
  })
}
