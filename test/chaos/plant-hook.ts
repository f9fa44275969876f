import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { plants } from './plants.ts'

/** Loaded before the app by `--import`: replaces one piece of its source, and fails where that is not there any more. */

const plant = plants[process.env.CHAOS_PLANT ?? '']
if (!plant) throw new Error(`there is no planted fault ${process.env.CHAOS_PLANT}`)
const planted = new URL(`../../src/${plant.file}`, import.meta.url)
const { from, to } = plant
if (readFileSync(planted, 'utf8').split(from).length !== 2)
  throw new Error(`${plant.file} does not hold once what the fault replaces: ${from}`)

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (url !== planted.href || loaded.source === undefined || loaded.source === null) return loaded
    return { ...loaded, source: String(loaded.source).replace(from, () => to) }
  },
})
