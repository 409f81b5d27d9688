using System.Collections.Concurrent;
using System.Text.Json;
using Vms.Hosting;
using Vms.Media.Egress.Cmaf;
using Vms.Media.Streams;

namespace Vms.Media.Egress.Mse;

/// <summary>MSE viewers over WebSocket: hello, then the stream from its last keyframe until one side leaves.</summary>
internal sealed partial class MseServer
{
    /// <summary>Open viewers; one more is answered with 503.</summary>
    public const int MaxViewers = 1000;

    private const int InvalidPayload = 1007;     // RFC 6455 §7.4.1
    private const int PolicyViolation = 1008;

    private static readonly TimeSpan s_helloPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_closePatience = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SharedStreams<CmafStream> _streams;
    private readonly ConcurrentDictionary<MseConnection, bool> _connections = new();
    private volatile bool _stopping;

    /// <param name="streams">Shared with HLS and DASH: a stream is packaged once.</param>
    public MseServer(SharedStreams<CmafStream> streams, TimeProvider time, ILogger<MseServer> logger)
    {
        _time = time;
        _logger = logger;
        _streams = streams;
    }

    public bool IsFull => _stopping || _connections.Count >= MaxViewers;

    public IReadOnlyList<CmafStream> Streams => _streams.All;

    /// <summary>Serves one viewer; returns when it has left.</summary>
    /// <param name="transport">The upgraded connection.</param>
    /// <param name="viewing">Whose it is; the viewer is told when the right is taken away.</param>
    /// <param name="stopping">The plane stops: the viewer is told.</param>
    public async Task ServeAsync(HttpContext context, Stream transport, LiveStream stream, Viewing viewing, CancellationToken stopping)
    {
        var reader = new WebSocketReader(transport);
        var (codecs, refusal) = await ReadHelloAsync(reader, stream, context.RequestAborted);
        if (refusal is not null)
        {
            await RefuseAsync(transport, refusal);
            return;
        }

        using var demand = stream.Demand();
        using var connection = new MseConnection(
            reader, MseOutput.For(context, transport), stream, viewing.Viewer.User, codecs, _time.GetUtcNow(), context.RequestAborted);
        using var atStop = stopping.Register(connection.End);
        viewing.EndBy(connection.EndRevoked);
        _connections[connection] = true;
        var shared = _streams.Share(stream);
        Log.Opened(_logger, stream.CameraId, stream.Name);
        try
        {
            shared.Attach(connection.Viewer);
            viewing.Watch(WatchKind.Live, stream.CameraId, stream.Name, "mse");
            if (_stopping)
                connection.End();
            await connection.ReadUntilClosedAsync();
        }
        finally
        {
            shared.Detach(connection.Viewer);
            _streams.Release(shared);
            _connections.TryRemove(connection, out _);
            Log.Ended(_logger, stream.CameraId, stream.Name, connection.Viewer.FragmentsSent, connection.Viewer.FragmentsDropped);
        }
    }

    /// <summary>The pipeline is gone.</summary>
    public void CloseAll(LiveStream stream)
    {
        foreach (var (connection, _) in _connections.Where(c => c.Key.Stream == stream))
            connection.End();
    }

    public void Stop()
    {
        _stopping = true;
        foreach (var (connection, _) in _connections)
            connection.End();
    }

    /// <summary>The viewer speaks first: the codecs it can play, or nothing in particular.</summary>
    /// <returns>What it names, and why it is not served; null when it is.</returns>
    private static async Task<(string Codecs, Refusal? Refusal)> ReadHelloAsync(WebSocketReader reader, LiveStream stream, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_helloPatience);
        try
        {
            var (opcode, payload) = await reader.ReadAsync(patience.Token);
            var hello = opcode == WebSocketOpcode.Text ? JsonSerializer.Deserialize(payload.Span, MseJson.Default.MseHello) : null;
            if (hello?.Type != "mse")
                return ("", new Refusal(InvalidPayload, "helloExpected"));
            return (hello.Value ?? "", Plays(hello.Value, stream) ? null : new Refusal(PolicyViolation, "unsupportedCodec"));
        }
        catch (Exception e) when (e is JsonException or WebSocketProtocolException)
        {
            return ("", new Refusal(InvalidPayload, "helloExpected"));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return ("", new Refusal(PolicyViolation, "helloExpected"));
        }
    }

    /// <param name="codecs">What the viewer names; it decides about profiles when it sees the stream's own codec string.</param>
    private static bool Plays(string? codecs, LiveStream stream)
    {
        if (stream.Tracks.FirstOrDefault(t => t.IsVideo) is not { } video)
            return true;    // not known yet
        if (!CmafCodecs.TryDescribe(video, out var own))
            return false;
        return string.IsNullOrEmpty(codecs) || codecs.Contains(own[..4], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>go2rtc's error message for its players, and a close reason for everybody.</summary>
    private static async Task RefuseAsync(Stream transport, Refusal refusal)
    {
        using var patience = new CancellationTokenSource(s_closePatience);
        try
        {
            var error = JsonSerializer.SerializeToUtf8Bytes(new MseHello("error", $"mse: {refusal.Code}"), MseJson.Default.MseHello);
            await transport.WriteAsync(WebSocketFrame.Of(WebSocketOpcode.Text, error), patience.Token);
            await transport.WriteAsync(
                WebSocketFrame.Of(WebSocketOpcode.Close, WebSocketFrame.ClosePayload(refusal.Status, refusal.Code)), patience.Token);
            await transport.FlushAsync(patience.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It has left already.
        }
    }

    private sealed record Refusal(int Status, string Code);

    private static partial class Log
    {
        [LoggerMessage(2520, LogLevel.Debug, "Camera {CameraId} {Stream}: MSE viewer opened")]
        public static partial void Opened(ILogger logger, string cameraId, string stream);

        [LoggerMessage(2521, LogLevel.Debug, "Camera {CameraId} {Stream}: MSE viewer left after {Fragments} fragments ({Dropped} dropped)")]
        public static partial void Ended(ILogger logger, string cameraId, string stream, long fragments, long dropped);
    }
}
