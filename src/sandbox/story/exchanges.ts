import type { IssuedCoupon, RecordedCall } from '../wechatpay/index.ts'
import type { Stage } from './stage.ts'

/**
 * Shows calls to WeChat Pay, those to one address together.
 *
 * @param told.isBelieved whether the app has shown what came in the answers, as it only does of verified ones
 * @param told.coupon what the answer that issued a coupon held
 */
export function showCalls(
  stage: Stage,
  calls: RecordedCall[],
  { isBelieved, coupon }: { isBelieved: boolean; coupon?: IssuedCoupon },
): void {
  const { transcript, wechatpay, words } = stage
  const addresses = Map.groupBy(calls, ({ method, path, verified }) => `${method} ${path} ${verified}`)
  for (const group of addresses.values()) {
    const [{ method, path, verified, wechatpaySerial }] = group as [RecordedCall]
    const isIssue = method === 'POST'
    const statuses = [...Map.groupBy(group, ({ status }) => String(status ?? words.silent))]
      .map(([status, { length }]) => (length === 1 ? status : `${length} × ${status}`))
      .join(', ')
    transcript.exchange(
      [
        `${method} ${path}`,
        ...group.flatMap(({ query }) => (query === '' ? [] : [`?${query}`])),
        verified ? words.signed(wechatpay.info.mchid) : words.notVerified,
      ],
      [
        isBelieved ? words.answered(statuses, wechatpaySerial ?? wechatpay.info.platformSerial) : statuses,
        ...(isIssue && coupon ? couponLines(stage, coupon) : []),
      ],
    )
  }
}

function couponLines({ screen, words }: Stage, { coupon_id, expire_time }: IssuedCoupon): string[] {
  const { tz, locale } = screen.person
  const clock = (timeZone: string) =>
    new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'medium', timeStyle: 'short' }).format(
      Date.parse(expire_time),
    )
  // WeChat Pay tells times of China; who lives there need not convert them.
  const isElsewhere = clock(tz) !== clock('Asia/Shanghai')
  return [
    `coupon_id    ${coupon_id}`,
    `expire_time  ${expire_time}${isElsewhere ? `  (${words.thatIs(clock(tz), tz)})` : ''}`,
  ]
}
