using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using System.Threading.Channels;
using Vms.Hosting;
using Vms.Media.Egress.Cmaf;
using Vms.Media.Streams;
using Vms.Native.Sockets;

namespace Vms.Media.Egress.Hls;

/// <summary>
/// Answers the requests that Low-Latency HLS players repeat ten times a second, for all of them on one thread and straight between
/// socket and window (Linux). A request is looked at without being taken: unless it is a usual one of a viewer who is known, with
/// a file to be had or to come, the connection with everything in it goes to Kestrel.
/// </summary>
/// <remarks><see cref="Take"/> and the window's signals from any thread; everything else on the thread itself.</remarks>
[SupportedOSPlatform("linux")]
internal sealed partial class HlsServer : IDisposable
{
    /// <summary>Connections here at a time; more are Kestrel's from the start.</summary>
    public const int MaxConnections = 4000;

    private const int MaxFileName = 48;

    /// <summary>No segment has more parts.</summary>
    private const int MaxParts = 1000;

    /// <summary>Without a request for so long it is not watching: Kestrel's time limits are for such connections.</summary>
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(10);

    /// <summary>An answer has this long to go out. It holds four seconds of video at most as a rule: whoever is slower cannot watch, and keeps parts in
    /// memory that have left the window.</summary>
    private static readonly TimeSpan s_sendPatience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan s_longestWait = TimeSpan.FromMilliseconds(250);
    /// <summary>The same without a connection: proof of life only.</summary>
    private static readonly TimeSpan s_longestIdle = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_sweep = TimeSpan.FromSeconds(1);

    private readonly StreamRegistry _streams;
    private readonly CmafWindows _windows;
    private readonly SegmentViewers _viewers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _started;
    private readonly Progress _progress;
    private readonly Thread _thread;
    private readonly ReadinessPoller _poller = new();
    private readonly GatheredSend _send = new();
    private readonly byte[] _peeked = new byte[HlsRequestHead.MaxLength];
    private readonly ConcurrentQueue<(Socket Socket, ChannelWriter<Socket> Others)> _arrived = new();
    private readonly ConcurrentQueue<CmafWindow> _changed = new();
    private readonly Dictionary<ulong, HlsConnection> _connections = [];
    private readonly List<HlsConnection> _waiting = [];
    private readonly List<HlsConnection> _overdue = [];
    private ulong _nextToken;
    private int _count;
    private int _waitingCount;
    private volatile bool _stopping;

    public HlsServer(
        StreamRegistry streams, CmafWindows windows, SegmentViewers viewers, TimeProvider time, ProgressMonitor progress, ILogger<HlsServer> logger)
    {
        _streams = streams;
        _windows = windows;
        _viewers = viewers;
        _time = time;
        _logger = logger;
        _started = time.GetTimestamp();
        _progress = progress.Register("hls");
        _thread = new Thread(Run) { Name = "vms hls", IsBackground = true };
        windows.Changed += OnChanged;
    }

    /// <summary>Connections that are answered here. Any thread.</summary>
    public int Connections => Volatile.Read(ref _count);

    /// <summary>Those of them whose answer is still to come. Any thread.</summary>
    public int Waiting => Volatile.Read(ref _waitingCount);

    internal TimeProvider Time => _time;

    private TimeSpan Now => _time.GetElapsedTime(_started);

    public void Start() => _thread.Start();

    /// <summary>A new connection, not yet read from; ours from now on. Any thread.</summary>
    /// <param name="others">Takes it when a request on it is not for us.</param>
    public void Take(Socket socket, ChannelWriter<Socket> others)
    {
        if (_stopping || Connections >= MaxConnections)
        {
            GiveTo(others, socket);
            return;
        }

        _arrived.Enqueue((socket, others));
        _poller.Wake();
    }

    public void Dispose()
    {
        _windows.Changed -= OnChanged;
        _stopping = true;
        _poller.Wake();
        if (_thread.IsAlive)
            _thread.Join();
        foreach (var connection in _connections.Values.ToList())
            Close(connection);
        while (_arrived.TryDequeue(out var arrived))
            arrived.Socket.Dispose();
        _progress.Dispose();
        _poller.Dispose();
        _send.Dispose();
    }

    private static void GiveTo(ChannelWriter<Socket> others, Socket socket)
    {
        if (!others.TryWrite(socket))
            socket.Dispose();       // nobody takes connections any more
    }

