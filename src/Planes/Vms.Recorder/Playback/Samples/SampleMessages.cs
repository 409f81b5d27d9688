using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text.Json;
using Vms.Codecs;
using Vms.Containers.Mp4;

namespace Vms.Recorder.Playback.Samples;

/// <summary>Writes the answers to reads (docs/design/samples.md) to one connection. One caller at a time; nothing is allocated per sample.</summary>
/// <param name="taken">Called when the client has taken a message.</param>
/// <param name="gone">The connection is over. A send that has begun is never given up before: half a message ends a WebSocket.</param>
internal sealed class SampleMessages(WebSocket socket, Action taken, CancellationToken gone) : IDisposable
{
    private const int HeadBytes = 2 * sizeof(uint);
    private const int EntryBytes = sizeof(long) + (3 * sizeof(uint));
    private const uint KeyframeFlag = 1;

    private readonly ArrayBufferWriter<byte> _text = new(512);
    private readonly Utf8JsonWriter _json = new(Stream.Null);

    /// <summary>The decoder's parameters, as WebCodecs takes them.</summary>
    /// <param name="codec">RFC 6381.</param>
    public ValueTask FormatAsync(uint request, string codec, TrackInfo track)
    {
        Begin("format", request);
        _json.WriteString("codec", codec);
        _json.WriteBase64String("description", track.CodecParameters.Span);
        _json.WriteNumber("width", track.Width);
        _json.WriteNumber("height", track.Height);
        return SendTextAsync();
    }

    public ValueTask GopAsync(uint request, in RecordedGop gop)
    {
        Begin("gop", request);
        _json.WriteNumber("fromUs", gop.FromUs);
        _json.WriteNumber("toUs", gop.ToUs);
        return SendTextAsync();
    }

    /// <param name="reason"><c>done</c>, <c>noMore</c> or <c>replaced</c>.</param>
    public ValueTask EndAsync(uint request, string reason)
    {
        Begin("end", request);
        _json.WriteString("reason", reason);
        return SendTextAsync();
    }

    public ValueTask ProblemAsync(uint request, string code, string detail)
    {
        Begin("problem", request);
        _json.WriteString("code", code);
        _json.WriteString("detail", detail);
        return SendTextAsync();
    }

    /// <summary>The pictures of one fragment; nothing when it has none.</summary>
    /// <param name="fragment">As it was recorded. Borrowed until the message is sent.</param>
    /// <param name="track">The first one of the segment.</param>
    /// <param name="zeroUs">Wall clock of the segment's media time 0.</param>
    /// <param name="most">So many samples, if there are as many.</param>
    /// <returns>Bytes sent.</returns>
    public async ValueTask<int> SamplesAsync(uint request, ReadOnlyMemory<byte> fragment, TrackInfo track, long zeroUs, int most)
    {
        var (count, start, bytes) = Measure(fragment.Span, most);
        if (count == 0) return 0;
        int headBytes = HeadBytes + (count * EntryBytes);
        byte[] head = ArrayPool<byte>.Shared.Rent(headBytes);
        try
        {
            WriteHead(head, request, fragment.Span, track, zeroUs, count);
            await socket.SendAsync(head.AsMemory(0, headBytes), WebSocketMessageType.Binary, endOfMessage: false, gone);
            await socket.SendAsync(fragment.Slice(start, bytes), WebSocketMessageType.Binary, endOfMessage: true, gone);
            taken();
            return headBytes + bytes;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(head);
        }
    }

    public void Dispose() => _json.Dispose();

    private static (int Count, int Start, int Bytes) Measure(ReadOnlySpan<byte> fragment, int most)
    {
        int count = 0, start = 0, end = 0;
        for (var samples = new StoredTrack(fragment, 0); count < most && samples.Next(); count++)
        {
            if (count == 0) start = samples.PayloadOffset;
            end = samples.PayloadOffset + samples.Payload.Length;
        }

        return (count, start, end - start);
    }

    private static void WriteHead(Span<byte> head, uint request, ReadOnlySpan<byte> fragment, TrackInfo track, long zeroUs, int count)
    {
        BinaryPrimitives.WriteUInt32BigEndian(head, request);
        BinaryPrimitives.WriteUInt32BigEndian(head[4..], (uint)count);
        var samples = new StoredTrack(fragment, 0);
        for (head = head[HeadBytes..]; count > 0 && samples.Next(); count--, head = head[EntryBytes..])
        {
            long shownUs = zeroUs + new MediaTime(samples.Time + samples.CompositionOffset, track.Timescale).ToMicroseconds();
            BinaryPrimitives.WriteInt64BigEndian(head, shownUs);
            BinaryPrimitives.WriteUInt32BigEndian(head[8..], (uint)Math.Clamp(new MediaTime(samples.Ticks, track.Timescale).ToMicroseconds(), 0, uint.MaxValue));
            BinaryPrimitives.WriteUInt32BigEndian(head[12..], samples.IsSync ? KeyframeFlag : 0);
            BinaryPrimitives.WriteUInt32BigEndian(head[16..], (uint)samples.Payload.Length);
        }
    }

    private void Begin(string type, uint request)
    {
        _text.ResetWrittenCount();
        _json.Reset(_text);
        _json.WriteStartObject();
        _json.WriteString("type", type);
        _json.WriteNumber("request", request);
    }

    private async ValueTask SendTextAsync()
    {
        _json.WriteEndObject();
        _json.Flush();
        await socket.SendAsync(_text.WrittenMemory, WebSocketMessageType.Text, endOfMessage: true, gone);
        taken();
    }
}
