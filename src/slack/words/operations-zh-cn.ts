import { MOST_COUNTED } from '../../domain/hold.ts'
import type { OperationsWords } from './operations-en.ts'

/** 运维用语，简体中文。 */

export const operationsZhCN: OperationsWords = {
  pausing: {
    title: (key) => (key === null ? '已暂停发放' : `优惠券 ${key} 已暂停发放`),
    ended: (key) => (key === null ? '已恢复发放' : `优惠券 ${key} 已恢复发放`),
    pausedWhat: (key) => (key === null ? '*已暂停发放所有优惠券。*' : `*优惠券 ${key} 已暂停发放。*`),
    alreadyWhat: (key) =>
      key === null
        ? '*此前已暂停发放所有优惠券*，未作任何更改。'
        : `*优惠券 ${key} 此前已暂停发放*，未作任何更改。`,
    by: (who, when) => `${who} 于 ${when} 暂停。`,
    restored: (when) =>
      `自 ${when} 起暂停：记录已从备份恢复，其中没有备份之后发生的事。恢复发放前，请先与微信支付核对。`,
    resumedBy: (who, when) =>
      `${who} 于 ${when} 恢复发放。因此等待的优惠券正在陆续发放，另有其他原因的除外。`,
    effect: '在运维人员恢复之前，不再为其向微信支付发送任何请求，包括重试；已发出的请求会照常结束。',
    toResume: (command) => `恢复发放：${command}`,
    unclear: (word) => `*未暂停任何发放。* 没有优惠券 ${word}，请问您要暂停的是？`,
    unclearOne: (key, command, hasReason) =>
      `*${key === null ? '所有优惠券' : `只暂停 ${key}`}*${hasReason ? '，附原因' : ''}：${command}`,
    resumedWhat: (key) =>
      `${key === null ? '*已恢复发放。*' : `*优惠券 ${key} 已恢复发放。*`} 因此等待的优惠券正在陆续发放，另有其他原因的除外。`,
    notPaused: (key) =>
      key === null ? '目前没有暂停整体发放，未作任何更改。' : `优惠券“${key}”没有暂停发放，未作任何更改。`,
    noneToResume: (stock) => `没有优惠券“${stock}”，也没有对应的暂停，未作任何更改。`,
    repeated: '这条指令此前已收到并答复，本次没有重复执行。',
    over: (who, when) => `该次暂停已结束：${who} 已于 ${when} 恢复发放。本次未作任何更改。`,
    anotherOn: (who, when) => `目前另有一次暂停，由 ${who} 于 ${when} 发起，恢复前请先了解原因。`,
    overUnknown: '这个按钮对应的暂停或故障已无记录，因此未作任何更改。',
    faultOver: (when, pause) => `这个按钮对应的故障已于 ${when} 解除，因此没有暂停发放。如仍需暂停：${pause}`,
    meant: (key) => `您要找的是 ${key} 吗？`,
    stocks: (keys) => `这里的优惠券：${keys}`,
    nothingPaused: '目前没有任何暂停。',
    stillPaused: '目前已暂停的：',
    whole: '所有优惠券',
    pausedOne: (what, who, when) => `*${what}*  由 ${who} 于 ${when} 暂停`,
    resume: '恢复发放',
    resumeTitle: '恢复发放？',
    resumeText: (key) =>
      `等待中的${key === null ? '优惠券' : ` ${key} `}会立即发放（另有其他原因等待的除外），发放后无法撤回。`,
    resumeYes: '恢复',
    resumeNo: '暂不恢复',
    pause: '暂停发放',
    pauseTitle: '暂停发放？',
    pauseText: (key) => `在运维人员恢复之前，不再${key === null ? '' : `为 ${key} `}向微信支付发送任何请求。`,
    pauseYes: '暂停',
    pauseNo: '先不暂停',
    busy: '记录暂时无法写入，未作任何更改，请重试。',
    notSure: '目前无法确定是否已记录。请先运行 `/withdraw-coupon 卡住` 查看状态，再决定是否重试。',
    unsure: (id) =>
      `本应用出现问题，无法确定是否已暂停或恢复发放。请先运行 \`/withdraw-coupon 卡住\` 查看状态，再决定是否重试。问题编号：\`${id}\`。`,
  },

  stuck: {
    title: '卡住的优惠券',
    none: '没有卡住的：发放没有因故障停止，也没有暂停，没有正在核实或需要人工核查的优惠券，消息也能正常发出。',
    holds: '优惠券等待发放的原因',
    holdsMore: (count) => `……另有 ${count} 项`,
    hold: (what, when, ago) => `*${what}*  自 ${when} 起（${ago}）`,
    waiting: (count) =>
      `${count === 0 ? '没有' : count > MOST_COUNTED ? '有超过 1,000 张' : `有 ${count} 张`}优惠券因此等待。`,
    grants: '结果未知的优惠券',
    closed: 'Slack 不接受本应用发消息的地方',
    closedLine: (where, code, when, ago) => `*${where}*  自 ${when} 起（${ago}） · Slack：${code}`,
    closedWaiting: (messages, asks) =>
      `有 ${messages} 条消息等待发出${asks === 0 ? '' : `，${asks} 笔申请尚未送审`}。`,
    line: (state, name, user, who) => `*${state}*  ${name} · 发给 ${user} · 由 ${who} 申请`,
    since: (when, ago, attempts) => `自 ${when} 起（${ago}） · 已请求 ${attempts} 次`,
    why: (why) => `原因：${why}`,
    goesOn: '系统会自行继续确认。',
    paused: '恢复发放后会继续确认。',
    more: '还有更多，处理完这些后会显示。',
    settle: '处理…',
    confirm: '确认…',
    look: '查看…',
    withdraw: '撤回结论',
    withdrawTitle: '撤回结论？',
    withdrawText: '撤回后可以重新提出结论，这笔发放仍未完结。',
    withdrawYes: '撤回',
    withdrawNo: '不撤回',
    privacy: '仅您可见。',
  },

  flagged: {
    'no-answer': () => '微信支付没有响应',
    untrusted: () => '无法验证应答是否来自微信支付',
    unexpected: () => '无法识别微信支付的应答',
    lost: () => '请求中断，没有记录到应答',
    setup: (detail) => `有一次请求结果未知，之后微信支付不接受我们的请求（${detail}）`,
    ALREADY_EXISTS: () => '微信支付表示已发放过，但没有告知是哪张券',
    RESOURCE_ALREADY_EXISTS: () => '微信支付表示已发放过，但没有告知是哪张券',
    'refused-after-unknown': (detail) => `微信支付拒绝发放（${detail}），但之前的请求可能已发放这张券`,
    'no-outcome-in-24h': (detail) => `一天内未能确认结果，不再自动请求；最后一次：${detail}`,
    restored: () => '记录已从备份恢复：备份之后可能已发放，或已另有处理',
    'coupon-of-another': () => '微信支付返回的券属于另一笔申请',
    other: (code) => `有一次请求结果未知（${code}）`,
  },

  settle: {
    title: '处理结果未知的优惠券',
    loading: '请稍候，正在向微信支付查询该用户持有的优惠券……',
    attempts: '请求记录',
    attempt: (number, when, outcome) => `${number}.  ${when}  ${outcome}`,
    attemptsCut: (count) => `……中间省略 ${count} 次`,
    outcomes: {
      issued: '已发放',
      refused: '被拒绝',
      setup: '未受理：配置有误',
      'not-executed': '未执行',
      unknown: '结果未知',
      lost: '请求中断，结果未知',
      overtaken: '已由另一次请求得出结果',
      'not-sent': '未发送',
      underWay: '正在进行',
    },
    candidates: (count) => `*在微信支付查到该用户有 ${count} 张这种优惠券不属于本应用的任何一笔申请：*`,
    noCandidates: '在微信支付没有查到来历不明的券：该用户的这种优惠券都属于本应用的其他申请，或一张也没有。',
    candidatesMore: (count) => `……另有 ${count} 张，可选择“已发放，是其他优惠券”并填写其券 ID。`,
    sentAt: (when) => `发放于 ${when}`,
    warnCandidates: (count) =>
      `*请注意：* ${count === 1 ? '这张券' : '其中一张'}可能就是这笔申请发放的。如果是，选择“未发放”就错了，该用户可能得到两张。`,
    warnFailure: (why) =>
      `*请注意：* 未能读取微信支付的列表：${why}目前不知道该用户持有哪些券，选择“未发放”之前，请先在商户平台查询。`,
    verdict: '结果如何？',
    asCandidate: (id) => `已发放：${id}`,
    asAnother: '已发放，是其他优惠券',
    asAnotherHint: '请在下面填写券 ID',
    notIssued: '未发放',
    notIssuedHint: '没有发放，以后也不会',
    couponId: '其他优惠券的券 ID',
    couponIdHint: '仅在选择“已发放，是其他优惠券”时填写。',
    couponIdMissing: '请填写券 ID，或在上面改选其他结果。',
    evidence: '依据',
    evidenceHint: '您在哪里查看，结果如何。确认人和申请人会看到您填写的原文。',
    verdictMissing: '请选择结果。',
    second: '提交后并不会完结，须由另一人确认：运维人员或审批人，不能是您本人或申请人。',
    submit: '提交',
    issuedAs: (id) => `已发放，券 ID ${id}`,
    saidBy: (verdict, who, when) => `*${verdict}*  ${who} 于 ${when} 提出：`,
    confirmTitle: '确认结果',
    confirmSubmit: '确认',
    another: '*这个按钮对应的说明已不再等待确认。* 以下是之后提交的另一份：',
    confirmAsk: '确认前，请您自己也在微信支付查看。',
    confirmIssued: '确认后，这笔申请会显示为已发放此券，不再发送任何请求。',
    confirmNotIssued:
      '确认后，这笔申请以未发放完结，并释放所占限额。如果其实已经发放，该用户可能得到第二张。',
    confirmElse: '如果不是这样，运维人员可以撤回：`/withdraw-coupon 卡住`。',
    proposed: '已记录，但尚未完结：须由另一人确认。',
    askedInAlerts: (channel) => `已在 ${channel} 请求另一人确认。`,
    waits: '没有新的记录：此前已有人提出结论，正在等待另一人确认。',
    repeated: '这份表单此前已收到并答复，本次没有重复记录。',
    sentSince: '未作任何记录：在上次核对之后，这张优惠券又向微信支付发送过一次。请重新核对，再说明结果。',
    lapsed: (who) =>
      `这笔申请尚未了结：提交说明的 ${who} 已不再是运维人员，该说明已撤回。请重新说明结果：\`/withdraw-coupon 卡住\`。`,
    settled: '已确认，这笔发放已完结，并会告知申请人。',
    withdrawn: '已撤回。这笔发放仍未完结，可以重新提出结论。',
    already: (state) => `未作任何更改：这笔发放已完结，状态为“${state}”。`,
    alreadyConfirmed: (who, when) => `未作任何更改：${who} 已于 ${when} 确认。`,
    alreadyWithdrawn: (who, when) => `未作任何更改：${who} 已于 ${when} 撤回。`,
    notStuck: '未作任何更改：这笔申请没有需要处理的问题，会按消息所示继续。',
    ownGrant: '这是您自己的申请，结果须由另外两人提出并确认。',
    underWay: '未作任何更改：正在向微信支付请求这张券，应答可能就会得出结果。请稍后再试。',
    busy: '记录暂时无法写入，本次未记录任何内容，请重新提交。',
    late: '窗口未能及时打开，请再按一次。',
    confirmedBy: (proposer, second) => `由 ${proposer} 在微信支付查看后提出，经 ${second} 确认`,
    confirmedAt: (proposer, second, when) =>
      `由 ${proposer} 在微信支付查看后提出，经 ${second} 于 ${when} 确认`,
  },

  settled: {
    title: '未发放',
    notIssued: (user) => `未发放：发给 ${user} 的优惠券`,
    text: '经两人核查，这张券并未发放，用户没有得到任何优惠券。',
    next: '如仍需发放，请重新申请。',
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

  atCommandLine: (name) => `${name}（命令行）`,

  look: {
    afterEndTitle: '申请结束后仍收到优惠券',
    afterEndText: (couponId) =>
      `微信支付现以优惠券 ${couponId} 应答了这笔申请。该申请此前已结束，或该券已记在另一笔申请名下，应用无法自行更正。请核查该用户持有的优惠券。`,
    afterAllTitle: '优惠券实际已发放',
    afterAllText:
      '此前两人确认未发放，但微信支付现已证实已发放。相关消息和限额已更正。请核查在此期间是否又给该用户发放了一张。',
    title: '有一张优惠券需要核查',
    text: '无法确定微信支付是否已发放这张优惠券，应用也无法自行查明。这笔发放会保持未完结状态，不会重复发放。',
    settlementTitle: '需要另一人确认',
    settlementText: '这张优惠券的结果须由另一位运维人员或审批人确认，申请人不能确认。',
  },

  operatorHelp: {
    stuck: '查看卡住的优惠券，并处理：',
    pause: '立即暂停发放（全部或一种优惠券）：',
    resume: '恢复发放：',
    reason: '疑似重复发放',
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
