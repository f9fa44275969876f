import { formatFen } from '../../../../domain/text.ts'
import type { ListWords } from '../en/lists.ts'

export const lists: ListWords = {
  list: {
    title: {
      failed: '未能查询提现免费券',
      none: '没有提现免费券',
      some: (usable, left, all) => {
        if (usable > 0) return `${usable} 张可用 · ${left === null ? '剩余金额未知' : `剩余 ${left}`}`
        return `${left === null ? '没有确定可用的券' : '没有可用的券'} · 共 ${all} 张`
      },
      incomplete: (says) => `${says} · 部分未能查询`,
    },
    none: (kinds) => `该用户目前没有提现免费券（已查询 ${kinds} 种）。`,
    noKinds: '没有可查询的提现免费券：策略中未配置任何批次。',
    caption: '提现免费券',
    columns: ['状态', '金额', '到期时间', '发放人', '发放时间', '原因', '工单', '券'],
    notKnown: '未知',
    outside: '非本应用发放',
    left: (left, quota) => `剩余 ${left}（共 ${quota}）`,
    state: { usable: '可用', usedUp: '已用完', expired: '已过期', unknown: '状态未知' },
    used: (used, quota) => {
      if (quota === null) return used === null ? '金额未知' : `已用 ${used}，总额未知`
      return used === null ? `共 ${quota}，使用情况未知` : `已用 ${used}（共 ${quota}）`
    },
    expires: (when, relative, days) => `${when} 到期${days < 2 ? `（${relative}）` : `，还剩 ${days} 天`}`,
    given: (who, when) =>
      who || when ? `${[who, when].filter((part) => part !== null).join(' ')} 发放` : '',
    expired: (when) => `已于 ${when} 过期`,
    noExpiry: '到期时间未知（非本应用发放）',
    noExpiryYet: '到期时间暂未知',
    noExpiryOwn: '到期时间未知',
    open: {
      pending: '等待审批',
      notAsked: '尚未送审',
      approved: '已批准，尚未发放',
      issuing: '正在发放',
      checking: '正在核实',
      needsLook: '需要人工核查',
    },
    openLine: (state, amount, who, when, reason, channel) =>
      `⏳ *${state}* · ${amount}\n${who} · ${when} 申请 · ${reason}${channel ? ` · ${channel}` : ''}`,
    openMore: (count) => `……另有 ${count} 笔正在处理`,
    question: (coupons, requests) =>
      coupons === 1 && requests === 1
        ? '这张券可能就是下面这笔仍在核实的申请所发放的，请勿重复计算：'
        : `这 ${coupons} 张券可能是下面 ${requests} 笔仍在核实的申请所发放的，请勿重复计算：`,
    questionMore: (count) => `……另有 ${count} 项`,
    failed: (name, why) => `⚠ *未能查询 ${name}*：${why}`,
    failedMore: (count) => `……另有 ${count} 种`,
    failedWhy: {
      NO_ANSWER: '微信支付没有应答，请稍后再试；如仍不行，请联系运维人员。',
      FREQUENCY_LIMITED: '微信支付暂不接受更多请求，请稍后再试。',
      SYSTEM_ERROR: '微信支付出现故障，请稍后再试；如仍不行，请联系运维人员。',
      UNTRUSTED_ANSWER: '无法验证应答是否来自微信支付，请告知运维人员。',
      UNEXPECTED_ANSWER: '无法识别微信支付的应答，请告知运维人员。',
      SETUP: '本应用的配置有误，请告知运维人员。',
    },
    failedOther: (code) => `微信支付返回 ${code}，请联系运维人员。`,
    range: (from, to, total, isMore) => `第 ${from}–${to} 条，共${isMore ? '超过' : ''} ${total} 条`,
    previous: '上一页',
    next: '下一页',
    give: '发券',
    records: '发放记录',
    moreOf: '处理记录、编号…',
    stocks: (keys) => `可查询的提现免费券：${keys}`,
    missing: '要查询哪位用户？请在后面写上 openid，例如 `/withdraw-coupon 查询 oUpF…`。',
    privacy: '仅您可见 · 查询会留下记录',
  },

  left: {
    title: '剩余额度',
    caption: '限额',
    columns: ['项目', '剩余', '统计周期', '恢复时间'],
    unlimited: '策略未限制您的发放额度。',
    you: '我的发放额度',
    rule: (name) => `自动批准（${name}）`,
    of: (measure, left, max) =>
      measure === 'count' ? `剩 ${left} 张，共 ${max} 张` : `剩 ${formatFen(left)}，共 ${formatFen(max)}`,
    window: (days) => (days === 1 ? '今天' : `近 ${days} 天（含今天）`),
    more: (when) => `${when} 起恢复部分额度`,
    perUser: (count, quota, days) =>
      `每位用户${days === 1 ? '每天' : ` ${days} 天内`}最多可获得 ${[...(count === null ? [] : [`${count} 张`]), ...(quota === null ? [] : [formatFen(quota)])].join('、')}。`,
    lookups: (left, max, per) =>
      `${per === 60 ? '本小时' : ` ${per % 1440 === 0 ? `${per / 1440} 天` : per % 60 === 0 ? `${per / 60} 小时` : `${per} 分钟`}内`}还可查询 ${left} 次（共 ${max} 次）。`.trim(),
  },

  found: {
    pendingTitle: (count, isMore) =>
      count === 0 ? '没有等待您审批的申请' : `${isMore ? `超过 ${count}` : count} 笔申请等待您审批`,
    pendingNone: '有新的申请需要您审批时，会出现在审批频道和这里。',
    mineTitle: '我的申请',
    mineNone: '您还没有申请过提现免费券。运行 `/withdraw-coupon 发放` 可打开表单。',
    historyTitle: (user) => `${user} 的发放记录`,
    keyTitle: (of, key) =>
      `${{ number: 'send_request_no', coupon: '券', ticket: '工单' }[of]} ${key} 的发放记录`,
    historyNone: '还没有人在这里为该用户申请过提现免费券。',
    missing:
      '要查看哪里的记录？请在后面写上 openid、工单号、券 ID 或 send_request_no，例如 `/withdraw-coupon 记录 oUpF…`。',
    unknownKey: (key) =>
      `没有找到“${key}”的记录：它不是 openid，记录中也没有这个工单号、券 ID 或 send_request_no。请检查是否复制完整。`,
    card: '查看卡片',
    caption: '申请',
    columns: {
      when: '申请时间',
      state: '状态',
      amount: '金额',
      user: '用户',
      requester: '申请人',
      reason: '原因',
      ticket: '工单',
      decided: '审批',
      note: '备注',
    },
    note: (text) => `备注：${text}`,
    why: (text) => `未发放原因：${text}`,
  },
}
