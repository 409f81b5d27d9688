using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using Vms.Media.Streams;

namespace Vms.Media.Egress.Mse;

/// <summary>MSE viewers over WebSocket: hello, then the stream from its last keyframe until one side leaves.</summary>
internal sealed partial class MseServer
{
    /// <summary>Open viewers; one more is answered with 503.</summary>
    public const int MaxViewers = 1000;

    private const int MaxHelloBytes = 4096;
    private static readonly TimeSpan s_helloPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_closePatience = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SharedStreams<MseStream> _streams;
    private readonly ConcurrentDictionary<MseConnection, bool> _connections = new();
    private volatile bool _stopping;

    public MseServer(EgressThreads threads, TimeProvider time, ILogger<MseServer> logger)
    {
        _time = time;
        _logger = logger;
        _streams = new SharedStreams<MseStream>(threads, (stream, thread) => new MseStream(stream, thread, time));
    }

    public bool IsFull => _stopping || _connections.Count >= MaxViewers;

    public IReadOnlyList<MseStream> Streams => _streams.All;

    /// <summary>Serves one viewer; returns when it has left.</summary>
    /// <param name="stopping">The plane stops: the viewer is told.</param>
    /// <param name="aborted">The connection is gone.</param>
    public async Task ServeAsync(
        WebSocket socket, LiveStream stream, string user, CancellationToken stopping, CancellationToken aborted)
    {
        if (!await TakesOurCodecAsync(socket, aborted))
            return;

        using var demand = stream.Demand();
        using var connection = new MseConnection(socket, stream, aborted);
        using var atStop = stopping.Register(connection.End);
        _connections[connection] = true;
        var shared = _streams.Share(stream);
        var viewer = new MseViewer(socket, user, _time.GetUtcNow(), _ => connection.Abort());
        Log.Opened(_logger, stream.CameraId, stream.Name);
        try
        {
            shared.Attach(viewer);
            if (_stopping)
                connection.End();
            await connection.ReadUntilClosedAsync();
        }
        finally
        {
            shared.Detach(viewer);
            _streams.Release(shared);
            _connections.TryRemove(connection, out _);
            Log.Ended(_logger, stream.CameraId, stream.Name, viewer.FragmentsSent, viewer.FragmentsDropped);
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
    private static async Task<bool> TakesOurCodecAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxHelloBytes];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_helloPatience);
        try
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), patience.Token);
            if (received.MessageType != WebSocketMessageType.Text || !received.EndOfMessage)
                return await RefuseAsync(socket, WebSocketCloseStatus.InvalidPayloadData, "helloExpected");

            var hello = JsonSerializer.Deserialize(buffer.AsSpan(0, received.Count), MseJson.Default.MseHello);
            if (hello?.Type != "mse")
                return await RefuseAsync(socket, WebSocketCloseStatus.InvalidPayloadData, "helloExpected");
            if (!string.IsNullOrEmpty(hello.Value) && !hello.Value.Contains("avc1", StringComparison.OrdinalIgnoreCase))
                return await RefuseAsync(socket, WebSocketCloseStatus.PolicyViolation, "unsupportedCodec");
            return true;
        }
        catch (JsonException)
        {
            return await RefuseAsync(socket, WebSocketCloseStatus.InvalidPayloadData, "helloExpected");
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            return false;
        }
    }

    /// <summary>go2rtc's error message for its players, and a close reason for everybody.</summary>
    private static async Task<bool> RefuseAsync(WebSocket socket, WebSocketCloseStatus status, string code)
    {
        using var patience = new CancellationTokenSource(s_closePatience);
        try
        {
            var error = JsonSerializer.SerializeToUtf8Bytes(new MseHello("error", $"mse: {code}"), MseJson.Default.MseHello);
            await socket.SendAsync(error, WebSocketMessageType.Text, endOfMessage: true, patience.Token);
            await socket.CloseOutputAsync(status, code, patience.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // It has left already.
        }

        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(2520, LogLevel.Debug, "Camera {CameraId} {Stream}: MSE viewer opened")]
        public static partial void Opened(ILogger logger, string cameraId, string stream);

        [LoggerMessage(2521, LogLevel.Debug, "Camera {CameraId} {Stream}: MSE viewer left after {Fragments} fragments ({Dropped} dropped)")]
        public static partial void Ended(ILogger logger, string cameraId, string stream, long fragments, long dropped);
    }
}
