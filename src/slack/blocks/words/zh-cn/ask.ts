import type { ChannelProblem } from '../../../../domain/ask.ts'
import type { LimitKind } from '../../../../domain/limit.ts'
import type { Person } from '../../../../domain/permissions.ts'
import type { Role } from '../../../../domain/policy.ts'
import { formatFen, formatFenShort } from '../../../../domain/text.ts'
import type { AskWords, ShortcutWords } from '../en/ask.ts'

const amount = (measure: 'count' | 'quota', value: number) =>
  measure === 'count' ? `${value} 张` : formatFen(value)
const short = (measure: 'count' | 'quota', value: number) =>
  measure === 'count' ? `${value} 张` : formatFenShort(value)
const inDays = (days: number) => (days === 1 ? '今天' : `近 ${days} 天（含今天）`)
const lately = (days: number) => (days === 1 ? '今天' : `近 ${days} 天`)
const whenAgain = (max: number, adding: number, days: number) => {
  const ask = '请运维人员调整上限。'
  if (adding > max) return `等待也无法解决，请另选一种提现免费券，或${ask}`
  return `${days === 1 ? '请明天再试' : `待较早的发放满 ${days} 天后可再试`}，或${ask}`
}
const roleDoes: Record<Exclude<Role, 'operator'>, string> = {
  viewer: '查询提现免费券',
  requester: '发放提现免费券',
  approver: '审批这笔申请',
  auditor: '查看记录',
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
  unreadable: 'Slack 不允许本应用查看审批频道。请运维人员以全部所需权限重新安装本应用。',
}
const standings: Record<Exclude<Person['standing'], 'member'>, string> = {
  guest: '访客不能使用本应用，请联系本工作区的正式成员。',
  bot: '机器人不能使用本应用。',
  deactivated: '此账号已停用。',
  'other-workspace': '只有本应用所在工作区的成员才能使用。',
}

