import type { ApprovalReason } from '../../../../domain/policy.ts'
import { formatFen } from '../../../../domain/text.ts'
import type { CardWords } from '../en/cards.ts'

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

export const cards: CardWords = {
  card: {
    recordedTitle: '已记录',
    pending: (user) => `等待审批：发给 ${user} 的优惠券`,
    notAsked: (user) => `尚未送审：发给 ${user} 的优惠券`,
    approved: (user) => `已批准，尚未发放：发给 ${user} 的优惠券`,
    issuing: (user) => `正在发放：发给 ${user} 的优惠券`,
    checking: (user) => `正在核实：发给 ${user} 的优惠券`,
    needsLook: (user) => `需要人工核查：发给 ${user} 的优惠券`,
    issued: (user) => `优惠券已发放给 ${user}`,
    refused: (user) => `微信支付已拒绝：发给 ${user} 的优惠券`,
    rejected: (user) => `审批未通过：发给 ${user} 的优惠券`,
    cancelled: (user) => `已取消：发给 ${user} 的优惠券`,
    expired: (user) => `逾期未审批：发给 ${user} 的优惠券`,
    quota: (name, quota) => `${name} · 免手续费提现额度 ${quota}`,
    pendingText: (channel, until) =>
      `等待${channel ? ` ${channel} ` : ''}审批${until ? `，截止时间：${until}` : ''}。批准之前不会发放。`,
    notAskedText: (channel, operatorsTold, until) =>
      `无法发到 ${channel}：Slack 目前不接受本应用在该频道发消息，因此还没有人收到审批请求。${operatorsTold ? '已通知运维人员。' : '请告知运维人员。'}频道恢复后会自动发出${until ? `，截止时间：${until}` : ''}；在此之前，审批人可用 \`/withdraw-coupon 待审批\` 处理。批准之前不会发放。`,
    replaces: '之前的消息已无法修改，以本条消息为准。',
    shortened:
      'Slack 未接受完整的消息，这里是简要版本。可用 `/withdraw-coupon 我的` 或 `/withdraw-coupon 待审批` 查看详情；运维人员可在日志中查看原因。',
    approvedText: '已记录并批准，正在发放……',
    holdText: (why, until) =>
      until === null
        ? `已批准，等待发放：${why}申请不会丢失，您无需任何操作，问题解决后会自动发放。`
        : `已批准，等待发放：${why}问题解决后会自动发放；如到 ${until} 仍未解决，申请会被取消并通知您。`,
    issuingText: '已记录，正在发放……',
    checkingText: (isUnanswered) =>
      `${isUnanswered ? '微信支付没有响应。' : '微信支付尚未确认这张券。'}系统会继续尝试，不会重复发放。在此期间请勿另行发放。`,
    needsLookText: '目前无法确定微信支付是否已发放这张券，须由运维人员核查。在此期间请勿另行发放。',
    needsLookBefore: '发放前须由运维人员核查，目前尚未发放。',
    waits: (why) => `目前暂缓：${why}`,
    expires: (when) => `有效期至 ${when}`,
    noExpiry: '微信支付未返回有效期。',
    passOnLabel: '可转告用户：',
    passOn: (quota, until) =>
      `我们已向您的微信支付账户发放一张银行提现免费券，${until ? `在 ${until}之前，` : ''}将零钱提现到银行卡可免手续费，免费额度最高 ${quota}。`,
    refusedText: (why, next) => `微信支付拒绝了本次发放：${why}未发放任何优惠券。\n${next}`,
    nothingGiven: '未发放任何优惠券。',
    reason: (name) => `原因：${name}`,
    byRule: (rule) => `由策略自动批准（${rule}）`,
    ticket: '工单：',
    lookUp: '查询该用户',
    giveAnother: '再发一张',
    askAgain: '重新申请',
    repeated: '此表单此前已提交过：这里显示的是当时记录的内容，本次没有新的记录。',
    wechatSays: (code, message) => `微信支付：${code} ${message}`,
    requestId: (id) => `Request-ID：${id}`,
  },

  refusedBy: {
    RULE_LIMIT: {
      why: '该用户领取此券的数量已达上限。',
      next: '请选择其他优惠券，或请批次负责人调整上限。',
    },
    USER_ACCOUNT_ABNORMAL: {
      why: '该用户的微信支付账户状态异常。',
      next: '请用户在微信支付中查看原因，或联系微信支付客服。',
    },
    NOT_ENOUGH: { why: '批次预算已用完。', next: '请选择其他优惠券，或请批次负责人追加预算。' },
    REQUEST_BLOCKED: { why: '批次尚未开始或已经结束。', next: '请选择其他优惠券，或咨询批次负责人。' },
    USER_AL_GET_COUPON: {
      why: '该用户已领取过此券。',
      next: '再次发放前，请先查询该用户持有的优惠券。',
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
    SIGN_ERROR: '微信支付不接受本应用的请求，须由运维人员修正配置。',
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
    'same-user': '须先确认该用户的另一张优惠券。',
    paused: '发放已暂停。',
    restored: '记录已从备份恢复，发放暂停。',
    other: '出现故障，须由运维人员排查。',
  },

  paused: {
    approved: (why, until) =>
      until === null
        ? `已批准，等待发放：${why}申请不会丢失，您无需任何操作，运维人员恢复后即会发放。`
        : `已批准，等待发放：${why}运维人员恢复后即会发放；如到 ${until} 仍未恢复，申请会被取消并通知您。`,
    issuing: (why) =>
      `请求在此之前已发给微信支付：${why}如果没有应答，会在运维人员恢复后再次请求，不会重复发放。`,
    checking: (isUnanswered, why) =>
      `${isUnanswered ? '微信支付没有响应。' : '微信支付尚未确认这张券。'}目前不再请求：${why}运维人员恢复后会继续，不会重复发放。在此期间请勿另行发放。`,
    checkingHeld: (isUnanswered, why) =>
      `${isUnanswered ? '微信支付没有响应。' : '微信支付尚未确认这张券。'}目前不再请求：${why}问题解决后会继续，不会重复发放。在此期间请勿另行发放。`,
  },

  settled: {
    title: '未发放',
    notIssued: (user) => `未发放：发给 ${user} 的优惠券`,
    text: '经两人核查，这张券并未发放，用户没有得到任何优惠券。',
    next: '如仍需发放，请重新申请。',
  },

  approval: {
    title: {
      pending: '等待审批',
      notAsked: '尚未送审',
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
    asked: (who, user) => `${who} 申请向 ${user} 发放优惠券`,
    headline: (state, asks) => `${state}：${asks}`,
    coupon: '优惠券',
    couponText: (name, quota, cost) => `${name}（额度 ${quota}${cost ? `，成本 ${cost}` : ''}）`,
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
    lapsedApproval: (who) => `${who} 已不再是审批人，其批准不再计入`,
    ownApproval: (who, when) => `申请人 ${who} 于 ${when} 自行批准`,
    rejectedBy: (who, when) => `${who} 于 ${when} 驳回。`,
    cancelledBy: (who, when) => `${who} 于 ${when} 取消。`,
    cancelledByPolicy: {
      'stock-left-policy': '已取消：发放前，此券已从策略中移除。',
      'too-late': '已取消：未能在策略规定的时间内发放。',
      other: '已按策略取消。',
    },
    next: {
      decided: '如仍需发放，请重新申请，并在备注中补充说明。',
      expired: '如仍需发放，请重新申请，并提醒审批人及时处理。',
      cancelledOwn: '您可以随时重新申请。',
      cancelledByPolicy: {
        'stock-left-policy': '请改选其他优惠券，或向运维人员了解停用原因。',
        'too-late': '如仍需发放，请重新申请；未能发放的原因可向运维人员了解。',
        other: '如仍需发放，请重新申请。',
      },
    },
    expiredAt: (when) => `逾期未审批，已于 ${when} 过期。`,
    issuingNow: '正在发放优惠券……',
    issuedAt: (when) => `${when} 发放`,
    approve: '批准',
    reject: '驳回…',
    cancel: '取消发放…',
    cancelOwn: '取消申请',
    showOpenid: '显示 openid',
    history: '处理记录',
    confirmTitle: '确认批准？',
    confirmText: (quota, user) => `向 ${user} 发放额度为 ${quota} 的银行提现免费券？发放后无法撤回。`,
    confirmYes: '批准',
    confirmNo: '暂不批准',
    cancelTitle: '取消这笔申请？',
    cancelText: '取消后不会发放优惠券，您可以重新申请。',
    cancelYes: '取消申请',
    cancelNo: '不取消',
    rejectTitle: '驳回申请',
    cancelModalTitle: '取消发放',
    whyLabel: '原因',
    whyHint: '申请人和审批人会看到您填写的原文。',
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
