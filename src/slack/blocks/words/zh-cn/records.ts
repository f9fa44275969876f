import type { ErasureWords, ReportWords } from '../en/records.ts'

export const report: ReportWords = {
  report: {
    help: '查看某月的发放报表：',
    noMonth: (typed) =>
      `${typed} 不是有效的月份。请这样填写：\`/withdraw-coupon 报表 2026-11\`，或用 \`报表 上月\` 查看上个月。`,
    underWay: '正在统计另一份报表，请一分钟后再试。',
    title: (month, count, quota) => `${month} · ${count} 张 · ${quota}`,
    zone: (timeZone) => `日期按 ${timeZone} 时区计算，不含任何用户信息。`,
    nothing: '该月没有发放。',
    given: (count, quota, cost) =>
      `*已发放：* ${count} 张，可免手续费提现 ${quota}，成本${cost === null ? '未知（策略未填写全部成本）' : ` ${cost}`}`,
    asked: (count, quota) => `*申请：* ${count} 笔，共 ${quota}`,
    decided: (approved, byRule, rejected) =>
      `*审批：* 人工批准 ${approved} 次，自动批准 ${byRule} 次，驳回 ${rejected} 次`,
    time: (median, longest) => `；半数在 ${median}内处理，最久 ${longest}`,
    minutes: (count) => `${count} 分钟`,
    hours: (count) => `${count} 小时`,
    ended: (refused, cancelled, expired) =>
      `*未发放：* 微信支付拒绝 ${refused} 笔，已取消 ${cancelled} 笔，已失效 ${expired} 笔`,
    use: (parts) => `*使用情况：* ${parts.join('，')}`,
    used: (count, quota) => `已使用 ${count} 张（${quota}）`,
    expiredUnused: (count, quota) => `过期未用 ${count} 张（${quota}）`,
    open: (count) => `仍有效 ${count} 张`,
    notKnown: (count) => `情况未知 ${count} 张（尚未核对，或查不到）`,
    settlements: (proposed, confirmed, withdrawn, corrected) =>
      `*人工核定：* 提出 ${proposed} 次，确认 ${confirmed} 次，撤回 ${withdrawn} 次；微信支付事后更正 ${corrected} 次`,
    operated: (pauses, policies, erased) =>
      `*运维：* 暂停或恢复 ${pauses} 次，策略变更 ${policies} 次，清除记录 ${erased} 条`,
    lookups: '*查询用户：*',
    lookup: (who, count, openids) =>
      `${who} ${count} 次${openids > 0 ? `（查看完整 openid ${openids} 次）` : ''}`,
    differs: (noGrant, notListed) =>
      `⚠ *目前与微信支付不一致：* 没有对应申请的券 ${noGrant} 张，查不到券的申请 ${notListed} 笔`,
    chart: '*每日发放*',
    days: (first, last) => `每日发放，${first} 至 ${last} 日`,
    series: '张数',
    caption: '按批次、原因和人员统计',
    columns: ['维度', '名称', '张数', '可免手续费', '成本'],
    by: { stock: '批次', reason: '原因', requester: '申请人', approver: '审批人', rule: '自动规则' },
    inFile: (count) => `其余 ${count} 行见 CSV 文件。`,
    file: (month) => `${month} 报表全部数据，金额单位为分`,
    fileSent: '全部数据的 CSV 文件已发到您与本应用的私信。',
    fileRefused: {
      scope: (command) =>
        `CSV 未能发送：本应用没有文件权限。请运维人员添加权限 \`files:write\` 并重新安装；在此之前，可运行 ${command} 得到同样的数据。`,
      disabled: (command) => `CSV 未能发送：此工作区不允许上传文件。运行 ${command} 可得到同样的数据。`,
      full: (command) => `CSV 未能发送：此工作区的存储空间已满。运行 ${command} 可得到同样的数据。`,
      other: (command) =>
        `不确定 Slack 是否收到 CSV。如果您与本应用的私信中没有，请重新运行报表；运行 ${command} 也可得到同样的数据。`,
    },
  },
}

export const erasure: ErasureWords = {
  erasure: {
    help: '申请清除某个用户的信息：',
    usage: '请写明要清除谁：`/withdraw-coupon 清除 <openid>`，也可填写导出文件中的 subject 编号。',
    unknown: '这里没有该用户的记录，无需清除。',
    'no-alerts': '策略未设置告警频道，无法请人确认。运维人员可运行 `npm run audit -- erase`。',
    repeated: '此命令已执行过。',
    notSure: '不确定是否已记录，请再次运行此命令查看。',
    unsure: (id) => `应用出错，不确定是否已记录。请再次运行此命令查看，并将编号告知运维人员：\`${id}\`。`,
    asked: (subject, channel) => `已记录，尚未清除：须由运维人员在 ${channel} 确认。subject ${subject}`,
    waits: (subject, channel) => `此前已提出申请，正在 ${channel} 等待运维人员确认。subject ${subject}`,
    already: (subject) => `此前已清除。subject ${subject}`,
    open: (grants) => `未清除：该用户还有未完结的申请：${grants}。请等待其完结，或先取消、核定。`,
    title: '清除一个用户的信息？',
    asks: (who) => `${who} 申请清除一个用户的信息。`,
    what: (count) =>
      `将清空其 openid 以及与其有关的全部填写内容，涉及 ${count} 笔申请。操作记录保留，仍可核验。Slack 中的消息和旧备份保留原有内容。`,
    subject: (id) => `subject ${id}`,
    askedBy: (who) => `申请人 ${who}`,
    confirm: '清除',
    decline: '不清除',
    confirmTitle: '确认清除？',
    confirmText: '清除后无法恢复。',
    confirmYes: '清除',
    done: (count) => `已清除 openid，以及 ${count} 笔申请中填写的内容。`,
    declined: '已拒绝，未清除任何内容。',
    lapsed: (who) => `未清除：提出申请的 ${who} 已不再是审计人员，可由审计人员重新申请。`,
    ended: {
      erased: (who, when) => `已清除一个用户的信息，由 ${who} 于 ${when} 确认。`,
      declined: (who, when) => `${who} 于 ${when} 拒绝清除，未清除任何内容。`,
      lapsed: (_who, when) => `未清除：${when} 确认时，申请人已不再是审计人员。`,
      over: (_who, when) => `该用户的信息已通过其他方式清除（${when} 得知）。`,
    },
    told: {
      erased: (subject, who) => `您申请清除的用户已清除，由 ${who} 确认。subject ${subject}`,
      declined: (subject, who) => `您申请清除的用户，${who} 拒绝清除。subject ${subject}`,
      lapsed: (subject, _who) => `您申请清除的用户未清除：您已不再是审计人员。subject ${subject}`,
      over: (subject, _who) => `您申请清除的用户，已通过其他方式清除。subject ${subject}`,
    },
    askerUnknown: 'Slack 未能及时告知申请人是否仍是审计人员，请稍后再点一次。',
    gone: '该用户的信息已清除，应用不再保存其 openid。',
    user: '用户已清除',
    own: '这是您自己提出的，须由另一人确认。',
    trail: (who, asker) => `已清除 openid、工单号和备注：由 ${asker} 申请，${who} 确认`,
  },
}