export const ask: AskWords = {
  refusal: {
    standing: (standing) => standings[standing],
    rolesUnknown:
      'Slack 未能及时告知您所在的用户组，因此未执行任何操作。请稍后再试；如仍不行，请联系运维人员。',
    cutOff:
      'Slack 已不再接受本应用的 token，因此未执行任何操作，重试也没有用。请告知本应用的管理者：需要更换 token。',
    roleMissing: (role) => (role === 'operator' ? '仅限运维人员操作。' : `您没有${roleDoes[role]}的权限。`),
    openidEmpty: '请填写用户的 openid。',
    openidUnion: 'unionid 不是 openid，请输入该用户在您的 appid 下的 openid。',
    openidTooLong: (length) => `openid 最多 128 个字符，现在有 ${length} 个。`,
    openidLength: (length) =>
      `openid 应为 28 个字符、以 o 开头，现在有 ${length} 个字符。如果您的 appid 的 openid 格式不同，运维人员可在策略中设置 openid。`,
    openidStart: (character) =>
      `openid 应以小写字母 o 开头，现在以“${character}”开头。如果您的 appid 的 openid 格式不同，运维人员可在策略中设置 openid。`,
    openidPattern: '这不像本应用用户的 openid，请检查是否复制完整、有无多余内容。',
    openidCharacter: (character, position) =>
      `openid 只能包含字母、数字、- 和 _，但第 ${position} 个字符是${character === ' ' ? '空格' : `“${character}”`}。`,
    stockUnknown: (stock) => `这里没有提现免费券“${stock}”，请另选一种。`,
    reasonUnknown: (reason) => `这里没有发放原因“${reason}”，请另选一项。`,
    noteMissing: '选择此原因时须填写备注，请用一句话说明情况。',
    noteTooLong: (length, max) => `备注最多 ${max} 个字符，现在有 ${length} 个。`,
    ticketMissing: '请填写工单号。',
    ticketMalformed: (example) =>
      example === null
        ? '工单号格式不对，请检查有无笔误，或向运维人员确认格式。'
        : `工单号格式不对，应类似 ${example}。`,
    limit: (kind, measure, used, max, adding, days) =>
      `超出${whoseLimit[kind]}的限额：${lately(days)}共 ${short(measure, max)}，剩余 ${short(measure, Math.max(0, max - used))}，本次需 ${short(measure, adding)}。${whenAgain(max, adding, days)}`,
    lookups: (max, againAt) => `您的查询次数已达上限（${max} 次），${againAt}之后可以继续查询。`,
    ask: (people) => `如需开通权限，请联系 ${people}。`,
    operators: (people) => `运维人员：${people}`,
    noOperators: '策略中没有配置运维人员，请联系本工作区中负责此应用的同事。',
    askSomebody: '如需开通权限，请联系本工作区中负责此应用的同事。',
    whyMissing: '请填写原因。',
    notCorrectable: '要修改的申请正在发放或已经结束，因此保持原样，本次未记录。可在原消息中查看其状态。',
    ownGrant: '这是您自己的申请，须由他人审批。如需取消，请运行 /withdraw-coupon 我的。',
    noApprovers: (needed, reachable) =>
      `目前无法审批：需要 ${needed} 位审批人，但能联系到的有权审批的人${reachable === 0 ? '一位也没有' : `只有 ${reachable} 位`}。请运维人员检查策略中的审批人。`,
    approversUnknown: 'Slack 未能及时告知谁可以审批，请稍后重新提交；如仍不行，请联系运维人员。',
    proposerUnknown: 'Slack 未能及时告知提出结论的人是否仍是运维人员，请稍后再确认一次。',
    earlierApproversUnknown:
      'Slack 未能及时告知此前的批准人是否仍有审批权限，请稍后再点一次；如仍不行，请联系运维人员。',
    channel: (why) => channels[why],
    stockLeft: (stock) =>
      `提现免费券“${stock}”已从策略中移除，无法批准。请驳回并告知申请人，或联系运维人员。`,
    ownSettlement: '结论由您提出，须由另一人确认。',
    evidenceMissing: '请写明依据：您在哪里查看，结果如何。',
    evidenceTooLong: (length, max) => `最多 ${max} 个字符，现在有 ${length} 个。`,
    couponIdMalformed: '券 ID 只能包含字母、数字、- 和 _，最多 128 个字符。请从微信支付复制。',
    couponTaken: '这张券属于另一笔发放，请选择本次发放所得的券。',
    nothingRecorded: '未记录任何内容。',
  },

  form: {
    title: '发放提现免费券',
    intro: '用户在券面额度内将微信零钱提现到银行卡，免手续费。*发放后无法撤回。*',
    openid: '用户标识（openid）',
    openidHint: '用户在公众号、小程序等应用（appid）下的唯一标识，共 28 个字符，以字母 o 开头。',
    openidPlaceholder: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
    stock: '提现免费券',
    stockPlaceholder: '请选择提现免费券',
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
    changeTitle: '修改申请',
    changing: '提交之前，原申请保持不变；提交后原申请取消，由本次申请代替，并重新审批。',
    loading: '请稍候，正在确认您的权限……如果十秒内没有变化，请关闭后重新运行命令。',
    previewNone: '填好表单后，这里会显示是否需要审批。',
    previewFailed: '目前未能查明是否需要审批，提交时会判定。',
    previewAutomatic: '✓ *无需审批*：提交后立即发放。',
    previewHeld: (why) => `⏸ *无需审批，但需等待*：${why}恢复后会自动发放；等待过久则会取消，并通知您。`,
    previewApproval: (approvals, channel, why) =>
      `⏳ *需 ${approvals} 人审批*（${why}），在 ${channel} 批准后发放。`,
    previewRefused: (why) => `⛔ ${why}`,
    limit: (kind, measure, used, max, days) =>
      `${whoseLimit[kind]}${lately(days)} ${measure === 'count' ? `${used}/${max} 张` : `${formatFenShort(used)}/${formatFenShort(max)}`}`,
    limits: (list) => `已用额度：${list}`,
    busy: '记录暂时无法写入：本次未记录，也不会发放。请稍后重新提交；如仍无法提交，请联系运维人员。',
  },

  another: {
    title: '再发一张？',
    given: (who, when) => `${who} ${when} 已给该用户发过同样的券。`,
    inFlight: (who, when) => `${who} ${when} 已为该用户申请同样的券，目前仍在处理中。`,
    question: (user, name) => `是否再向 ${user} 发放一张“${name}”？发放后无法撤回。`,
    give: '再发一张',
  },

  help: {
    title: '使用方法',
    typo: (typed, meant) => `“${typed}”？您要找的是“${meant}”吗？`,
    unknown: (typed) => `无法识别的命令“${typed}”。`,
    mayNothing: '目前您既不能发放，也不能查询提现免费券。',
    send: '打开发放表单：',
    sendFilled: '打开并预先填好表单（各项均可省略）：',
    list: '查询用户持有的提现免费券：',
    find: (kinds) => `没有 openid 时查找用户（${kinds}）：`,
    pending: '等待您审批的申请：',
    mine: '您提交的申请：',
    budget: '您的剩余额度：',
    history: '用户在这里的发放记录（也可用工单号、券 ID 或 send_request_no 查询）：',
    approvers: (people, channel) => `不能自动批准的申请须由 ${people} 审批（${channel}）。`,
    noApprovers: '不能自动批准的申请目前无人可以审批：策略中没有配置审批人。',
    left: (list, days = 1) => `${inDays(days)}还可发放：${list}`,
    leftOne: (name, count) => `${name} ${count} 张`,
    requester: (measure, used, max, days) =>
      `您${inDays(days)}最多可发放 ${amount(measure, max)}，已发放或处理中 ${amount(measure, used)}。`,
    example: { stock: 'withdraw-10', reason: 'outage', note: '抱歉让您久等' },
  },

  operatorHelp: {
    stuck: '查看卡住的提现免费券，并处理：',
    pause: '立即暂停发放（全部或一种提现免费券）：',
    resume: '恢复发放：',
    doctor: '检查全部配置：',
    reason: '疑似重复发放',
  },
}

export const shortcuts: ShortcutWords = {
  fromMessage: {
    openid: 'openid',
    ticket: '工单号',
    number: '用于查找用户的单号（请点“查找用户…”）',
    message: '原消息',
    found: (what) => `已从消息中填入：${what}，请核对。`,
    nothing: '消息中没有可以填入的内容，请输入 openid。',
    several: (count) => `消息中有 ${count} 个 openid，请输入要发放的那一个。`,
    kept: (link) => `申请将附上${link}的链接。`,
    noAddress: '本应用不在该会话中，申请无法附上消息链接。',
  },
  source: (link) => `来自${link}`,
  sourceLink: '这条消息',

  lookUp: {
    title: '查询提现免费券',
    submit: '查询',
    loading: '请稍候，正在确认您的权限……',
    says: '查询结果会由本应用私信发给您。',
  },
}
