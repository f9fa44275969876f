import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os'

/** Describes the machine of the measurement: ratios carry over to other machines, seconds don't. */
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

/** The load from everything that runs: runnable processes, averaged over the last minute. */
export function load(): number {
  return loadavg()[0] ?? 0
}

/** The smallest observed step of `performance.now()`, in ms. */
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

/** Resident memory of another process as the system counts it, in MB of 1024 kB. */
export function residentMb(pid: number): number {
  const status = `/proc/${pid}/status`
  const kilobytes = existsSync(status)
    ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })
  return Number(kilobytes) / 1024
}

/**
 * Processor time that all threads of a process have used, in ms (proc(5): schedstat, in ns). Not utime and stime:
 * those count whole ticks of the system's clock, and catch a process that timers wake far too often.
 */
export function cpuMs(pid: number): number {
  const threads = `/proc/${pid}/task`
  const used = readdirSync(threads).map((thread) => {
    const [onCpu] = readFileSync(`${threads}/${thread}/schedstat`, 'utf8').split(' ')
    return Number(onCpu)
  })
  return used.reduce((sum, ns) => sum + ns, 0) / 1e6
}
