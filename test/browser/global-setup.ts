import { unpackChromium } from './chromium.ts'

/** Unpacks the browser before workers start, so that they do not do it side by side. */
export async function setup(): Promise<void> {
  await unpackChromium()
}
