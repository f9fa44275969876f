/** What ended a stand-in, in words for whoever started it. */
export function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, port } = error as { code?: string; port?: number }
  return code === 'EADDRINUSE'
    ? `port ${port} of 127.0.0.1 is taken: choose another by --port, or leave it out for any free one`
    : error.message
}
