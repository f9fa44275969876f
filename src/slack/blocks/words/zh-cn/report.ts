import type { ReportWords } from '../en/report.ts'

export const report: ReportWords = {
  report: {
    help: '查看某月的发放报表：',
    noMonth: (typed) =>
      `${typed} 不是有效的月份。请这样填写：\`/withdraw-coupon 报表 2026-11\`，或用 \`报表 上月\` 查看上个月。`,
    underWay: '正在统计另一份报表，请一分钟后再试。',
    title: (month, count, quota) => `${month} · ${count} 张 · ${quota}`,
    zone: (timeZone) => `日期按 ${timeZone} 时区计算，不含任何用户信息。`,
    nothing: '本月没有发放。',
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
