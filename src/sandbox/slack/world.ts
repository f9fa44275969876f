import { type Clock, createClock } from '../clock.ts'
import { type Changes, createChanges } from './changes.ts'
import { createFiles, type Files } from './files.ts'
import { newSecret } from './ids.ts'
import { type Manifest, readManifest } from './manifest.ts'
import { createMessages, createReadMarks, type Messages, type ReadMarks } from './messages.ts'
import { createFaults, type Faults } from './plantable-faults.ts'
import { createResponseUrls, type ResponseUrls } from './response-urls.ts'
import { createTips, type Tips } from './tip.ts'
import { createTraffic, type Traffic } from './traffic.ts'
import { createTriggers, type Triggers } from './triggers.ts'
import type {
  Installation,
  SlackSandboxOptions,
  Workspace,
  WorkspaceChannel,
  WorkspacePerson,
} from './types.ts'
import { createViews, type Views } from './views.ts'

/** All that the stand-in remembers. Each part gets the whole, as all of Slack sees one workspace. */
export type World = {
  /** Identifies this run. */
  run: string
  workspace: Workspace
  manifest: Manifest
  clock: Clock
  now: () => number
  installation: Installation
  botToken: string
  appToken: string
  signingSecret: string
  hasRates: boolean
  patience: { ackMs: number; triggerMs: number; eventRetryMs: number[]; refreshWarningMs: number }
  changes: Changes
  traffic: Traffic
  faults: Faults
  messages: Messages
  files: Files
  readMarks: ReadMarks
  tips: Tips
  playedTo: number
  views: Views
  triggers: Triggers
  responseUrls: ResponseUrls
  /** Set when the server listens; the addresses given to the app begin with it. */
  origin: string
  personById(id: string): WorkspacePerson | undefined
  channelById(id: string): WorkspaceChannel | undefined
}

/**
 * Slack's own waits: 3 s to acknowledge, 3 s for a trigger; events are repeated at once, after one minute and after
 * five; a socket is warned ten seconds before it has to go.
 */
const SLACKS_PATIENCE = {
  ackMs: 3000,
  triggerMs: 3000,
  eventRetryMs: [0, 60_000, 300_000],
  refreshWarningMs: 10_000,
}

/** Creates the world. @throws Error with every problem of a manifest that Slack would refuse. */
export function createWorld(options: SlackSandboxOptions): World {
  const clock = options.clock ?? createClock(options.now ?? Date.now)
  const { now } = clock
  const workspace = structuredClone(options.workspace)
  const patience = { ...SLACKS_PATIENCE, ...options.patience }
  const changes = createChanges()
  const messages = createMessages({ workspace, now, changes })
  const manifest = readManifest(options.manifest)
  const world: World = {
    run: newSecret(4),
    workspace,
    manifest,
    installation: { scopes: manifest.botScopes, appTokenOf: workspace.app.id, clockAhead: 0 },
    clock,
    now,
    // Shaped like Slack's, since clients look at the prefix, and new at every start.
    botToken: `xoxb-sandbox-${newSecret()}`,
    appToken: `xapp-sandbox-${newSecret()}`,
    signingSecret: newSecret(),
    hasRates: options.rates ?? true,
    patience,
    changes,
    traffic: createTraffic({ now, changes }),
    faults: createFaults(),
    messages,
    files: createFiles({ changes }),
    readMarks: createReadMarks({ changes }),
    tips: createTips({ changes }),
    playedTo: 0,
    views: createViews({ workspace, now, changes }),
    triggers: createTriggers({ lifeMs: patience.triggerMs }),
    responseUrls: createResponseUrls({ messages, now, teamId: workspace.team.id }),
    origin: '',
    personById: (id) => workspace.people.find((person) => person.id === id),
    channelById: (id) => workspace.channels.find((channel) => channel.id === id),
  }
  return world
}
