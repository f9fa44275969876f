import type { ErasureWords } from '../en/erasure.ts'

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
    ended: {
      erased: (who, when) => `已清除一个用户的信息，由 ${who} 于 ${when} 确认。`,
      declined: (who, when) => `${who} 于 ${when} 拒绝清除，未清除任何内容。`,
      over: (_who, when) => `该用户的信息已通过其他方式清除（${when} 得知）。`,
    },
    told: {
      erased: (subject, who) => `您申请清除的用户已清除，由 ${who} 确认。subject ${subject}`,
      declined: (subject, who) => `您申请清除的用户，${who} 拒绝清除。subject ${subject}`,
      over: (subject, _who) => `您申请清除的用户，已通过其他方式清除。subject ${subject}`,
    },
    own: '这是您自己提出的，须由另一人确认。',
    trail: (who, asker) => `已清除 openid 和备注：由 ${asker} 申请，${who} 确认`,
  },
}
