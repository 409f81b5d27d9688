// Measures recording: media and recorder of the product against one `ffmpeg -c copy -f segment` per camera, both on the same
// simulated cameras, taking turns. CPU-seconds count, not wall time: other load on the machine makes them noisier, not wrong.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { cpus, loadavg, tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { countFrames } from './frames.mjs'
import { Program, costOf } from './processes.mjs'

const budget = 1 / 2 // of ffmpeg, for media and recorder together
const usage = `./dev bench [system] [OPTIONS]
  --cameras N        simulated cameras (10)
  --seconds T        length of a measured window (30)
  --repetitions R    windows per contender (2)
  --warm-up S        seconds of recording before the product's window (90)
  --segment S        seconds per file, for both (10)
  --footage F        1080p (10 s in a loop) or 1080p60s; 1080p25, 4 Mbit/s, GOP 50 (1080p)
  --wire-paced       the cameras write every RTP packet by itself, as real ones do
  --only C           ffmpeg or vms alone: for profiling
  --work DIR         where both record (artifacts/bench)
  --json FILE        the figures as JSON, too`

const options = parseOptions()
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const product = join(root, 'artifacts/vms')
const work = resolve(options.work ?? join(root, 'artifacts/bench'))
const componentNames = { 'vms-media': 'media', 'vms-recorder': 'recorder', 'vms-control': 'control', 'vms-ai': 'ai', postgres: 'postgres', 'nats-server': 'nats' }
const running = new Set()

async function main() {
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const cameras = await startCameras()
  console.log(`${options.cameras} cameras, 1080p25 4 Mbit/s${options.wirePaced ? ', wire-paced' : ''}; window ${options.seconds} s, files of ${options.segment} s; ${machine()}`)

  const contenders = { ffmpeg: recordWithFfmpeg, vms: recordWithProduct }
  const results = { ffmpeg: [], vms: [] }
  for (let repetition = 1; repetition <= options.repetitions; repetition++) {
    for (const [name, record] of Object.entries(contenders)) {
      if (options.only && options.only !== name) continue
      const result = await record(cameras)
      results[name].push(result)
      console.log(`  ${name} ${repetition}: ${describe(result)}`)
    }
  }

  report(results)
}

// ---------------------------------------------------------------- cameras

/** All contenders pull from one process of simulated cameras, which is not in anybody's bill. */
async function startCameras() {
  const stats = join(work, 'cameras.jsonl')
  const args = ['--cameras', options.cameras, '--footage', options.footage, '--stats', stats, ...(options.wirePaced ? ['--wire-paced'] : [])]
  const simulator = start(join(product, 'camera-sim'), args.map(String), { log: join(work, 'cameras.log') })
  // The first use of a piece of footage encodes it.
  const urls = await waitFor('the simulated cameras', 360, simulator, () => {
    const listening = [...readFileSync(simulator.log, 'utf8').matchAll(/^listening (.+)$/gm)].map((match) => match[1])
    return listening.length === options.cameras && listening
  })
  return { urls, stats: () => JSON.parse(readFileSync(stats, 'utf8').trim().split('\n').at(-1) || '{}') }
}

// ---------------------------------------------------------------- contenders

async function recordWithFfmpeg(cameras) {
  const folder = join(work, 'ffmpeg')
  mkdirSync(folder)
  const recorders = cameras.urls.map((url, index) =>
    start(
      'ffmpeg',
      [
        ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-rtsp_transport', 'tcp', '-i', url, '-map', '0', '-c', 'copy'],
        ...['-f', 'segment', '-segment_time', String(options.segment), '-segment_format', 'mp4'],
        ...['-segment_format_options', 'movflags=+frag_keyframe+empty_moov+default_base_moof', '-reset_timestamps', '1'],
        join(folder, `${index + 1}-%05d.mp4`),
      ],
      { log: join(work, `ffmpeg-${index + 1}.log`) },
    ),
  )
  await waitFor('ffmpeg on all cameras', 120, recorders, () => cameras.stats().viewers >= options.cameras)
  await sleep(10_000) // analysis of the stream is over; there is no compiler to warm
  const window = await measure(cameras, () => sumOf(recorders.map((recorder) => costOf(recorder.pid, () => 'ffmpeg'))), recorders)
  for (const recorder of recorders) await stop(recorder, 10_000, 'SIGINT')
  return finish(window, folder)
}

