import type { ComponentChildren } from 'preact'
import type { Reader } from '../markup/read.js'
import type { FaultSpec } from '../plantable-faults.ts'
import type { Block, Message, SandboxState, SentFile, TrafficEntry, View } from '../types.ts'
import type { createServer } from './server.js'
import type { en } from './words-en.js'

/** Shapes that the page's modules share; for the type checker only, never served. */

export type Words = typeof en
export type Server = ReturnType<typeof createServer>
export type Viewer = SandboxState['people'][number]

/** What the address says: who looks, and at what. */
export type Route = {
  person: string
  channel: string
  /** ts of the message whose thread is open. */
  thread: string
  /** Of the app's DM: its messages or its Home tab. */
  tab: 'messages' | 'home'
  /** Of the pane behind the scenes. */
  tool: string
  /** Which pane a narrow window shows. */
  pane: 'channels' | 'talk' | 'tools'
}

/** Everything that drawing needs. */
export type Scene = {
  state: SandboxState
  viewer: Viewer
  words: Words
  route: Route
  server: Server
  reader: Reader
  kept: Kept
  go(change: Partial<Route>): void
  /** Tells the person something that is no message. */
  notify(text: string, detail?: string): void
  /** Shows a dialog over everything until it is closed. */
  openDialog(draw: (close: () => void) => ComponentChildren): void
}

/** What this window remembers while what shows it comes and goes. */
export type Kept = {
  /** What is typed and not sent, by place. */
  drafts: Map<string, string>
  /** What each person sent before, by person and kind of place. */
  sent: Map<string, string[]>
  /** What is typed into open modals, by view. */
  modals: Map<string, Surface>
  isTipHidden: boolean
  traffic: {
    run: string
    /** With what the filter looks through. */
    entries: Map<number, TrafficEntry & { haystack: string }>
    opened: Set<number>
    /** `withPlayed`: also what was played before people went on by hand. */
    filter: { text: string; kind: string; failedOnly: boolean; withPlayed: boolean }
  }
}

/** Where blocks are drawn, and so what pressing in them does. */
export type Surface = {
  kind: 'message' | 'modal' | 'home'
  /** What the server knows to be typed. */
  values: View['state']['values']
  /** What is typed and not yet known to the server, by `block_id/action_id`. */
  drafts: Map<string, Typed>
  press(element: Block, value: string | undefined, block: Block): Promise<void>
  /** Types into a modal's input. */
  fill(key: string, value: Typed): void
  /** Settles once the server has all that is typed. */
  settle(): Promise<void>
  suggest(element: Block, query: string): Promise<Option[]>
}

/** An element in its block; an input's has names and, maybe, something wrong. */
export type Placed = {
  element: Block
  block: Block
  surface: Surface
  id?: string
  labelId?: string
  described?: string
  isRequired?: boolean
  isWrong?: boolean
}

export type Typed = string | string[] | null
export type Option = {
  text: { text: string }
  value: string
  description?: { text: string }
  url?: string
}

export type WechatState = {
  mchid: string
  coupons: Record<string, string | number>[]
  calls: {
    at: number
    method: string
    path: string
    query: string
    status?: number
    verified: boolean
    nonceSeenBefore: boolean
    faults: string[]
    bodyBytes: number
    requestId: string
  }[]
  faults: { id: number; spec: { name: string }; left: number | 'always'; hits: number }[]
  faultMeanings: Record<string, string>
}

export type { Block, FaultSpec, Message, SandboxState, SentFile, TrafficEntry, View }
