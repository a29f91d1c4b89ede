import { describe, expect, test } from 'vitest'
import { renderBytes } from '../../src/render/bytes.ts'
import { renderExposition } from '../../src/render/exposition.ts'

describe('the text for Prometheus', () => {
  test('says of each name once what it is, and ends every line', () => {
    const text = renderExposition([
      { name: 'a', help: 'What a is.', samples: [{ value: 3 }] },
      {
        name: 'b',
        help: 'What b is.',
        samples: [
          { labels: { x: '1', y: '2' }, value: 0 },
          { labels: { x: '2' }, value: 1.5 },
        ],
      },
    ])
    expect(text).toBe(
      `# HELP a What a is.
# TYPE a gauge
a 3
# HELP b What b is.
# TYPE b gauge
b{x="1",y="2"} 0
b{x="2"} 1.5
`,
    )
  })

  test('leaves out what has no value', () => {
    expect(renderExposition([{ name: 'a', help: 'What a is.', samples: [] }])).toBe('')
  })

  test('keeps a label and a help on their line', () => {
    const sample = { labels: { x: 'a"b\\c\nd' }, value: 1 }
    const text = renderExposition([{ name: 'a', help: 'b\\c\nd', samples: [sample] }])
    expect(text).toBe('# HELP a b\\\\c\\nd\n# TYPE a gauge\na{x="a\\"b\\\\c\\nd"} 1\n')
  })
})

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [57_344, '57 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [1_234_567, '1.2 MB'],
  [340e9, '340 GB'],
  [5e15, '5000 TB'],
])('%i bytes are shown as %s', (bytes, shown) => {
  expect(renderBytes(bytes)).toBe(shown)
})
