import { z } from 'zod'

/** A time as WeChat Pay writes it: with or without milliseconds, with `Z` or an offset; one that a calendar has. */
export const time = z.iso.datetime({ offset: true })

/**
 * Reads a time as WeChat Pay writes it (`2021-05-20T13:29:35.120+08:00`), in UTC epoch milliseconds.
 *
 * @throws RangeError that names the form only, never the text
 */
export function parseTime(text: string): number {
  if (!time.safeParse(text).success)
    throw new RangeError('not a time of the form 2021-05-20T13:29:35.120+08:00')
  return Date.parse(text)
}
