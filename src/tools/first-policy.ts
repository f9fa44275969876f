/** The values of a first policy. */
export interface FirstPolicy {
  language: 'en' | 'zh-CN'
  /** User groups, member ids or e-mail addresses. */
  requesters: readonly string[]
  approvers: readonly string[]
  operators: readonly string[]
  approvalChannel: string
  alerts: string
  stockId: string
  /** Fen. */
  quota: number
}

/** A policy to begin with: people decide everything, and each user gets only a few coupons. */
export function writeFirstPolicy(of: FirstPolicy): string {
  const list = (members: readonly string[]) => `[${members.map((one) => JSON.stringify(one)).join(', ')}]`
  const yuan = of.quota / 100
  return `# Who may do what with /withdraw-coupon. Every key: manifest/README.md. Check it with: npm run policy -- check
timezone: Asia/Shanghai
language: ${of.language}

roles:
  viewers: ${list([...new Set([...of.requesters, ...of.approvers])])}
  requesters: ${list(of.requesters)}
  approvers: ${list(of.approvers)}
  operators: ${list(of.operators)}

alerts: ${of.alerts}

stocks:
  withdraw-${String(yuan).replace('.', '-')}:
    stock_id: '${of.stockId}'
    name: { en: Fee-free withdrawal ¥${yuan}, zh-CN: ${yuan} 元提现免费券 }
    quota: ${of.quota}                     # fen that one coupon covers

reasons:
  outage: { en: Outage, zh-CN: 服务中断 }
  apology: { en: Apology, zh-CN: 致歉 }
  other: { en: Something else, zh-CN: 其他, note: required }

approval:
  channel: ${of.approvalChannel}
  approvals: 1

limits:
  per_user: { count: 3, days: 30 }
  per_requester: { count: 20, days: 1 }
`
}
