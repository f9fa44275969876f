import { en as pageEn } from '../../src/sandbox/slack/page/words-en.js'
import { zhCN as pageZhCN } from '../../src/sandbox/slack/page/words-zh-cn.js'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../src/slack/blocks/words/zh-cn/index.ts'
import { examplePolicy } from '../stories/world.ts'
import { englishPolicy } from './stories.ts'

/** Both ways in which a story is read: in English on a desk, and in Chinese on a phone. */
export const readings = [
  {
    title: 'in English on a desk',
    locale: 'en-US',
    /** Of the app, and of the page around it. */
    words: en,
    page: pageEn,
    look: { width: 1280, height: 800 },
    policy: englishPolicy,
    agent: { id: 'U0AGENT1', name: '@Ada' },
    lead: { id: 'U0LEAD1', name: '@Lea' },
    coupon: 'Fee-free withdrawal ¥10',
    reasons: { outage: 'Outage', apology: 'Apology' },
  },
  {
    title: 'in Chinese on a phone',
    locale: 'zh-CN',
    words: zhCN,
    page: pageZhCN,
    look: { width: 390, height: 780 },
    policy: examplePolicy,
    agent: { id: 'U0AGENT2', name: '@林小雨' },
    lead: { id: 'U0LEAD2', name: '@王磊' },
    coupon: '10 元提现免费券',
    reasons: { outage: '服务中断', apology: '致歉' },
  },
] as const