async function recordWithProduct(cameras) {
  const data = join(work, 'data')
  const run = mkdtempSync(join(tmpdir(), 'vms-bench-'))
  const ring = join('/dev/shm', basename(run))
  const password = `bench-${Math.random().toString(36).slice(2)}`
  const port = await freePort()
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VMS_'))),
    ...{ VMS_RUN_DIR: run, VMS_RING_DIR: ring, VMS_ADMIN_PASSWORD: password },
    ...{ VMS_MEDIA_PORT: '0', VMS_PLAYBACK_PORT: '0', VMS_WEBRTC_PORT: '0', VMS_RTSP_PORT: 'off' },
  }
  try {
    const vms = start(join(product, 'vms'), ['up', '--data', data, '--port', String(port)], { env, log: join(work, 'vms.log') })
    await waitFor('the product', 240, vms, () => /^ready http/m.test(readFileSync(vms.log, 'utf8')))
    const api = await signIn(`http://127.0.0.1:${port}/api`, password)
    const cost = () => costOf(vms.pid, (program) => componentNames[program] ?? (program === 'vms' ? 'supervisor' : undefined))
    const idle = cost()
    for (const [index, url] of cameras.urls.entries()) {
      await api('POST', '/cameras', {
        name: `Camera ${index + 1}`, mainUrl: url, transport: 'tcp', recording: { mode: 'continuous', segmentSeconds: options.segment },
      })
    }

    await waitFor('recording of all cameras', 120, vms, async () => {
      const { items } = await api('GET', '/cameras?limit=1000')
      return items.filter((camera) => camera.recording.state === 'recording').length === options.cameras
    })
    await sleep(options.warmUp * 1000)
    const allocated = async () => ({ media: await allocatedBytes(run, 'media'), recorder: await allocatedBytes(run, 'recorder') })
    const before = await allocated()
    const window = await measure(cameras, cost, [vms])
    const after = await allocated()
    const left = await stop(vms, 60_000)
    if (left > 0) console.log(`  vms: ${left} processes had to be killed`)
    return {
      ...finish(window, join(data, 'recordings')),
      idle: sumByName(idle, 'pss'),
      allocated: { media: after.media - before.media, recorder: after.recorder - before.recorder },
    }
  } finally {
    for (const folder of [data, run, ring]) rmSync(folder, { recursive: true, force: true })
  }
}

/** What the contender cost in one window, per component. */
async function measure(cameras, cost, programs) {
  const [frames, before, startedAt] = [cameras.stats(), cost(), process.hrtime.bigint()]
  await sleep(options.seconds * 1000)
  const [after, seconds, framesNow] = [cost(), Number(process.hrtime.bigint() - startedAt) / 1e9, cameras.stats()]
  programs.forEach((program) => program.assertRunning())
  const cpu = Object.fromEntries([...after].map(([name, { cpu }]) => [name, cpu - (before.get(name)?.cpu ?? 0)]))
  return {
    seconds, cpu, pss: sumByName(after, 'pss'), shared: sumByName(after, 'shared'),
    samples: framesNow.frames - frames.frames, dropped: framesNow.dropped - frames.dropped,
    cameraCpu: framesNow.cpuSeconds - frames.cpuSeconds,
  }
}

function finish(window, folder) {
  const result = { ...window, frames: countFrames(folder) }
  rmSync(folder, { recursive: true, force: true })
  return result
}

// ---------------------------------------------------------------- report

