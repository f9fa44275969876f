import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { planted, plants } from './plants.ts'

/** Loaded before the app by `--import`: replaces pieces of its source, and fails if one no longer exists. */

const plant = plants[process.env.CHAOS_PLANT ?? '']
if (!plant) throw new Error(`there is no planted fault ${process.env.CHAOS_PLANT}`)
const src = new URL('../../src/', import.meta.url)
const sources = planted(plant, (file) => readFileSync(new URL(file, src), 'utf8'))
const byUrl = new Map([...sources].map(([file, source]) => [new URL(file, src).href, source]))

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const source = byUrl.get(url)
    return source === undefined ? loaded : { ...loaded, source }
  },
})
