// Starts programs, says what they and all below them cost, and ends them.
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const ticksPerSecond = 100 // USER_HZ, the same on every Linux architecture that .NET runs on

/** A program of ours with everything it starts. It dies with this process, however that ends. */
class Program {
  constructor(command, args, { env = process.env, log }) {
    const output = openSync(log, 'w')
    this.child = spawn('setpriv', ['--pdeathsig', 'TERM', command, ...args], { env, stdio: ['ignore', output, output] })
    closeSync(output)
    this.pid = this.child.pid
    this.log = log
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve(error.message))
      this.child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
    })
    this.ended.then((how) => (this.end = how))
  }

  /** Fails with the last lines of its log when the program has ended. */
  assertRunning() {
    if (this.end === undefined) return
    const tail = readFileSync(this.log, 'utf8').trim().split('\n').slice(-15).join('\n')
    throw new Error(`${this.child.spawnargs[3]} ended (${this.end}):\n${tail}`)
  }

  /** Asks it to stop and waits; what is left of it after `patienceMs` is killed. */
  async stop(patienceMs, signal = 'SIGTERM') {
    if (this.end !== undefined) return 0 // its number may be another process's by now
    const all = treeOf(this.pid)
    if (this.end === undefined) this.child.kill(signal)
    await Promise.race([this.ended, sleep(patienceMs, undefined, { ref: false })])
    const left = all.filter((process) => statOf(process.pid)?.startedAt === process.startedAt)
    for (const { pid } of left) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended meanwhile.
      }
    }
    await this.ended
    return left.length
  }
}

const running = new Set()

export function start(command, args, settings) {
  const program = new Program(command, args, settings)
  running.add(program)
  return program
}

/** @returns how many of its processes had to be killed. */
export async function stop(program, patienceMs, signal) {
  const left = await program.stop(patienceMs, signal)
  running.delete(program)
  return left
}

export const stopAll = () => Promise.all([...running].map((program) => stop(program, 30_000)))

/** Asks again until there is an answer, or one of the programs has ended. */
export async function waitFor(what, seconds, programs, condition) {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await sleep(250)) {
    const answer = await condition()
    if (answer) return answer
    ;[programs].flat().forEach((program) => program.assertRunning())
  }

  throw new Error(`${what}: not there after ${seconds} s`)
}

/** The process and all its descendants. */
export function treeOf(root) {
  const children = new Map()
  for (const entry of readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) ? statOf(Number(entry)) : null
    if (stat) children.set(stat.parent, [...(children.get(stat.parent) ?? []), stat])
  }

  const found = []
  const queue = [statOf(root)].filter(Boolean)
  while (queue.length > 0) {
    const next = queue.pop()
    found.push(next)
    queue.push(...(children.get(next.pid) ?? []))
  }

  return found
}

/**
 * CPU-seconds and memory of a process tree, by component.
 * `componentOf(name)` names the component that begins with a program; what it starts belongs to it, too. Children that have ended are
 * in their parent's figures, so that the sum never goes back.
 */
export function costOf(root, componentOf) {
  const components = new Map()
  const componentAt = new Map()
  for (const stat of treeOf(root)) {
    const component = componentOf(programOf(stat.pid)) ?? componentAt.get(stat.parent) ?? 'other'
    componentAt.set(stat.pid, component)
    const cost = components.get(component) ?? { cpu: 0, pss: 0, shared: 0 }
    const memory = memoryOf(stat.pid)
    cost.cpu += stat.cpu
    cost.pss += memory.pss
    cost.shared += memory.shared
    components.set(component, cost)
  }

  return components
}

/** utime and stime are the scheduler's own nanoseconds, shown in steps of 10 ms: exact over a window, also on a busy machine. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ') // state is [0], field 3 of proc(5)
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    return { pid, parent: Number(fields[1]), cpu: ticks / ticksPerSecond, startedAt: fields[19] }
  } catch {
    return null // ended
  }
}

/** Its name, cut at 15 characters. */
export function programOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return ''
  }
}

/** Proportional set size in bytes; `shared` is the part in shared memory: the stream log, and PostgreSQL's buffers. */
function memoryOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    const bytes = (key) => 1024 * Number(new RegExp(`^${key}: *(\\d+)`, 'm').exec(text)?.[1] ?? 0)
    return { pss: bytes('Pss'), shared: bytes('Pss_Shmem') }
  } catch {
    return { pss: 0, shared: 0 }
  }
}
