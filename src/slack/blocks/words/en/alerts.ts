import { MOST_COUNTED } from '../../../../domain/hold.ts'

/** Alerts for operators: faults, pauses, channels and the policy. */

export const alerts = {
  hold: {
    title: (ended: boolean): string =>
      ended ? 'Resolved: no coupon waits for this any more' : 'Coupons are waiting',
    text: (title: string, reason: string) => `${title} (${reason})`,
    all: (ended: boolean): string => (ended ? 'Nothing was issued' : 'Nothing is issued'),
    firstAttempts: (ended: boolean): string =>
      ended ? 'No new coupon was issued' : 'No new coupon is issued',
    stock: (key: string, ended: boolean) => `The coupon ${key} ${ended ? 'was' : 'is'} not issued`,
    since: (when: string) => `since ${when}`,
    until: (when: string) => `until ${when}`,
    waiting: (count: number) =>
      `Nothing is lost: approved coupons wait. ${count === 0 ? 'None was' : count === 1 ? '1 was' : `${count > MOST_COUNTED ? 'More than 1,000' : count} were`} waiting when this was posted.`,
    goesOn: 'The app tries once a minute; issuing resumes by itself once this is fixed.',
    goesOnWhenTrusted:
      'The app looks something up at least once a minute, which issues nothing; issuing resumes by itself once an answer can be verified.',
    goesOnOrResume:
      'The app tries one coupon a minute, and issuing resumes by itself once one is issued. Press Resume to try at once.',
    goesOnWhenBack:
      'The app tries at least once a minute, and issuing resumes by itself once WeChat Pay answers.',
    serials: (came: string, expected: string) => `Serial that came: ${came} · expected: ${expected}`,
    ended: 'What waited for it is being issued, unless something else holds it.',
    says: (reason: string, message: string) => `WeChat Pay: ${reason} ${message}`,
    check: {
      SIGN_ERROR:
        'WeChat Pay rejects this app’s signature. Check the merchant id, the serial of the merchant certificate, the private key, and the clock of this machine.',
      NO_AUTH:
        'The merchant may not give this coupon. Check the product permissions in the merchant platform, and who created the stock.',
      APPID_MCHID_NOT_MATCH:
        'The appid and the merchant id do not belong together. Check both in the policy and in the merchant platform.',
      MCH_NOT_EXISTS: 'WeChat Pay does not know the merchant id. Check it in the policy.',
      PARAM_ERROR:
        'WeChat Pay refuses a part of the set-up that is the same for every user. Check stock_id, appid and mchid in the policy.',
      NOT_ENOUGH:
        'The budget of this stock is used up. Add to it in the merchant platform, or take the coupon out of the policy. Requests wait; the one that met this first was refused, unless a coupon may have come of it.',
      REQUEST_BLOCKED:
        'This stock has not started or is over. Check its dates and whether it is active in the merchant platform, or take the coupon out of the policy. Requests wait; the one that met this first was refused, unless a coupon may have come of it.',
      RESOURCE_NOT_EXISTS:
        'WeChat Pay does not know this stock. Check its stock_id and mchid in the policy. Requests wait; the one that met this first was refused, unless a coupon may have come of it.',
      'no-connection':
        'No connection to WeChat Pay can be made. Check the network of this machine, its DNS, its proxy, and that api.mch.weixin.qq.com may be reached.',
      'no-answer':
        'WeChat Pay gives no answer, or none that could be verified. Check the network and WeChat Pay’s status page.',
      'untrusted-answers':
        'Answers cannot be verified as WeChat Pay’s. Check the WeChat Pay public key and its id, or the platform certificates, and any proxy that strips Wechatpay-* headers.',
      other: 'Check the log of this app.',
    },
    /** Why answers can't be verified, and the remedy. */
    trust: {
      'switch-not-begun':
        'WeChat Pay signs with a platform certificate, but only the WeChat Pay public key is configured. Begin the switch to it in the merchant platform (API security, WeChat Pay public key: 微信支付公钥 > 开始更换), or set WECHATPAY_APIV3_KEY as well until it is done. If it is done already, check WECHATPAY_PUBLIC_KEY_ID.',
      'public-key-missing':
        'WeChat Pay signs with its public key, but only platform certificates are configured. Copy the public key and its id from the merchant platform into WECHATPAY_PUBLIC_KEY_FILE and WECHATPAY_PUBLIC_KEY_ID.',
      'other-public-key':
        'WeChat Pay signs with another public key than the configured one. Copy the public key and its id again, signed in as the merchant of WECHATPAY_MCHID.',
      'unknown-certificate':
        'WeChat Pay signs with a platform certificate that this app does not have. Set WECHATPAY_APIV3_KEY, with which the current ones are downloaded.',
      'other-key':
        'The serial is right, but the signature does not fit the key: WECHATPAY_PUBLIC_KEY may be another merchant’s. Download pub_key.pem again. If it is right, a proxy changes the answers on their way.',
      'headers-stripped':
        'The answers have no Wechatpay-* headers: a proxy takes them out, or answers in place of WeChat Pay. Let it pass them on, or bypass it.',
      'headers-incomplete':
        'Some Wechatpay-* headers are missing or contradict each other: a proxy changes them. Let it pass them on, or bypass it.',
      clock: 'The answers are signed five minutes or more away from now. Set the clock of this machine.',
      unsigned:
        'WeChat Pay refuses what the app looks up, without a signature. See below what it says, and put that right first.',
    },
  },

  look: {
    afterEndTitle: 'A coupon came after the end',
    afterEndText: (couponId: string) =>
      `WeChat Pay has now answered this request with the coupon ${couponId}. It had ended before, or another request is recorded with that coupon, so the app can’t correct it. Please check what this user holds.`,
    afterAllTitle: 'A coupon was given after all',
    afterAllText:
      'Two people had settled that it was not given; WeChat Pay has now confirmed that it was. Its messages and the limits are corrected. Please check whether this user was given another one meanwhile.',
    title: 'A coupon needs a look',
    text: 'It isn’t known whether WeChat Pay issued this coupon, and the app can’t find out by itself. The request stays open, and nothing is issued twice.',
    settlementTitle: 'A second person is needed',
    settlementText:
      'Another operator or an approver must confirm how this coupon ended; the requester may not.',
  },

  channels: {
    closedTitle: 'Messages cannot be posted',
    closedText: (where: string) =>
      `Slack takes no messages from this app in ${where}. They are kept and posted once Slack takes them. Requests that wait for approval there are shown as not asked yet; approvers can decide them with \`/withdraw-coupon pending\`.`,
    directMessages: 'direct messages',
    says: (code: string) => `Slack: ${code}`,
    check: {
      not_in_channel: 'Invite the app to the channel again: `/invite` there.',
      channel_not_found:
        'The channel was deleted, or is private and the app is not in it. Invite the app, or name another channel in the policy.',
      is_archived: 'The channel is archived. Unarchive it, or name another channel in the policy.',
      restricted_action:
        'Only some people may post in the channel. Allow this app to post in the channel’s settings, or name another channel in the policy.',
      messages_tab_disabled:
        'The Messages tab of this app is switched off. Switch it on in the app’s settings at Slack, under App Home.',
      missing_scope: 'The app lacks a scope. Reinstall it with the scopes in manifest/manifest.json.',
      other: 'Ask an admin of this workspace what keeps this app from posting.',
    },
    openTitle: 'Messages can be posted again',
    openText: (where: string) =>
      `Slack takes messages from this app in ${where} again. What waited is being posted.`,
  },

  policyNews: {
    changedTitle: 'The policy has changed',
    changedText:
      'It applies from now on. Earlier requests keep their number of approvals and their deadlines; the new policy says who may decide them.',
    added: (path: string, after: string) => `added ${path}: ${after}`,
    removed: (path: string, before: string) => `removed ${path}: ${before}`,
    changed: (path: string, before: string, after: string) => `${path}: ${before} → ${after}`,
    nothing: 'Only comments, order or spelling changed.',
    more: (count: number) => `… and ${count} more`,
    brokenTitle: 'The policy file cannot be used',
    brokenText:
      'The previous policy stays in force. Once these are corrected, the app takes the file up by itself:',
    moreMistakes: (count: number) => `… and ${count} more: \`npm run policy -- check\` lists all of them`,
    version: (hash: string) => `Version ${hash}`,
  },
  records: {
    noGrantTitle: 'A coupon that nobody asked for here',
    noGrantText: (coupon: string, stock: string) =>
      `WeChat Pay lists coupon ${coupon} of ${stock}, and no request in this app has it. Find out who issued it: somebody else may use the same merchant key, or it was given on the merchant platform.`,
    notListedTitle: 'A coupon is missing at WeChat Pay',
    notListedText: (coupon: string, stock: string) =>
      `A request was issued with coupon ${coupon} of ${stock}, and WeChat Pay does not list it any more. Check on the merchant platform whether it was taken back.`,
    ofGrant: (grant: string) => `Request ${grant}`,
    sealedTitle: 'The trail is sealed',
    sealedText: (last: number) =>
      `Sealed up to line ${last}. Keep this message: it proves later that nothing up to here was changed.`,
    sealedHead: (head: string) => `Seal ${head}`,
    sealedKey: (key: string) => `Key ${key}`,
    sealedUnsigned: 'Not signed: AUDIT_KEY_FILE is not set',
  },

  setUp: {
    blockedTitle: 'The set-up keeps this app from working',
    blockedHint:
      'Once you have corrected it, `/withdraw-coupon doctor` checks it again. It is also checked every hour.',
  },
}
export type AlertWords = typeof alerts