    private void OnChanged(CmafWindow window)
    {
        _changed.Enqueue(window);
        _poller.Wake();
    }

    private void Run()
    {
        var nextSweep = s_sweep;
        while (!_stopping)
        {
            int events = _poller.Wait(_connections.Count > 0 ? s_longestWait : s_longestIdle);
            _progress.Beat();
            var now = Now;
            for (int i = 0; i < events; i++)
            {
                if (_poller.Event(i, out ulong token, out var readiness) && _connections.TryGetValue(token, out var connection))
                    OnReady(connection, now, readiness);
            }

            while (_arrived.TryDequeue(out var arrived))
                Add(arrived.Socket, arrived.Others, now);
            while (_changed.TryDequeue(out var window))
                AnswerWaiting(window, now);
            if (now < nextSweep)
                continue;
            nextSweep = now + s_sweep;
            EndOverdue(now);
        }
    }

    private void Add(Socket socket, ChannelWriter<Socket> others, TimeSpan now)
    {
        var connection = new HlsConnection(socket, _nextToken++, others) { Until = now + s_idle };
        _connections.Add(connection.Token, connection);
        Volatile.Write(ref _count, _connections.Count);
        _poller.Add(socket, connection.Token, connecting: false);
    }

    private void OnReady(HlsConnection connection, TimeSpan now, Readiness readiness)
    {
        try
        {
            Continue(connection, now, readiness);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fail(connection, e);
        }
    }

    private void Continue(HlsConnection connection, TimeSpan now, Readiness readiness)
    {
        switch (connection.State)
        {
            case HlsConnectionState.Idle:
                OnRequest(connection, now);
                break;
            case HlsConnectionState.Sending when readiness == Readiness.Writable:
                Send(connection, now);
                break;
            case HlsConnectionState.Waiting when readiness == Readiness.Readable && LinuxStreamSocket.Peek(connection.Socket, _peeked.AsSpan(0, 1)) > 0:
                connection.IsPaused = true;     // the next request, already: after this one
                _poller.Watch(connection.Socket, connection.Token, Readiness.None);
                break;
            default:
                Close(connection);
                break;
        }
    }

    private void OnRequest(HlsConnection connection, TimeSpan now)
    {
        int length = LinuxStreamSocket.Peek(connection.Socket, _peeked);
        if (length == LinuxStreamSocket.WouldBlock)
            return;
        if (length <= 0)
        {
            Close(connection);
            return;
        }

        if (!HlsRequestHead.TryRead(_peeked.AsSpan(0, length), out var head) || !TryBegin(connection, head))
        {
            HandOver(connection);
            return;
        }

        if (LinuxStreamSocket.Skip(connection.Socket, head.Length) != head.Length)
        {
            Close(connection);
            return;
        }

        if (connection.Pieces.Count > 0)
        {
            Send(connection, now);
            return;
        }

        connection.Until = now + CmafWindows.Patience;
        if (TryAnswer(connection, isOver: false))
        {
            Send(connection, now);
            return;
        }

        connection.State = HlsConnectionState.Waiting;
        _waiting.Add(connection);
        Volatile.Write(ref _waitingCount, _waiting.Count);
    }

    /// <summary>Whether the request can be answered here, now or when what it waits for has come. The pieces are there when it needs no wait.</summary>
    private bool TryBegin(HlsConnection connection, in HlsRequestHead head)
    {
        if (head.File.Length > MaxFileName)
            return false;
        connection.Recognize(head);
        if (!_streams.TryGet(connection.CameraId, connection.Stream, out var live)
            || _viewers.Known(connection.Ticket, live, HlsEndpoints.Transport) is not { } viewer || _windows.Use(live) is not { } window)
            return false;

        (connection.Window, connection.Viewer) = (window, viewer);
        (connection.Number, connection.Part, connection.Skip, connection.AcceptsGzip) = (head.Number, head.Part, head.Skip, head.AcceptsGzip);
        if (head.File.SequenceEqual(HlsEndpoints.PlaylistFileUtf8))
        {
            connection.File = HlsFile.Playlist;
            return head.Number is not { } number || number <= window.CurrentNumber + 2 && head.Part is null or <= MaxParts;
        }

        Span<char> name = stackalloc char[MaxFileName];
        if (head.HasQuery || !SegmentRequest.TryParse(name[..Encoding.ASCII.GetChars(head.File, name)], out var file) || file.Tracks != SegmentTracks.All)
            return false;
        (connection.Number, connection.Part) = (file.Number, file.Part);
        connection.File = file.IsInit ? HlsFile.Init : file.Part is null ? HlsFile.Segment : HlsFile.Part;
        return connection.File switch
        {
            HlsFile.Part => TryBeginPart(connection, window),
            HlsFile.Segment => TryTakeSegment(connection, window),
            _ => TryTakeInit(connection, window),
        };
    }

