import type { RichTextBlock } from '@slack/types'
import type { Clock } from '../clock.ts'
import type { FaultName, FaultSpec } from './plantable-faults.ts'

/**
 * The public types of the Slack stand-in: what a test, a story or a page may hold of it. One file past 300 lines, since
 * they are read as one page of reference and name each other.
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
  /** The handle, typed after `@`. */
  name: string
  realName: string
  /** What this person does, as their profile says. */
  title?: string
  locale: string
  /** IANA zone. */
  tz: string
  email?: string
  /** Single- or multi-channel guest. */
  guest?: 'multi_channel' | 'single_channel'
  isBot?: boolean
  isDeleted?: boolean
  /** Another workspace's team id: this person is here through Slack Connect. */
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
  /** Ids of people; the app's bot is a member when its user id is among them. */
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
  /** Of a reply that was also sent to the channel. */
  subtype?: 'thread_broadcast'
  metadata?: { event_type: string; event_payload: Record<string, unknown> }
  files?: SentFile[]
  edited?: { user: string; ts: string }
  /** Set on an ephemeral message: the only person who sees it. */
  onlyFor?: string
  /** Whom it mentioned when it was posted: ids of people and groups, or `channel`. */
  mentioned?: string[]
}

/** A file in a message; `preview`: how it begins. */
export type SentFile = {
  id: string
  name: string
  title: string
  /** Bytes. */
  size: number
  mimetype: string
  preview: string
}

/** By channel, or by `channel/ts` of a thread: new messages, and how many of them are counted beside its name. */
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
  /** What the person sees at the fields, by block_id, since the last submission. */
  errors: Record<string, string>
}

export type TrafficEntry = {
  id: number
  /** Epoch ms of the sandbox's clock when it began. */
  at: number
  direction: 'to_slack' | 'to_app'
  kind: 'web_api' | 'upload' | 'response_url' | 'command' | 'interaction' | 'event' | 'options'
  /** Web API method, command, interaction type or event type. */
  name: string
  transport: 'http' | 'socket'
  /** What was sent, as it was then; without tokens. */
  request: unknown
  /** The answer or the acknowledgement's payload; undefined while there is none. */
  answer?: unknown
  /** HTTP status of the answer, where there is one. */
  status?: number
  /** Milliseconds from sending to answer or acknowledgement. */
  ms?: number
  /** For a delivery: why it counts as failed. */
  error?: string
  /** Which fault was planted in it. */
  fault?: FaultName
  retry?: number
}

/** What the person sees when the app failed: Slack's own word for it. */
export type SeenError = 'operation_timeout' | 'dispatch_failed' | 'invalid_command' | 'invalid_app_response'

export type CommandResult =
  | { ok: true; text?: string; blocks?: Block[]; response_type?: 'ephemeral' | 'in_channel' }
  | Failed

/** `why` is for whoever reads a failing test; the person sees only the error. */
export type Failed = { ok: false; error: SeenError; why?: string }

export type Confirm = { title: string; text: string; confirm: string; deny: string; style?: string }

/** `confirm` is the dialog that was shown and accepted. */
export type PressResult = ({ ok: true } | Failed) & { confirm?: Confirm }

export type SubmitResult =
  | { kind: 'closed' | 'updated' | 'pushed' | 'cleared' }
  /** `local`: Slack's own check of the inputs; nothing was sent to the app. */
  | { kind: 'errors'; errors: Record<string, string>; local: boolean }
  | { kind: 'failed'; error: SeenError; why?: string }

export type ShortcutResult = { ok: true } | Failed

export type PressTarget = {
  actionId: string
  /** Where several blocks have elements of the same action_id. */
  blockId?: string | undefined
  /** A button's value where several share an action_id; of a select or menu, the option's value (user, channel, date). */
  value?: string | undefined
  messageTs?: string | undefined
  channel?: string | undefined
}

/** What a human does and sees. A thing that no human could do (no such button, no modal) throws. */
export type Person = {
  id: string
  /** Runs a slash command, typed in a channel that the person is in (default: the first such). */
  command(command: string, text: string, at?: { channel?: string }): Promise<CommandResult>
  /** Chooses a shortcut: a message's from its menu, any other from anywhere. */
  shortcut(callbackId: string, on?: { channel: string; messageTs: string }): Promise<ShortcutResult>
  /** Top of this person's modal stack, as stored; undefined when no modal is open. */
  view(): View | undefined
  /** The whole modal stack, root first. */
  views(): View[]
  /** Types into inputs of the top view, by action_id, block_id, or `block_id/action_id`; `null` empties one. */
  fill(values: Record<string, string | string[] | null>): void
  press(target: PressTarget): Promise<PressResult>
  /** Types into an external select of the top view: the options that the app answers with, from which `fill` may choose. */
  suggest(actionId: string, query: string): Promise<SelectOption[]>
  submit(): Promise<SubmitResult>
  /** The X: closes the whole stack. */
  close(): Promise<void>
  /** The close button: takes the top view away. */
  cancel(): Promise<void>
  /** What this person sees in a channel, "only visible to you" included. */
  messages(channelId: string): Message[]
  /** The DM with the app. */
  dm(): Message[]
  /** Writes a message in a channel or, without one, to the app; with the ts of a message, in its thread. */
  say(text: string, channelId?: string, threadTs?: string): Promise<void>
  /** Opens the app's Home tab (sends `app_home_opened` if subscribed) and tells what is published there. */
  openHome(): Promise<View | undefined>
  /** What is published on the app's Home tab, whether or not it was opened. */
  home(): View | undefined
  /** Has read a channel up to this message, or with the ts of its first message a thread. */
  read(channelId: string, ts: string, threadTs?: string): void
  /** What is marked as unread in the list of channels. */
  unread(): Unread
}

