import type { OutcomeWords } from '../en/outcomes.ts'

export const outcomes: OutcomeWords = {
  outcome: {
    issuedAfterAll: '确认已发放',
    afterAll: '这笔申请此前以未发放结束，现微信支付确认券已发出。',
    rejectedBy: (who) => `${who} 已驳回`,
    cancelledBy: (who) => `${who} 已取消`,
    details: '详情',
    together: (count) => `您有 ${count} 笔申请已有结果`,
    more: (count) => `……另有 ${count} 笔，可用 \`/withdraw-coupon 我的\` 查看全部。`,
  },

  reminders: {
    title: (who, count) => `${who}：还有 ${count} 笔申请等待审批`,
    line: (what, have, needed, until) =>
      `${what}${have > 0 ? ` · 已有 ${have} 人批准，共需 ${needed} 人` : ''}${until ? ` · 截止时间 ${until}` : ''}`,
    more: (count) => `……另有 ${count} 笔，可用 \`/withdraw-coupon 待审批\` 查看您可审批的申请。`,
  },
}
