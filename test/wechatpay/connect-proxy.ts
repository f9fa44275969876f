import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export interface ConnectProxy {
  url: string
  /** The head of each request that it received, in order. */
  heads: string[]
  sockets: Socket[]
  close(): Promise<void>
}

/** How a proxy treats a CONNECT: it opens the tunnel to this port of 127.0.0.1, or does what the function does. */
export type Treatment = number | ((socket: Socket, head: string) => void)

/** Starts a CONNECT proxy that leads every name to this machine, so that tests can ask for public names. */
export async function startConnectProxy(treat: (target: string) => Treatment): Promise<ConnectProxy> {
  const heads: string[] = []
  const sockets: Socket[] = []
  const keep = (socket: Socket) => {
    sockets.push(socket.on('error', () => {}))
    return socket
  }
  const server: Server = createServer((socket) => {
    keep(socket)
    let read = ''
    const onData = (chunk: Buffer) => {
      read += chunk.toString('latin1')
      const end = read.indexOf('\r\n\r\n')
      if (end < 0) return
      socket.off('data', onData)
      const head = read.slice(0, end)
      heads.push(head)
      const treatment = treat(/^CONNECT (\S+)/.exec(head)?.[1] ?? head)
      if (typeof treatment === 'function') return treatment(socket, head)
      const onward = keep(connect(treatment, '127.0.0.1'))
      onward.once('connect', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        socket.pipe(onward).pipe(socket)
      })
      onward.once('close', () => socket.destroy())
      socket.once('close', () => onward.destroy())
    }
    socket.on('data', onData)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heads,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
