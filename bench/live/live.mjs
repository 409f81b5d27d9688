// Measures live viewing: one camera to some viewers by each way, with the product as it runs. CPU-seconds of the media plane count,
// not wall time; the viewers and the camera are processes of their own and on nobody's bill.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { cpus, loadavg } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { stopAll, waitFor } from '../processes.mjs'
import { WatchedCamera, startCamera } from './watched.mjs'

const framesPerSecond = 25
/** What each way may cost at 50 viewers: CPU-seconds per viewer-minute, and milliseconds from camera to viewer. */
const budgets = {
  webrtc: { cpu: 0.1, p99: 20 },
  mse: { cpu: 0.03 },
  llhls: { cpu: 0.03, p50: 250 },
  rtsp: { cpu: 0.03 },
}
const urlOf = { webrtc: 'whepUrl', mse: 'mseUrl', llhls: 'hlsUrl', rtsp: 'rtspUrl' }
const usage = `./dev bench live [OPTIONS]
  --ways LIST        ${Object.keys(budgets).join(',')} (all)
  --viewers LIST     1,10,50,100
  --seconds T        length of a measured window (30)
  --warm-up S        seconds of watching before the first window of each way (60)
  --settle S         seconds of watching before the other windows (8)
  --product DIR      another build of the product, to compare (artifacts/vms)
  --work DIR         logs and data (artifacts/bench-live)
  --json FILE        the figures as JSON, too`

const options = parseOptions()
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const binaries = resolve(options.product ?? join(root, 'artifacts/vms'))
const load = join(root, 'artifacts/bin/Vms.LiveLoad/release/live-load')
const work = resolve(options.work ?? join(root, 'artifacts/bench-live'))

async function main() {
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const camera = await startCamera(binaries, work)
  const watched = await WatchedCamera.start(binaries, work, camera)
  console.log(`One 1080p25 camera of 4 Mbit/s; windows of ${options.seconds} s; ${machine()}`)
  const results = []
  try {
    for (const way of options.ways) {
      let warmUp = options.warmUp
      for (const viewers of options.viewers) {
        const result = await measure(watched, way, viewers, warmUp)
        results.push(result)
        warmUp = options.settle
        console.log(`  ${describe(result)}`)
      }
    }
  } finally {
    await watched.stop()
  }

  report(results)
}

/** One window: the viewers come, stay, are counted, and go; the next ones come when the last of these has been forgotten. */
async function measure(watched, way, viewers, warmUp) {
  await waitFor('the end of the viewers before', 60, watched.vms, async () => (await watched.viewers()).length === 0)
  const alone = await watched.cost()
  const crowd = new Crowd(way, viewers, (await watched.live())[urlOf[way]])
  try {
    await crowd.playing
    await sleep(warmUp * 1000)
    const [atFirst, before, startedAt] = [await crowd.ask('begin'), await watched.cost(), process.hrtime.bigint()]
    await sleep(options.seconds * 1000)
    const [after, seconds, seen] = [await watched.cost(), Number(process.hrtime.bigint() - startedAt) / 1e9, await crowd.ask('end')]
    watched.vms.assertRunning()
    return {
      way, viewers, seconds, seen,
      cpu: after.cpu - before.cpu,
      perViewerMinute: (after.cpu - before.cpu) / viewers / (seconds / 60),
      memoryPerViewer: (after.memory - alone.memory) / viewers,
      allocatedPerSample: (after.allocated - before.allocated) / (seconds * framesPerSecond),
      skipped: (await watched.viewers()).reduce((sum, viewer) => sum + viewer.skipped, 0),
      crowdCpu: seen.cpuSeconds - atFirst.cpuSeconds, load: loadavg()[0],
    }
  } finally {
    await crowd.leave()
  }
}

/** The viewers: one process, told on its standard input what to do. */
class Crowd {
  constructor(way, viewers, url) {
    if (!url) throw new Error(`the product offers no address for ${way}`)
    this.child = spawn('setpriv', ['--pdeathsig', 'TERM', load, way, String(viewers), url], { stdio: ['pipe', 'pipe', 'pipe'] })
    let errors = ''
    this.child.stderr.setEncoding('utf8').on('data', (text) => (errors += text))
    this.ended = new Promise((resolve) => this.child.once('exit', resolve).once('error', resolve))
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]()
    this.failure = () => new Error(`viewers by ${way}: ${errors.trim() || 'ended'}`)
    this.playing = this.answer()
  }

  async answer() {
    const { value, done } = await this.lines.next()
    if (done) throw this.failure()
    return JSON.parse(value)
  }

  /** `begin`: counts from now on; `end`: what has been seen since. */
  ask(command) {
    this.child.stdin.write(`${command}\n`)
    return this.answer()
  }

  async leave() {
    this.child.stdin.end()
    await Promise.race([this.ended, sleep(10_000, undefined, { ref: false })])
    this.child.kill('SIGKILL')
  }
}

