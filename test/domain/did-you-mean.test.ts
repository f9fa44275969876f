import { expect, test } from 'vitest'
import { didYouMean } from '../../src/domain/text.ts'

const words = ['send', 'list', 'help', 'withdraw-10', 'requesters', 'approvers']

test.each([
  ['lsit', 'list'],
  ['lst', 'list'],
  ['HELP', 'help'],
  ['withdraw10', 'withdraw-10'],
  ['requester', 'requesters'],
  ['aprovers', 'approvers'],
])('takes %s for %s', (typed, meant) => {
  expect(didYouMean(typed, words)).toBe(meant)
})

test.each(['', 'refund', 'x', '发放', 'y'.repeat(5000)])('guesses nothing for %j', (typed) => {
  expect(didYouMean(typed, words)).toBeNull()
})
