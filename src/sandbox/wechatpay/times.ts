const EIGHT_HOURS = 8 * 60 * 60 * 1000

/** Writes a moment as WeChat Pay does for coupons: RFC 3339 with milliseconds at +08:00. */
export function couponTime(ms: number): string {
  return new Date(ms + EIGHT_HOURS).toISOString().replace('Z', '+08:00')
}

/** Writes a moment as WeChat Pay does for certificates: RFC 3339 in whole seconds at +08:00. */
export function certificateTime(ms: number): string {
  return couponTime(ms).replace(/\.\d{3}/, '')
}
