import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { expect, test } from 'vitest'
import { planted, plants } from './plants.ts'

const read = (file: string) => readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8')

test.each(Object.entries(plants))('%s can be planted in the source as it is', (_, plant) => {
  for (const [file, source] of planted(plant, read)) {
    expect(source).not.toBe(read(file))
    stripTypeScriptTypes(source)
  }
})

test('a fault is not planted where its text is not there any more', () => {
  const plant = {
    changes: [{ file: 'x.ts', from: 'one', to: 'two' }],
    found: 'lost',
    truth: '',
    engine: 'sqlite',
    kills: 1,
  } as const
  const plantIn = (source: string) => () => planted({ ...plant, changes: [...plant.changes] }, () => source)
  expect(plantIn('three')).toThrow('x.ts does not hold once')
  expect(plantIn('one one')).toThrow('x.ts does not hold once')
  expect(plantIn('one')()).toEqual(new Map([['x.ts', 'two']]))
})
