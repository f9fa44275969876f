/** Codes with which Slack refuses a call, for both of its callers: the app itself, and the checks of its set-up. */

/** Slack knows no such person, or doesn't show them to this app. */
export const PERSON_UNKNOWN: readonly string[] = ['user_not_found', 'users_not_found', 'user_not_visible']

/** The workspace has no user groups: they need a paid plan. */
export const NO_USER_GROUPS: readonly string[] = ['plan_upgrade_required', 'paid_teams_only']

/** Slack itself has a problem; says nothing about the caller. */
export const OWN_TROUBLE: readonly string[] = [
  'fatal_error',
  'internal_error',
  'ratelimited',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
]
