// Measures recording: media and recorder of the product against one `ffmpeg -c copy -f segment` per camera, both on the same
// simulated cameras, taking turns. CPU-seconds count, not wall time: other load on the machine makes them noisier, not wrong.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { costOf, start, stop, stopAll, waitFor } from '../processes.mjs'
import { Product } from '../product.mjs'
import { CompilerWatch } from './compiler.mjs'
import { countFrames } from './frames.mjs'
import { conclude, describe, machine, report } from './report.mjs'

const usage = `./dev bench [system] [OPTIONS]
  --cameras N[,N…]   simulated cameras (10); several numbers are measured one after the other
  --seconds T        length of a measured window (30)
  --repetitions R    windows per contender (2)
  --warm-up S        least seconds of recording before the product's window (90)
  --settle S         after that, longest wait until the product's compilers have nothing to do (240)
  --segment S        seconds per file, for both (10)
  --previews S       the product stores a preview for so many seconds of a recording (0: none, ffmpeg makes none either)
  --footage F        1080p (10 s in a loop) or 1080p60s; 1080p25, 4 Mbit/s, GOP 50 (1080p)
  --wire-paced       the cameras write every RTP packet by itself, as real ones do
  --only C           ffmpeg or vms alone: for profiling
  --work DIR         where both record (artifacts/bench)
  --json FILE        the figures as JSON, too`

const options = parseOptions()
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const binaries = join(root, 'artifacts/vms')
const work = resolve(options.work ?? join(root, 'artifacts/bench'))
const componentNames = { 'vms-media': 'media', 'vms-recorder': 'recorder', 'vms-control': 'control', 'vms-ai': 'ai', postgres: 'postgres', 'nats-server': 'nats' }

async function main() {
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const series = []
  for (const count of options.cameras) series.push(await measureAll(count))
  conclude(series, options)
}

/** All windows with so many cameras. */
async function measureAll(count) {
  const cameras = await startCameras(count)
  console.log(`${count} cameras, 1080p25 4 Mbit/s${options.wirePaced ? ', wire-paced' : ''}; window ${options.seconds} s, files of ${options.segment} s; ${machine()}`)

  const contenders = { ffmpeg: recordWithFfmpeg, vms: recordWithProduct }
  const results = { cameras: count, ffmpeg: [], vms: [] }
  for (let repetition = 1; repetition <= options.repetitions; repetition++) {
    for (const [name, record] of Object.entries(contenders)) {
      if (options.only && options.only !== name) continue
      const result = await record(cameras)
      results[name].push(result)
      console.log(`  ${name} ${repetition}: ${describe(result)}`)
    }
  }

  report(results)
  await stop(cameras.simulator, 10_000)
  return results
}

// ---------------------------------------------------------------- cameras

/** All contenders pull from one process of simulated cameras, which is not in anybody's bill. */
async function startCameras(count) {
  const stats = join(work, `cameras-${count}.jsonl`)
  const args = ['--cameras', count, '--footage', options.footage, '--stats', stats, ...(options.wirePaced ? ['--wire-paced'] : [])]
  const simulator = start(join(binaries, 'camera-sim'), args.map(String), { log: join(work, 'cameras.log') })
  // The first use of a piece of footage encodes it.
  const urls = await waitFor('the simulated cameras', 360, simulator, () => {
    const listening = [...readFileSync(simulator.log, 'utf8').matchAll(/^listening (.+)$/gm)].map((match) => match[1])
    return listening.length === count && listening
  })
  return { count, urls, simulator, stats: () => JSON.parse(readFileSync(stats, 'utf8').trim().split('\n').at(-1) || '{}') }
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
  await waitFor('ffmpeg on all cameras', 120, recorders, () => cameras.stats().viewers >= cameras.count)
  await sleep(10_000) // analysis of the stream is over; there is no compiler to warm
  const window = await measure(cameras, () => sumOf(recorders.map((recorder) => costOf(recorder.pid, () => 'ffmpeg'))), recorders)
  for (const recorder of recorders) await stop(recorder, 10_000, 'SIGINT')
  return finish(window, folder)
}

