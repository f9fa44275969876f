import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os'

/** Where it was measured: ratios travel from one machine to another, seconds don't. */
export function describeMachine(): {
  cores: number
  cpu: string
  memoryGb: number
  node: string
  system: string
} {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    system: `${platform()} ${arch()}`,
  }
}

/** Others that run at the same time: runnable processes of the last minute. */
export function load(): number {
  return loadavg()[0] ?? 0
}

/** The smallest step that `performance.now()` was seen to make, in ms. */
export function clockResolution(): number {
  let smallest = Number.POSITIVE_INFINITY
  for (let i = 0; i < 1000; i++) {
    const before = performance.now()
    let after = performance.now()
    while (after === before) after = performance.now()
    smallest = Math.min(smallest, after - before)
  }
  return smallest
}

/** Resident memory of another process in MB of 1024 kB, as the system counts it. */
export function residentMb(pid: number): number {
  const status = `/proc/${pid}/status`
  const kilobytes = existsSync(status)
    ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })
  return Number(kilobytes) / 1024
}

/**
 * ms of processor time that a process has used, all its threads together (proc(5): schedstat, in ns). Not utime and stime:
 * those count whole ticks of the system's clock, at which a process that wakes by timers is found far too often.
 */
export function cpuMs(pid: number): number {
  const threads = `/proc/${pid}/task`
  const used = readdirSync(threads).map((thread) => {
    const [onCpu] = readFileSync(`${threads}/${thread}/schedstat`, 'utf8').split(' ')
    return Number(onCpu)
  })
  return used.reduce((sum, ns) => sum + ns, 0) / 1e6
}
