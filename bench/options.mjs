import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'

/**
 * What a bench was asked for: its numbers, and `--work DIR`, `--json FILE`, `--help`. Anything else, and a number that is none, ends it with its usage.
 * @param defaults numbers by the name of their option
 * @param mayBeZero names of those that are not at least one
 */
export function readOptions(usage, defaults, mayBeZero = []) {
  const fail = (message) => {
    console.error(`bench: ${message}\n${usage}`)
    process.exit(2)
  }
  let values
  try {
    ;({ values } = parseArgs({
      options: {
        ...Object.fromEntries(Object.entries(defaults).map(([name, fallback]) => [name, { type: 'string', default: String(fallback) }])),
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
  const numbers = Object.keys(defaults).map((name) => {
    const least = mayBeZero.includes(name) ? 0 : 1
    return [name, Number(values[name]) >= least ? Number(values[name]) : fail(`--${name} ${values[name]}: expected a number from ${least} on`)]
  })
  return { ...values, ...Object.fromEntries(numbers) }
}

/** What it was measured on. */
export const machine = () => `${cpus().length} cores (${cpus()[0].model}), load average ${loadavg()[0].toFixed(1)}`