// ---------------------------------------------------------------- report

function describe({ way, viewers, perViewerMinute, memoryPerViewer, allocatedPerSample, seen, skipped, load }) {
  const expected = Math.floor(seen.seconds * framesPerSecond)
  return `${way} to ${viewers}: ${perViewerMinute.toFixed(4)} CPU-s per viewer-minute; latency p50 ${seen.p50Ms.toFixed(1)} p99 ${seen.p99Ms.toFixed(1)} ms; ` +
    `${seen.fewestFrames} to ${seen.mostFrames} of ${expected} frames each, ${seen.missed} missed, ${skipped} skipped${seen.ended ? `, ${seen.ended} viewers cut off (${seen.failure})` : ''}; ` +
    `${(memoryPerViewer / 1024).toFixed(0)} KiB per viewer; ${allocatedPerSample.toFixed(0)} bytes allocated per frame; load average ${load.toFixed(1)}`
}

function report(results) {
  const head = ['', 'viewers', 'CPU-s per viewer-minute', 'latency p50 ms', 'p99 ms', 'fps each', 'missed', 'KiB per viewer', 'bytes per frame', 'budget']
  const rows = results.map((result) => [
    result.way, String(result.viewers), result.perViewerMinute.toFixed(4), result.seen.p50Ms.toFixed(1), result.seen.p99Ms.toFixed(1),
    (result.seen.fewestFrames / result.seen.seconds).toFixed(1), String(result.seen.missed + result.skipped),
    (result.memoryPerViewer / 1024).toFixed(0), result.allocatedPerSample.toFixed(0), verdict(result),
  ])
  console.log('')
  table(head, rows)
  console.log(`\nCPU is the media plane's, all of it: pulling and packaging the camera are shared by the viewers. Memory is private PSS, allocation ` +
    `that of the whole process. Budgets are for 50 viewers.`)
  if (options.json) writeFileSync(options.json, JSON.stringify({ date: new Date().toISOString(), options, machine: machine(), results }, null, 2))
}

function verdict({ way, viewers, perViewerMinute, seen, skipped }) {
  if (viewers !== 50) return ''
  const budget = budgets[way]
  const whole = seen.missed + seen.ended + skipped === 0
  const within = perViewerMinute <= budget.cpu && (budget.p99 === undefined || seen.p99Ms <= budget.p99) && (budget.p50 === undefined || seen.p50Ms <= budget.p50)
  return `${whole && within ? 'PASS' : 'OVER'} (${budget.cpu}${budget.p99 ? `, p99 ${budget.p99} ms` : ''}${budget.p50 ? `, p50 ${budget.p50} ms` : ''})`
}

function table(head, rows) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)))
  const line = (cells) => console.log(`| ${cells.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join(' | ')} |`)
  line(head)
  line(widths.map((width, c) => (c === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)))
  rows.forEach(line)
}

const machine = () => `${cpus().length} cores (${cpus()[0].model.trim()}), load average ${loadavg()[0].toFixed(1)}`

// ---------------------------------------------------------------- options

function parseOptions() {
  const fail = (message) => {
    console.error(`bench: ${message}\n${usage}`)
    process.exit(2)
  }
  let values
  try {
    ;({ values } = parseArgs({
      options: {
        ways: { type: 'string', default: Object.keys(budgets).join(',') },
        viewers: { type: 'string', default: '1,10,50,100' },
        seconds: { type: 'string', default: '30' },
        'warm-up': { type: 'string', default: '60' },
        settle: { type: 'string', default: '8' },
        product: { type: 'string' },
        work: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }))
  } catch (error) {
    fail(error.message)
  }

  if (values.help) {
    console.log(usage)
    process.exit(0)
  }

  const number = (name, text) => (Number(text) > 0 ? Number(text) : fail(`--${name} ${text}: expected a number above 0`))
  const ways = values.ways.split(',')
  ways.forEach((way) => budgets[way] ?? fail(`--ways ${way}: expected some of ${Object.keys(budgets).join(',')}`))
  return {
    ...values, ways,
    viewers: values.viewers.split(',').map((text) => number('viewers', text)),
    seconds: number('seconds', values.seconds), warmUp: number('warm-up', values['warm-up']), settle: number('settle', values.settle),
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => stopAll().then(() => process.exit(130)))
try {
  await main()
} catch (error) {
  console.error(`bench: ${error.message}; the logs are in ${work}`)
  process.exitCode = 1
} finally {
  await stopAll()
}
