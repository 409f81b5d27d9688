// Asks the API at an even pace, whatever it answers: a request's time counts from when it was due, so that a server that stops for a moment is
// charged for everybody who came meanwhile. A process of its own.
import { Agent, request } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'

process.on('message', (message) => run(message))
process.on('disconnect', () => process.exit(0))

const agent = new Agent({ keepAlive: true, maxSockets: 256, scheduling: 'lifo' })
const hour = 3_600_000

/** Name, share in percent, who may ask, and what is asked. */
const routes = [
  ['GET /api/cameras', 17, 'all', () => ['GET', '/api/cameras?limit=100']],
  ['GET /api/events', 15, 'all', () => ['GET', '/api/events?limit=50']],
  ['GET /api/events of a camera', 15, 'all', (c) => ['GET', `/api/events?limit=50&cameraId=${c.id}`]],
  ['GET /api/events of a type and day', 10, 'all', () => ['GET', `/api/events?limit=50&type=door.opened&${range(24 * (1 + random(20)), 24)}`]],
  ['GET /api/dashboard', 10, 'all', () => ['GET', '/api/dashboard']],
  ['GET /api/cameras/ID/timeline', 12, 'all', (c) => ['GET', `/api/cameras/${c.id}/timeline?${range(24, 24)}`]],
  ['GET /api/tree', 6, 'all', () => ['GET', '/api/tree']],
  ['GET /api/bookmarks', 5, 'all', () => ['GET', '/api/bookmarks?limit=50']],
  ['GET /api/audit', 5, 'admin', () => ['GET', '/api/audit?limit=50']],
  ['POST /api/bookmarks', 5, 'admin', (c) => ['POST', '/api/bookmarks', { cameraId: c.id, at: new Date(Date.now() - random(hour)).toISOString(), title: 'Seen' }]],
]

const random = (below) => Math.floor(Math.random() * below)

function range(hoursBack, hours) {
  const from = Date.now() - hoursBack * hour
  return `from=${new Date(from).toISOString()}&to=${new Date(from + hours * hour).toISOString()}`
}

function run({ port, perSecond, seconds, warmSeconds, callers }) {
  const plan = routes.flatMap((route) => Array(route[1]).fill(route)).map((route) => ({ route, key: Math.random() })).sort((a, b) => a.key - b.key).map(({ route }) => route)
  const admins = callers.filter((caller) => caller.admin)
  const times = Object.fromEntries(routes.map(([name]) => [name, []]))
  const wrong = {}
  const late = monitorEventLoopDelay({ resolution: 5 })
  const total = perSecond * (warmSeconds + seconds)
  const begun = performance.now()
  let sent = 0
  let open = 0
  let warm = false
  const timer = setInterval(() => {
    const now = performance.now()
    if (!warm && now - begun > warmSeconds * 1000) {
      warm = true
      late.enable()
      process.send({ warm: true })
    }
    for (; sent < total && begun + (sent * 1000) / perSecond <= now; sent++) {
      const [name, , who, ask] = plan[sent % plan.length]
      const from = who === 'admin' ? admins : callers
      const caller = from[random(from.length)]
      const counts = sent >= perSecond * warmSeconds
      open++
      send(port, caller, ask(caller.cameras[random(caller.cameras.length)]), begun + (sent * 1000) / perSecond, (status, ms) => {
        open--
        if (status < 200 || status > 299) wrong[`${name}: ${status}`] = (wrong[`${name}: ${status}`] ?? 0) + 1
        else if (counts) times[name].push(ms)
      })
    }
    if (sent < total) return
    clearInterval(timer)
    settle(50)
  }, 2)

  function settle(tries) {
    if (open > 0 && tries > 0) return setTimeout(() => settle(tries - 1), 200)
    const { user, system } = process.cpuUsage()
    process.send({ times, wrong, unanswered: open, lateMs: late.percentile(99) / 1e6, tookMs: performance.now() - begun, cpu: (user + system) / 1e6 })
  }
}

function send(port, caller, [method, path, body], due, done) {
  const text = body && JSON.stringify(body)
  const headers = { Authorization: `Bearer ${caller.token}`, ...(text && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }) }
  request({ port, host: '127.0.0.1', agent, method, path, headers }, (response) => {
    response.resume()
    response.on('end', () => done(response.statusCode, performance.now() - due))
  })
    .on('error', (error) => done(error.code ?? error.message, 0))
    .end(text)
}
