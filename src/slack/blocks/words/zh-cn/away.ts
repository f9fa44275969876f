import type { AwayWords } from '../en/away.ts'

export const away: AwayWords = {
  away: {
    usage: (unclear) =>
      `${unclear === null ? '' : `无法识别 ${unclear}。`}请写明离开到何时，如有需要再写由谁代为审批：\`/withdraw-coupon 离开 2026-12-01 @lea\`、\`离开 周五 18:00 @lea\`。提前回来请运行 \`/withdraw-coupon 回来\`。`,
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
      who === 'person'
        ? `<@${id}> 不审批提现免费券，无需代理人。`
        : `<@${id}> 没有审批权限，不能代为审批，请另选一位审批人。`,
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
