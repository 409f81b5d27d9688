// Measures playback's answer: an index of 100 cameras over half a year (synthetic rows, but for what is asked for: real files), 8 cameras writing,
// the asked-for files out of the page cache. Time counts here, so only a quiet machine gives figures worth quoting.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { machine, readOptions } from '../options.mjs'
import { start, stopAll, waitFor } from '../processes.mjs'
import { Product, freePort } from '../product.mjs'
import { Index, shifted, segmentId } from './archive.mjs'

const usage = `./dev bench seek [OPTIONS]
  --cameras N    cameras in the index (100)
  --days N       days of index (180)
  --writing N    cameras recorded meanwhile (8)
  --seeks N      places asked for, each once (200)
  --work DIR     logs and data (artifacts/bench-seek)
  --json FILE    the figures as JSON, too`

/** Milliseconds, 95 of 100 answers. */
const budgets = { clip: 50, playlist: 50, timeline: 100 }
const segmentSeconds = 600 // of the synthetic rows
const hour = 3_600_000

const options = readOptions(usage, { cameras: 100, days: 180, writing: 8, seeks: 200 })
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const binaries = join(root, 'artifacts/vms')
const work = resolve(options.work ?? join(root, 'artifacts/bench-seek'))

async function main() {
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const playback = await freePort()
  const urls = await startCameras()
  const product = await Product.start(binaries, work, {
    ...{ VMS_MEDIA_PORT: '0', VMS_WEBRTC_PORT: '0', VMS_RTSP_PORT: 'off', VMS_PLAYBACK_PORT: String(playback) },
  })
  try {
    const cameras = []
    for (const [number, mainUrl] of urls.entries()) {
      const camera = { name: `Camera ${number + 1}`, mainUrl, transport: 'tcp', recording: { mode: 'continuous', segmentSeconds: 10 } }
      cameras.push((await product.api('POST', '/cameras', camera)).id)
    }

    const index = new Index(join(product.run, 'pg'))
    const target = cameras[0]
    const recorded = await waitFor('a complete recording', 180, product.vms, async () => (await index.closed(target))[0])
    console.log(`${options.cameras} cameras × ${options.days} days of index, ${options.writing} cameras of 4 Mbit/s writing; ${machine()}`)
    index.fill(options.cameras - 1, options.days, segmentSeconds, recorded)
    const places = placeFiles(index, target, recorded, join(product.data, 'recordings'))
    index.settle()
    console.log(`  ${index.describe(options.cameras * options.days)}`)
    await sleep(10_000)

    const { ticket } = await product.api('POST', '/tickets', { kind: 'playback', cameraIds: [target] })
    const base = `http://127.0.0.1:${playback}/api/cameras/${target}`
    const results = {
      clip: await each(places, (place) => clip(base, ticket, place)),
      playlist: await each(places, (place) => throughPlaylist(base, ticket, place)),
      timeline: await each(places.slice(0, 40), () => timeline(base, ticket)),
    }
    report(results)
  } finally {
    await product.stop()
    rmSync(join(work, 'data'), { recursive: true, force: true })
  }
}

async function startCameras() {
  const simulator = start(join(binaries, 'camera-sim'), ['--cameras', String(options.writing), '--footage', '1080p'], { log: join(work, 'cameras.log') })
  return waitFor('the simulated cameras', 360, simulator, () => {
    const listening = [...readFileSync(simulator.log, 'utf8').matchAll(/^listening (.+)$/gm)].map((match) => match[1])
    return listening.length === options.writing && listening
  })
}

