/** @import { AsideState, Scene } from './shapes.ts' */
import { when } from './dates.js'
import { h, redraw } from './dom.js'
import { copyButton } from './traffic-entry.js'
import { createWechatFaults } from './wechat-faults.js'

/** What happens there without anything happening here is seen within so many ms. */
const LOOK_EVERY = 1000

/** The WeChat Pay side: what was really issued, and every call with whether its signature was good. */
export function createWechat() {
  const coupons = h('section')
  const calls = h('section')
  const faults = createWechatFaults(() => void update())
  const none = h('p.note')
  const element = h('div.wechat', {}, none, faults.element, coupons, calls)
  /** @type {Scene} */
  let scene

  async function update() {
    const aside = await scene.server.aside().catch(() => undefined)
    if (aside === undefined) return
    none.hidden = aside !== null
    for (const part of [coupons, calls, faults.element]) part.hidden = aside === null
    none.textContent = scene.words.wechat.none
    if (!aside) return
    drawCoupons(aside)
    drawCalls(aside)
    faults.draw(scene, aside)
  }

  /** @param {AsideState} aside */
  function drawCoupons({ coupons: all, mchid }) {
    const { words, viewer, server, notify } = scene
    redraw(coupons, [all, mchid, viewer.id], () => [
      h('h3', {}, words.wechat.coupons(all.length)),
      h('p.note', {}, words.wechat.couponsNote),
      h(
        'ul.rows',
        {},
        all.toReversed().map((coupon) =>
          h(
            'li',
            {},
            h(
              'div',
              {},
              h(`span.badge.state-${coupon.state}`, {}, String(coupon.state)),
              ' ',
              h('strong', {}, words.wechat.used(yuan(coupon.use_quota), yuan(coupon.send_quota))),
            ),
            h('div', {}, words.wechat.expires(moment(coupon.expire_time))),
            pair('openid', coupon.openid),
            pair('coupon_id', coupon.coupon_id),
            h('div.pair', {}, h('span.note', {}, 'stock_id'), h('code', {}, String(coupon.stock_id))),
            pair('send_request_no', coupon.send_request_no),
            coupon.state === 'VALID'
              ? h(
                  'button.small',
                  {
                    type: 'button',
                    'data-focus': `use ${coupon.coupon_id}`,
                    onclick: () =>
                      server
                        .changeCoupon(String(coupon.coupon_id), { use_quota: coupon.send_quota })
                        .then(update, (error) => notify(error.message)),
                  },
                  words.wechat.use,
                )
              : null,
          ),
        ),
      ),
    ])
  }

  /** @param {string} name @param {unknown} value */
  function pair(name, value) {
    return h(
      'div.pair',
      {},
      h('span.note', {}, name),
      h('code', {}, String(value)),
      copyButton(String(value), scene.words),
    )
  }

  /** @param {AsideState} aside */
  function drawCalls({ calls: all }) {
    const { words, viewer } = scene
    redraw(calls, [all, viewer.id], () => [
      h('h3', {}, words.wechat.calls(all.length)),
      h(
        'ul.rows',
        {},
        all.toReversed().map((call) =>
          h(
            call.verified && (call.status ?? 500) < 400 ? 'li' : 'li.bad',
            {},
            h(
              'div',
              {},
              h('strong', {}, `${call.method} `),
              h('span.status', {}, call.status === undefined ? words.wechat.silent : String(call.status)),
              ' ',
              h(
                call.verified ? 'span.badge.good' : 'span.badge.fault',
                {},
                call.verified ? words.wechat.verified : words.wechat.notVerified,
              ),
              call.nonceSeenBefore ? h('span.badge.fault', {}, words.wechat.nonceAgain) : null,
              call.faults.map((fault) => h('span.badge.fault', {}, fault)),
            ),
            h('code', {}, call.path + (call.query === '' ? '' : `?${call.query}`)),
            h('span.note', {}, when(call.at, scene, { timeStyle: 'medium' })),
          ),
        ),
      ),
    ])
  }

  /** @param {string | number} time */
  function moment(time) {
    return when(Date.parse(String(time)), scene, { dateStyle: 'medium', timeStyle: 'short' })
  }

  setInterval(() => element.isConnected && element.checkVisibility() && scene && update(), LOOK_EVERY)

  return {
    element,
    /** @param {Scene} now */
    draw(now) {
      scene = now
      void update()
    },
  }
}

/** @param {string | number} fen */
function yuan(fen) {
  return `¥${(Number(fen) / 100).toFixed(2)}`
}
