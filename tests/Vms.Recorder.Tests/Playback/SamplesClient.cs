using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Support;

namespace Vms.Recorder.Tests.Playback;

/// <summary>A player that asks for samples over a real WebSocket, by the words of docs/design/samples.md alone.</summary>
internal sealed class SamplesClient : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _deadline = new(s_patience);
    private uint _request;

    public sealed record Picture(long AtUs, uint DurationUs, bool IsKeyframe, long Counter, byte[] Payload);

    public sealed record Format(string Codec, byte[] Description, int Width, int Height);

    public sealed record Gop(long FromUs, long ToUs, Format Format, List<Picture> Pictures);

    /// <param name="End">The reason, or the code of the problem.</param>
    public sealed record Answer(List<Gop> Gops, string End, int Formats);

    public static async Task<SamplesClient> OpenAsync(PlaybackRig rig, string? ticket = null, string more = "") =>
        await OpenAsync(new Uri($"{rig.BaseUrl.Replace("http:", "ws:", StringComparison.Ordinal)}playback/samples?ticket={ticket ?? rig.Ticket}{more}"));

    public static async Task<SamplesClient> OpenAsync(Uri address)
    {
        var client = new SamplesClient();
        try
        {
            await client._socket.ConnectAsync(address, client._deadline.Token);
            return client;
        }
        catch (WebSocketException)
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>What both sides have now; the format stays from read to read.</summary>
    public Format? Current { get; private set; }

    public static long Us(double seconds) => UnixTime.ToMicroseconds(PlaybackRig.Start) + (long)Math.Round(seconds * 1e6);

    /// <summary>Asks, and takes the whole answer.</summary>
    public async Task<Answer> ReadAsync(long atUs, int direction, int gops, bool keyframes = false, long everyUs = 0)
    {
        await AskAsync(atUs, direction, gops, keyframes, everyUs);
        return await AnswerAsync();
    }

    public async Task AskAsync(long atUs, int direction, int gops, bool keyframes = false, long everyUs = 0) =>
        await SayAsync(JsonSerializer.Serialize(new { type = "read", request = ++_request, atUs, direction, gops, keyframes, everyUs }));

    public async Task SayAsync(string text, WebSocketMessageType type = WebSocketMessageType.Text) =>
        await _socket.SendAsync(Encoding.UTF8.GetBytes(text), type, endOfMessage: true, _deadline.Token);

    /// <summary>Takes the answer to a read, which must be the next that is answered.</summary>
    /// <param name="request">The last one asked unless said otherwise.</param>
    public async Task<Answer> AnswerAsync(uint? request = null)
    {
        uint expected = request ?? _request;
        var gops = new List<Gop>();
        int formats = 0;
        while (true)
        {
            var (type, message) = await ReceiveAsync();
            Assert.NotEqual(WebSocketMessageType.Close, type);
            if (type == WebSocketMessageType.Binary)
            {
                Assert.Equal(expected, BinaryPrimitives.ReadUInt32BigEndian(message));
                gops[^1].Pictures.AddRange(PicturesIn(message));
                continue;
            }

            using var json = JsonDocument.Parse(message);
            var root = json.RootElement;
            Assert.Equal(expected, root.GetProperty("request").GetUInt32());
            switch (root.GetProperty("type").GetString())
            {
                case "format":
                    formats++;
                    Current = new Format(
                        root.GetProperty("codec").GetString()!, root.GetProperty("description").GetBytesFromBase64(), root.GetProperty("width").GetInt32(),
                        root.GetProperty("height").GetInt32());
                    break;
                case "gop":
                    gops.Add(new Gop(root.GetProperty("fromUs").GetInt64(), root.GetProperty("toUs").GetInt64(), Current!, []));
                    break;
                case "end":
                    return new Answer(gops, root.GetProperty("reason").GetString()!, formats);
                case "problem":
                    Assert.NotEmpty(root.GetProperty("detail").GetString()!);
                    return new Answer(gops, root.GetProperty("code").GetString()!, formats);
                case var other:
                    Assert.Fail($"Nobody knows '{other}'");
                    break;
            }
        }
    }

    /// <summary>Takes what comes until the server has closed.</summary>
    public async Task<(WebSocketCloseStatus? Status, string? Reason)> ClosedAsync()
    {
        while ((await ReceiveAsync()).Type != WebSocketMessageType.Close)
        {
        }

        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _deadline.Token);
        return (_socket.CloseStatus, _socket.CloseStatusDescription);
    }

    public Task CloseAsync() => _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", _deadline.Token);

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _deadline.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>One message, of either kind.</summary>
    public async Task<(WebSocketMessageType Type, byte[] Message)> ReceiveAsync()
    {
        using var message = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            var part = await _socket.ReceiveAsync(buffer.AsMemory(), _deadline.Token);
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage) return (part.MessageType, message.ToArray());
        }
    }

    private static IEnumerable<Picture> PicturesIn(byte[] message)
    {
        int count = BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(4));
        Assert.True(count > 0);
        int payload = 8 + (count * 20);
        for (int i = 0; i < count; i++)
        {
            var entry = message.AsSpan(8 + (i * 20), 20);
            int length = BinaryPrimitives.ReadInt32BigEndian(entry[16..]);
            byte[] sample = message.AsSpan(payload, length).ToArray();
            payload += length;
            yield return new Picture(
                BinaryPrimitives.ReadInt64BigEndian(entry), BinaryPrimitives.ReadUInt32BigEndian(entry[8..]), (BinaryPrimitives.ReadUInt32BigEndian(entry[12..]) & 1) != 0,
                Assert.Single(Footage.CountersIn(sample)), sample);
        }

        Assert.Equal(message.Length, payload);
    }
}
