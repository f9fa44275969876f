/**
 * A merchant's id at WeChat Pay (商户号). The API document allows 1 to 32 letters and digits; those that are given out
 * are numbers of about 10 digits. What is found are slips: a placeholder, a part of one, an appid in its place.
 */
export const MERCHANT_ID = /^(?!w[wx])(?=.*[0-9])[0-9A-Za-z]{6,32}$/

/** An appid: of a Mini Program, an account or an app (wx…), or of a company at WeCom (ww…). */
export const APPID = /^w[wx][0-9A-Za-z]{16}$/