/** The target camera's half year: rows like everybody's, and here and there one with a real file, copied from what was just recorded. */
function placeFiles(index, camera, recorded, recordings) {
  const from = Date.now() - options.days * 24 * hour
  const step = Math.floor((options.days * 24 * hour - 2 * hour) / options.seeks)
  const places = []
  for (let i = 0; i < options.seeks; i++) {
    const at = new Date(from + i * step)
    const id = segmentId(at)
    const day = at.toISOString().slice(0, 10)
    const path = `${camera}/main/${day}/${at.toISOString().slice(11, 19).replaceAll(':', '')}-${id.replaceAll('-', '')}.mp4`
    mkdirSync(join(recordings, camera, 'main', day), { recursive: true })
    copyFileSync(join(recordings, recorded.path), join(recordings, path))
    index.add(shifted(recorded, id, at, path))
    places.push({ at: new Date(at.getTime() + Math.floor(Math.random() * 7000) + 500), file: join(recordings, path) })
  }
  index.flush()
  index.fillAround(camera, options.days, segmentSeconds, recorded)
  // In no order that the disk or a cache could guess.
  return places.map((place) => ({ place, key: Math.random() })).sort((a, b) => a.key - b.key).map(({ place }) => place)
}

async function each(places, ask) {
  const times = []
  for (const place of places) {
    // Written back and dropped from the page cache: an investigator asks for what nobody has looked at.
    execFileSync('dd', [`of=${place.file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'], { stdio: 'ignore' })
    const begun = performance.now()
    times.push((await ask(place)) - begun)
  }
  return times.sort((a, b) => a - b)
}

const range = (at, seconds) => `from=${at.toISOString()}&to=${new Date(at.getTime() + seconds * 1000).toISOString()}`

/** One call: until the first bytes of `mdat`. */
const clip = (base, ticket, { at }) => untilMedia(`${base}/clip.mp4?${range(at, 2)}&ticket=${ticket}`)

/** As a player does it: the playlist, the init segment, the first piece. */
async function throughPlaylist(base, ticket, { at }) {
  const url = `${base}/playback/index.m3u8?${range(at, 60)}&ticket=${ticket}`
  const playlist = await text(url)
  const init = /#EXT-X-MAP:URI="([^"]+)"/.exec(playlist)?.[1]
  const media = playlist.split('\n').find((line) => line && !line.startsWith('#'))
  if (!init || !media) throw new Error(`no media in the playlist of ${url}:\n${playlist}`)
  await text(new URL(init, url))
  return untilMedia(new URL(media, url))
}

async function timeline(base, ticket) {
  const now = new Date()
  await text(`${base}/timeline?from=${new Date(now - options.days * 24 * hour).toISOString()}&to=${now.toISOString()}&ticket=${ticket}`)
  return performance.now()
}

async function text(url) {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return response.text()
}

/** When the first bytes of media were there. */
async function untilMedia(url) {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  let seen = Buffer.alloc(0)
  let at
  for await (const part of response.body) {
    seen = at ? seen : Buffer.concat([seen, part])
    const media = at ? -1 : seen.indexOf('mdat')
    if (media >= 0 && seen.length > media + 8) at = performance.now()
  }
  if (!at) throw new Error(`${url}: no media came`)
  return at
}

function report(results) {
  const percentile = (times, p) => times[Math.min(times.length - 1, Math.floor((times.length * p) / 100))]
  console.log('\n|          | asked | p50 ms | p95 ms | p99 ms |     budget |\n| -------- | ----: | -----: | -----: | -----: | ---------: |')
  for (const [name, times] of Object.entries(results)) {
    const [p50, p95, p99] = [50, 95, 99].map((p) => percentile(times, p))
    const verdict = p95 <= budgets[name] ? 'PASS' : 'OVER'
    console.log(`| ${name.padEnd(8)} | ${String(times.length).padStart(5)} | ${[p50, p95, p99].map((ms) => ms.toFixed(1).padStart(6)).join(' | ')} | ${`${verdict} (${budgets[name]})`.padStart(10)} |`)
  }
  console.log(`\nclip: one call to the first media byte; playlist: playlist, init segment and first piece; timeline: of ${options.days} days. Load average ${loadavg()[0].toFixed(1)}.`)
  if (options.json) writeFileSync(options.json, JSON.stringify({ machine: machine(), options, results }, null, 2))
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
