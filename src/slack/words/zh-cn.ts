import { MOST_COUNTED } from '../../domain/hold.ts'
import type { LimitKind } from '../../domain/limit.ts'
import { formatFen } from '../../domain/money.ts'
import type { Person } from '../../domain/permissions.ts'
import type { Role } from '../../domain/policy.ts'
import type { ChannelProblem } from '../../domain/refusal.ts'
import { approvalsZhCN } from './approvals-zh-cn.ts'
import type { Words } from './en.ts'
import { operationsZhCN } from './operations-zh-cn.ts'

/** 简体中文. Terms as WeChat Pay and Slack's Chinese interface use them. */

const amount = (measure: 'count' | 'quota', value: number) =>
  measure === 'count' ? `${value} 张` : formatFen(value)
const inDays = (days: number) => (days === 1 ? '今天' : `近 ${days} 天（含今天）`)
const lately = (days: number) => (days === 1 ? '今天' : `近 ${days} 天`)
const whenAgain = (max: number, adding: number, days: number) => {
  const ask = '请运维人员调整上限。'
  if (adding > max) return `等待也无法解决，请另选一种优惠券，或${ask}`
  return `${days === 1 ? '请明天再试' : `待较早的发放满 ${days} 天后可再试`}，或${ask}`
}
const roleDoes: Record<Role, string> = {
  viewer: '查询优惠券',
  requester: '发放优惠券',
  approver: '审批这笔申请',
  auditor: '查看记录',
  operator: '暂停、恢复或处理发放',
}
const whoseLimit: Record<LimitKind, string> = {
  user: '该用户',
  requester: '您',
  stock: '此券',
}
const channels: Record<ChannelProblem, string> = {
  'not-joined': '本应用不在审批频道中。请运维人员邀请本应用加入，或更正策略中的频道。',
  shared: '审批频道与其他组织共享。请运维人员在策略中改用其他频道。',
  archived: '审批频道已归档。请运维人员在策略中改用其他频道。',
  unreadable: 'Slack 不允许本应用查看审批频道。请运维人员按清单中的全部权限重新安装本应用。',
}
const standings: Record<Exclude<Person['standing'], 'member'>, string> = {
  guest: '访客不能使用本应用，请联系本工作区的正式成员。',
  bot: '机器人不能使用本应用。',
  deactivated: '此账号已停用。',
  'other-workspace': '只有本应用所在工作区的成员才能使用。',
}

