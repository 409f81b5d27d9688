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
    public async Task ServeAsync(WebSocket socket, LiveStream stream, string user, CancellationToken cancellationToken)
    {
        if (!await TakesOurCodecAsync(socket, cancellationToken))
            return;

        using var demand = stream.Demand();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var connection = new MseConnection(stream, ended);
        _connections[connection] = true;
        var shared = _streams.Share(stream);
        var viewer = new MseViewer(socket, user, _time.GetUtcNow(), _ => connection.End());
        Log.Opened(_logger, stream.CameraId, stream.Name);
        try
        {
            shared.Attach(viewer);
            if (_stopping)
                connection.End();
            await ReadUntilClosedAsync(socket, ended.Token);
        }
        finally
        {
            shared.Detach(viewer);
            _streams.Release(shared);
            _connections.TryRemove(connection, out _);
            Log.Ended(_logger, stream.CameraId, stream.Name, viewer.FragmentsSent, viewer.FragmentsDropped);
            await CloseAsync(socket);
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

    private static async Task ReadUntilClosedAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxHelloBytes];
        try
        {
            while (socket.State == WebSocketState.Open)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
                if (received.MessageType == WebSocketMessageType.Close)
                    return;
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            // Gone, or told to go.
        }
    }

    private static async Task CloseAsync(WebSocket socket)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
            return;
        using var patience = new CancellationTokenSource(s_closePatience);
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "streamEnded", patience.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            socket.Abort();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2520, LogLevel.Debug, "Camera {CameraId} {Stream}: MSE viewer opened")]
        public static partial void Opened(ILogger logger, string cameraId, string stream);

        [LoggerMessage(2521, LogLevel.Debug, "Camera {CameraId} {Stream}: MSE viewer left after {Fragments} fragments ({Dropped} dropped)")]
        public static partial void Ended(ILogger logger, string cameraId, string stream, long fragments, long dropped);
    }
}

/// <summary>A viewer's connection as the server sees it: what it watches, and how to end it.</summary>
internal sealed class MseConnection(LiveStream stream, CancellationTokenSource ended)
{
    public LiveStream Stream => stream;

    public void End()
    {
        try
        {
            ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }
}
