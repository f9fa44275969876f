/** @import { Words } from './shapes.ts' */
import { en } from './words-en.js'
import { zhCN } from './words-zh-cn.js'

/** The page's words in a Slack locale. @param {string} locale @returns {Words} */
export function wordsFor(locale) {
  return /^zh/i.test(locale) ? zhCN : en
}