export const zhCN: Words = {
  ...approvalsZhCN,
  ...operationsZhCN,
  locale: 'zh-CN',
  space: '',
  separator: '、',
  cut: {
    more: (count) => `……另有 ${count} 项`,
    lines: (count) => `……另有 ${count} 行`,
    characters: (count) => `……（余 ${count} 字）`,
  },
  gap: '',
  close: '关闭',
  cancel: '取消',

  subcommands: {
    send: '发放',
    list: '查询',
    pending: '待审批',
    mine: '我的',
    history: '记录',
    stuck: '卡住',
    pause: '暂停',
    resume: '恢复',
    help: '帮助',
  },

  refusal: {
    standing: (standing) => standings[standing],
    rolesUnknown:
      'Slack 未能及时告知您所在的用户组，因此未执行任何操作。请稍后再试；如仍不行，请联系运维人员。',
    cutOff:
      'Slack 已不再接受本应用的令牌，因此未执行任何操作，重试也没有用。请告知本应用的管理者：需要更换令牌。',
    roleMissing: (role) => `您没有${roleDoes[role]}的权限。`,
    openidEmpty: '请填写用户的 openid。',
    openidTooLong: (length) => `openid 最多 128 个字符，现在有 ${length} 个。`,
    openidLength: (length) =>
      `openid 应为 28 个字符、以 o 开头，现在有 ${length} 个字符。如果您的 appid 的 openid 格式不同，运维人员可在策略中设置 openid。`,
    openidStart: (character) =>
      `openid 应以小写字母 o 开头，现在以“${character}”开头。如果您的 appid 的 openid 格式不同，运维人员可在策略中设置 openid。`,
    openidPattern: (pattern) => `这不符合策略中规定的 openid 格式：${pattern}`,
    openidCharacter: (character, position) =>
      `openid 只能包含字母、数字、- 和 _，但第 ${position} 个字符是${character === ' ' ? '空格' : `“${character}”`}。`,
    stockUnknown: (stock) => `这里没有优惠券“${stock}”，请另选一种。`,
    reasonUnknown: (reason) => `这里没有发放原因“${reason}”，请另选一项。`,
    noteMissing: '选择此原因时须填写备注，请用一句话说明情况。',
    noteTooLong: (length, max) => `备注最多 ${max} 个字符，现在有 ${length} 个。`,
    ticketMissing: '请填写工单号。',
    ticketMalformed: (pattern) => `工单号的格式应为 ${pattern}。`,
    limit: (kind, measure, used, max, adding, days) =>
      `${whoseLimit[kind]}${inDays(days)}最多可${kind === 'user' ? '获得' : '发放'} ${amount(measure, max)}，已发放或处理中 ${amount(measure, used)}，再发 ${amount(measure, adding)}${measure === 'count' ? '' : ' '}将超出上限。${whenAgain(max, adding, days)}`,
    lookups: (max, againAt) => `您的查询次数已达上限（${max} 次），${againAt}之后可以继续查询。`,
    ask: (people) => `如需开通权限，请联系 ${people}。`,
    operators: (people) => `运维人员：${people}`,
    noOperators: '策略中没有配置运维人员，请联系本工作区中负责此应用的同事。',
    askSomebody: '如需开通权限，请联系本工作区中负责此应用的同事。',
    whyMissing: '请填写原因。',
    ownGrant: '这是您自己的申请，须由他人审批。如需取消，请运行 /withdraw-coupon 我的。',
    noApprovers: (needed, reachable) =>
      `目前无法审批：需要 ${needed} 位审批人，但能联系到的有权审批的人${reachable === 0 ? '一位也没有' : `只有 ${reachable} 位`}。请运维人员检查策略中的审批人。`,
    approversUnknown: 'Slack 未能及时告知谁可以审批，请稍后重新提交；如仍不行，请联系运维人员。',
    proposerUnknown: 'Slack 未能及时告知提交说明的人是否仍是运维人员，请稍后再确认一次。',
    earlierApproversUnknown:
      'Slack 未能及时告知此前的批准人是否仍有审批权限，请稍后再点一次；如仍不行，请联系运维人员。',
    channel: (why) => channels[why],
    stockLeft: (stock) => `优惠券“${stock}”已从策略中移除，无法批准。请驳回并告知申请人，或联系运维人员。`,
    ownSettlement: '结论由您提出，须由另一人确认。',
    evidenceMissing: '请写明依据：您在哪里查看，结果如何。',
    evidenceTooLong: (length, max) => `最多 ${max} 个字符，现在有 ${length} 个。`,
    couponIdMalformed: '券 ID 只能包含字母、数字、- 和 _，最多 128 个字符。请从微信支付复制。',
    couponTaken: '这张券属于另一笔发放，请选择本次发放所得的券。',
    nothingRecorded: '未记录任何内容。',
  },

  form: {
    title: '发放提现券',
    intro: '用户使用银行提现免费券，可在券面额度内免手续费将零钱提现到银行卡。*发放后无法撤回。*',
    openid: '用户标识（openid）',
    openidHint: '用户在公众号、小程序等应用（appid）下的唯一标识，共 28 个字符，以字母 o 开头。',
    openidPlaceholder: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
    stock: '优惠券',
    stockPlaceholder: '请选择优惠券',
    stockOption: (name, quota) => `${name} · 额度 ${quota}`,
    stockLeft: (count, days = 1) => `${inDays(days)}还可发放 ${count} 张`,
    reason: '发放原因',
    reasonPlaceholder: '请选择原因',
    reasonNeedsNote: '须填写备注',
    note: '备注',
    noteHint: '供审批和事后查阅，用户看不到。',
    ticket: '工单号',
    submit: '提交',
    give: '发放',
    ask: '提交审批',
    loading: '请稍候，正在确认您的权限……如果十秒内没有变化，请关闭后重新运行命令。',
    previewNone: '填好表单后，这里会显示是否需要审批。',
    previewFailed: '目前未能查明是否需要审批，提交时会判定。',
    previewAutomatic: '*无需人工审批*：提交后立即发放。',
    previewHeld: (why) => `*无需人工审批，但需等待*：${why}恢复后会自动发放；等待过久则会取消，并通知您。`,
    previewApproval: (approvals, channel, why) =>
      `*需要 ${approvals} 人审批*：${why}，经 ${channel} 批准后才会发放。`,
    previewRefused: (why) => `*目前无法提交*：${why}`,
    limit: (kind, measure, used, max, days) =>
      `${whoseLimit[kind]}${lately(days)} ${measure === 'count' ? `${used}/${max} 张` : `${formatFen(used)}/${formatFen(max)}`}`,
    limits: (list) => `已用限额：${list}`,
    busy: '记录暂时无法写入：本次未记录，也不会发放。请稍后重新提交；如仍无法提交，请联系运维人员。',
  },

  another: {
    title: '再发一张？',
    given: (who, when) => `${who} 于 ${when} 已向该用户发放过同一种优惠券。`,
    inFlight: (who, when) => `${who} 于 ${when} 已为该用户申请同一种优惠券，目前仍在处理中。`,
    question: (user, name) => `是否再向 ${user} 发放一张“${name}”？发放后无法撤回。`,
    give: '再发一张',
  },

  notice: {
    tooLong: (max) => `内容超过 ${max} 个字符，没有读取，请缩短后重试。`,
    title: '银行提现免费券',
    broken: '此表单已失效，未记录任何内容。请关闭后重新运行 `/withdraw-coupon 发放`。',
    notSure:
      '目前无法确定本次提交是否已记录。请先不要再次发放，先查看本应用给您的消息：如已记录，处理进度会显示在那里。',
    failed: (id) => `本应用出现问题，未作任何更改。请重试；如仍有问题，请将此编号告知运维人员：\`${id}\`。`,
    unsure: (id) =>
      `本应用出现问题，无法确定您的申请是否已记录。再次尝试之前，请先查看本应用给您的消息。问题编号：\`${id}\`。`,
    unknown:
      '当前版本的应用不认识这个按钮或命令，未作任何更改。请运行 `/withdraw-coupon` 查看可用功能；如仍有问题，请联系运维人员。',
    late: '表单未能及时打开，请重新运行命令。',
    notYours: '这条消息不属于您。',
    gone: '记录中没有这笔申请，未作任何更改。如有疑问，请联系运维人员。',
    busy: '记录暂时无法读取，请稍后再试；如仍不行，请联系运维人员。',
  },

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

  help: {
    title: '您可以这样使用',
    typo: (typed, meant) => `“${typed}”？您要找的是“${meant}”吗？`,
    unknown: (typed) => `没有“${typed}”这个命令。`,
    mayNothing: '目前您既不能发放，也不能查询优惠券。',
    send: '打开发放表单：',
    sendFilled: '打开并预先填好表单（各项均可省略）：',
    list: '查询用户持有的优惠券：',
    pending: '等待您审批的申请：',
    mine: '您提交的申请：',
    history: '用户在这里的发放记录：',
    approvers: (people, channel) => `不能自动批准的申请须由 ${people} 审批（${channel}）。`,
    noApprovers: '不能自动批准的申请目前无人可以审批：策略中没有配置审批人。',
    left: (list, days = 1) => `${inDays(days)}还可发放：${list}`,
    leftOne: (name, count) => `${name} ${count} 张`,
    requester: (measure, used, max, days) =>
      `您${inDays(days)}最多可发放 ${amount(measure, max)}，已发放或处理中 ${amount(measure, used)}。`,
    lookups: (left) => `目前还可查询 ${left} 次。`,
    example: { stock: 'withdraw-10', reason: 'outage', note: '抱歉让您久等' },
  },

  hold: {
    title: (ended) => (ended ? '故障已解除，不再因此等待发放' : '有优惠券等待发放'),
    text: (title, reason) => `${title}（${reason}）`,
    all: (ended) => (ended ? '所有优惠券曾停止发放' : '所有优惠券均已停止发放'),
    firstAttempts: (ended) => (ended ? '新的优惠券曾停止发放' : '新的优惠券已停止发放'),
    stock: (key, ended) => `优惠券 ${key} ${ended ? '曾' : '已'}停止发放`,
    since: (when) => `自 ${when} 起`,
    until: (when) => `至 ${when} 止`,
    waiting: (count) =>
      `申请不会丢失：${count === 0 ? '目前没有' : count > MOST_COUNTED ? '有超过 1,000 张' : `有 ${count} 张`}已批准的优惠券等待发放。`,
    goesOn: '系统每分钟尝试一次，修复后会自动继续发放。',
    goesOnWhenTrusted: '系统至少每分钟查询一次（查询不会发券），一旦应答通过验证，就会自动继续发放。',
    goesOnOrResume: '系统每分钟尝试一张，一旦发放成功就会自动继续；也可点击“恢复”立即重试。',
    goesOnWhenBack: '系统至少每分钟尝试一次，微信支付恢复应答后会自动继续发放。',
    serials: (came, expected) => `收到的序列号：${came} · 预期：${expected}`,
    ended: '因此等待的优惠券正在陆续发放，另有其他原因的除外。',
    says: (reason, message) => `微信支付：${reason} ${message}`,
    check: {
      SIGN_ERROR: '微信支付不接受我们的签名。请检查商户号、商户证书序列号、商户私钥以及本机时间。',
      NO_AUTH: '商户号没有发放此券的权限。请在商户平台检查产品权限，并确认批次的创建方。',
      APPID_MCHID_NOT_MATCH: 'appid 与商户号不匹配。请核对策略和商户平台中的配置。',
      MCH_NOT_EXISTS: '商户号不存在。请核对策略中的商户号。',
      PARAM_ERROR: '微信支付不接受某项与用户无关的配置。请核对策略中的 stock_id、appid 和 mchid。',
      NOT_ENOUGH:
        '此批次的预算已用完。请在商户平台追加预算，或从策略中移除此券。申请会一直等待；最先遇到的一笔已被拒绝，除非它可能已经发券。',
      REQUEST_BLOCKED:
        '此批次尚未开始或已结束。请在商户平台检查批次的起止时间和状态，或从策略中移除此券。申请会一直等待；最先遇到的一笔已被拒绝，除非它可能已经发券。',
      RESOURCE_NOT_EXISTS:
        '微信支付中不存在此批次。请核对策略中的 stock_id 和 mchid。申请会一直等待；最先遇到的一笔已被拒绝，除非它可能已经发券。',
      'no-connection': '无法连接微信支付。请检查本机网络、DNS 和代理，并确认可以访问 api.mch.weixin.qq.com。',
      'no-answer': '微信支付没有应答，或没有可验证的应答。请检查网络以及微信支付的服务状态。',
      'untrusted-answers':
        '无法验证应答来自微信支付。请检查微信支付公钥及其 ID 或平台证书，以及是否有代理去掉了 Wechatpay-* 响应头。',
      other: '请查看本应用的日志。',
    },
    trust: {
      'switch-not-begun':
        '微信支付用平台证书签名，而这里只配置了微信支付公钥。请在商户平台的“API 安全 > 微信支付公钥”中点击“开始更换”，或在更换完成前同时配置 WECHATPAY_APIV3_KEY。',
      'public-key-missing':
        '微信支付用微信支付公钥签名，而这里只配置了平台证书。请从商户平台复制公钥及其 ID，填入 WECHATPAY_PUBLIC_KEY_FILE 和 WECHATPAY_PUBLIC_KEY_ID。',
      'other-public-key':
        '微信支付使用的公钥与配置的不是同一个。请以 WECHATPAY_MCHID 对应的商户登录商户平台，重新复制公钥及其 ID。',
      'unknown-certificate':
        '微信支付使用的平台证书不在本应用已有的证书之中。请配置 WECHATPAY_APIV3_KEY，以便下载当前证书。',
      'other-key':
        '序列号正确，但签名与公钥不符：WECHATPAY_PUBLIC_KEY 可能属于其他商户，请重新下载 pub_key.pem。如公钥无误，则是代理改动了应答。',
      'headers-stripped':
        '应答中没有任何 Wechatpay-* 响应头：代理去掉了它们，或代替微信支付作了应答。请让代理保留这些响应头，或绕过代理。',
      'headers-incomplete':
        '部分 Wechatpay-* 响应头缺失或互相矛盾：代理改动了它们。请让代理保留这些响应头，或绕过代理。',
      clock: '应答的签名时间与本机相差五分钟以上，请校准本机时间。',
      unsigned: '微信支付拒绝了查询，且应答没有签名。请先按下方的返回内容排除问题。',
    },
  },
}
