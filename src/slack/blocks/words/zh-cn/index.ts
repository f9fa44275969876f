import type { Words } from '../en/index.ts'
import { alerts } from './alerts.ts'
import { ask, shortcuts } from './ask.ts'
import { cards, outcomes } from './cards.ts'
import { away, decide } from './decide.ts'
import { find } from './find.ts'
import { home } from './home.ts'
import { lists } from './lists.ts'
import { operate } from './operate.ts'
import { erasure, report } from './records.ts'

/** 简体中文. Terms as WeChat Pay and Slack's Chinese interface use them. */
export const zhCN: Words = {
  ...ask,
  ...away,
  ...cards,
  ...decide,
  ...home,
  ...lists,
  ...find,
  ...operate,
  ...shortcuts,
  ...report,
  ...erasure,
  ...alerts,
  ...outcomes,
  locale: 'zh-CN',
  space: '',
  separator: '、',
  cut: {
    more: (count) => `……另有 ${count} 项`,
    lines: (count) => `……另有 ${count} 行`,
    characters: (count) => `……（余 ${count} 字）`,
  },
  gap: '',
  close: '关闭',
  cancel: '取消',
  subcommands: {
    send: '发放',
    list: '查询',
    find: '查找',
    pending: '待审批',
    mine: '我的',
    history: '记录',
    left: '额度',
    stuck: '卡住',
    pause: '暂停',
    resume: '恢复',
    doctor: '检查',
    report: '报表',
    erase: '清除',
    away: '离开',
    back: '回来',
    help: '帮助',
  },
  notice: {
    tooLong: (max) => `内容超过 ${max} 个字符，没有读取，请缩短后重试。`,
    title: '银行提现免费券',
    broken: '此表单已失效，未记录任何内容。请关闭后重新运行 `/withdraw-coupon 发放`。',
    notSure:
      '目前无法确定本次提交是否已记录。请先不要再次发放，先查看本应用给您的消息：如已记录，处理进度会显示在那里。',
    failed: (id) => `本应用出现问题，未作任何更改。请重试；如仍有问题，请将此编号告知运维人员：\`${id}\`。`,
    unsure: (id) =>
      `本应用出现问题，无法确定您的申请是否已记录。再次尝试之前，请先查看本应用给您的消息。问题编号：\`${id}\`。`,
    unknown:
      '当前版本的应用不认识这个按钮或命令，未作任何更改。请运行 `/withdraw-coupon` 查看可用功能；如仍有问题，请联系运维人员。',
    late: '表单未能及时打开，请重新运行命令。',
    oneAtATime: (more) => `一次只能写一个：多出了 ${more}，未执行任何操作。`,
    notYours: '这条消息不属于您。',
    gone: '记录中没有这笔申请，未作任何更改。如有疑问，请联系运维人员。',
    busy: '记录暂时无法读取，请稍后再试；如仍不行，请联系运维人员。',
  },
}
