import { formatFen } from '../../domain/money.ts'
import type { ApprovalReason } from '../../domain/policy.ts'
import type { ApprovalWords } from './approvals-en.ts'

/** 审批用语，简体中文。 */

const days = (count: number) => (count === 1 ? '今天' : `近 ${count} 天`)

const reasons: {
  [Code in ApprovalReason['code']]: (reason: Extract<ApprovalReason, { code: Code }>) => string
} = {
  always: () => '所有优惠券均须人工审批',
  'no-rule': () => '策略中没有可自动批准的规则',
  'above-quota': ({ max }) => `额度超过可自动批准的上限 ${formatFen(max)}`,
  'rule-used-up': ({ rule, by, limit }) =>
    `${by === 'requester' ? '申请人' : '该用户'}${days(limit.days)}已用完规则“${rule}”的限额`,
}

export const approvalsZhCN: ApprovalWords = {
  approval: {
    title: {
      pending: '等待审批',
      counted: (have, needed) => `已有 ${have} 人批准，共需 ${needed} 人`,
      approved: '已批准，尚未发放',
      held: '已批准，等待发放',
      issuing: '已批准，正在发放',
      checking: '正在核实',
      needsLook: '需要人工核查',
      issued: '已发放',
      refused: '微信支付已拒绝',
      rejected: '未通过',
      cancelled: '已取消',
      expired: '已过期',
    },
    asks: (who, user) => `${who} 申请向 ${user} 发放优惠券`,
    asked: (who, user) => `${who} 曾申请向 ${user} 发放优惠券`,
    coupon: '优惠券',
    couponText: (name, quota, cost) => `${name}（额度 ${quota}${cost ? `，成本 ${cost}` : ''}）`,
    to: '用户',
    reason: '原因',
    ticket: '工单',
    note: (text) => `备注：${text}`,
    given: (count, inDays, by) =>
      count === 0
        ? `该用户${days(inDays)}没有获得其他优惠券。`
        : `该用户${days(inDays)}另获得 ${count} 张优惠券${by ? `（${by}）` : ''}。`,
    givenBy: (who, when) => `${who}，${when}`,
    underWay: (count) => (count === 0 ? '没有其他处理中的申请。' : `另有 ${count} 笔申请正在处理。`),
    limit: (kind, measure, used, max, inDays) =>
      `${{ user: '用户', requester: '申请人', stock: '此券' }[kind]}${days(inDays)} ${measure === 'count' ? `${used}/${max} 张` : `${formatFen(used)}/${formatFen(max)}`}`,
    limits: (list) => `限额（含本次）：${list}`,
    needs: (count, who, why) => `需要${who ? ` ${who} 中` : ''} ${count} 人批准${why ? `：${why}` : ''}。`,
    why: (reason) => (reasons[reason.code] as (reason: ApprovalReason) => string)(reason),
    until: (when) => `截止时间：${when}。`,
    approvedBy: (who, when) => `${who} 于 ${when} 批准`,
    ownApproval: (who, when) => `申请人 ${who} 于 ${when} 自行批准`,
    rejectedBy: (who, when) => `${who} 于 ${when} 驳回。`,
    cancelledBy: (who, when) => `${who} 于 ${when} 取消。`,
    cancelledByPolicy: {
      'stock-left-policy': '已取消：发放前，此券已从策略中移除。',
      'too-late': '已取消：未能在策略规定的时间内发放。',
      other: '已按策略取消。',
    },
    expiredAt: (when) => `逾期未审批，已于 ${when} 过期。`,
    issuingNow: '正在发放优惠券……',
    issuedAt: (when) => `${when} 发放`,
    saying: (text) => `“${text}”`,
    approve: '批准',
    reject: '驳回…',
    cancel: '取消发放…',
    cancelOwn: '取消申请',
    showOpenid: '显示 openid',
    history: '处理记录',
    confirmTitle: '确认批准？',
    confirmText: (quota, user) => `向 ${user} 发放额度为 ${quota} 的银行提现免费券？发放后无法撤回。`,
    confirmYes: '批准',
    confirmNo: '暂不',
    cancelTitle: '取消这笔申请？',
    cancelText: '取消后不会发放优惠券，您可以重新申请。',
    cancelYes: '取消申请',
    cancelNo: '保留',
    rejectTitle: '驳回申请',
    cancelModalTitle: '取消发放',
    whyLabel: '原因',
    whyHint: '申请人和审批人都会看到。',
    rejectSubmit: '驳回',
    cancelSubmit: '取消发放',
    about: (who, name, user) => `${who} 申请向 ${user} 发放“${name}”。`,
    reminder: (who, count, when) => `${who}：这笔申请还需 ${count} 人批准，截止时间 ${when}。`,
    approvers: '审批人',
  },

  decided: {
    approved: '您已批准，正在发放优惠券，结果会显示在卡片上。',
    counted: (have, needed) => `您的批准已记录：${have}/${needed}。还需 ${needed - have} 人批准后才会发放。`,
    repeated: (have, needed) => `您此前已批准过：${have}/${needed}。本次没有新的记录。`,
    rejected: '您已驳回，原因会告知申请人。未发放任何优惠券。',
    cancelled: '已取消，未发放任何优惠券。',
    issuing: '正在发放，已无法取消。',
    already: '未作任何更改：这笔申请已不在等待审批。',
    busy: '记录暂时无法写入，未作任何更改，请再按一次。',
    notSure: '目前无法确定是否已记录。请稍后查看卡片上的状态，再决定是否重新操作。',
    openid: (openid) => `该用户的 openid：\`${openid}\`（查看已留下记录）`,
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

  trail: {
    title: '处理记录',
    none: '还没有任何记录。',
    line: (when, text) => `${when}  ${text}`,
    cut: (count) => `……已省略较早的 ${count} 条`,
    actors: { app: '本应用', policy: '策略', wechatpay: '微信支付' },
    kinds: {
      requested: (who) => `${who} 提出申请`,
      'approved-by-rule': (_who, detail) => `按策略规则“${detail}”自动批准`,
      approval: (who, detail) => `${who} 批准（${detail}）`,
      approve: (who, detail) => `${who} 批准（${detail}），即将发放`,
      reject: (who, detail) => `${who} 驳回：“${detail}”`,
      cancel: (who, detail) => `${who} 取消${detail ? `：“${detail}”` : ''}`,
      expire: () => '逾期未审批，已过期',
      attempt: (_who, detail) => `向微信支付发起第 ${detail} 次请求`,
      'attempt-lost': (_who, detail) => `第 ${detail} 次请求中断，结果未知`,
      'outcome-unknown': (_who, detail) => `结果未知（${detail}），将再次确认`,
      release: (_who, detail) => `未执行（${detail}），等待下一次请求`,
      issue: () => '微信支付已发放优惠券',
      refuse: () => '微信支付已拒绝',
      held: (_who, detail) => `等待发放（${detail}）`,
      resumed: () => '恢复发放',
      reminded: () => '已提醒审批人',
      'openid-shown': (who) => `${who} 查看了 openid`,
    },
    other: (kind) => kind,
  },

  policyNews: {
    changedTitle: '策略已更新',
    changedText: '新策略即刻生效；此前的申请仍按当时的策略处理。',
    added: (path, after) => `新增 ${path}：${after}`,
    removed: (path, before) => `移除 ${path}：${before}`,
    changed: (path, before, after) => `${path}：${before} → ${after}`,
    nothing: '仅注释、顺序或写法有变化。',
    more: (count) => `……另有 ${count} 项`,
    brokenTitle: '策略文件无法使用',
    brokenText: '仍沿用之前的策略。改正以下问题后会自动生效：',
    version: (hash) => `版本 ${hash}`,
  },
}
