export type {
  Abilities,
  Grants,
  LimitState,
  ListedCoupon,
  ListInput,
  ListOutcome,
  Preview,
  Problem,
  RequestInput,
  RequestOutcome,
} from './grants.ts'
export { DrawLaterError, type Hold, type Notifier } from './notifier.ts'
