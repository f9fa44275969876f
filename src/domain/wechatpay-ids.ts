/**
 * A merchant's id at WeChat Pay (商户号). The API document allows 1 to 32 letters and digits; those that are given out
 * are numbers of about 10 digits. What is found are slips: a placeholder, a part of one, an appid in its place.
 */
export const MERCHANT_ID = /^(?!w[wx])(?=.*[0-9])[0-9A-Za-z]{6,32}$/

/** An appid: of a Mini Program, an account or an app (wx…), or of a company at WeCom (ww…). */
export const APPID = /^w[wx][0-9A-Za-z]{16}$/

/**
 * What a stock is for the ledger: the merchant's id and the id of the batch at WeChat Pay. Its key in the policy is only a
 * label, which may be renamed while a pause or a limit of the stock goes on.
 */
export function stockRefOf({ mchid, stockId }: { mchid: string; stockId: string }): string {
  return `${mchid}/${stockId}`
}

/** What people call a stock that no policy names. */
export function stockIdOf(ref: string): string {
  return ref.slice(ref.indexOf('/') + 1)
}