async function recordWithProduct(cameras) {
  const product = await Product.start(binaries, work, {
    ...{ VMS_MEDIA_PORT: '0', VMS_PLAYBACK_PORT: '0', VMS_WEBRTC_PORT: '0', VMS_RTSP_PORT: 'off', VMS_PREVIEW_SECONDS: String(options.previews) },
  })
  try {
    const cost = () => costOf(product.vms.pid, (program) => componentNames[program] ?? (program === 'vms' ? 'supervisor' : undefined))
    const idle = cost()
    for (const [index, url] of cameras.urls.entries()) {
      await product.api('POST', '/cameras', {
        name: `Camera ${index + 1}`, mainUrl: url, transport: 'tcp', recording: { mode: 'continuous', segmentSeconds: options.segment },
      })
    }

    await waitFor('recording of all cameras', 120, product.vms, async () => {
      const { items } = await product.api('GET', '/cameras?limit=1000')
      return items.filter((camera) => camera.recording.state === 'recording').length === cameras.count
    })
    const compiler = new CompilerWatch(product.planes('media', 'recorder'))
    await sleep(options.warmUp * 1000)
    const settled = await compiler.settled(options.settle, sleep)
    if (!settled) console.log(`  vms: the compilers are still at work ${options.warmUp + options.settle} s after the start`)
    const runtime = async () => ({ media: await product.runtime('media'), recorder: await product.runtime('recorder') })
    const before = await runtime()
    const compiled = compiler.seconds
    const window = await measure(cameras, cost, [product.vms])
    Object.assign(window, { settled, compiler: compiler.seconds - compiled })
    compiler.stop()
    const after = await runtime()
    const left = await product.stop()
    if (left > 0) console.log(`  vms: ${left} processes had to be killed`)
    return {
      ...finish(window, join(product.data, 'recordings')),
      idle: sumByName(idle, 'pss'),
      runtime: Object.fromEntries(Object.keys(after).map((plane) => [plane, difference(before[plane], after[plane])])),
    }
  } finally {
    await product.stop()
    rmSync(product.data, { recursive: true, force: true })
  }
}

const difference = (before, after) => ({
  allocated: after.allocated - before.allocated,
  pauses: after.pauses.map(({ seconds, count }, bucket) => ({ seconds, count: count - (before.pauses[bucket]?.count ?? 0) })),
})

/** What the contender cost in one window, per component. */
async function measure(cameras, cost, programs) {
  const load = [loadavg()[0]]
  const [frames, before, startedAt] = [cameras.stats(), cost(), process.hrtime.bigint()]
  await sleep(options.seconds * 1000)
  const [after, seconds, framesNow] = [cost(), Number(process.hrtime.bigint() - startedAt) / 1e9, cameras.stats()]
  programs.forEach((program) => program.assertRunning())
  const cpu = Object.fromEntries([...after].map(([name, { cpu }]) => [name, cpu - (before.get(name)?.cpu ?? 0)]))
  load.push(loadavg()[0])
  return {
    cameras: cameras.count, seconds, cpu, load, pss: sumByName(after, 'pss'), shared: sumByName(after, 'shared'),
    samples: framesNow.frames - frames.frames, dropped: framesNow.dropped - frames.dropped,
    cameraCpu: framesNow.cpuSeconds - frames.cpuSeconds,
  }
}

function finish(window, folder) {
  const result = { ...window, frames: countFrames(folder) }
  rmSync(folder, { recursive: true, force: true })
  return result
}

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

// ---------------------------------------------------------------- options

function parseOptions() {
  const number = (name, fallback) => [name, { type: 'string', default: String(fallback) }]
  let values
  try {
    ;({ values } = parseArgs({
      options: {
        cameras: { type: 'string', default: '10' },
        ...Object.fromEntries([number('seconds', 30), number('repetitions', 2), number('warm-up', 90), number('settle', 240), number('segment', 10), number('previews', 0)]),
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
  const refuse = (name) => {
    console.error(`bench: --${name} ${values[name]}: expected a number above 0\n${usage}`)
    process.exit(2)
  }
  for (const [name, key] of [['seconds', 'seconds'], ['repetitions', 'repetitions'], ['warm-up', 'warmUp'], ['settle', 'settle'], ['segment', 'segment']]) {
    parsed[key] = Number(values[name])
    if (!(parsed[key] > 0)) refuse(name)
  }

  // The product says itself what is wrong with it.
  parsed.previews = Number(values.previews)
  parsed.cameras = values.cameras.split(',').map(Number)
  if (!parsed.cameras.every((count) => count > 0)) refuse('cameras')

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
