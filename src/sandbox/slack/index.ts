/** The front door of the Slack stand-in. */

export { startSlackSandbox } from './start.ts'
export type {
  Block,
  CommandResult,
  Confirm,
  Failed,
  FaultName,
  FaultSpec,
  InputState,
  Message,
  Person,
  PressResult,
  PressTarget,
  SeenError,
  SelectOption,
  SlackSandbox,
  SlackSandboxOptions,
  SubmitResult,
  TrafficEntry,
  View,
  Workspace,
  WorkspaceChannel,
  WorkspaceGroup,
  WorkspacePerson,
} from './types.ts'
export { exampleWorkspace } from './workspace.ts'
