import type { ShortcutWords } from '../en/shortcuts.ts'

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
