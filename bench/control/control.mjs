// Measures the control plane under load: events published on the bus, listeners on the live feed, requests of the API, all at the same time and on
// this machine, the generator beside the product. Time counts here, so only a quiet machine gives figures worth quoting; CPU-seconds hold on a busy one.
import { fork, execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { machine, readOptions } from '../options.mjs'
import { costOf, programOf, stopAll, treeOf } from '../processes.mjs'
import { Product } from '../product.mjs'

const usage = `./dev bench control [OPTIONS]
  --events N     events a second on the bus (1000)
  --feeds N      listeners on the live feed (200)
  --requests N   requests a second (200)
  --seconds N    length of the measurement (60)
  --warm N       seconds of the same load before it (20)
  --cameras N    cameras, on ten sites (100)
  --history N    events that are there already, of the last 30 days (1000000)
  --work DIR     logs and data (artifacts/bench-control)
  --json FILE    the figures as JSON, too`

/** Milliseconds, 99 of 100 answers. */
const boundMs = 100
const sites = 10
const administrators = 4
const viewers = 8
const names = { 'vms-control': 'control', 'vms-media': 'media', 'vms-recorder': 'recorder', 'vms-ai': 'ai', postgres: 'PostgreSQL', 'nats-server': 'NATS', vms: 'supervisor' }

const options = readOptions(usage, { events: 1000, feeds: 200, requests: 200, seconds: 60, warm: 20, cameras: 100, history: 1_000_000 }, ['history', 'warm'])
const here = dirname(fileURLToPath(import.meta.url))
const root = resolve(here, '../..')
const work = resolve(options.work ?? join(root, 'artifacts/bench-control'))
const children = []

async function main() {
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const product = await Product.start(join(root, 'artifacts/vms'), work, { VMS_MEDIA_PORT: '0', VMS_WEBRTC_PORT: '0', VMS_RTSP_PORT: 'off', VMS_PLAYBACK_PORT: '0' })
  try {
    const cameras = await addCameras(product)
    const callers = await addPeople(product, cameras)
    fill(product, cameras)
    await sleep(2000)

    const feeds = worker('feeds.mjs')
    feeds.process.send({ port: product.port, open: await tickets(product, callers) })
    await feeds.answer('open')
    const { warm, seconds } = options
    const requests = worker('requests.mjs')
    const bus = worker('bus.mjs')
    const before = Number(query(product, `select count(*) from control.event`))
    requests.process.send({ port: product.port, perSecond: options.requests, seconds, warmSeconds: warm, callers })
    bus.process.send({ url: busOf(product), perSecond: options.events, seconds: warm + seconds, cameras })
    await requests.answer('warm')
    const costBefore = cost(product)
    const loadBefore = loadavg()[0]
    await sleep(seconds * 1000)
    const costAfter = cost(product)
    const [asked, told] = await Promise.all([requests.answer('times'), bus.answer('published')])
    const stored = await settled(product, before, told.published)
    await sleep(1000)
    feeds.process.send({ count: true })
    const heard = await feeds.answer('counts')
    report({ asked, told, heard, stored, callers, cameras, seconds, costs: difference(costBefore, costAfter), loadBefore, metrics: await product.get('control', '/metrics') })
  } finally {
    for (const child of children) child.connected && child.disconnect()
    await product.stop()
    rmSync(join(work, 'data'), { recursive: true, force: true })
  }
}

/** Switched off: what they would cost media and recorder is measured elsewhere. */
async function addCameras(product) {
  const cameras = []
  const places = []
  for (let i = 0; i < sites; i++) places.push((await product.api('POST', '/sites', { name: `Site ${i + 1}` })).id)
  for (let i = 0; i < options.cameras; i++) {
    const siteId = places[i % sites]
    const camera = await product.api('POST', '/cameras', { name: `Camera ${String(i + 1).padStart(3, '0')}`, mainUrl: `rtsp://10.20.${i % sites}.${10 + i}/main`, siteId, enabled: false })
    cameras.push({ id: camera.id, siteId })
  }
  return cameras
}

/** Half of who listens and asks are administrators, half see some of the sites: one, two, three, … */
async function addPeople(product, cameras) {
  const all = []
  const siteIds = [...new Set(cameras.map((camera) => camera.siteId))]
  for (let i = 0; i < administrators + viewers; i++) {
    const admin = i < administrators
    const mine = admin ? siteIds : siteIds.slice(0, (i - administrators) % (sites - 1) + 1)
    const username = admin ? `chief${i}` : `guard${i}`
    const password = `a long pass phrase ${i}`
    const grants = admin ? [{ roleId: 'admin', scope: 'tenant' }] : mine.map((scopeId) => ({ roleId: 'viewer', scope: 'site', scopeId }))
    await product.api('POST', '/users', { username, password, grants })
    const { accessToken } = await product.api('POST', '/auth/login', { username, password })
    all.push({ username, admin, token: accessToken, cameras: cameras.filter((camera) => mine.includes(camera.siteId)) })
  }
  return all
}

/** Administrators and viewers by turns. The first of each account reads what it gets. */
async function tickets(product, callers) {
  const wanted = []
  const groups = [callers.filter((caller) => caller.admin), callers.filter((caller) => !caller.admin)]
  for (let i = 0; i < options.feeds; i++) {
    const group = groups[i % 2]
    const caller = group[(i >> 1) % group.length]
    const response = await fetch(`http://127.0.0.1:${product.port}/api/tickets`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${caller.token}` },
      body: JSON.stringify({ kind: 'ws' }),
    })
    if (!response.ok) throw new Error(`a ticket: ${response.status} ${await response.text()}`)
    wanted.push({ account: caller.username, ticket: (await response.json()).ticket, reads: !wanted.some((one) => one.account === caller.username) })
  }
  return wanted
}

/** Events of a month, as if that many had been there every day, and a year of recordings' rows would not be asked for here. */
function fill(product, cameras) {
  if (options.history > 0) {
    query(product, `
      insert into control.event (id, at, type, camera_id, site_id, source, data, tenant_id)
      select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid::text, at, (array['motion', 'object.person', 'object.vehicle', 'door.opened'])[1 + n / ${cameras.length} % 4],
        c.ids[1 + n % ${cameras.length}], c.sites[1 + n % ${cameras.length}], 'bench', '{"score": 0.87, "zone": "entrance"}', 'default'
      from generate_series(1, ${options.history}) n, lateral (select now() - n * interval '30 days' / ${options.history} as at) t, (select array[${cameras.map((c) => `'${c.id}'`)}] as ids, array[${cameras.map((c) => `'${c.siteId}'`)}] as sites) c
      order by n desc`)
  }
  query(product, 'vacuum analyze control.event')
}

/** Waits until what was published is in the database. */
async function settled(product, before, published) {
  let stored = 0
  for (let tries = 0; tries < 100 && stored < published; tries++) {
    await sleep(200)
    stored = Number(query(product, 'select count(*) from control.event')) - before
  }
  return stored
}

const query = (product, sql) => execFileSync('psql', ['-h', join(product.run, 'pg'), '-U', 'vms', '-d', 'vms', '-v', 'ON_ERROR_STOP=1', '-qAt', '-f', '-'], { input: sql }).toString().trim()

/** The address of the product's own bus: its planes have it in their environment. */
function busOf(product) {
  const control = treeOf(product.vms.pid).find(({ pid }) => programOf(pid) === 'vms-control')
  const address = readFileSync(`/proc/${control.pid}/environ`, 'latin1').split('\0').find((line) => line.startsWith('VMS_NATS='))
  return address.slice('VMS_NATS='.length)
}

/** A process of the generator. What it says is kept until it is asked for: it may be done before anybody waits. */
function worker(file) {
  const child = fork(join(here, file))
  children.push(child)
  const said = []
  let wake = () => {}
  const hear = (message) => {
    said.push(message)
    wake()
  }
  child.on('message', hear)
  child.on('exit', (code) => code && hear({ error: `${file} ended (${code})` }))
  const answer = async (key) => {
    for (;;) {
      const message = said.find((one) => one.error || one[key] !== undefined)
      if (message?.error) throw new Error(message.error)
      if (message) return message
      await new Promise((resolve) => (wake = resolve))
    }
  }
  return { process: child, answer }
}

function cost(product) {
  const generator = children.map((child) => ({ name: 'generator', cost: [...costOf(child.pid, () => 'generator').values()].reduce((sum, one) => sum + one.cpu, 0) }))
  const all = new Map([...costOf(product.vms.pid, (program) => names[program])].map(([name, { cpu }]) => [name, cpu]))
  all.set('generator', generator.reduce((sum, one) => sum + one.cost, 0))
  return all
}

const difference = (before, after) => new Map([...after].map(([name, cpu]) => [name, cpu - (before.get(name) ?? 0)]))

function report({ asked, told, heard, stored, callers, cameras, seconds, costs, loadBefore, metrics }) {
  const problems = []
  const check = (good, problem) => good || problems.push(problem)
  const percentile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] ?? NaN
  const row = (name, times) => {
    const sorted = times.sort((a, b) => a - b)
    const figures = [50, 95, 99, 100].map((p) => percentile(sorted, p))
    check(figures[2] <= boundMs, `${name}: p99 ${figures[2].toFixed(1)} ms, at most ${boundMs} are allowed`)
    console.log(`| ${name.padEnd(33)} | ${String(sorted.length).padStart(6)} | ${figures.map((ms) => ms.toFixed(1).padStart(7)).join(' | ')} |`)
  }
  console.log(`\n${options.events} events/s, ${options.feeds} listeners, ${options.requests} requests/s for ${seconds} s; ${machine()}, ${loadBefore.toFixed(1)} when it began\n`)
  console.log(`| request                           |  asked |  p50 ms |  p95 ms |  p99 ms |  max ms |\n| --------------------------------- | -----: | ------: | ------: | ------: | ------: |`)
  row('all', Object.values(asked.times).flat())
  for (const [name, times] of Object.entries(asked.times)) row(name, times)
  const answered = Object.values(asked.times).flat().length
  check(answered >= 0.99 * options.requests * seconds, `${answered} of ${options.requests * seconds} requests were answered well`)
  check(asked.unanswered === 0, `${asked.unanswered} requests had no answer 10 s later`)
  for (const [what, count] of Object.entries(asked.wrong)) check(false, `${count} × ${what}`)

  const perCamera = new Map(cameras.map((camera, i) => [camera.id, told.perCamera[i]]))
  let expected = 0
  let got = 0
  let ended = 0
  const ages = []
  for (const listener of heard.counts) {
    const mine = callers.find((caller) => caller.username === listener.account).cameras.reduce((sum, camera) => sum + perCamera.get(camera.id), 0)
    expected += mine
    got += listener.events
    ended += listener.ended ? 1 : 0
    ages.push(...listener.ages)
    if (listener.ended) check(false, `a listener (${listener.account}) was cut off: ${listener.ended}`)
    else check(listener.events === mine, `a listener (${listener.account}) heard ${listener.events} events of ${mine}`)
  }
  const rate = told.published / (told.tookMs / 1000)
  check(told.acknowledged === told.published, `the event stream took ${told.acknowledged} events of ${told.published}`)
  check(stored === told.published, `${stored} events of ${told.published} are stored`)
  ages.sort((a, b) => a - b)
  console.log(`\n| events              |            |\n| ------------------- | ---------: |`)
  for (const [name, value] of [
    ['published', told.published], ['a second', rate.toFixed(0)], ['taken by the bus', told.acknowledged], ['stored', stored], ['sent to listeners', got], ['lost to listeners', expected - got],
    ['listeners cut off', ended], ['age on arrival p50', `${percentile(ages, 50)} ms`], ['age on arrival p99', `${percentile(ages, 99)} ms`],
  ]) console.log(`| ${name.padEnd(19)} | ${String(value).padStart(10)} |`)
  console.log(`\n| CPU                 |  cores |\n| ------------------- | -----: |`)
  for (const [name, cpu] of [...costs].sort((a, b) => b[1] - a[1])) console.log(`| ${name.padEnd(19)} | ${(cpu / seconds).toFixed(2).padStart(6)} |`)
  const feed = [...metrics.matchAll(/^vms_feed_\S+ \S+/gm)].map((match) => match[0])
  if (feed.length > 0) console.log(`\n${feed.join('\n')}`)
  console.log(`\nTimes count from when a request was due. The generator was late by ${asked.lateMs.toFixed(1)} ms (p99); its cost is in the table.`)
  if (options.json) writeFileSync(options.json, JSON.stringify({ machine: machine(), options, asked, told, stored, expected, got, costs: [...costs] }, null, 2))
  const shown = problems.slice(0, 20)
  if (shown.length > 0) throw new Error(`beyond the bounds:\n  ${shown.join('\n  ')}${problems.length > shown.length ? `\n  and ${problems.length - shown.length} more` : ''}\n`)
  console.log(`PASS: every route at p99 ≤ ${boundMs} ms, nothing lost`)
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
