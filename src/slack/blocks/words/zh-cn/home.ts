import type { HomeWords } from '../en/home.ts'

export const home: HomeWords = {
  home: {
    asOf: (when) => `更新于 ${when}，打开期间会随变化自动更新。`,
    give: '发放提现免费券',
    lookUp: '查询',
    find: '查找用户',
    refresh: '刷新',
    waiting: (count, isMore) =>
      count === 0 ? '没有待您审批的申请' : `待您审批（${isMore ? `超过 ${count}` : count}）`,
    newest: (shown, count) => `显示最新 ${shown} 笔，共 ${count} 笔。`,
    allWaiting: '全部待审批',
    mine: '我的申请',
    mineNone: '您还没有提交过申请。',
    allMine: '我的全部申请',
    left: '剩余额度',
    stuck: '运维',
    stuckNone: '没有暂停或卡住的发放。',
    paused: (what, who, when) => `⏸ ${what} · ${who}，${when}`,
    fault: (what, when, check) => `⚠ *${what}* · ${when} 起\n${check}`,
    closed: (where, code) => `⚠ Slack 不接受本应用在${where}中发消息（${code}）。`,
    needsLook: (count, isMore) => `🔎 ${isMore ? `超过 ${count}` : count} 笔发放需要人工核查。`,
    checking: (count) => `${count} 笔发放正在向微信支付核实。`,
    showStuck: '查看并处理',
    setUp: '配置',
    checkSetUp: '检查配置',
    month: '本月',
    monthSays: '已发放或处理中，按申请日期统计。',
    monthLine: (name, count, quota) => `*${name}* · ${count} 张 · ${quota}`,
    monthSum: (count, quota) => `*合计* · ${count} 张 · ${quota}`,
    busy: '记录暂时无法读取，请稍后点击“刷新”。',
  },
}
