import type { RichTextBlock } from '@slack/types'
import type { Clock } from '../clock.ts'
import type { FaultName, FaultSpec } from './plantable-faults.ts'

/**
 * The public types of the Slack stand-in, for tests, stories and the page. One file of more than 300 lines, since they
 * refer to each other and are read as one page of reference.
 */

/** A block or element as it came from the app: only its type is certain. */
export type Block = { type: string; block_id?: string; [key: string]: unknown }

export type PlainText = { type: 'plain_text'; text: string; emoji?: boolean }
export type SelectOption = { text: PlainText; value: string; [key: string]: unknown }

/** One entry of `view.state.values[block_id][action_id]`, empty inputs included. */
export type InputState = {
  type: string
  value?: string | null
  selected_option?: SelectOption | null
  selected_options?: SelectOption[]
  selected_user?: string | null
  selected_users?: string[]
  selected_channel?: string | null
  selected_channels?: string[]
  selected_conversation?: string | null
  selected_conversations?: string[]
  selected_date?: string | null
  selected_time?: string | null
  selected_date_time?: number | null
  rich_text_value?: RichTextBlock
  files?: []
}
export type StateValues = Record<string, Record<string, InputState>>

export type Workspace = {
  team: { id: string; name: string; domain: string }
  app: { id: string; botId: string; botUserId: string }
  people: WorkspacePerson[]
  groups: WorkspaceGroup[]
  channels: WorkspaceChannel[]
}

export type WorkspacePerson = {
  id: string
  /** The handle, which people type after `@`. */
  name: string
  realName: string
  /** What this person does, according to their profile. */
  title?: string
  locale: string
  /** IANA zone. */
  tz: string
  email?: string
  /** Single- or multi-channel guest. */
  guest?: 'multi_channel' | 'single_channel'
  isBot?: boolean
  isDeleted?: boolean
  /** Another workspace's team id: this person comes through Slack Connect. */
  teamId?: string
}

export type WorkspaceGroup = {
  id: string
  handle: string
  name: string
  users: string[]
  isDisabled?: boolean
}

export type WorkspaceChannel = {
  id: string
  name: string
  isPrivate?: boolean
  isArchived?: boolean
  /** Shared with another workspace through Slack Connect. */
  isExternal?: boolean
  /** Only some people may write there, and apps may not. */
  isReadOnly?: boolean
  /** Ids of people; the app's bot is a member if its user id is among them. */
  members: string[]
}

export type Message = {
  type: 'message'
  channel: string
  ts: string
  text: string
  user?: string
  bot_id?: string
  app_id?: string
  blocks?: Block[]
  thread_ts?: string
  /** Set on a reply that was also sent to the channel. */
  subtype?: 'thread_broadcast'
  metadata?: { event_type: string; event_payload: Record<string, unknown> }
  files?: SentFile[]
  edited?: { user: string; ts: string }
  /** Set on an ephemeral message: the only person who sees it. */
  onlyFor?: string
  /** The ids of people and groups, and `channel`, that the message mentioned when it was posted. */
  mentioned?: string[]
}

/** A file in a message; `preview` is its beginning. */
export type SentFile = {
  id: string
  name: string
  title: string
  /** Bytes. */
  size: number
  mimetype: string
  preview: string
}

/** By channel, or by `channel/ts` for a thread: new messages, and the number shown beside its name. */
export type Unread = Record<string, { messages: number; mentions: number }>

export type View = {
  id: string
  type: 'modal' | 'home'
  callback_id: string
  hash: string
  team_id: string
  app_id: string
  app_installed_team_id: string
  bot_id: string
  external_id: string
  title: PlainText
  submit: PlainText | null
  close: PlainText | null
  blocks: Block[]
  private_metadata: string
  root_view_id: string
  previous_view_id: string | null
  clear_on_close: boolean
  notify_on_close: boolean
  submit_disabled: boolean
  state: { values: StateValues }
  /** The errors that the person sees at the fields since the last submission, by block_id. */
  errors: Record<string, string>
}

export type TrafficEntry = {
  id: number
  /** Its beginning in epoch ms of the sandbox's clock. */
  at: number
  direction: 'to_slack' | 'to_app'
  kind: 'web_api' | 'upload' | 'response_url' | 'command' | 'interaction' | 'event' | 'options'
  /** Web API method, command, interaction type or event type. */
  name: string
  transport: 'http' | 'socket'
  /** A snapshot of what was sent, without tokens. */
  request: unknown
  /** The answer or the acknowledgement's payload; undefined as long as there is none. */
  answer?: unknown
  /** HTTP status of the answer, if any. */
  status?: number
  /** ms from sending to the answer or acknowledgement. */
  ms?: number
  /** For a delivery: why it failed. */
  error?: string
  /** The fault that was planted in it. */
  fault?: FaultName
  retry?: number
}

