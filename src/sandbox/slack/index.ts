/** The front door of the Slack stand-in. */

export { exampleWorkspace } from './example-workspace.ts'
export type { FaultName, FaultSpec } from './plantable-faults.ts'
export { startSlackSandbox } from './start.ts'
export type {
  Block,
  CommandResult,
  Confirm,
  Failed,
  InputState,
  Installation,
  Message,
  Person,
  PressResult,
  PressTarget,
  SandboxState,
  SeenError,
  SelectOption,
  SlackSandbox,
  SlackSandboxOptions,
  SubmitResult,
  Tip,
  TrafficEntry,
  Unread,
  View,
  WechatpayPanel,
  Workspace,
  WorkspaceChannel,
  WorkspaceGroup,
  WorkspacePerson,
} from './types.ts'
