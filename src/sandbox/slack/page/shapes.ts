import type { Block, FaultSpec, Message, SandboxState, TrafficEntry, View } from '../types.ts'
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
  go(change: Partial<Route>): void
  /** Tells the person something that is no message. */
  notify(text: string, detail?: string): void
}

/** Where blocks are drawn, and so what pressing in them does. */
export type Surface = {
  kind: 'message' | 'modal' | 'home'
  message?: Message
  view?: View
  /** What is typed and not yet known to the server, by `block_id/action_id`. */
  drafts: Map<string, Typed>
  press(element: Block, value?: string): Promise<void>
  /** Types into a modal's input. */
  fill(key: string, value: Typed): void
  suggest(element: Block, query: string): Promise<Option[]>
}

export type Typed = string | string[] | null
export type Option = { text: { text: string }; value: string; description?: { text: string } }
export type Child = Node | string | null | undefined | false | Child[]

export type AsideState = {
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

export type { Block, FaultSpec, Message, SandboxState, TrafficEntry, View }