    private void AnswerWaiting(CmafWindow window, TimeSpan now)
    {
        for (int i = _waiting.Count - 1; i >= 0; i--)
        {
            var connection = _waiting[i];
            try
            {
                if (connection.Window != window || !TryAnswer(connection, now >= connection.Until || window.IsDisposed))
                    continue;
                _waiting.RemoveAt(i);
                Volatile.Write(ref _waitingCount, _waiting.Count);
                Send(connection, now);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Fail(connection, e);
            }
        }
    }

    private void Send(HlsConnection connection, TimeSpan now)
    {
        while (connection.Sent.Piece < connection.Pieces.Count)
        {
            var (piece, offset) = connection.Sent;
            for (int i = piece; i < connection.Pieces.Count && _send.TryAdd(i == piece ? connection.Pieces[i][offset..] : connection.Pieces[i]); i++)
            {
            }

            int sent = _send.Send(connection.Socket);
            if (sent == LinuxStreamSocket.WouldBlock)
            {
                WaitForRoom(connection, now);
                return;
            }

            if (sent == LinuxStreamSocket.Failed)
            {
                Close(connection);
                return;
            }

            for (sent += offset; piece < connection.Pieces.Count && sent >= connection.Pieces[piece].Length; piece++)
                sent -= connection.Pieces[piece].Length;
            connection.Sent = (piece, sent);
        }

        connection.Viewer!.CountSent(connection.BodyLength);
        connection.ReleaseAnswer();
        if (connection.State == HlsConnectionState.Sending || connection.IsPaused)
            _poller.Watch(connection.Socket, connection.Token, Readiness.Readable);
        connection.IsPaused = false;
        connection.State = HlsConnectionState.Idle;
        connection.Until = now + s_idle;
    }

    private void WaitForRoom(HlsConnection connection, TimeSpan now)
    {
        if (connection.State == HlsConnectionState.Sending)
            return;
        connection.State = HlsConnectionState.Sending;
        connection.Until = now + s_sendPatience;
        _poller.Watch(connection.Socket, connection.Token, Readiness.Writable);
    }

    private void EndOverdue(TimeSpan now)
    {
        foreach (var connection in _connections.Values)
        {
            if (now >= connection.Until && connection.State != HlsConnectionState.Waiting)
                _overdue.Add(connection);
        }

        foreach (var connection in _overdue)
        {
            if (connection.State == HlsConnectionState.Idle)
                HandOver(connection);
            else
                Close(connection);
        }

        _overdue.Clear();
        for (int i = _waiting.Count - 1; i >= 0; i--)
        {
            // Its window's signals have ended with the window, or the stream was removed between the look and the wait.
            if (now >= _waiting[i].Until + s_sweep)
                Close(_waiting[i]);
        }
    }

    /// <summary>Kestrel reads what we have only looked at, and answers.</summary>
    private void HandOver(HlsConnection connection)
    {
        Forget(connection);
        GiveTo(connection.Others, connection.Socket);
    }

    /// <summary>One connection's trouble must not end the thread that all viewers depend on.</summary>
    private void Fail(HlsConnection connection, Exception exception)
    {
        Log.Failed(_logger, exception);
        Close(connection);
    }

    private void Close(HlsConnection connection)
    {
        Forget(connection);
        connection.Socket.Dispose();
    }

    private void Forget(HlsConnection connection)
    {
        if (!_connections.Remove(connection.Token))
            return;
        Volatile.Write(ref _count, _connections.Count);
        _poller.Remove(connection.Socket);
        _waiting.Remove(connection);
        Volatile.Write(ref _waitingCount, _waiting.Count);
        connection.ReleaseAnswer();
    }

    private static partial class Log
    {
        [LoggerMessage(2590, LogLevel.Error, "Answering an HLS request failed; its connection is closed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
