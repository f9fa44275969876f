import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { parseFlags, readPort, UsageError } from '../command-line.ts'
import { readInput } from '../input.ts'
import { faultMeanings } from './faults.ts'
import { ordersSchema } from './orders.ts'
import type { WechatPaySandboxOptions } from './sandbox.ts'
import { stocksSchema } from './stocks.ts'

export const usage = `A WeChat Pay to run against, on 127.0.0.1 only.

  npm run sandbox:wechatpay -- [flags]

  --port NUMBER      0, the default, takes any free port
  --keys FOLDER      keys and certificates: made when missing, used again when there;
                     without it a temporary folder, removed at the end
  --mchid ID         the merchant (letters and digits)
  --appid ID
  --stock-id ID      the stock that is there by default: 1000 fen a coupon, no limits
  --stocks FILE      further stocks, a JSON list such as
                     [{ "stock_id": "S2", "quota": 500, "budget": 5000, "per_user": 1,
                        "starts_at": "2026-01-01T00:00:00+08:00", "ends_at": …, "valid_days": 7, "mchid": … }]
  --orders FILE      orders and complaints by which users are found, a JSON list such as
                     [{ "openid": "o…", "total": 3500, "transaction_id": "42…", "out_trade_no": "SHOP2026…",
                        "state": "SUCCESS", "discount": …, "appid": …, "mchid": …, "sub_mchid": …, "paid_at": …,
                        "complaint": { "complaint_id": "200…", "detail": …, "state": "PENDING" } }];
                     only the openid is needed; POST BASEURL/sandbox/orders takes one more
  --help

It prints one line of JSON: what a client needs to be configured with. A WeChat Pay SDK can be pointed at baseUrl.
GET baseUrl/sandbox lists the addresses for faults, issued coupons, orders, recorded calls and the clock, for example

  curl -H 'Content-Type: application/json' -d '{"name":"no-answer-after","times":1}' BASEURL/sandbox/faults

Faults: { "name", "times": how many requests (1, or "always" for the last four), "match": { "method", "path", "openid" } }

${Object.entries(faultMeanings)
  .map(([name, meaning]) => `  ${name.padEnd(27)}${meaning}`)
  .join('\n')}
`

/**
 * Reads the command line.
 *
 * @returns 'help' if the user asked for it
 * @throws UsageError
 */
export async function readFlags(args: string[]): Promise<WechatPaySandboxOptions | 'help'> {
  const text = { type: 'string' } as const
  const flags = parseFlags(args, {
    port: text,
    keys: text,
    mchid: text,
    appid: text,
    'stock-id': text,
    stocks: text,
    orders: text,
    help: { type: 'boolean', short: 'h' },
  })
  if (flags.help) return 'help'
  const { keys } = flags
  if (keys === '') throw new UsageError('--keys needs the name of a folder')
  return {
    ...(flags.port === undefined ? {} : { port: readPort(flags.port) }),
    ...(keys === undefined ? {} : { keys }),
    ...readId('mchid', flags.mchid, 'mchid', /^[0-9A-Za-z]{1,32}$/),
    ...readId('appid', flags.appid, 'appid', /^[0-9A-Za-z_-]{1,128}$/),
    ...readId('stock-id', flags['stock-id'], 'stockId', /^[0-9A-Za-z_-]{1,20}$/),
    ...(flags.stocks === undefined ? {} : { stocks: await readList('stocks', flags.stocks, stocksSchema) }),
    ...(flags.orders === undefined ? {} : { orders: await readList('orders', flags.orders, ordersSchema) }),
  }
}

function readId<K extends string>(flag: string, text: string | undefined, key: K, form: RegExp) {
  if (text === undefined) return {}
  if (!form.test(text))
    throw new UsageError(`--${flag} does not take ${JSON.stringify(text)}: expected ${form.source}`)
  return { [key]: text } as Record<K, string>
}

/** @returns the file's content, if it fits the schema; the stand-in parses it again */
async function readList<S extends z.ZodType>(flag: string, file: string, schema: S): Promise<z.input<S>> {
  try {
    const described: unknown = JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''))
    readInput(schema, described, flag)
    return described as z.input<S>
  } catch (error) {
    throw new UsageError(`--${flag} ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