/** What the person sees if the app fails: Slack's own word for it. */
export type SeenError = 'operation_timeout' | 'dispatch_failed' | 'invalid_command' | 'invalid_app_response'

export type CommandResult =
  | { ok: true; text?: string; blocks?: Block[]; response_type?: 'ephemeral' | 'in_channel' }
  | Failed

/** `why` is for the reader of a failing test; the person sees only the error. */
export type Failed = { ok: false; error: SeenError; why?: string }

export type Confirm = { title: string; text: string; confirm: string; deny: string; style?: string }

/** `confirm` is the dialog that was shown and accepted. */
export type PressResult = ({ ok: true } | Failed) & { confirm?: Confirm }

export type SubmitResult =
  | { kind: 'closed' | 'updated' | 'pushed' | 'cleared' }
  /** `local`: Slack's own check of the inputs failed, and the app received nothing. */
  | { kind: 'errors'; errors: Record<string, string>; local: boolean }
  | { kind: 'failed'; error: SeenError; why?: string }

export type ShortcutResult = { ok: true } | Failed

export type PressTarget = {
  actionId: string
  /** Needed if several blocks have elements with the same action_id. */
  blockId?: string | undefined
  /**
   * The value of a button, if several share an action_id; for a select or menu, the
   * value of the option (user, channel, date).
   */
  value?: string | undefined
  messageTs?: string | undefined
  channel?: string | undefined
}

/** What a person does and sees. Doing something that no person could do (no such button, no modal) throws. */
export type Person = {
  id: string
  /** Runs a slash command, typed in a channel of the person's (default: the first one). */
  command(command: string, text: string, at?: { channel?: string }): Promise<CommandResult>
  /** Chooses a shortcut: a message shortcut in the message's menu, any other from anywhere. */
  shortcut(callbackId: string, on?: { channel: string; messageTs: string }): Promise<ShortcutResult>
  /** The top of this person's modal stack, as stored; undefined if no modal is open. */
  view(): View | undefined
  /** The whole modal stack, root first. */
  views(): View[]
  /** Types into inputs of the top view, by action_id, block_id, or `block_id/action_id`; `null` empties one. */
  fill(values: Record<string, string | string[] | null>): void
  press(target: PressTarget): Promise<PressResult>
  /**
   * Types into an external select of the top view. Resolves to the app's options, which `fill` may then choose from.
   */
  suggest(actionId: string, query: string): Promise<SelectOption[]>
  submit(): Promise<SubmitResult>
  /** The X: closes the whole stack. */
  close(): Promise<void>
  /** The close button: closes the top view. */
  cancel(): Promise<void>
  /** What this person sees in a channel, "only visible to you" included. */
  messages(channelId: string): Message[]
  /** The DM with the app. */
  dm(): Message[]
  /** Writes a message in a channel or, without one, to the app; with a message's ts, in its thread. */
  say(text: string, channelId?: string, threadTs?: string): Promise<void>
  /** Opens the app's Home tab (sends `app_home_opened` if subscribed), and resolves to its content. */
  openHome(): Promise<View | undefined>
  /** The content of the app's Home tab, whether it was opened or not. */
  home(): View | undefined
  /** Marks a channel as read up to this message; with the ts of a thread's first message, the thread. */
  read(channelId: string, ts: string, threadTs?: string): void
  /** The unread marks in this person's list of channels. */
  unread(): Unread
}

/** The whole state, or one person's part of it: `GET /sandbox/state`. */
export type SandboxState = {
  /** Identifies this run of the sandbox; another run knows nothing of this one. */
  run: string
  /** Epoch ms of the clock of message times. */
  now: number
  /** ms by which that clock has been moved forward. */
  ahead: number
  team: Workspace['team']
  app: {
    id: string
    botUserId: string
    name: string
    commands: { command: string; description: string; usageHint: string }[]
    shortcuts: { name: string; type: 'message' | 'global'; callbackId: string }[]
    hasHomeTab: boolean
    hasMessagesTab: boolean
    isMessagesTabReadOnly: boolean
  }
  /** `dm` is the channel of this person and the app. */
  people: (WorkspacePerson & { dm: string })[]
  groups: WorkspaceGroup[]
  /** The channels that the person is in. */
  channels: WorkspaceChannel[]
  /** Public channels that the person is not in, since messages may name them. */
  otherChannels: { id: string; name: string }[]
  /** By channel, DMs with the app included; oldest first. */
  messages: Record<string, Message[]>
  /** Open modals by person, the top one last. */
  views: Record<string, View[]>
  /** What the app published on Home tabs, by person. */
  homes: Record<string, View>
  /** By person and channel (or `channel/ts` for a thread): the ts of the last message read. */
  readMarks: Record<string, Record<string, string>>
  /** By person, if anything is unread. */
  unread: Record<string, Unread>
  /** The first step, for each person who has not taken it. */
  tips: Record<string, Tip>
  /** Id of the last traffic entry of the story, before people took over. */
  playedTo: number
}

