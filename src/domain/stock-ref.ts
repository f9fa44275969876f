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
