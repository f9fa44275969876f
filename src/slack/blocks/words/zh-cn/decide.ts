import type { AwayWords, DecideWords } from '../en/decide.ts'

const result = '结果会显示在卡片上。'
const resultHeld = '目前暂缓发放，原因和结果会显示在卡片上，无需重复操作。'

export const decide: DecideWords = {
  decided: {
    what: (amount, user) => `向 ${user} 发放 ${amount}`,
    result,
    resultHeld,
    approved: (what) => `您已批准${what}，${result}`,
    approvedHeld: (what) => `您已批准${what}，${resultHeld}`,
    counted: (have, needed) =>
      `您的批准已记录：${have}/${needed}。还需 ${needed - have} 人批准，目前尚未发放。`,
    lapsed: (who) => `以下人员已不再是审批人，其批准不再计入：${who}。`,
    repeated: (have, needed) => `您此前已批准过：${have}/${needed}。本次没有新的记录。`,
    rejected: '您已驳回，原因会告知申请人。未发放任何提现免费券。',
    cancelled: '已取消，未发放任何提现免费券。',
    already: '未作任何更改：这笔申请已不再等待审批。',
    alreadyNoCancel: '未作任何更改：这笔申请已无法取消。',
    late: '窗口未能及时打开，请再按一次。',
    busy: '记录暂时无法写入，未作任何更改。请稍后再按一次；如仍不行，请联系运维人员。',
    notSure: '目前无法确定是否已记录。请稍后查看卡片上的状态，再决定是否重新操作。',
    unsure: (id) =>
      `本应用出现问题，无法确定本次操作是否已记录。请先查看卡片上的状态，再决定是否重新操作。问题编号：\`${id}\`。`,
    openid: (openid) => `该用户的 openid：\`${openid}\`（本次查看已记录）`,
  },

  trail: {
    title: '处理记录',
    none: '还没有任何记录。',
    line: (when, text) => `${when}  ${text}`,
    cut: (count) => `……已省略较早的 ${count} 条`,
    actors: { app: '本应用', policy: '策略', wechatpay: '微信支付' },
    kinds: {
      requested: (who, found) => `${who} 提出申请${found ? `，用户：${found}` : ''}`,
      'approved-by-rule': (_who, detail) => `按策略规则“${detail}”自动批准`,
      approval: (who, detail) => `${who} 批准（${detail}）`,
      'approval-lapsed': (who) => `${who} 已不再是审批人，其批准不再计入`,
      approve: (who, detail) => `${who} 批准（${detail}），即将发放`,
      'approval-own': (who, detail) => `申请人 ${who} 自行批准（${detail}）`,
      'approve-own': (who, detail) => `申请人 ${who} 自行批准（${detail}），即将发放`,
      reject: (who, detail) => `${who} 驳回：“${detail}”`,
      cancel: (who, detail) => `${who} 取消${detail ? `：“${detail}”` : ''}`,
      expire: () => '超时无人审批，已失效',
      attempt: (_who, detail) => `向微信支付发起第 ${detail} 次请求`,
      'attempt-lost': (_who, detail) => `第 ${detail} 次请求中断，结果未知`,
      'outcome-unknown': (_who, detail) => `结果未知（${detail}），有待再次确认`,
      'outcome-unknown-last': (_who, detail) => `结果未知（${detail}），不再自动确认，须由运维人员核查`,
      release: (_who, detail) => `未执行（${detail}），稍后再次请求`,
      issue: () => '微信支付已发放提现免费券',
      refuse: (_who, detail) => `微信支付已拒绝${detail ? `（${detail}）` : ''}`,
      restored: () => '从备份恢复，之后的处理情况不明，须由运维人员核查',
      'given-up': () => '一天内未能确认结果，须由运维人员核查',
      correct: () => '微信支付证实已发放，更正为已发放',
      'coupon-after-end': () => '申请结束后微信支付仍发放了提现免费券，须由运维人员核查',
      held: (_who, detail) => `等待发放（${detail}）`,
      resumed: () => '恢复发放',
      reminded: () => '已提醒审批人',
      escalated: () => '等待已久，更多人可以审批',
      stranded: () => '有权审批的人联系不上或不足：已通知运维人员',
      reachable: () => '有权审批的人已可联系',
      'channel-closed': (_who, detail) => `未能送审：Slack 不接受在审批频道发消息（${detail}）`,
      'asked-elsewhere': () => '改在策略目前规定的频道送审',
      'operators-told': () => '已通知运维人员未能送审',
      'channel-open': () => '审批频道恢复，可以发消息',
      'openid-shown': (who) => `${who} 查看了 openid`,
      erased: (who) => `${who} 清除了 openid、工单号和备注`,
      'erased-keep': () => '已超过策略规定的保留期限，清除 openid、工单号和备注',
    },
    other: (kind) => kind,
    reasons: {
      'stock-left-policy': '此券已从策略中移除',
      'too-late': '未能在规定时间内发放',
      corrected: '申请人已修改并重新提交',
      'same-user': '须先确认该用户的另一张提现免费券',
      'untrusted-answers': '无法验证微信支付的应答',
      connect: '无法连接',
      'no-connection': '无法连接微信支付',
      'no-answer': '没有应答',
      untrusted: '应答无法验证',
      unexpected: '应答无法识别',
      lost: '请求中断',
      'held-up': '本应用一度停顿',
      paused: '已暂停',
      restored: '记录已从备份恢复',
    },
  },

  operatorTrail: {
    heldBy: (who) => `${who} 暂停发放，因此等待`,
    resumedBy: (who) => `${who} 恢复发放`,
    proposed: (who, verdict, evidence) => `${who} 提出结论：${verdict}：“${evidence}”`,
    withdrawn: (who) => `${who} 撤回了结论`,
    issued: (proposer, second) => `已发放：${proposer} 提出，${second} 确认`,
    notIssued: (proposer, second) => `未发放：${proposer} 提出，${second} 确认`,
  },
}

