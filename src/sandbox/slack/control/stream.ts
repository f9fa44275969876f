import type { ServerResponse } from 'node:http'
import type { World } from '../world.ts'

/** Tells a page that something changed; it asks for what it shows. Changes close together are told once. */
export async function stream(world: World, response: ServerResponse): Promise<void> {
  let isOpen = true
  response.on('close', () => {
    isOpen = false
    world.signal.touch()
  })
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  // A page whose connection broke comes back after so many ms.
  response.write('retry: 1000\ndata: changed\n\n')
  for (;;) {
    await world.signal.changed()
    if (!isOpen) return
    response.write('data: changed\n\n')
  }
}