function describe(result) {
  const parts = Object.entries(result.cpu).map(([name, cpu]) => `${name} ${perCameraMinute(cpu, result).toFixed(3)}`)
  return `${parts.join(', ')} CPU-s per camera-minute; ${frameText(result.frames)}${result.dropped ? `; cameras dropped ${result.dropped}` : ''}`
}

function report({ ffmpeg, vms }) {
  const rows = []
  const figures = { date: new Date().toISOString(), options, machine: machine(), ffmpeg, vms }
  const row = (name, cpu, memory, frames) =>
    rows.push([name, cpu.toFixed(3), ffmpeg.length > 0 ? (cpu / cpuOf(ffmpeg, ['ffmpeg'])).toFixed(2) : '', memory, frames])
  const memoryOf = (results, names) => average(results, (r) => names.reduce((sum, n) => sum + (r.pss[n] ?? 0) - (r.shared[n] ?? 0), 0))
  const megabytes = (bytes) => (bytes / 2 ** 20 / options.cameras).toFixed(1)

  if (ffmpeg.length > 0) row('ffmpeg', cpuOf(ffmpeg, ['ffmpeg']), megabytes(memoryOf(ffmpeg, ['ffmpeg'])), totalFrames(ffmpeg))
  if (vms.length > 0) {
    const names = [...new Set(vms.flatMap((result) => Object.keys(result.cpu)))]
    const sets = [['media + recorder', ['media', 'recorder'], totalFrames(vms)], ['total', names, ''], ...names.sort().map((name) => [`  ${name}`, [name], ''])]
    for (const [title, set, frames] of sets) row(title, cpuOf(vms, set), megabytes(memoryOf(vms, set)), frames)
  }

  console.log('')
  table(['', 'CPU-s per camera-minute', 'of ffmpeg', 'MiB per camera', 'frames'], rows)
  if (vms.length > 0) {
    const idle = average(vms, (r) => ['media', 'recorder'].reduce((sum, n) => sum + (r.idle[n] ?? 0), 0))
    console.log(`\nMemory is PSS without shared memory. media + recorder: ${(idle / 2 ** 20).toFixed(0)} MiB without cameras, ` +
      `${megabytes(memoryOf(vms, ['media', 'recorder']) - idle)} MiB more per camera; ` +
      `stream logs: ${megabytes(average(vms, (r) => r.shared.media + r.shared.recorder))} MiB per camera.`)
    for (const plane of ['media', 'recorder'])
      console.log(`${plane} allocated ${average(vms, (r) => r.allocated[plane] / r.samples).toFixed(0)} bytes per sample, everything in the process together.`)
  }

  console.log(`The simulated cameras took ${average([...ffmpeg, ...vms], (r) => perCameraMinute(r.cameraCpu, r)).toFixed(3)} CPU-s per camera-minute beside that.`)
  if (ffmpeg.length > 0 && vms.length > 0) {
    figures.ratio = cpuOf(vms, ['media', 'recorder']) / cpuOf(ffmpeg, ['ffmpeg'])
    const verdict = figures.ratio <= budget ? 'PASS' : 'OVER BUDGET'
    console.log(`\n${verdict}: media + recorder take ${figures.ratio.toFixed(2)} of ffmpeg's CPU; the budget is ${budget.toFixed(2)}.`)
  }

  if (options.json) writeFileSync(options.json, JSON.stringify(figures, null, 2))
}

function table(head, rows) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)))
  const line = (cells) => console.log(`| ${cells.map((cell, c) => (c === 0 || c === 4 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join(' | ')} |`)
  line(head)
  line(widths.map((width, c) => (c === 0 || c === 4 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)))
  rows.forEach(line)
}

