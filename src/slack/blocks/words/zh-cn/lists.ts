import { formatFen } from '../../../../domain/text.ts'
import type { ListWords } from '../en/lists.ts'

export const lists: ListWords = {
  list: {
    title: (count, user, known) => {
      if (known === 'none') return `未能查询 ${user} 的优惠券`
      if (known === 'all') return count === 0 ? `${user} 没有优惠券` : `${user} 的 ${count} 张优惠券`
      return `${user} 的优惠券：已查到 ${count} 张，部分未能查询`
    },
    summary: (usable, left) => {
      if (usable === 0) return left === null ? '没有确定可用的优惠券' : '没有可用的优惠券'
      return left === null
        ? `${usable} 张可用，微信支付未返回剩余额度`
        : `${usable} 张可用，剩余额度共 ${left}`
    },
    none: (kinds) =>
      kinds === 1 ? '该用户没有所查询的这种优惠券。' : `在所查询的 ${kinds} 种优惠券中，该用户一张也没有。`,
    noKinds: '没有可查询的优惠券：策略中未配置任何批次。',
    state: { usable: '可用', usedUp: '已用完', expired: '已过期', unknown: '状态未知' },
    used: (used, quota) => {
      if (quota === null) return used === null ? '额度未知' : `已用 ${used}，额度未知`
      return used === null ? `额度 ${quota}，使用情况未知` : `已用 ${used}，共 ${quota}`
    },
    sent: (when) => `发放于 ${when}`,
    expires: (when, relative) => `有效期至 ${when}（${relative}）`,
    expired: (when) => `已于 ${when} 过期`,
    noExpiry: '有效期未知（据本应用的记录，并非由本应用发放）',
    noExpiryYet: '有效期尚未知晓',
    noExpiryOwn: '有效期未知（微信支付未返回）',
    by: (who, reason) => `由 ${who} 发放：${reason}`,
    open: {
      pending: '等待审批',
      notAsked: '尚未送审',
      approved: '已批准，尚未发放',
      issuing: '正在发放',
      checking: '正在核实',
      needsLook: '需要人工核查',
    },
    openLine: (state, name, who, when, channel) =>
      `*${state}*  ${name} · 由 ${who} 于 ${when} 申请${channel ? ` · ${channel}` : ''}`,
    openMore: (count) => `……另有 ${count} 笔正在处理`,
    question: (coupons, requests) =>
      coupons === 1 && requests === 1
        ? '这张券可能就是下面这笔仍在核实的申请所发放的，请勿重复计算：'
        : `这 ${coupons} 张券可能是下面 ${requests} 笔仍在核实的申请所发放的，请勿重复计算：`,
    questionMore: (count) => `……另有 ${count} 项`,
    failed: (name, why) => `*未能查询 ${name}*：${why}`,
    failedMore: (count) => `……另有 ${count} 种`,
    failedWhy: {
      NO_ANSWER: '微信支付没有响应，请稍后再试；如仍不行，请联系运维人员。',
      FREQUENCY_LIMITED: '微信支付暂不接受更多请求，请稍后再试。',
      SYSTEM_ERROR: '微信支付出现故障，请稍后再试；如仍不行，请联系运维人员。',
      UNTRUSTED_ANSWER: '无法验证应答是否来自微信支付，需要运维人员处理。',
      UNEXPECTED_ANSWER: '无法识别微信支付的应答，需要运维人员处理。',
      SETUP: '本应用的配置有误，需要运维人员处理。',
    },
    failedOther: (code) => `微信支付返回 ${code}，请联系运维人员。`,
    incomplete: '此列表不完整。',
    page: (page, pages) => `第 ${page} 页，共 ${pages} 页`,
    previous: '上一页',
    next: '下一页',
    give: '发放优惠券',
    stocks: (keys) => `可查询的优惠券：${keys}`,
    missing: '要查询哪位用户？请在后面写上 openid，例如 `/withdraw-coupon 查询 oUpF…`。',
    privacy: '仅您可见。查询会留下记录。',
  },

  left: {
    title: '剩余额度',
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
    pendingTitle: '等待您审批',
    pendingNone: '没有等待您审批的申请。',
    mineTitle: '我的申请',
    mineNone: '您还没有申请过优惠券。',
    historyTitle: (user) => `${user} 的发放记录`,
    historyNone: '还没有人为该用户申请过优惠券。',
    missing: '要查看哪位用户的记录？请在后面写上 openid，例如 `/withdraw-coupon 记录 oUpF…`。',
    line: (state, name, user, who, when) => `*${state}*  ${name} · 发给 ${user} · 由 ${who} 于 ${when} 申请`,
    reason: (name) => `原因：${name}`,
    page: (page) => `第 ${page} 页`,
  },
}
