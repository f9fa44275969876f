/** The front door of finding users by a number that they know. */

export { type Endpoint, openEndpoint, whyFaulty } from './endpoint.ts'
export {
  type CustomerMatch,
  type Customers,
  createCustomers,
  type FindInput,
  type FindOutcome,
  type NotFound,
} from './find-customer.ts'