export const away: AwayWords = {
  away: {
    usage: (unclear) =>
      `${unclear === null ? '' : `无法识别 ${unclear}。`}请按您所在的时区写明离开到何时，如有需要再写由谁代为审批：\`/withdraw-coupon 离开 周五\`、\`离开 3 天 @…\`、\`离开 周五 18:00 @…\`。提前回来请运行 \`/withdraw-coupon 回来\`。`,
    unknown: (typed, count) =>
      count === 0
        ? `策略涉及的人员中没有叫 ${typed} 的人。请填写 Slack 中显示的名字或邮箱地址。`
        : `有 ${count} 人叫 ${typed}，请改用邮箱地址。`,
    untold: (typed) => `Slack 未能及时告知 ${typed} 是谁，因此未记录。请稍后再试。`,
    notSure: '不确定是否已记录，请运行 `/withdraw-coupon 离开` 查看。',
    unsure: (id) =>
      `本应用出现问题，不确定是否已记录，请运行 \`/withdraw-coupon 离开\` 查看。问题编号：\`${id}\`。`,
    none: '您目前没有设置离开。',
    alone: (who, when) => `${who ?? '您'}离开至 ${when}，未指定代理人。`,
    withStandIn: (who, when, standIn) =>
      `${who ?? '您'}离开至 ${when}，期间由 ${standIn} 代为审批，两人只算一票。`,
    back: (who) => `${who} 已回来。`,
    notAway: (who) => `${who} 没有设置离开。`,
    youStandIn: (who, when) =>
      `在 ${when} 之前，您代 ${who} 审批：${who} 可以审批的申请您也可以审批，两人只算一票。运行 \`/withdraw-coupon 待审批\` 查看。`,
    setFor: (by, when, standIn) =>
      `${by} 为您设置了离开，至 ${when}${standIn === null ? '' : `，期间由 ${standIn} 代为审批`}。提前回来请运行 \`/withdraw-coupon 回来\`。`,
    standing: (who, forWhom) => `${who}（代 ${forWhom}）`,
    repeatedBy: (who, have, needed) => `${who} 已经批准过。代理期间两人只算一票：目前 ${have}/${needed}。`,
    noDecider: (who, id) =>
      ({
        you: '仅供审批人使用，您没有审批权限。运维人员可以替审批人设置。',
        person: `<@${id}> 不审批提现免费券，无需代理人。`,
        'stand-in': `<@${id}> 没有审批权限，不能代为审批，请另选一位审批人。`,
      })[who],
    ownStandIn: '不能指定自己为代理人，请另选一位审批人。',
    time: (days) => `请选择从现在起 ${days} 天以内的时间。`,
    help: '设置离开，并指定由谁代为审批：',
  },
  escalation: {
    told: (who, count, when) =>
      `${who}：这笔申请等待已久，您现在也可以审批。还需 ${count} 人批准，截止时间 ${when}。`,
    stranded: '有权审批这笔申请的人目前都联系不上，或人数不足。须由运维人员检查审批人设置。',
    strandedTitle: '有申请已无人可以审批',
    strandedText: (needed, reachable) =>
      `需要 ${needed} 位审批人，但有权审批的人${reachable === 0 ? '一位也联系不上' : `只能联系到 ${reachable} 位`}。请检查策略中的审批人及其用户组成员；人数足够后，申请会自动恢复。`,
  },
}