const perCameraMinute = (cpu, result) => cpu / options.cameras / (result.seconds / 60)
const average = (results, value) => results.reduce((sum, result) => sum + value(result), 0) / results.length
const cpuOf = (results, names) => average(results, (r) => perCameraMinute(names.reduce((sum, name) => sum + (r.cpu[name] ?? 0), 0), r))
const frameText = ({ cameras, frames, lost, repeated }) => `${cameras} cameras, ${frames} frames, ${lost} lost, ${repeated} repeated`
const totalFrames = (results) =>
  frameText(results.map((r) => r.frames).reduce((a, b) => ({
    cameras: Math.max(a.cameras, b.cameras), frames: a.frames + b.frames, lost: a.lost + b.lost, repeated: a.repeated + b.repeated,
  })))
const sumByName = (components, key) => Object.fromEntries([...components].map(([name, cost]) => [name, cost[key]]))

function sumOf(maps) {
  const sum = new Map()
  for (const [name, cost] of maps.flatMap((map) => [...map])) {
    const total = sum.get(name) ?? { cpu: 0, pss: 0, shared: 0 }
    for (const key of Object.keys(total)) total[key] += cost[key]
    sum.set(name, total)
  }

  return sum
}

function machine() {
  const model = cpus()[0].model.trim()
  return `${cpus().length} cores (${model}), load average ${loadavg()[0].toFixed(1)}`
}

// ---------------------------------------------------------------- programs, the API, options

function start(command, args, settings) {
  const program = new Program(command, args, settings)
  running.add(program)
  return program
}

async function stop(program, patienceMs, signal) {
  const left = await program.stop(patienceMs, signal)
  running.delete(program)
  return left
}

async function stopAll() {
  await Promise.all([...running].map((program) => stop(program, 30_000)))
}

async function waitFor(what, seconds, programs, condition) {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await sleep(250)) {
    const answer = await condition()
    if (answer) return answer
    ;[programs].flat().forEach((program) => program.assertRunning())
  }

  throw new Error(`${what}: not there after ${seconds} s; the logs are in ${work}`)
}

/** @returns a function that calls the API as the administrator. */
async function signIn(base, password) {
  let token = ''
  const call = async (method, path, body) => {
    const response = await fetch(base + path, {
      method,
      headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
      body: body && JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }
  token = (await call('POST', '/auth/login', { username: 'admin', password })).accessToken
  return call
}

/** Bytes a plane has allocated on its managed heap since it started, from its metrics. */
function allocatedBytes(run, plane) {
  return new Promise((resolve, reject) => {
    request({ socketPath: join(run, 'planes', `${plane}.http.sock`), path: '/metrics' }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part) => (text += part))
      response.on('end', () => resolve(Number(/^vms_process_allocated_bytes_total (\S+)/m.exec(text)?.[1] ?? NaN)))
    }).on('error', reject).end()
  })
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

function parseOptions() {
  const number = (name, fallback) => [name, { type: 'string', default: String(fallback) }]
  let values
  try {
    ;({ values } = parseArgs({
      options: {
        ...Object.fromEntries([number('cameras', 10), number('seconds', 30), number('repetitions', 2), number('warm-up', 90), number('segment', 10)]),
        footage: { type: 'string', default: '1080p' },
        'wire-paced': { type: 'boolean', default: false },
        only: { type: 'string' },
        work: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }))
  } catch (error) {
    console.error(`bench: ${error.message}\n${usage}`)
    process.exit(2)
  }

  if (values.help) {
    console.log(usage)
    process.exit(0)
  }

  const parsed = { ...values, wirePaced: values['wire-paced'] }
  for (const [name, key] of [['cameras', 'cameras'], ['seconds', 'seconds'], ['repetitions', 'repetitions'], ['warm-up', 'warmUp'], ['segment', 'segment']]) {
    parsed[key] = Number(values[name])
    if (!(parsed[key] > 0)) {
      console.error(`bench: --${name} ${values[name]}: expected a number above 0\n${usage}`)
      process.exit(2)
    }
  }

  return parsed
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => stopAll().then(() => process.exit(130)))
try {
  await main()
} catch (error) {
  console.error(`bench: ${error.message}`)
  process.exitCode = 1
} finally {
  await stopAll()
}