/** The part of the WeChat Pay stand-in that the page shows and plants faults in. */
export type WechatpayPanel = {
  /** JSON for the page. */
  state(): unknown
  /** Plants one of its faults. @throws Error if it is not valid */
  fault(spec: unknown): void
  clearFaults(): void
  /** Changes a coupon by hand. @throws Error if it can't be changed */
  changeCoupon(id: string, change: unknown): void
}

export type SlackSandboxOptions = {
  /** Parsed `manifest/manifest.json`: the workspace offers what it declares. */
  manifest: unknown
  workspace: Workspace
  /** Default: any free port. */
  port?: number
  transport: 'socket' | 'http'
  /** Where the app listens (HTTP transport); `connectApp` can set it later. */
  appUrl?: string
  /** Default true: enforce the published rates. False lifts them, for benchmarks. */
  rates?: boolean
  /** The clock of message times and response_url expiry. Triggers, time-outs, rates and signatures use real time. */
  now?: () => number
  /**
   * The same clock as an object that others share: moving it on the page moves
   * it for all. Default: one made from `now`.
   */
  clock?: Clock
  /** Shown on the page; by default nothing is. */
  wechatpayPanel?: WechatpayPanel
  /** Other waits: shorter for tests, or longer for a machine that is too busy for Slack's. Default: Slack's own. */
  patience?: { ackMs?: number; triggerMs?: number; eventRetryMs?: number[]; refreshWarningMs?: number }
}

/** How the app is installed, which may differ from the manifest as it is now. */
export type Installation = {
  /** The scopes granted to the bot. */
  scopes: string[]
  /** The app that the app-level token belongs to. */
  appTokenOf: string
  /** ms by which the dates of answers are ahead of this machine's clock. */
  clockAhead: number
}

/** A first step: what to do, and what to copy for it. */
export type Tip = { says: Record<'en' | 'zh-CN', string>; copy: string }

export type SlackSandbox = {
  /** `http://127.0.0.1:PORT/`, the page for a browser. */
  pageUrl: string
  /** `http://127.0.0.1:PORT/api/`, for `SLACK_API_URL`. */
  apiUrl: string
  /** `http://127.0.0.1:PORT/sandbox/`, the acts of people, over HTTP. */
  sandboxUrl: string
  botToken: string
  appToken: string
  signingSecret: string
  teamId: string
  botUserId: string
  connectApp(url: string): void
  person(id: string): Person
  /** The content of a file that was sent into a conversation. */
  file(id: string): { name: string; text: string } | undefined
  /** All stored messages of a channel, oldest first, with thread replies, without ephemerals. */
  channelMessages(channelId: string): Message[]
  /** Snapshots in both directions, oldest first (the last 5,000). */
  traffic(): TrafficEntry[]
  fault(spec: FaultSpec): void
  clearFaults(): void
  /** The number of open sockets. */
  sockets(): number
  /** Moves the clock of message times forward. */
  forward(ms: number): void
  /** Asks every connection to reconnect, as Slack does every few hours: warning, then refresh_requested. */
  refreshSockets(): void
  /** Cuts every socket without warning. */
  cutSockets(): void
  /** Changes a user group's members; sends `subteam_members_changed` and `subteam_updated` if subscribed. */
  setGroup(groupId: string, users: string[]): Promise<void>
  /** Changes a person, for example `{ isDeleted: true }`. */
  setPerson(userId: string, change: Partial<WorkspacePerson>): void
  /** Changes a channel, for example its members or `{ isArchived: true }`. */
  setChannel(channelId: string, change: Partial<WorkspaceChannel>): void
  /** Changes a user group's settings without telling the app. */
  changeGroup(groupId: string, change: Partial<WorkspaceGroup>): void
  /** Changes how the app is installed, and whether Slack's clock agrees with this machine's. */
  changeInstallation(change: Partial<Installation>): void
  /**
   * Hands over to people: the story so far counts as read and stands apart in the traffic, and the page shows
   * everybody the first step until they have taken it.
   */
  handOver(tip: Tip): Promise<void>
  /** Resolves at the next change of anything (a message, a view, a call, an acknowledgement). */
  changed(): Promise<void>
  /** Resolves to the first value of `fn` that is not false, null or undefined; rejects after `timeout` ms (15,000). */
  waitFor<T>(
    fn: () => T | false | null | undefined,
    options?: { timeout?: number; what?: string },
  ): Promise<T>
  close(): Promise<void>
}
