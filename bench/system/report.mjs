// Says what was measured: a line per window while it runs, a table at the end.
import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'

const budget = 1 / 3 // of ffmpeg, for media and recorder together

/** One window in one line. */
export function describe(result) {
  const parts = Object.entries(result.cpu).map(([name, cpu]) => `${name} ${perCameraMinute(cpu, result).toFixed(3)}`)
  const compiler = result.compiler === undefined ? '' : ` (compiler ${perCameraMinute(result.compiler, result).toFixed(3)} of it)`
  return `${parts.join(', ')} CPU-s per camera-minute${compiler}; ${frameText(result.frames)}` +
    `${result.dropped ? `; cameras dropped ${result.dropped}` : ''}; load average ${result.load.map((l) => l.toFixed(1)).join(' to ')}`
}

/** The table of one number of cameras. */
export function report({ cameras, ffmpeg, vms }) {
  const rows = []
  const row = (name, cpu, memory, frames) =>
    rows.push([name, cpu.toFixed(3), ffmpeg.length > 0 ? (cpu / cpuOf(ffmpeg, ['ffmpeg'])).toFixed(2) : '', memory, frames])
  const memoryOf = (results, names) => average(results, (r) => names.reduce((sum, n) => sum + (r.pss[n] ?? 0) - (r.shared[n] ?? 0), 0))
  const megabytes = (bytes) => (bytes / 2 ** 20 / cameras).toFixed(1)

  if (ffmpeg.length > 0) row('ffmpeg', cpuOf(ffmpeg, ['ffmpeg']), megabytes(memoryOf(ffmpeg, ['ffmpeg'])), totalFrames(ffmpeg))
  if (vms.length > 0) {
    const names = [...new Set(vms.flatMap((result) => Object.keys(result.cpu)))]
    const sets = [['media + recorder', ['media', 'recorder'], totalFrames(vms)], ['total', names, ''], ...names.sort().map((name) => [`  ${name}`, [name], ''])]
    for (const [title, set, frames] of sets) row(title, cpuOf(vms, set), megabytes(memoryOf(vms, set)), frames)
  }

  console.log('')
  table(['', 'CPU-s per camera-minute', 'of ffmpeg', 'MiB per camera', 'frames'], rows, [0, 4])
  if (vms.length > 0) {
    const idle = average(vms, (r) => ['media', 'recorder'].reduce((sum, n) => sum + (r.idle[n] ?? 0), 0))
    console.log(`\nMemory is PSS without shared memory. media + recorder: ${(idle / 2 ** 20).toFixed(0)} MiB without cameras, ` +
      `${megabytes(memoryOf(vms, ['media', 'recorder']) - idle)} MiB more per camera; ` +
      `stream logs: ${megabytes(average(vms, (r) => r.shared.media + r.shared.recorder))} MiB per camera.`)
    for (const plane of ['media', 'recorder'])
      console.log(`${plane} allocated ${average(vms, (r) => r.runtime[plane].allocated / r.samples).toFixed(0)} bytes per sample, everything in the process together; ${pauseText(vms.map((r) => r.runtime[plane].pauses))}.`)
    console.log(`The compiler of media and recorder took ${average(vms, (r) => perCameraMinute(r.compiler, r)).toFixed(3)} CPU-s per camera-minute of theirs.`)
  }

  console.log(`The simulated cameras took ${average([...ffmpeg, ...vms], (r) => perCameraMinute(r.cameraCpu, r)).toFixed(3)} CPU-s per camera-minute beside that.\n`)
}

/** Everything in one table, the verdict, and the figures as JSON. */
export function conclude(series, options) {
  const figures = { date: new Date().toISOString(), options, machine: machine(), series }
  const complete = series.filter(({ ffmpeg, vms }) => ffmpeg.length > 0 && vms.length > 0)
  if (complete.length > 0) {
    table(
      ['cameras', 'ffmpeg', 'media + recorder', 'ratio', 'lost of ffmpeg', 'lost of media + recorder', 'load average'],
      complete.map((one) => {
        one.ratio = cpuOf(one.vms, ['media', 'recorder']) / cpuOf(one.ffmpeg, ['ffmpeg'])
        const lost = (results) => String(results.reduce((sum, r) => sum + r.frames.lost, 0))
        const loads = [...one.ffmpeg, ...one.vms].flatMap((r) => r.load)
        return [
          String(one.cameras), cpuOf(one.ffmpeg, ['ffmpeg']).toFixed(3), cpuOf(one.vms, ['media', 'recorder']).toFixed(3), one.ratio.toFixed(2),
          lost(one.ffmpeg), lost(one.vms), `${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`,
        ]
      }),
      [],
    )
    console.log('')
    for (const { cameras, ratio } of complete) {
      const verdict = ratio <= budget ? 'PASS' : 'OVER BUDGET'
      console.log(`${verdict}: ${cameras} cameras: media + recorder take ${ratio.toFixed(2)} of ffmpeg's CPU; the budget is ${budget.toFixed(2)}.`)
    }
  }

  if (options.json) writeFileSync(options.json, JSON.stringify(figures, null, 2))
}

export function machine() {
  const model = cpus()[0].model.trim()
  return `${cpus().length} cores (${model}), load average ${loadavg()[0].toFixed(1)}`
}

/** @param left columns that are text. */
function table(head, rows, left) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)))
  const isText = (column) => left.includes(column)
  const line = (cells) => console.log(`| ${cells.map((cell, c) => (isText(c) ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join(' | ')} |`)
  line(head)
  line(widths.map((width, c) => (isText(c) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)))
  rows.forEach(line)
}

/** Collections in all windows, and the bound below which 99 of 100 of their pauses lie (the histogram's own bounds, which are cumulative counts). */
function pauseText(windows) {
  const longest = windows.reduce((a, b) => (b.length > a.length ? b : a))
  const sums = longest.map(({ seconds }, bucket) => ({ seconds, count: windows.reduce((sum, window) => sum + (window[bucket]?.count ?? 0), 0) }))
  const total = sums.at(-1)?.count ?? 0
  if (total === 0) return 'no collection stopped it'
  const below = ({ seconds }) => `${(seconds * 1000).toPrecision(2)} ms`
  const percentile = (part) => below(sums.find(({ count }) => count >= part * total))
  return `${total} collections stopped it, p99 at most ${percentile(0.99)}, none longer than ${percentile(1)}`
}

const perCameraMinute = (cpu, result) => cpu / result.cameras / (result.seconds / 60)
const average = (results, value) => results.reduce((sum, result) => sum + value(result), 0) / results.length
const cpuOf = (results, names) => average(results, (r) => perCameraMinute(names.reduce((sum, name) => sum + (r.cpu[name] ?? 0), 0), r))
const frameText = ({ cameras, frames, lost, repeated }) => `${cameras} cameras, ${frames} frames, ${lost} lost, ${repeated} repeated`
const totalFrames = (results) =>
  frameText(results.map((r) => r.frames).reduce((a, b) => ({
    cameras: Math.max(a.cameras, b.cameras), frames: a.frames + b.frames, lost: a.lost + b.lost, repeated: a.repeated + b.repeated,
  })))
