/** Reads a body as text; throws a RangeError where it has more than `max` bytes. */
export async function readAtMost(response: Response, max: number): Promise<string> {
  if (!response.body) return "";
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > max) {
      await reader.cancel();
      throw new RangeError(`The answer has more than ${max} bytes.`);
    }
    text += decoder.decode(value, { stream: true });
  }
}
