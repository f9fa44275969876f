import type { ApprovalReason } from '../../../../domain/policy.ts'
import { formatFenShort } from '../../../../domain/text.ts'
import type { CardWords, OutcomeWords } from '../en/cards.ts'

const lately = (days: number) => (days === 1 ? '今天' : `近 ${days} 天`)
const reasons: {
  [Code in ApprovalReason['code']]: (reason: Extract<ApprovalReason, { code: Code }>) => string
} = {
  always: () => '所有申请均需人工审批',
  'no-rule': () => '不符合自动批准条件',
  'above-quota': ({ max }) => `超过自动批准上限 ${formatFenShort(max)}`,
  'rule-used-up': ({ by, limit }) =>
    `${by === 'requester' ? '申请人' : '该用户'}${limit.days === 1 ? '今日' : `近 ${limit.days} 天`}的自动批准额度已用完`,
}
const asking = (isUnanswered: boolean) => (isUnanswered ? '微信支付没有应答。' : '微信支付尚未确认这张券。')

export const cards: CardWords = {
  card: {
    pendingText: (channel, until) =>
      `等待审批${channel ? `（${channel}）` : ''}。${until ? `${until} 前无人审批将自动失效。` : ''}批准之前不会发放。`,
    notAskedText: (channel, operatorsTold, until) =>
      `还没有人收到审批请求：Slack 目前不接受本应用在 ${channel} 发消息。${operatorsTold ? '已通知运维人员。' : '请告知运维人员。'}频道恢复后会自动发出${until ? `，${until} 前无人审批将自动失效` : ''}。在此之前，审批人可用 \`/withdraw-coupon 待审批\` 处理。批准之前不会发放。`,
    stockLeft: (until) =>
      `此券已从策略中移除，重新加入之前这笔申请无法批准。${until ? `${until} 前无人审批将自动失效。` : ''}`,
    replaces: '之前的消息已无法修改，以本条消息为准。',
    shortened:
      'Slack 未接受完整的消息，这里是简要版本。可用 `/withdraw-coupon 我的` 或 `/withdraw-coupon 待审批` 查看详情；运维人员可在日志中查看原因。',
    approvedText: '已批准，正在发放……',
    holdText: (why, until) =>
      until === null
        ? `${why}您无需任何操作，问题解决后会自动发放。`
        : `${why}问题解决后会自动发放；如到 ${until} 仍未解决，申请会被取消并通知申请人。`,
    issuingText: '正在发放……',
    checkingText: (isUnanswered) =>
      `${asking(isUnanswered)}应用会继续尝试，不会重复发放。在此期间请勿另行发放。`,
    needsLookText: '目前无法确定微信支付是否已发放这张券，须由运维人员核查。在此期间请勿另行发放。',
    needsLookBefore: '发放前须由运维人员核查，目前尚未发放。',
    waits: (why) => `目前暂缓：${why}`,
    expires: (when) => `有效期至 ${when}`,
    noExpiry: '微信支付未返回有效期',
    passOnLabel: '可转告用户：',
    passOnIn: { en: '英文：', 'zh-CN': '中文：' },
    passOnNoExpiry: '微信支付所示日期',
    passOn: (quota, until) =>
      `您好，已为您发放一张提现免费券：${until ? `${until}前，` : ''}将微信零钱提现到银行卡，${quota.replace('¥', '').replace(/\.00$/, '')} 元以内免手续费。给您带来不便，敬请谅解。`,
    refusedText: (why, next) => `微信支付拒绝了本次发放：${why}未发放任何提现免费券。\n${next}`,
    nothingGiven: '未发放任何提现免费券。',
    reason: (name) => `原因：${name}`,
    byRule: (rule) => `自动批准（${rule}）`,
    giveAnother: '再发一张',
    askAgain: '重新申请',
    change: '修改…',
    repeated: '此表单此前已提交过：以下是当时记录的内容，本次没有新的记录。',
    wechatSays: (code, message) => `微信支付：${code} ${message}`,
  },

  facts: {
    first: (days) => `✓ ${lately(days)}首张`,
    nth: (nth, days, others) => `*${lately(days)}第 ${nth} 张*：${others}`,
    one: (who, amount, when, reason) => `${who} ${when} 发过 ${amount}（${reason}）`,
    more: (count) => `另有 ${count} 张`,
    underWay: (count, which) => `*另有 ${count} 笔正在处理*：${which}`,
    ticketUsers: (count) => `*同一工单近 30 天还用于另外 ${count} 位用户*`,
    limit: (kind, measure, used, max, days) =>
      `*${{ user: '用户', requester: '申请人', stock: '此券' }[kind]}（含本次）*\n${lately(days)} ${measure === 'count' ? `${used}/${max} 张` : `${formatFenShort(used)}/${formatFenShort(max)}`}${used > max ? ' ⚠ 已超出上限' : ''}`,
    cost: (amount) => `*成本*\n${amount}`,
  },

  refusedBy: {
    RULE_LIMIT: {
      why: '该用户领取此券的数量已达上限。',
      next: '请选择其他提现免费券，或请批次负责人调整上限。',
    },
    USER_ACCOUNT_ABNORMAL: {
      why: '该用户的微信支付账户状态异常。',
      next: '请用户在微信支付中查看原因，或联系微信支付客服。',
    },
    NOT_ENOUGH: { why: '批次预算已用完。', next: '请选择其他提现免费券，或请批次负责人追加预算。' },
    REQUEST_BLOCKED: {
      why: '批次尚未开始或已经结束。',
      next: '请选择其他提现免费券，或咨询批次负责人。',
    },
    USER_AL_GET_COUPON: {
      why: '该用户已领取过此券。',
      next: '再次发放前，请先查询该用户持有的提现免费券。',
    },
    RESOURCE_NOT_EXISTS: { why: '批次不存在。', next: '请运维人员核对策略中的批次号。' },
    USER_NOT_EXISTS: {
      why: '用户不存在。',
      next: '请核对 openid 与 appid 是否对应，以及复制是否完整。',
    },
    PARAM_ERROR: { why: '有参数不符合要求。', next: '请核对 openid；如无误，请联系运维人员。' },
    INVALID_REQUEST: { why: '请求不符合要求。', next: '请核对 openid；如无误，请联系运维人员。' },
  },

  refusedOther: { why: '本应用不认识其返回的原因。', next: '请联系运维人员。' },

  holdBy: {
    SIGN_ERROR: '微信支付不接受本应用的凭证，须由运维人员修正配置。',
    NO_AUTH: '商户号没有发放此券的权限，须由运维人员处理。',
    APPID_MCHID_NOT_MATCH: '此券的配置有误，须由运维人员修正。',
    MCH_NOT_EXISTS: '此券的配置有误，须由运维人员修正。',
    PARAM_ERROR: '此券的配置有误，须由运维人员修正。',
    'untrusted-answers': '目前无法验证微信支付的应答。',
    NOT_ENOUGH: '此券的预算已用完，须由运维人员追加。',
    REQUEST_BLOCKED: '此券尚未开始或已结束，微信支付目前不发放，须由运维人员处理。',
    RESOURCE_NOT_EXISTS: '微信支付中不存在此券，须由运维人员修正配置。',
    'no-connection': '目前无法连接微信支付。',
    'no-answer': '微信支付目前没有应答。',
    'same-user': '须先确认该用户的另一张提现免费券。',
    paused: '发放已暂停。',
    restored: '记录已从备份恢复，发放暂停。',
    other: '出现故障，须由运维人员排查。',
  },

  paused: {
    approved: (why, until) =>
      until === null
        ? `${why}您无需任何操作，运维人员恢复后即会发放。`
        : `${why}运维人员恢复后即会发放；如到 ${until} 仍未恢复，申请会被取消并通知申请人。`,
    issuing: (why) =>
      `请求在此之前已发给微信支付：${why}如果没有应答，会在运维人员恢复后再次请求，不会重复发放。`,
    checking: (isUnanswered, why) =>
      `${asking(isUnanswered)}目前不再请求：${why}运维人员恢复后会继续，不会重复发放。在此期间请勿另行发放。`,
    checkingHeld: (isUnanswered, why) =>
      `${asking(isUnanswered)}目前不再请求：${why}问题解决后会继续，不会重复发放。在此期间请勿另行发放。`,
  },

  settled: {
    title: '未发放',
    text: '经两人核查，这张券并未发放，用户没有得到任何提现免费券。',
    next: '如仍需发放，请重新申请。',
  },

  approval: {
    title: {
      pending: '等待审批',
      notAsked: '尚未送审',
      counted: (have, needed) => `已有 ${have}/${needed} 人批准`,
      approved: '已批准，正在发放',
      held: '已批准，等待发放',
      issuing: '已批准，正在发放',
      checking: '正在核实',
      needsLook: '需要人工核查',
      issued: '已发放',
      refused: '微信支付已拒绝',
      rejected: '已驳回',
      cancelled: '已取消',
      expired: '已失效',
    },
    askedBy: (who) => `${who} 申请`,
    reason: '原因',
    ticket: '工单',
    needs: (needed, have, who) =>
      `${have > 0 ? '还需' : '需'} ${needed - have} 人批准${who ? `（${who}）` : ''}`,
    why: (reason) => (reasons[reason.code] as (reason: ApprovalReason) => string)(reason),
    whySeveral: (needed, above) =>
      above === null ? `策略要求 ${needed} 人批准` : `超过 ${above} 需 ${needed} 人批准`,
    until: (when) => `${when} 截止`,
    approvedBy: (who, when) => `${who} 于 ${when} 批准`,
    lapsedApproval: (who) => `${who} 已不再是审批人，其批准不再计入`,
    ownApproval: (who, when) => `申请人 ${who} 于 ${when} 自行批准`,
    rejectedBy: (who, when) => `${who} 于 ${when} 驳回。`,
    cancelledBy: (who, when) => `${who} 于 ${when} 取消。`,
    cancelledByPolicy: {
      'stock-left-policy': '已取消：发放前，此券已从策略中移除。',
      'too-late': '已取消：未能在策略规定的时间内发放。',
      changed: '已取消：申请人已修改并重新提交。',
      other: '已按策略取消。',
    },
    next: {
      decided: '如仍需发放，请重新申请，并在备注中说明理由。',
      expired: '如仍需发放，请重新申请，并提醒审批人及时处理。',
      cancelledOwn: '您可以随时重新申请。',
      cancelledByPolicy: {
        'stock-left-policy': '请改选其他提现免费券，或向运维人员了解停用原因。',
        'too-late': '如仍需发放，请重新申请；未能发放的原因可向运维人员了解。',
        changed: '新的申请见另一条消息。',
        other: '如仍需发放，请重新申请。',
      },
    },
    expiredAt: (when) => `超时无人审批，${when} 已失效。`,
    issuingNow: '正在发放提现免费券……',
    issuedAt: (when) => `${when} 发放`,
    approve: '批准',
    reject: '驳回…',
    cancel: '取消发放…',
    cancelOwn: '取消申请',
    history: '处理记录',
    confirmTitle: '确认批准？',
    confirmGives: (amount, user) => `向 ${user} 发放一张 ${amount} 的提现免费券？发放后无法撤回。`,
    confirmCounts: (number, needed) =>
      `您将是第 ${number}/${needed} 位批准人。还需 ${needed - number} 人批准后才会发放。`,
    confirmYes: '批准',
    confirmNo: '暂不批准',
    cancelTitle: '取消这笔申请？',
    cancelText: '取消后不会发放提现免费券，您可以重新申请。',
    cancelYes: '取消申请',
    cancelNo: '不取消',
    rejectTitle: '驳回申请',
    cancelModalTitle: '取消发放',
    whyLabel: '原因',
    whyHint: '申请人和审批人会看到您填写的原文。',
    canned: '驳回原因',
    cannedOther: '其他原因',
    cannedNote: '补充说明',
    rejectSubmit: '驳回',
    cancelSubmit: '取消发放',
    about: (who, name, user) => `${who} 申请向 ${user} 发放“${name}”。`,
    reminder: (who, count, when) => `${who}：这笔申请还需 ${count} 人批准，截止时间 ${when}。`,
    approvers: '审批人',
  },

  more: {
    openid: '显示 openid',
    history: '处理记录',
    ids: '编号',
    lookup: '查询该用户',
  },

  ids: {
    title: '编号（可复制）',
    grant: '申请（本应用）',
    noCoupon: '尚无 coupon_id。',
  },

  atCommandLine: (name) => `${name}（命令行）`,
}

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