/** All that there is, or all that one person sees of it: `GET /sandbox/state`. */
export type SandboxState = {
  /** Of this run of the sandbox; another one knows nothing of what was before. */
  run: string
  /** Epoch ms of the clock of message times. */
  now: number
  /** ms by which that clock was moved forward. */
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
  /** Those that the person is in. */
  channels: WorkspaceChannel[]
  /** Public ones that the person is not in: messages name them all the same. */
  otherChannels: { id: string; name: string }[]
  /** By channel, DMs with the app included; the oldest first. */
  messages: Record<string, Message[]>
  /** Open modals by person, the top one last. */
  views: Record<string, View[]>
  /** What the app published on Home tabs, by person. */
  homes: Record<string, View>
  /** By person and channel (or `channel/ts` of a thread): the ts of the last message that was read. */
  readMarks: Record<string, Record<string, string>>
  /** By person, where there is any. */
  unread: Record<string, Unread>
  /** The first step, by person who has not taken it. */
  tips: Record<string, Tip>
  /** Id of the last entry of the traffic that was played before people went on by hand. */
  playedTo: number
}

/** The WeChat Pay stand-in, as far as the page shows it and lets it fail. */
export type WechatpayPanel = {
  /** JSON for the page. */
  state(): unknown
  /** Sets one of its faults. @throws Error when it is not valid */
  fault(spec: unknown): void
  clearFaults(): void
  /** Changes a coupon by hand. @throws Error when it can't be */
  changeCoupon(id: string, change: unknown): void
}

export type SlackSandboxOptions = {
  /** Parsed `manifest/manifest.json`: what it declares is what there is. */
  manifest: unknown
  workspace: Workspace
  /** Default: any free port. */
  port?: number
  transport: 'socket' | 'http'
  /** Where the app listens (HTTP transport); can be told later by `connectApp`. */
  appUrl?: string
  /** Default true: published rates are enforced. False lifts them, for benchmarks. */
  rates?: boolean
  /** The clock of message times and response_url expiry. Triggers, time-outs, rates and signatures are real time. */
  now?: () => number
  /** That clock, where others share it: moved on the page, it moves for all. Default: one by `now`. */
  clock?: Clock
  /** Shown on the page; default: nothing. */
  wechatpayPanel?: WechatpayPanel
  /** Other waits: shorter for tests, or longer where the machine is too busy for Slack's. Default: Slack's own. */
  patience?: { ackMs?: number; triggerMs?: number; eventRetryMs?: number[]; refreshWarningMs?: number }
}

/** How the app is installed, which may be another way than the manifest says now. */
export type Installation = {
  /** Granted to the bot. */
  scopes: string[]
  /** The app to which the app-level token belongs. */
  appTokenOf: string
  /** ms by which the dates of answers are ahead of this machine. */
  clockAhead: number
}

/** A first step: what to do, and what to copy for it. */
export type Tip = { says: Record<'en' | 'zh-CN', string>; copy: string }

export type SlackSandbox = {
  /** `http://127.0.0.1:PORT/`, to be opened in a browser. */
  pageUrl: string
  /** `http://127.0.0.1:PORT/api/`, for `SLACK_API_URL`. */
  apiUrl: string
  /** `http://127.0.0.1:PORT/sandbox/`, what people do, over HTTP. */
  sandboxUrl: string
  botToken: string
  appToken: string
  signingSecret: string
  teamId: string
  botUserId: string
  connectApp(url: string): void
  person(id: string): Person
  /** What a file holds that was sent into a conversation. */
  file(id: string): { name: string; text: string } | undefined
  /** All stored messages of a channel, oldest first, thread replies included, no ephemerals. */
  channelMessages(channelId: string): Message[]
  /** Snapshots both ways, oldest first (the last 5,000). */
  traffic(): TrafficEntry[]
  fault(spec: FaultSpec): void
  clearFaults(): void
  /** How many sockets are open now. */
  sockets(): number
  /** Moves the clock of message times forward. */
  forward(ms: number): void
  /** Asks every connection to reconnect, as Slack does every few hours: warning, then refresh_requested. */
  refreshSockets(): void
  /** Cuts every socket without a word. */
  cutSockets(): void
  /** Changes a user group's members; sends `subteam_members_changed` and `subteam_updated` if subscribed. */
  setGroup(groupId: string, users: string[]): Promise<void>
  /** Changes a person, for example `{ isDeleted: true }`. */
  setPerson(userId: string, change: Partial<WorkspacePerson>): void
  /** Changes a channel, for example its members or `{ isArchived: true }`. */
  setChannel(channelId: string, change: Partial<WorkspaceChannel>): void
  /** Changes a user group as it is set up, and tells the app nothing of it. */
  changeGroup(groupId: string, change: Partial<WorkspaceGroup>): void
  /** Changes how the app is installed, and whether Slack's clock agrees with that of this machine. */
  changeInstallation(change: Partial<Installation>): void
  /**
   * From now on people go on by hand: what was played before counts as read and stands apart in the traffic, and the page
   * shows everybody the first step until they have taken it.
   */
  handOver(tip: Tip): Promise<void>
  /** Settles at the next change of anything (a message, a view, a call, an acknowledgement). */
  changed(): Promise<void>
  /** Settles with the first value of `fn` that is not false, null or undefined; rejects after `timeout` ms (15,000). */
  waitFor<T>(
    fn: () => T | false | null | undefined,
    options?: { timeout?: number; what?: string },
  ): Promise<T>
  close(): Promise<void>
}
