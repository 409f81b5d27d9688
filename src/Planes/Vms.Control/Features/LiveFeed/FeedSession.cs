using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using Vms.Control.Auth;

namespace Vms.Control.Features.LiveFeed;

/// <summary>One open WebSocket: one loop reads, one writes, a bounded queue between. Ends with the first of the two.</summary>
internal sealed partial class FeedSession(
    WebSocket socket, FeedHub hub, CameraStateFeed states, TracksFeed tracks, Signalling signalling, Principal user, Guid? signInId, string? address, ILogger logger)
{
    /// <summary>An SDP with many candidates is some 10 kB.</summary>
    private const int MaxMessageBytes = 64 * 1024;

    /// <summary>Requests of one client that may wait for the media plane at the same time.</summary>
    private const int MaxPending = 32;

    private static readonly TimeSpan s_closeGrace = TimeSpan.FromSeconds(2);

    /// <summary>How long the media plane may take to end a stream whose viewer may not see it any more.</summary>
    private static readonly TimeSpan s_endGrace = TimeSpan.FromSeconds(5);

    private readonly FeedQueue _queue = hub.Join(user, signInId);
    private readonly ViewerSessions _viewers = new(user, signInId, address);
    private int _pending;

    /// <param name="stopping">The server stops: say so and close in order. Viewer sessions live on.</param>
    /// <param name="aborted">The connection is gone.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken aborted)
    {
        Log.Opened(logger, user.Name);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        await using var stop = stopping.Register(() => _queue.Close(FeedEnd.Restarting));
        _queue.RightsChanged = rights => _ = EndAsync(_viewers.NotFor(rights));
        try
        {
            var writing = WriteAsync([.. states.Current(user.Rights)], end.Token);
            var reading = ReadAsync(end.Token);
            await Task.WhenAny(reading, writing);
            _queue.Close(FeedEnd.Goodbye);
            end.CancelAfter(s_closeGrace);
            await Task.WhenAll(reading, writing);
        }
        finally
        {
            tracks.Watch(_queue, user.Id, []);
            hub.Leave(_queue);
            if (_queue.End == FeedEnd.SignedOut)
                await EndAsync(_viewers.Ids);
            Log.Closed(logger, user.Name);
        }
    }

    /// <summary>Streams that their viewer may not see any more.</summary>
    private async Task EndAsync(IReadOnlyCollection<string> sessions)
    {
        using var grace = new CancellationTokenSource(s_endGrace);
        try
        {
            await signalling.CloseAsync(_viewers, sessions, grace.Token);
        }
        catch (OperationCanceledException)
        {
            Log.NotEnded(logger, user.Name);
        }
    }

    /// <summary>Nobody else sends. Ends with the close frame, after everything that was queued.</summary>
    /// <param name="picture">Where every camera stands. The queue was joined before: a change that happens meanwhile is sent behind it.</param>
    private async Task WriteAsync(IReadOnlyList<CameraStateMessage> picture, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var state in picture)
                await socket.SendAsync(hub.Serialize(state), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
            await foreach (var message in _queue.ReadAllAsync(cancellationToken))
                await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
            await socket.CloseOutputAsync(_queue.End!.Status, _queue.End.Reason, cancellationToken);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            return;   // the peer is gone
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxMessageBytes);
        try
        {
            while (await ReadMessageAsync(buffer, cancellationToken) is { } length)
                await HandleAsync(buffer.AsMemory(0, length), cancellationToken);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            return;   // a connection that broke says nothing about its viewer sessions: video goes on, and media notices who is gone
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Null when the client said goodbye, or too much.</summary>
    private async Task<int?> ReadMessageAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length, MaxMessageBytes - length), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                if (_queue.End is null)   // the client's own wish, not its answer to ours
                    await signalling.CloseAsync(_viewers, _viewers.Ids, cancellationToken);
                return null;
            }

            length += part.Count;
            if (part.EndOfMessage)
                return length;
            if (length == MaxMessageBytes)
            {
                _queue.Close(FeedEnd.TooBig);
                return null;
            }
        }
    }

    private async Task HandleAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        ClientMessage? message;
        try
        {
            message = JsonSerializer.Deserialize<ClientMessage>(bytes.Span, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            message = null;
        }

        if (message?.Type is null)
            Send(new ErrorMessage(null, null, "malformedJson", "Expected a JSON object with a type"));
        else if (message.Type == "stream.request")
            Begin(message, cancellationToken);
        else if (message.Type == "tracks.watch")
            WatchTracks(message);
        else if (await signalling.HandleAsync(_viewers, message, cancellationToken) is { } answer)
            Send(answer);
    }

    /// <summary>Cameras that the user may not see live are left out in silence: whether there are such is none of theirs.</summary>
    private void WatchTracks(ClientMessage message)
    {
        if (message.CameraIds is not { } ids || ids.Count > TracksFeed.MaxCameras || ids.Any(id => id is null))
            Send(new ErrorMessage(message.RequestId, null, "invalidInput", $"Expected cameraIds, at most {TracksFeed.MaxCameras} of them"));
        else
            tracks.Watch(_queue, user.Id, ids);
    }

    /// <summary>Offers are asked for side by side: sixteen tiles start together, and one that has to wait holds up no other.</summary>
    private void Begin(ClientMessage message, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _pending) > MaxPending)
        {
            Interlocked.Decrement(ref _pending);
            Send(new ErrorMessage(message.RequestId, null, "tooManyRequests", $"At most {MaxPending} requests may wait"));
            return;
        }

        _ = OfferAsync();

        async Task OfferAsync()
        {
            try
            {
                Send(await signalling.OfferAsync(_viewers, message, cancellationToken));
            }
            catch (OperationCanceledException)
            {
                return;   // the connection ended meanwhile
            }
            finally
            {
                Interlocked.Decrement(ref _pending);
            }
        }
    }

    private void Send<T>(T message) where T : FeedMessage => _queue.TryAdd(hub.Serialize<object>(message));

    private static partial class Log
    {
        [LoggerMessage(1060, LogLevel.Debug, "Live feed of {User} opened")]
        public static partial void Opened(ILogger logger, string user);

        [LoggerMessage(1061, LogLevel.Debug, "Live feed of {User} closed")]
        public static partial void Closed(ILogger logger, string user);

        [LoggerMessage(1062, LogLevel.Warning, "Streams of {User} may not be seen any more, and the media plane has not ended them yet; they end with its next contact to the viewer")]
        public static partial void NotEnded(ILogger logger, string user);
    }
}

/// <summary>What a client may say; which fields count depends on the type.</summary>
internal sealed record ClientMessage(string? Type, string? RequestId, string? CameraId, string? Stream, string? SessionId, string? Sdp, IReadOnlyList<string>? CameraIds = null);
