// The document out of the page: base64, deflated, JSON.

export async function readDocument(text) {
  if (typeof DecompressionStream === 'undefined') throw new Error('This browser is too old for this page: it cannot decompress data.')
  const binary = atob(text.trim())
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  return JSON.parse(await new Response(stream).text())
}
