// Watches the just-in-time compiler of .NET processes: its thread compiles what is called often a second time, better, in the background.
import { readFileSync, readdirSync } from 'node:fs'

const threadName = '.NET Tiered Com' // the system cuts names at 15 characters
const ticksPerSecond = 100
const lookEveryMs = 250
const quietSeconds = 20
const quietShare = 0.005 // of one core

/** CPU time of the compiler threads of some processes since it began to look. The threads come and go, hence the frequent looks. */
export class CompilerWatch {
  constructor(pids) {
    this.pids = pids
    this.seconds = 0
    this.seen = new Map()
    this.look()
    this.timer = setInterval(() => this.look(), lookEveryMs)
    this.timer.unref()
  }

  /** Resolves to true when the compiler has had next to nothing to do for a while, to false after `limitSeconds`. */
  async settled(limitSeconds, sleep) {
    const history = []
    for (const deadline = Date.now() + limitSeconds * 1000; Date.now() < deadline; await sleep(1000)) {
      history.push(this.seconds)
      if (history.length > quietSeconds && this.seconds - history.at(-1 - quietSeconds) < quietShare * quietSeconds) return true
    }

    return false
  }

  stop() {
    clearInterval(this.timer)
  }

  look() {
    for (const pid of this.pids) {
      for (const [thread, ticks] of compilerThreads(pid)) {
        this.seconds += (ticks - (this.seen.get(thread) ?? 0)) / ticksPerSecond
        this.seen.set(thread, ticks)
      }
    }
  }
}

function compilerThreads(pid) {
  const found = []
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const text = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1')
      const end = text.lastIndexOf(')')
      if (text.slice(text.indexOf('(') + 1, end) !== threadName) continue
      const fields = text.slice(end + 2).split(' ') // state is [0], field 3 of proc(5)
      found.push([`${thread}@${fields[19]}`, Number(fields[11]) + Number(fields[12])])
    }
  } catch {
    // The thread, or the process, has ended meanwhile.
  }

  return found
}
