import type { ComponentChildren } from 'preact'
import type { Reader } from '../markup/read.js'
import type { FaultSpec } from '../plantable-faults.ts'
import type { Block, Message, SandboxState, SentFile, TrafficEntry, View } from '../types.ts'
import type { createServer } from './server.js'
import type { en } from './words-en.js'

/** Shapes that the page's modules share: only for the type checker, never served. */

export type Words = typeof en
export type Server = ReturnType<typeof createServer>
export type Viewer = SandboxState['people'][number]

/** What the address says: the viewer, and the view. */
export type Route = {
  person: string
  channel: string
  /** ts of the message whose thread is open. */
  thread: string
  /** In the app's DM: its messages or its Home tab. */
  tab: 'messages' | 'home'
  /** The open tool in the pane behind the scenes. */
  tool: string
  /** The pane that a narrow window shows. */
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
  /** Shows the person a notice, which is not a message. */
  notify(text: string, detail?: string): void
  /** Shows a dialog over everything until somebody closes it. */
  openDialog(draw: (close: () => void) => ComponentChildren): void
}

/** What this window remembers while the elements that show it come and go. */
export type Kept = {
  /** Typed and unsent texts, by place. */
  drafts: Map<string, string>
  /** What each person has sent, by person and kind of place. */
  sent: Map<string, string[]>
  /** What was typed into open modals, by view. */
  modals: Map<string, Surface>
  isTipHidden: boolean
  traffic: {
    run: string
    /** Entries with the text that the filter searches. */
    entries: Map<number, TrafficEntry & { haystack: string }>
    opened: Set<number>
    /** `withPlayed`: also the story that ran before people took over. */
    filter: { text: string; kind: string; failedOnly: boolean; withPlayed: boolean }
  }
}

/** The place where blocks are drawn, which decides what a press in them does. */
export type Surface = {
  kind: 'message' | 'modal' | 'home'
  /** The typed values that the server knows. */
  values: View['state']['values']
  /** Typed values that the server doesn't know yet, by `block_id/action_id`. */
  drafts: Map<string, Typed>
  press(element: Block, value: string | undefined, block: Block): Promise<void>
  /** Types into a modal's input. */
  fill(key: string, value: Typed): void
  /** Resolves once the server has everything that was typed. */
  settle(): Promise<void>
  suggest(element: Block, query: string): Promise<Option[]>
}

/** An element in its block; an input's has names, and an error if something is wrong. */
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
